"""Ticks that were taken with any date, before an instant was held to its opening's day: looked at again.

What their device said is believed where it is of that day; the others count no more until somebody has
settled them, as one received today would.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from marelle.activities.models import Opening
from marelle.attendance.desk import settle_open
from marelle.attendance.models import Call, Tick, TickQuerySet
from marelle.attendance.outcomes import DayFacts, OutcomeCode, instant_told
from marelle.attendance.projecting import attendance_project, calls_project
from marelle.attendance.rules import CALL_KINDS, TIMED
from marelle.bookings.saving.locks import children_locked, lock
from marelle.core.actor import SYSTEM
from marelle.places.models import Structure


@dataclass(frozen=True, slots=True)
class Redated:
    """Of a day of a structure: how many ticks took the date that their device had said, and how many wait."""

    structure: str
    day: date
    set_right: int
    to_settle: int


def ticks_redate(*, now: datetime) -> list[Redated]:
    """Look at all ticks again, a day of a structure after the other, each in a transaction of its own.

    Does nothing the second time.
    """
    days = _far().order_by("structure_id", "day").values_list("structure_id", "day").distinct()
    found = [_day_redate(structure_id, day, now=now) for structure_id, day in list(days)]
    return [one for one in found if one.set_right or one.to_settle]


def _far() -> TickQuerySet:
    """Those that count and may be far from their day: before it, or, of an arrival or a departure whose hour
    nobody typed, after its opening."""
    untold = Q(kind__in=TIMED, at__gt=F("opening__ends_at")) & ~Q(value__has_key="time")
    return Tick.objects.counting().filter(Q(at__date__lt=F("opening__day")) | untold, settled="")


@transaction.atomic
def _day_redate(structure_id: int, day: date, *, now: datetime) -> Redated:
    of_day = _far().filter(structure_id=structure_id, day=day)
    children_locked(list(of_day.exclude(child=None).order_by().values_list("child_id", flat=True).distinct()))
    called = of_day.filter(kind__in=CALL_KINDS).values("opening_id")
    list(lock(Opening.objects.filter(pk__in=called).order_by("pk").values_list("pk")))
    keys = list(of_day.order_by("pk").values_list("pk", flat=True))
    ticks = lock(Tick.objects.filter(pk__in=keys).order_by("pk"))
    rows = [row for row in ticks.prefetch_related("opening") if _set_right(row)]
    Tick.objects.bulk_update(rows, ["at", "outcome"])
    attendance_project({(row.opening_id, row.child_id) for row in rows if row.opening_id and row.child_id})
    _calls_again({row.opening_id for row in rows if row.opening_id and row.kind in CALL_KINDS})
    structure = Structure.objects.get(pk=structure_id)
    settle_open(actor=SYSTEM, structure=structure, rows=rows, now=now)
    aside = sum(not row.counts for row in rows)
    return Redated(structure.name, day, len(rows) - aside, aside)


def _set_right(row: Tick) -> bool:
    """Give a tick the instant and the outcome that it would have today; whether that changes it."""
    if row.opening is None:
        return False
    facts = DayFacts(row.opening.day, row.opening.ends_at)
    if row.at >= facts.until:
        row.outcome = OutcomeCode.TOO_LATE
        return True
    if row.at >= facts.since:
        return False
    told = instant_told(
        row.at_tablet, sent_at=None, received_at=row.received_at, since=facts.since, until=facts.until
    )
    row.at = told.at
    if not told.is_sure:
        row.outcome = OutcomeCode.WRONG_CLOCK
    return True


def _calls_again(opening_ids: set[int]) -> None:
    calls_project(opening_ids)
    told = Tick.objects.counting().filter(opening_id__in=opening_ids, kind__in=CALL_KINDS)
    Call.objects.filter(opening_id__in=opening_ids).exclude(opening_id__in=told.values("opening_id")).delete()
