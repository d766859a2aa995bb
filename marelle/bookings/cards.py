"""Cards of entries: which of them each booking uses, and which bookings have none. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from marelle.bookings.bounds import Cell

Key = tuple[int, int]
"""A child and an opening."""


@dataclass(frozen=True, slots=True)
class Card:
    """`entries` from `first` to `last`, both included, for `child_id`, or for every child of the home where
    there is none."""

    id: int
    entries: int
    first: date
    last: date
    child_id: int | None = None

    def serves(self, cell: Cell) -> bool:
        child_id, opening = cell
        return self.first <= opening.day <= self.last and self.child_id in (None, child_id)


Cards = Mapping[int, Sequence[Card]]
"""Those of a home, by activity."""


def served(cards: Iterable[Card], booked: Iterable[Cell]) -> dict[Key, int]:
    """The card that each booking of an activity uses, by its id: from the first day on, of those that may
    serve it and have an entry left the one that ends first, the child's own before the home's."""
    ordered = sorted(cards, key=lambda card: (card.last, card.child_id is None, card.id))
    left = {card.id: card.entries for card in ordered}
    found: dict[Key, int] = {}
    for cell in sorted(booked, key=lambda cell: (cell[1].day, cell[1].starts_at, cell[1].id, cell[0])):
        card = next((one for one in ordered if left[one.id] and one.serves(cell)), None)
        if card is not None:
            left[card.id] -= 1
            found[cell[0], cell[1].id] = card.id
    return found


def lacks_entry(
    cards: Sequence[Card], adds: Collection[Cell], held: Collection[Cell], at_first: Collection[Cell]
) -> bool:
    """Whether more bookings of an activity have no entry with `adds` beside `held` than had `at_first`."""
    after = {(child, opening.id): (child, opening) for child, opening in (*held, *adds)}
    missing = len(at_first) - len(served(cards, at_first))
    return len(after) - len(served(cards, after.values())) > missing


def freed_by(cards: Sequence[Card], cell: Cell, held: Sequence[Cell]) -> set[Key]:
    """The bookings whose entry a cell could use if they were taken back."""
    may = {card.id for card in cards if card.serves(cell)}
    return {key for key, card_id in served(cards, held).items() if card_id in may}
