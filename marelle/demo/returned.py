"""A past month of the demo at the Trésor: its bills left in a file, and a first return of it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.billing.imports.services import import_confirm, import_prepare
from marelle.billing.making import pdfs_keep
from marelle.billing.models import ExportedBill, ImportRun, Invoice
from marelle.billing.tresor.report import Batch, report_of
from marelle.billing.tresor.services import tresor_export
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.core.tabular import csv_written
from marelle.demo.invoices import sent_at

HEADINGS: Final = ("date", "exercice", "bordereau", "pièce", "dette", "état", "montant", "motif")
REASON: Final = "Adresse du tiers incomplète"
NOBODYS: Final = (9_999, "37,40")
"""A piece that never left, and what was paid of it: it waits for an agent."""


def send(office: Actor, authority_id: int, month: date) -> dict[int, ExportedBill]:
    """Send the bills of a month; by the bill's id, what each is at the Trésor."""
    bills = Invoice.objects.filter(authority=authority_id, month=month, run__isnull=False)
    first = bills.select_related("run").first()
    if first is None or first.run is None:
        return {}
    at = sent_at(month) + timedelta(days=1)
    pdfs_keep(list(bills.values_list("pk", flat=True)), now=at)
    batch = Batch(authority_id, first.run.exercise, month)
    report = report_of(office, batch, day=at.date())
    if report is None or not report.may_leave:
        return {}
    exports = tresor_export(actor=office, batch=batch, seen=report.seen, now=at)
    rows = ExportedBill.objects.filter(export__in=exports).select_related("export")
    return {row.invoice_id: row for row in rows}


def come_back(
    office: Actor,
    bills: Iterable[Invoice],
    sent: Mapping[int, ExportedBill],
    *,
    told: Iterable[int],
    today: date,
) -> None:
    """Read what the Trésor says of these bills, of which each says what is to be paid and when. One is
    rejected, of no home of `told`."""
    if not sent:
        return
    spared, rows, rejected = set(told), [], False
    now = instant_at(today, time(7, 30))
    for bill in bills:
        rejects = not rejected and bill.family_id not in spared
        rejected = rejected or rejects
        rows.append(_row(sent[bill.pk], bill, today, rejects=rejects))
    piece, amount = NOBODYS
    any_sent = next(iter(sent.values()))
    of = (any_sent.export.exercise, any_sent.export.number)
    rows.append((today.isoformat(), *of, piece, "", "prise en charge", amount, ""))
    _read(office, any_sent.export.authority_id, csv_written([HEADINGS, *rows]), now)


def _row(sent: ExportedBill, bill: Invoice, today: date, *, rejects: bool) -> tuple[object, ...]:
    on, amount = bill.paid_on or today, f"{bill.paid:.2f}".replace(".", ",")
    state = "rejetée" if rejects else "prise en charge"
    numbers = (sent.export.exercise, sent.export.number, sent.piece, sent.debt)
    paid = amount if bill.paid and not rejects else ""
    return (on.isoformat(), *numbers, state, paid, REASON if rejects else "")


def _read(office: Actor, authority_id: int, content: bytes, now: datetime) -> None:
    run = import_prepare(
        actor=office, authority_id=authority_id, kind=ImportRun.Kind.TRESOR_CSV, month=None, correction=False,
        upload=SimpleUploadedFile(f"retour-{now:%Y-%m-%d}.csv", content), now=now,
    )  # fmt: skip
    import_confirm(actor=office, run_id=run.pk, tell=False, now=now)
