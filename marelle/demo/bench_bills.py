"""The bills of a month of all the homes of an authority, previewed and issued, batch by batch as the worker
does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from marelle.billing.making import bills_made
from marelle.billing.models import (
    Assessment,
    BillingRun,
    BillingTerms,
    Invoice,
    InvoiceCounter,
    TresorExport,
    TresorTerms,
)
from marelle.billing.runs.services import NewRun, run_confirm
from marelle.billing.tresor.files import exports_write
from marelle.billing.tresor.report import Batch, report_of
from marelle.billing.tresor.services import tresor_export
from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import local
from marelle.core.kept import revision_once
from marelle.demo.bench_queries import counting
from marelle.demo.billed import TO_THE_TRESOR
from marelle.files.models import StoredFile
from marelle.files.services import STORAGE, files_unput
from marelle.flows.bills.working import bills_run, runs_advance
from marelle.flows.prices.spans import month_of
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.pricing.selectors import tariff_books


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds, of which of processor, and queries."""

    s: float
    cpu_s: float
    queries: int


MADE = (BillingTerms, InvoiceCounter, Invoice, BillingRun, Entry, Message)
NO_WORK = Work(0, 0, 0)


@dataclass(frozen=True, slots=True)
class BillFigures:
    """`homes` that have something of the month; `lines` of their bills; `pdfs`, made and kept: how many, and
    how many in a second of processor; `pieces` of the file for the Trésor, checked, numbered and written."""

    homes: int
    lines: int
    preview: Work
    issue: Work
    pdfs: int
    pdfs_a_second: float
    pieces: int
    file: Work


def bill_figures(today: date) -> BillFigures:
    """The present month at the authority with most tariffs, without the months before; nothing of it is kept.
    Zeros where nothing has a tariff. Bills are committed meanwhile: the worker looks whether others write."""
    with undone(), revision_once():
        run = run_begun(today)
        if run is None:
            return BillFigures(0, 0, NO_WORK, NO_WORK, 0, 0, 0, NO_WORK)
        preview = _worked()
        run_confirm(actor=bursar(run.authority_id), run_id=run.pk, now=timezone.now())
        issue = _worked()
        bills = run.invoices.values_list("lines")
        with transaction.atomic():
            found = BillFigures(run.homes, bills.count(), preview, issue, *_pdfs_made(), *_file_made(run))
            # Contents stay where a database takes back its rows.
            files_unput(StoredFile.objects.filter(invoices__run=run))
            transaction.set_rollback(True)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """What comes with bills is taken away in the end: other processes have to see it meanwhile."""
    before = {model: model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in MADE}
    counted = list(InvoiceCounter.objects.all())
    try:
        yield
    finally:
        runs = BillingRun.objects.filter(pk__gt=before[BillingRun])
        runs.update(state=BillingRun.State.CANCELLED)
        _deleted(Assessment.objects.filter(run__in=runs))
        for model in (Invoice, BillingRun, InvoiceCounter, BillingTerms, Entry, Message):
            _deleted(model.objects.filter(pk__gt=before[model]))
        InvoiceCounter.objects.bulk_update(counted, ["last"])


def _deleted(rows: QuerySet[Any]) -> None:
    """In portions: PostgreSQL takes 65,535 values in a statement, and ten thousand bills have more lines."""
    while ids := list(rows.order_by().values_list("pk", flat=True)[:1_000]):
        rows.model.objects.filter(pk__in=ids).delete()


def run_begun(today: date) -> BillingRun | None:
    """The bills of the present month, to be previewed, in the life of an authority that begins to make its
    own; None where nothing has a tariff."""
    books = tariff_books()
    if not books:
        return None
    authority_id = max(books, key=lambda pk: len(books[pk].tariffs))
    first, last = month_of(today)
    BillingTerms.objects.update_or_create(
        authority_id=authority_id,
        since=first,
        defaults={"made_here": True, "threshold": Decimal("0.00"), "months_back": 0},
    )
    new = NewRun(first, last, today)
    return bills_run(actor=bursar(authority_id), authority_id=authority_id, new=new, now=timezone.now())


def bursar(authority_id: int) -> Actor:
    return Actor(None, "Bench", powers=frozenset({Power(Role.OFFICE, authority_id=authority_id)}))


def _worked() -> Work:
    """Until the run waits for somebody."""

    def work() -> None:
        while BillingRun.objects.working().exists():
            runs_advance(now=timezone.now())

    return _timed(work)


def _timed(work: Callable[[], object]) -> Work:
    with counting() as seen:
        began, cpu_began = time.perf_counter(), time.process_time()
        work()
        return Work(time.perf_counter() - began, time.process_time() - cpu_began, len(seen))


def _pdfs_made() -> tuple[int, float]:
    began, made = time.process_time(), 0
    while done := bills_made(now=timezone.now()):
        made += done
    return made, made / (time.process_time() - began)


def _file_made(run: BillingRun) -> tuple[int, Work]:
    """How many pieces."""
    TresorTerms.objects.get_or_create(
        authority_id=run.authority_id, defaults={"acronym": "Bench", **TO_THE_TRESOR}
    )
    batch, exports = Batch(run.authority_id, run.exercise, run.month), list[TresorExport]()

    def work() -> None:
        actor, now = bursar(run.authority_id), timezone.now()
        report = report_of(actor, batch, day=local(now).date())
        if report is not None and report.may_leave:
            exports.extend(tresor_export(actor=actor, batch=batch, seen=report.seen, now=now))
            exports_write(now=now)

    file = _timed(work)
    for one in TresorExport.objects.filter(pk__in=[one.pk for one in exports]):
        storages[STORAGE].delete(one.key)
    return sum(one.count for one in exports), file
