"""How much is booked once a change is done, against what the activity allows: bounds and cards. Pure."""

from __future__ import annotations

from functools import cached_property

from marelle.activities.bounds import Reached
from marelle.bookings.bounds import Cell, Held, broken_run, overs
from marelle.bookings.cards import lacks_entry
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.wishes import Unit


class Amounts:
    """Questions about what stands meanwhile, against what stood at first: what a change leaves has been left
    when they are asked, and what was too much before may stay so."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    @cached_property
    def _at_first(self) -> list[Held]:
        facts = self.standing.facts
        return [
            (child, facts.openings[place.opening_id], place)
            for child, places in facts.places.items()
            for place in places
        ]

    def past(self, change: Change, adds: list[Change]) -> Reached | None:
        """How much may be booked, where this change would be more."""
        opening = self.standing.opening(change)
        if not opening.activity.bounds:
            return None
        cell, held = (change.child_id, opening), self.standing.all_held()
        found = overs(cell, self._cells(adds), held, self._at_first)
        return found[0].reached if found else None

    def breaks_run(self, change: Change, unit: Unit) -> bool:
        """Whether days that must follow each other would not, once the unit is done."""
        opening = self.standing.opening(change)
        if not opening.activity.bounds:
            return False
        held = [(change.child_id, *row) for row in self.standing.held_by(change.child_id)]
        cell, opened = (change.child_id, opening), self.standing.facts.opened
        return broken_run(cell, self._cells(unit.adds), self._cells(unit.cancels), held, opened) is not None

    def lacks_entry(self, change: Change, adds: list[Change]) -> bool:
        """Whether a booking would have no entry of a card, where the activity asks for one."""
        activity = self.standing.opening(change).activity
        if not activity.asks_card:
            return False
        added = [cell for cell in self._cells(adds) if cell[1].activity.id == activity.id]
        held, first = (
            [(child, on) for child, on, place in rows if place.mine and on.activity.id == activity.id]
            for rows in (self.standing.all_held(), self._at_first)
        )
        return lacks_entry(self.standing.facts.cards.get(activity.id, ()), added, held, first)

    def _cells(self, changes: list[Change]) -> list[Cell]:
        return [(one.child_id, self.standing.opening(one)) for one in changes]
