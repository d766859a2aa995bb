"""How much may be booked: at most, or at least, so many slots or days in a span. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from marelle.places.rules import DAY, CalendarFacts


class BoundKind(StrEnum):
    MOST = "most"


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
