"""How much may be booked: at most, or at least, so many slots or days in a span. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from marelle.places.rules import DAY, CalendarFacts


class BoundKind(StrEnum):
    MOST = "most"
    LEAST = "least"
    """Of a span in which something is booked; who comes not at all owes nothing."""
    RUN = "run"
    """The days booked in a span follow each other, among those that are open."""


class Then(StrEnum):
    """What becomes of less than the least once nothing more may be booked in the span."""

    TOLD = "told"
    """To those who answer for the activity."""
    CANCELLED = "cancelled"
    """What is still to come of it, with a mail to the home."""


class Unit(StrEnum):
    """What is counted."""

    SLOTS = "slots"
    """Bookings."""
    DAYS = "days"
    """Days with at least one booking; of a home, whichever of its children come."""


class Each(StrEnum):
    """The span within which it is counted."""

    WEEK = "week"
    """From Monday to Sunday."""
    MONTH = "month"
    PERIOD = "period"
    """A school holiday, or the weeks of school between two."""


class Whose(StrEnum):
    CHILD = "child"
    """Of whichever homes book for it."""
    HOME = "home"
    """What a home books, for all of its children."""


Days = tuple[date, date]
"""First and last, both included."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A dated row: `n` of `unit` in each span, counted on openings of `slots` (none said, all are) whose day
    is from `since` to `until`, both included."""

    id: int
    kind: BoundKind
    n: int
    unit: Unit
    each: Each
    whose: Whose
    since: date
    until: date | None = None
    slots: frozenset[int] = frozenset()
    then: Then = Then.TOLD

    def holds(self, slot_id: int, day: date) -> bool:
        """Whether an opening counts."""
        within = self.since <= day and (self.until is None or day <= self.until)
        return within and (not self.slots or slot_id in self.slots)

    def span(self, day: date, calendar: CalendarFacts) -> Days:
        """The span that holds a day."""
        match self.each:
            case Each.WEEK:
                monday = day - timedelta(days=day.weekday())
                return monday, monday + timedelta(days=6)
            case Each.MONTH:
                first = day.replace(day=1)
                return first, (first + timedelta(days=31)).replace(day=1) - DAY
            case Each.PERIOD:
                return calendar.period(day)
            case unknown:
                assert_never(unknown)


@dataclass(frozen=True, slots=True)
class Reached:
    """A bound that something would pass: in the span of these days there would be `count`."""

    bound: Bound
    days: Days
    count: int


def impossible(
    bounds: Iterable[Bound], weekdays: Mapping[int, frozenset[int]]
) -> list[tuple[Bound, Bound | None]]:
    """The leasts that nobody can have, each with the most that forbids it; None where a week has not as much.

    `weekdays` are those of each slot by its id; dates chosen by hand are not known here.
    """
    rows = list(bounds)
    found: list[tuple[Bound, Bound | None]] = []
    for least in (one for one in rows if one.kind is BoundKind.LEAST):
        forbids = (one for one in rows if one.kind is BoundKind.MOST and _forbids(one, least))
        most = next(forbids, None)
        if most is not None or (least.each is Each.WEEK and least.n > _in_a_week(least, weekdays)):
            found.append((least, most))
    return found


def _forbids(most: Bound, least: Bound) -> bool:
    """Whether all that `least` asks for counts in `most`, which has no room for it."""
    together = (most.until is None or least.since <= most.until) and (
        least.until is None or most.since <= least.until
    )
    within = not most.slots or (bool(least.slots) and least.slots <= most.slots)
    unit = most.unit is least.unit or least.unit is Unit.DAYS
    whose = most.whose is least.whose or (least.whose is Whose.CHILD and least.unit is most.unit)
    return most.each is least.each and together and within and unit and whose and least.n > most.n


def _in_a_week(bound: Bound, weekdays: Mapping[int, frozenset[int]]) -> int:
    counted = [days for slot, days in weekdays.items() if not bound.slots or slot in bound.slots]
    if bound.unit is Unit.DAYS:
        return len(frozenset().union(*counted))
    return bound.n if bound.whose is Whose.HOME else sum(len(days) for days in counted)
