"""The bills of a month of all the homes of an authority, previewed and issued, batch by batch as the worker
does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from marelle.billing.making import bills_made
from marelle.billing.models import BillingRun, BillingTerms
from marelle.billing.runs.services import NewRun, run_confirm
from marelle.core.actor import Actor, Power, Role
from marelle.core.kept import revision_once
from marelle.demo.bench_queries import counting
from marelle.files.models import StoredFile
from marelle.files.services import files_unput
from marelle.flows.bills.working import bills_run, runs_advance
from marelle.flows.prices.spans import month_of
from marelle.pricing.selectors import tariff_books


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds, of which of processor, and queries."""

    s: float
    cpu_s: float
    queries: int


NO_WORK = Work(0, 0, 0)


@dataclass(frozen=True, slots=True)
class BillFigures:
    """`homes` that have something of the month; `lines` of their bills; `pdfs`, made and kept: how many, and
    how many in a second of processor."""

    homes: int
    lines: int
    preview: Work
    issue: Work
    pdfs: int
    pdfs_a_second: float


def bill_figures(today: date) -> BillFigures:
    """The present month at the authority with most tariffs, without the months before; nothing of it is kept.
    Zeros where nothing has a tariff."""
    with transaction.atomic(), revision_once():
        run = run_begun(today)
        if run is None:
            return BillFigures(0, 0, NO_WORK, NO_WORK, 0, 0)
        preview = _worked()
        run_confirm(actor=bursar(run.authority_id), run_id=run.pk, now=timezone.now())
        issue = _worked()
        bills = run.invoices.values_list("lines")
        found = BillFigures(run.homes, bills.count(), preview, issue, *_pdfs_made(run))
        transaction.set_rollback(True)
    return found


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
    with counting() as seen:
        began, cpu_began = time.perf_counter(), time.process_time()
        while BillingRun.objects.working().exists():
            runs_advance(now=timezone.now())
        return Work(time.perf_counter() - began, time.process_time() - cpu_began, len(seen))


def _pdfs_made(run: BillingRun) -> tuple[int, float]:
    """Their contents go again: what the database takes back leaves them."""
    began, made = time.process_time(), 0
    while done := bills_made(now=timezone.now()):
        made += done
    spent = time.process_time() - began
    files_unput(StoredFile.objects.filter(invoices__run=run))
    return made, made / spent
