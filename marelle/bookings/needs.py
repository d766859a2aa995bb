"""What a cell needs beside itself on its day: whether it can be had in the same save. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from marelle.bookings.cells import Cell, CellState
from marelle.bookings.rules import Opening, Why

TO_TAKE: Final = frozenset({Cell.FREE, Cell.FULL, Cell.REFUSED})
"""Where a click asks for the place, when it may be changed at all."""

Cells = Mapping[int, tuple[Opening, CellState]]
"""Those of one child on one day, by opening."""


def with_needs(cells: Cells, held: Iterable[Opening]) -> dict[int, CellState]:
    """The states that change once it is known what the child has `held` that day: a cell says what it needs,
    and is not offered where that can neither be taken along with it nor is there.

    What waits gives nothing: a place in a queue is no place.
    """
    given = provided(held)
    lacking = {
        pk: (opening, state)
        for pk, (opening, state) in cells.items()
        if opening.slot.requires
        and state.editable
        and state.cell in TO_TAKE
        and not opening.slot.requires & given
    }
    if not lacking:
        return {}
    free = {
        pk: opening for pk, (opening, state) in cells.items() if state.editable and state.cell is Cell.FREE
    }
    takeable = provided(sufficient(free, given).values())
    return {
        pk: replace(state, needs=opening.slot.needs)
        if opening.slot.requires & takeable
        else CellState(Cell.NOT_OFFERED, why=Why.REQUIRES, needs=opening.slot.needs)
        for pk, (opening, state) in lacking.items()
    }


def takeable(cells: Iterable[tuple[Opening, CellState]]) -> frozenset[int]:
    """The slots that may be taken along with another, of the cells of one child on one day once what they
    need is known."""
    return provided(opening for opening, state in cells if state.editable and state.cell is Cell.FREE)


def sufficient(openings: Mapping[int, Opening], given: frozenset[int]) -> dict[int, Opening]:
    """Those that can be taken together, each with what it needs among them or `given` already: the others are
    left out, until nothing changes."""
    left = dict(openings)
    while True:
        there = provided(left.values()) | given
        out = [pk for pk, one in left.items() if one.slot.requires and not one.slot.requires & there]
        if not out:
            return left
        for pk in out:
            del left[pk]


def provided(openings: Iterable[Opening]) -> frozenset[int]:
    return frozenset(slot for opening in openings for slot in opening.slot.provides)
