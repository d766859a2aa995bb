"""« Répéter »: the pattern of a week laid on others. Pure: says what is asked for, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from marelle.bookings.cells import Cell, CellState
from marelle.bookings.planning import ChildPlanning, PlannedCell
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.core.clock import local

HELD = frozenset({Cell.BOOKED, Cell.REQUESTED, Cell.OFFERED, Cell.WAITING, Cell.OTHER_HOME})
WAS_BOOKED = frozenset({Cell.BOOKED, Cell.REQUESTED, Cell.PRESENT, Cell.ABSENT, Cell.ABSENT_JUSTIFIED})


ASKED_FOR = frozenset({Cell.FREE, Cell.FULL})
"""What is asked for again: not what the structure has refused, nor what its page says is not to be had."""


class Fate(StrEnum):
    BOOK = "book"
    WAIT = "wait"
    ALREADY = "already"
    NOT = "not"


FATES = {
    Result.BOOKED: Fate.BOOK,
    Result.REQUESTED: Fate.BOOK,
    Result.WAITING: Fate.WAIT,
    Result.UNCHANGED: Fate.ALREADY,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot on a weekday (Monday = 0), with its hours when it is booked by the hour."""

    weekday: int
    slot_id: int
    activity_name: str
    slot_name: str
    starts: time | None = None
    ends: time | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A wish on a day. `state` None: nothing opens on that day. `change` is what it asks for, if anything;
    `outcome` what became of that, or would."""

    day: date
    wish: Wish
    state: CellState | None = None
    change: Change | None = None
    outcome: Outcome | None = None

    @property
    def fate(self) -> Fate:
        if self.outcome is not None:
            return FATES.get(self.outcome.result, Fate.NOT)
        return Fate.ALREADY if self.state is not None and self.state.cell in HELD else Fate.NOT


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    items: tuple[Item, ...]


def pattern(shown: ChildPlanning) -> tuple[Wish, ...]:
    """What is booked in the week shown, outings apart: those come once."""
    order = {column.slot.id: place for place, column in enumerate(shown.columns)}
    wishes = {
        wish: None
        for (day, slot_id), cells in sorted(shown.cells.items(), key=lambda kv: (kv[0][0], order[kv[0][1]]))
        for cell in cells
        if (wish := _wish(day, slot_id, cell)) is not None
    }
    return tuple(wishes)


def _wish(day: date, slot_id: int, cell: PlannedCell) -> Wish | None:
    place, opening = cell.place, cell.opening
    booked = cell.state.cell in WAS_BOOKED and place is not None and place.holds and place.mine
    if not booked or opening.slot.one_off or place is None:
        return None
    by_hour = opening.slot.by_hour
    return Wish(
        day.weekday(),
        slot_id,
        opening.activity.name,
        opening.slot.name,
        _clock(place.starts_at) if by_hour else None,
        _clock(place.ends_at) if by_hour else None,
    )


def mondays(after: date, until: date, *, every: int) -> list[date]:
    """The Mondays from the week that follows that of `after`, one in `every`, up to that of `until`."""
    monday = after - timedelta(days=after.weekday()) + timedelta(weeks=every)
    found = []
    while monday <= until:
        found.append(monday)
        monday += timedelta(weeks=every)
    return found


def lay(
    wishes: Sequence[Wish], shown: ChildPlanning, weeks: Sequence[date], *, until: date, waits: bool
) -> tuple[Week, ...]:
    """Each wish on each week, days past `until` left out. `waits`: what is full asks for the waiting list."""
    laid = (
        Week(
            monday,
            tuple(
                _item(monday + timedelta(days=wish.weekday), wish, shown, waits=waits)
                for wish in wishes
                if monday + timedelta(days=wish.weekday) <= until
            ),
        )
        for monday in weeks
    )
    return tuple(week for week in laid if week.items)


def _item(day: date, wish: Wish, shown: ChildPlanning, *, waits: bool) -> Item:
    cells = shown.cells.get((day, wish.slot_id), ())
    if not cells:
        return Item(day, wish)
    cell = cells[0]
    if cell.state.cell not in ASKED_FOR:
        return Item(day, wish, cell.state)
    change = Change(
        child_id=shown.child.id,
        opening_id=cell.opening.id,
        seen=False,
        wanted=True,
        accepts_waiting=waits,
        starts=wish.starts,
        ends=wish.ends,
    )
    return Item(day, wish, cell.state, change)


def changes_of(weeks: Iterable[Week]) -> tuple[Change, ...]:
    return tuple(item.change for week in weeks for item in week.items if item.change is not None)


def become(weeks: Iterable[Week], outcomes: Iterable[Outcome]) -> list[Item]:
    """The items of the weeks with what became of each, or would."""
    found = {(one.change.child_id, one.change.opening_id): one for one in outcomes}
    return [
        replace(item, outcome=found.get((item.change.child_id, item.change.opening_id)))
        if item.change is not None
        else item
        for week in weeks
        for item in week.items
    ]


def _clock(instant: datetime) -> time:
    return local(instant).time()
