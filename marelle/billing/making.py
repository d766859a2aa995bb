"""The PDFs of the bills made here: each is made once and then kept, so that no byte of it changes any more.

The worker makes them after a month was issued; who asks for one before has it made, and kept, at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction

from marelle.billing.models import Invoice, InvoiceLine
from marelle.billing.pdf import invoice_pdf
from marelle.billing.selectors import InvoicePage, addressed_of
from marelle.core.actor import SYSTEM
from marelle.core.fate import is_lost
from marelle.families.locks import homes_locked
from marelle.files.models import StoredFile
from marelle.files.rules import Cleaned, Kind, Scan
from marelle.files.services import CheckedFile, file_put, files_unput
from marelle.files.typeset import pages_in
from marelle.mail.letterhead import Letterhead, letterhead_of

AT_ONCE: Final = 50
"""PDFs of one transaction."""

SPELL: Final = timedelta(seconds=20)
"""After so long the other work of a round has its turn."""


def bills_made(*, now: datetime) -> int:
    """Make those that are still to be made, batch after batch; for the worker. Returns how many."""
    started, made = monotonic(), 0
    while monotonic() - started < SPELL.total_seconds():
        waiting = list(Invoice.objects.without_pdf().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        kept = pdfs_keep(waiting, now=now) if waiting else {}
        made += len(kept)
        if len(kept) < AT_ONCE:
            break
    return made


def bill_pdf(invoice: Invoice, *, now: datetime) -> StoredFile | None:
    """That of a bill made here, made now where it was not yet; None for one that is made by each who asks."""
    if invoice.pdf is None and invoice.run_id is not None:
        pdfs_keep([invoice.pk], now=now)
        invoice.refresh_from_db(fields=["pdf"])
    return invoice.pdf


def pdfs_keep(invoice_ids: Collection[int], *, now: datetime) -> dict[int, StoredFile]:
    """Make and keep those of these bills, all made here; what somebody else has made meanwhile stays.

    Contents are made and written before anything is locked.
    """
    put: dict[int, StoredFile] = {}
    try:
        pages = _pages(invoice_ids)
        heads = {pk: letterhead_of(pk) for pk in {page.invoice.authority_id for page in pages}}
        for page in pages:
            put[page.invoice.pk] = _put(page, heads[page.invoice.authority_id], now)
        kept = _keep(put)
    except BaseException as error:
        if not is_lost(error):
            files_unput(put.values())
        raise
    files_unput(file for pk, file in put.items() if pk not in kept)
    return kept


@transaction.atomic
def _keep(put: Mapping[int, StoredFile]) -> dict[int, StoredFile]:
    homes_locked(Invoice.objects.filter(pk__in=put).values("family_id"))
    rows = list(
        Invoice.objects.without_pdf().select_for_update(no_key=True).filter(pk__in=put).order_by("pk")
    )
    kept = {row.pk: put[row.pk] for row in rows}
    for row in rows:
        kept[row.pk].family_id = row.family_id
    StoredFile.objects.bulk_create(kept.values())
    for row in rows:
        row.pdf = kept[row.pk]
    Invoice.objects.bulk_update(rows, ["pdf"])
    return kept


def _pages(invoice_ids: Collection[int]) -> Sequence[InvoicePage]:
    """In two queries."""
    related = (
        "structure", "authority__treasury", "family", "run", "addressee", "payer", "corrects",
        "debit__mandate",
    )  # fmt: skip
    invoices = Invoice.objects.filter(pk__in=invoice_ids).select_related(*related).order_by("pk")
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(invoice__in=invoice_ids).select_related("child"):
        lines[line.invoice_id].append(line)
    return [InvoicePage(invoice, tuple(lines[invoice.pk])) for invoice in invoices]


def _put(page: InvoicePage, letterhead: Letterhead, now: datetime) -> StoredFile:
    invoice = page.invoice
    content = invoice_pdf(
        page,
        addressed=addressed_of(invoice),
        treasury=getattr(invoice.authority, "treasury", None),
        letterhead=letterhead,
    )
    name = f"facture-{invoice.number}.pdf"
    made = CheckedFile(name, Cleaned(content, Kind.PDF, pages_in(content)), Scan.NONE)
    return file_put(actor=SYSTEM, upload=made, now=now)
