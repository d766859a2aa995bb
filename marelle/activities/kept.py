"""Places of a gauge kept for an audience until an instant, then for who waits, then for all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from marelle.activities.audiences import Audience, Offered, Public, is_of
from marelle.activities.rules import Dated, Limit, OpeningFacts, last_minute
from marelle.places.rules import CalendarFacts

Marks = frozenset[int]
"""Ids of the `Kept` of whose audience a child is, on one day."""

NO_MARKS: Marks = frozenset()


@dataclass(frozen=True, slots=True)
class Kept(Dated):
    """`places` of a gauge, on each day from `since` to `until`, are for an audience as long as `release` has
    not passed; `whom` names its communes or schools. A child of the audience who comes onto the gauge takes
    one of them, then any other."""

    id: int
    gauge_id: int
    places: int
    audience: Audience
    release: Limit
    since: date
    until: date | None = None
    weekdays: frozenset[int] = frozenset()
    whom: tuple[str, ...] = ()

    def kept_until(self, opening: OpeningFacts, calendar: CalendarFacts) -> datetime | None:
        """The last minute that they are kept of the day of an opening; None where it is none of theirs."""
        return last_minute(self.release, opening, calendar) if self.holds(opening.day) else None


def marks_of(kept: Iterable[Kept], public: Public, offered: Offered, day: date) -> Marks:
    """For which of these the child counts, as things stand on `day`."""
    return frozenset(one.id for one in kept if one.holds(day) and is_of(public, one.audience, offered, day))
