"""Ledgers of activities that say how much may be booked, for the tests of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from marelle.activities.bounds import Bound, BoundKind, Each, Unit, Whose
from marelle.bookings.rules import Opening
from tests.bookings.facts import MORNING, WEDNESDAY, ZOE, Ledger, activity

A_WEEK_LATER = WEDNESDAY + timedelta(weeks=1)
THURSDAY = WEDNESDAY + timedelta(days=1)
FRIDAY = WEDNESDAY + timedelta(days=2)
WEEKLY = Bound(1, BoundKind.MOST, 1, Unit.DAYS, Each.WEEK, Whose.CHILD, date(2026, 9, 1))


def bounded(*bounds: Bound):
    return activity(bounds=bounds)


def week(*bounds: Bound, days: Iterable[date] = (WEDNESDAY, THURSDAY, FRIDAY), slot: int = MORNING, **fields):
    """A ledger with an opening on each of these days."""
    ledger, of = Ledger(), bounded(*bounds)
    return ledger, [ledger.open(slot, of=of, day=day, **fields) for day in days]


RUN = replace(WEEKLY, kind=BoundKind.RUN)
MONDAY = WEDNESDAY - timedelta(days=2)
FIVE = tuple(MONDAY + timedelta(days=n) for n in range(7, 12))


def run_of(*booked: int, **fields) -> tuple[Ledger, list[Opening]]:
    """A week of five open days, those of `booked` held."""
    ledger, openings = week(RUN, days=FIVE, **fields)
    for number in booked:
        ledger.hold(ZOE, openings[number])
    return ledger, openings
