"""What a child or a home has booked against how much it may. Pure, for the page as for the save.

What waits counts: who waits has asked, and is served later without asking anew, under no lock of its home.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from marelle.activities.bounds import Bound, BoundKind, Days, Reached, Unit, Whose
from marelle.activities.facts import ActivityFacts
from marelle.bookings.cells import Over
from marelle.bookings.rules import Opening, Place
from marelle.core.clock import universal

Held = tuple[int, Opening, Place]
"""A live booking, and whose."""

Cell = tuple[int, Opening]
"""A child and an opening."""


def days_counted(openings: Iterable[Opening]) -> Days | None:
    """The days of which bookings are counted before one more of these; None where nothing bounds them."""
    spans = [
        bound.span(opening.day, opening.activity.calendar)
        for opening in openings
        for bound in opening.activity.bounds
        if bound.holds(opening.slot.id, opening.day)
    ]
    return (min(first for first, _last in spans), max(last for _first, last in spans)) if spans else None


def overs(
    cell: Cell, adds: Collection[Cell], held: Collection[Held], at_first: Collection[Held] | None = None
) -> list[Over]:
    """The bounds that a cell would pass, booked with `adds`, itself among them.

    `held` is what is booked once what they replace is left, `at_first` what was before anything changed (the
    same, where nothing has): what is past its bound already may change as long as it does not grow.
    """
    child_id, opening = cell
    bounds = opening.activity.bounds_on(opening.slot.id, opening.day, BoundKind.MOST)
    before = held if at_first is None else at_first
    found = (_over(_Counter(bound, child_id, opening), adds, held, before) for bound in bounds)
    return [over for over in found if over is not None]


@dataclass(frozen=True, slots=True)
class Passed:
    """A bound that is passed in a span, by a child, or by its home where there is no `child_id`."""

    activity: ActivityFacts
    child_id: int | None
    reached: Reached


def passed(held: Iterable[Held]) -> list[Passed]:
    """Each bound that is passed, once a span, in the order of what is held."""
    rows = list(held)
    counted: dict[tuple[int, int | None, Days], Passed] = {}
    for child_id, opening, _place in rows:
        for bound in opening.activity.bounds_on(opening.slot.id, opening.day, BoundKind.MOST):
            counter = _Counter(bound, child_id, opening)
            whose = child_id if bound.whose is Whose.CHILD else None
            key = bound.id, whose, counter.days
            if key not in counted:
                reached = Reached(bound, counter.days, _booked(counter, rows))
                counted[key] = Passed(opening.activity, whose, reached)
    return [one for one in counted.values() if one.reached.count > one.reached.bound.n]


def is_past(cell: Cell, held: Collection[Held]) -> bool:
    """Whether more than a bound allows is booked already in the span of a cell."""
    child_id, opening = cell
    bounds = opening.activity.bounds_on(opening.slot.id, opening.day, BoundKind.MOST)
    return any(_booked(_Counter(bound, child_id, opening), held) > bound.n for bound in bounds)


def _booked(counter: _Counter, held: Collection[Held]) -> int:
    of_child = counter.bound.whose is Whose.CHILD
    return len(counter.of((child, one) for child, one, place in held if place.mine or of_child))


class _Counter:
    """What a bound counts in the span of an opening, for a child or for its home."""

    def __init__(self, bound: Bound, child_id: int, opening: Opening) -> None:
        self.bound, self.child_id, self.activity_id = bound, child_id, opening.activity.id
        self.days = bound.span(opening.day, opening.activity.calendar)

    def counts(self, child_id: int, opening: Opening) -> bool:
        first, last = self.days
        return (
            first <= opening.day <= last
            and opening.activity.id == self.activity_id
            and (self.bound.whose is Whose.HOME or child_id == self.child_id)
            and self.bound.holds(opening.slot.id, opening.day)
        )

    def of(self, cells: Iterable[Cell]) -> set[object]:
        """What is counted of these, each once: their days, or the bookings themselves."""
        by_day = self.bound.unit is Unit.DAYS
        return {
            opening.day if by_day else (child, opening.id)
            for child, opening in cells
            if self.counts(child, opening)
        }


def _over(
    counter: _Counter, adds: Collection[Cell], held: Collection[Held], at_first: Collection[Held]
) -> Over | None:
    bound = counter.bound
    kept, first = (
        [row for row in rows if (row[2].mine or bound.whose is Whose.CHILD) and counter.counts(*row[:2])]
        for rows in (held, at_first)
    )
    after = counter.of((*(row[:2] for row in kept), *adds))
    most = max(bound.n, len(counter.of(row[:2] for row in first)))
    if len(after) <= most:
        return None
    reached = Reached(bound, counter.days, len(after))
    return Over(reached, tuple((opening, place) for _child, opening, place in kept), len(after) - most)


def broken_run(
    cell: Cell,
    adds: Collection[Cell],
    cancels: Collection[Cell],
    held: Collection[Held],
    opened: Collection[Opening],
) -> Bound | None:
    """The bound by which days must follow each other and would not, once `cancels` have become `adds`, in the
    span of a cell. What is broken already may change as long as no more days are missing.

    `held` is what is booked once `cancels` are left; `opened` the openings of the activity in that span.
    """
    child_id, opening = cell
    groups = {None, opening.group_id}
    open_cells = [(child_id, one) for one in opened if one.is_open and one.group_id in groups]
    kept_cells = [(child, one) for child, one, _place in held]
    for bound in opening.activity.bounds_on(opening.slot.id, opening.day, BoundKind.RUN):
        counter = _Counter(bound, child_id, opening)
        kept, added, left, days = (
            {one.day for child, one in cells if counter.counts(child, one)}
            for cells in (kept_cells, adds, cancels, open_cells)
        )
        if _missing(kept | added, days) > _missing(kept | left, days | left):
            return bound
    return None


def _missing(booked: Collection[date], days: Collection[date]) -> int:
    """How many days are left out between the first that is booked and the last."""
    between = [day for day in days if min(booked) < day < max(booked)] if booked else []
    return len(set(between) - set(booked))


@dataclass(frozen=True, slots=True)
class Short:
    """A span in which a child, or its home where there is no `child_id`, has booked `count` and owes `least`.

    `until` is the last minute at which more may be booked; None where the span has none. `held` is what it
    counts.
    """

    bound: Bound
    activity: ActivityFacts
    child_id: int | None
    days: Days
    count: int
    least: int
    until: datetime | None
    held: tuple[Held, ...]


def shorts(held: Collection[Held], openings: Collection[Opening] | None = None) -> list[Short]:
    """Spans in which something is booked, and less than the least; what waits counts as asked for.

    `openings` are those of the activities on these days: nobody owes more than is open. Without them, all
    that may be short once they are read.
    """
    found: dict[tuple[int, int | None, Days], Short] = {}
    for child_id, opening, _place in held:
        for bound in opening.activity.bounds_on(opening.slot.id, opening.day, BoundKind.LEAST):
            counter = _Counter(bound, child_id, opening)
            whose = child_id if bound.whose is Whose.CHILD else None
            key = bound.id, whose, counter.days
            if key not in found:
                found[key] = _short(counter, opening.activity, whose, held, openings)
    return [short for short in found.values() if 0 < short.count < short.least]


def _short(
    counter: _Counter,
    activity: ActivityFacts,
    whose: int | None,
    held: Collection[Held],
    openings: Collection[Opening] | None,
) -> Short:
    kept = tuple(row for row in held if (whose is not None or row[2].mine) and counter.counts(row[0], row[1]))
    count = len(counter.of((child, opening) for child, opening, _place in kept))
    least, until = counter.bound.n, None
    if openings is not None:
        groups = {None, *(opening.group_id for _child, opening, _place in kept)}
        theirs = [one for one in openings if one.group_id in groups]
        least = min(least, len(counter.of((counter.child_id, one) for one in theirs if one.is_open)))
        until = booked_until(counter.bound, counter.days, theirs)
    return Short(counter.bound, activity, whose, counter.days, count, least, until, kept)


def booked_until(bound: Bound, days: Days, openings: Iterable[Opening]) -> datetime | None:
    """The last minute at which something that counts in these days may be booked."""
    counted = [one for one in openings if days[0] <= one.day <= days[1] and bound.holds(one.slot.id, one.day)]
    limits = [one.window.closes_at for one in counted if one.is_open and one.window is not None]
    return max((limit for limit in limits if limit is not None), default=None, key=universal)
