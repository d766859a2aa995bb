"""What a child or a home has booked against how much it may. Pure, for the page as for the save.

What waits counts: who waits has asked, and is served later without asking anew, under no lock of its home.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from marelle.activities.bounds import Bound, BoundKind, Days, Reached, Unit, Whose
from marelle.bookings.rules import Opening, Over, Place

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
    cell: Cell, adds: Collection[Cell], cancels: Collection[Cell], held: Collection[Held]
) -> list[Over]:
    """The bounds that a cell would pass, booked with `adds` (itself among them) in the place of `cancels`.

    `held` is what is booked once those are left. What is past its bound already may change as long as it does
    not grow.
    """
    child_id, opening = cell
    bounds = opening.activity.bounds_on(opening.slot.id, opening.day, BoundKind.MOST)
    found = (_over(_Counter(bound, child_id, opening), adds, cancels, held) for bound in bounds)
    return [over for over in found if over is not None]


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
    counter: _Counter, adds: Collection[Cell], cancels: Collection[Cell], held: Collection[Held]
) -> Over | None:
    bound = counter.bound
    kept = [
        (child, opening, place)
        for child, opening, place in held
        if (place.mine or bound.whose is Whose.CHILD) and counter.counts(child, opening)
    ]
    stays = counter.of((child, opening) for child, opening, _place in kept)
    before, after = stays | counter.of(cancels), stays | counter.of(adds)
    most = max(bound.n, len(before))
    if len(after) <= most:
        return None
    reached = Reached(bound, counter.days, len(after))
    return Over(reached, tuple((opening, place) for _child, opening, place in kept), len(after) - most)
