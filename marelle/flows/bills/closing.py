"""What is still open in an exercise, and closing it once nothing keeps it so."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncMonth

from marelle.activities.models import Opening
from marelle.billing.accounting.closing_rules import Draft, Open, Point, blocks, is_over
from marelle.billing.accounting.closings import ClosingRefused, closing_of, closing_write, draft_at
from marelle.billing.accounting.exercises import in_exercise
from marelle.billing.accounting.totals import waiting_of
from marelle.billing.models import (
    BillingRun,
    Contest,
    ExerciseClosing,
    ExportedBill,
    Invoice,
    StrayPayment,
    TresorTerms,
)
from marelle.billing.runs.services import authority_locked, terms_held
from marelle.billing.terms import terms_of
from marelle.billing.tresor.report import waiting_bills
from marelle.billing.tresor.returns import PieceState
from marelle.bookings.models import Booking
from marelle.bookings.states import TAKEN
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.money import ZERO


@dataclass(frozen=True, slots=True)
class ToClose:
    """An exercise before it is closed. `seen`: what who closes it has read."""

    draft: Draft
    open: tuple[Open, ...]
    is_over: bool

    @property
    def blocking(self) -> tuple[Open, ...]:
        draft = self.draft
        return tuple(one for one in self.open if blocks(one.point, draft.exercise, draft.day))

    @property
    def may_close(self) -> bool:
        return self.is_over and not self.blocking

    @property
    def seen(self) -> str:
        return self.draft.sha256


def to_close(authority_id: int, exercise: int, day: date) -> ToClose:
    """In a fixed number of queries. The caller has seen that its actor is the office of the authority."""
    return ToClose(
        draft_at(authority_id, exercise, day),
        tuple(_open(authority_id, exercise, day)),
        is_over(exercise, day),
    )


@transaction.atomic
def exercise_close(
    *, actor: Actor, authority_id: int, exercise: int, seen: str, now: datetime
) -> ExerciseClosing:
    """Freeze what it comes to and what is left to recover; from then on no bill is issued in it.

    Who starts bills, imports some or records what is paid holds the authority too: each sees what the other
    has done. Raises NotYours for who is not its office, or ClosingRefused.
    """
    authority = authority_locked(actor, authority_id)
    if closing_of(authority_id, exercise) is not None:
        raise ClosingRefused("closed")
    found = to_close(authority_id, exercise, local(now).date())
    if not found.is_over:
        raise ClosingRefused("early")
    if found.blocking:
        raise ClosingRefused("open")
    if found.seen != seen:
        raise ClosingRefused("changed")
    return closing_write(actor=actor, authority=authority, draft=found.draft, told=found.open, now=now)


def _open(authority_id: int, exercise: int, day: date) -> Iterator[Open]:
    """Those of which there are some. Runs first: what one issues is then seen by what is read after it."""
    runs = BillingRun.objects.live().filter(authority=authority_id, exercise=exercise).count()
    if runs:
        yield Open(Point.RUN, runs)
    months = tuple(_unbilled(authority_id, exercise, day))
    if months:
        yield Open(Point.MONTHS, len(months), months=months)
    if TresorTerms.objects.filter(authority=authority_id).exists():
        unsent = waiting_bills().filter(authority=authority_id, run__exercise=exercise).exclude(total=0)
        totals = list(unsent.order_by().values_list("total", flat=True))
        if totals:
            yield Open(Point.UNSENT, len(totals), sum(totals, ZERO))
    count, amount = waiting_of(authority_id, exercise)
    if count:
        yield Open(Point.WAITING, count, amount)
    bills = Invoice.objects.filter(in_exercise(exercise), authority=authority_id).order_by().values("pk")
    rejected = ExportedBill.objects.filter(live=True, state=PieceState.REJECTED, invoice__in=bills).count()
    if rejected:
        yield Open(Point.REJECTED, rejected)
    strays = list(
        StrayPayment.objects.filter(authority=authority_id, outcome="").values_list("amount", flat=True)
    )
    if strays:
        yield Open(Point.STRAYS, len(strays), sum(strays, ZERO))
    contests = Contest.objects.filter(state=Contest.State.OPEN, line__invoice__in=bills).count()
    if contests:
        yield Open(Point.CONTESTS, contests)


def _unbilled(authority_id: int, exercise: int, day: date) -> Iterator[date]:
    """The months that Marelle bills, of which a structure had something booked and no run has billed it."""
    terms = terms_held(authority_id)
    billed: dict[date, set[int] | None] = defaultdict(set)
    runs = (
        BillingRun.objects.made_here()
        .filter(authority=authority_id, month__year=exercise, state=BillingRun.State.ISSUED, reason="")
        .prefetch_related("structures")
    )
    for run in runs:
        ids, had = {one.pk for one in run.structures.all()}, billed[run.month]
        billed[run.month] = had | ids if ids and had is not None else None
    for month, structures in sorted(_booked(authority_id, exercise).items()):
        had = billed[month]
        is_past = month.replace(day=monthrange(month.year, month.month)[1]) < day
        if is_past and terms_of(month, terms).made_here and had is not None and structures - had:
            yield month


def _booked(authority_id: int, exercise: int) -> dict[date, set[int]]:
    """By month, the structures of which something was booked; one query."""
    held = Booking.objects.filter(opening=OuterRef("pk"), state__in=TAKEN)
    rows = Opening.objects.filter(
        Exists(held),
        activity__structure__authority=authority_id,
        day__range=(date(exercise, 1, 1), date(exercise, 12, 31)),
    ).order_by()
    found: dict[date, set[int]] = defaultdict(set)
    for month, structure_id in (
        rows.annotate(month=TruncMonth("day")).values_list("month", "activity__structure_id").distinct()
    ):
        found[month].add(structure_id)
    return found
