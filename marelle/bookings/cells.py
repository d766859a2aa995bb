"""What a cell of the planning is: every combination of facts has a state. Pure: facts in, codes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from marelle.activities.bounds import Reached, Unit
from marelle.bookings.rules import (
    Home,
    Opening,
    Place,
    Stay,
    Verdict,
    Why,
    clash,
    is_own_work,
    may_ask,
    may_cancel,
)
from marelle.bookings.states import BookingState, EndCause


class Cell(StrEnum):
    """States of a cell as it is stored; "to add" and "to cancel" exist on the page only."""

    FREE = "free"
    BOOKED = "booked"
    REQUESTED = "requested"
    WAITING = "waiting"
    OFFERED = "offered"
    FULL = "full"
    LOCKED = "locked"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    CANCELLED_BY_STRUCTURE = "cancelled_by_structure"
    NOT_OFFERED = "not_offered"
    OTHER_HOME = "other_home"
    PRESENT = "present"
    ABSENT = "absent"
    ABSENT_JUSTIFIED = "absent_justified"
    REFUSED = "refused"


LIVE_CELLS = {
    BookingState.REQUESTED: Cell.REQUESTED,
    BookingState.BOOKED: Cell.BOOKED,
    BookingState.OFFERED: Cell.OFFERED,
    BookingState.WAITING: Cell.WAITING,
}


@dataclass(frozen=True, slots=True)
class CellState:
    """What a cell shows. `until` is the last minute to add, or to cancel; `since` when it locked or will
    open. `editable`: a click may change it; on a full one it asks for the waiting list. `reached`: how much
    may be booked, where this would be more; editable all the same in exchange for something. `needs` names
    the slots of which one is to be taken with it. `late`: booked now, it would be past its limit."""

    cell: Cell
    editable: bool = False
    until: datetime | None = None
    since: datetime | None = None
    why: Why | None = None
    reason: str = ""
    rank: int | None = None
    reached: Reached | None = None
    needs: tuple[str, ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class Over:
    """A bound that a cell would pass by `excess`; `held` is what it counts already."""

    reached: Reached
    held: Sequence[tuple[Opening, Place]]
    excess: int


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a cell: the child's stay and home, its other bookings of the day, whether there is room,
    the bounds that it would pass. Where no card has an entry for it, `no_entry` are the bookings that would
    free one.

    `full`: a place is lacking that the child would take, or someone waits for it already, who comes first.
    `kept_until`: those that are left are kept for others until then.
    `in_charge`: an agent of the activity looks, who does what only agents do.
    """

    stay: Stay | None
    home: Home = field(default_factory=Home)
    others: Sequence[tuple[Opening, Place]] = ()
    full: bool = False
    in_charge: bool = False
    overs: Sequence[Over] = ()
    no_entry: Sequence[tuple[Opening, Place]] | None = None
    kept_until: datetime | None = None


def cell_state(
    opening: Opening, place: Place | None, attended: bool | None, context: Context, now: datetime
) -> CellState:
    """The state of a cell. Total: every combination of facts has one.

    `place` is the live booking of the child on the opening, of whichever home, or else the last that ended;
    `attended` what was seen at the door, None when nothing was.
    """
    if place is not None and (place.holds or place.state is BookingState.WAITING):
        return _taken(opening, place, attended, context, now)
    if attended:
        return CellState(Cell.PRESENT)
    asked = _open_to_ask(opening, context, now)
    if place is None or place.state not in (BookingState.CANCELLED, BookingState.REFUSED):
        return asked
    if place.state is BookingState.REFUSED:
        # A click on a full cell asks for the waiting list: it has to be shown as full.
        shown = Cell.FULL if asked.cell is Cell.FULL else Cell.REFUSED
        return replace(asked, cell=shown, reason=place.refusal)
    if place.cause is EndCause.STRUCTURE and not asked.editable:
        # A day that opens again is white again: what the structure cancelled may be booked once more.
        return CellState(Cell.CANCELLED_BY_STRUCTURE, reason=opening.reason)
    return asked


def _taken(
    opening: Opening, place: Place, attended: bool | None, context: Context, now: datetime
) -> CellState:
    if not place.mine:
        return CellState(Cell.OTHER_HOME, why=Why.OTHER_HOME)
    if attended:
        return CellState(Cell.PRESENT)
    if place.absent or attended is False:
        return CellState(Cell.ABSENT_JUSTIFIED if place.justified else Cell.ABSENT)
    cell = LIVE_CELLS[place.state]
    verdict = _leave(opening, place, context, now)
    if verdict.why is not None:
        return CellState(cell, since=verdict.closes_at, why=verdict.why, rank=place.rank)
    until = place.offered_until if cell is Cell.OFFERED else verdict.closes_at
    return CellState(cell, editable=True, until=until, rank=place.rank)


def _leave(opening: Opening, place: Place, context: Context, now: datetime) -> Verdict:
    return _for_agent(may_cancel(opening, place, now), opening, context, now)


def _for_agent(verdict: Verdict, opening: Opening, context: Context, now: datetime) -> Verdict:
    if context.in_charge and is_own_work(verdict.why, opening, now):
        return Verdict(closes_at=opening.starts_at)
    return verdict


def _open_to_ask(opening: Opening, context: Context, now: datetime) -> CellState:
    verdict = _for_agent(may_ask(opening, context.stay, context.home, now), opening, context, now)
    why = verdict.why
    if why is Why.CLOSED:
        return CellState(Cell.CLOSED, why=why, reason=opening.reason)
    if why is Why.NOT_YET:
        return CellState(Cell.NOT_YET, since=verdict.opens_at, why=why)
    if why is Why.TOO_LATE:
        return CellState(Cell.LOCKED, since=verdict.closes_at, why=why)
    if why is not None and why is not Why.QUEUE_ONLY:
        return CellState(Cell.NOT_OFFERED, why=why)
    rival = blocking(opening, context, now)
    if rival is not None:
        return CellState(Cell.NOT_OFFERED, why=rival[0], reason=rival[1])
    waits = why is Why.QUEUE_ONLY or (context.full and not opening.slot.by_hour)
    for over in context.overs:
        if not _may_exchange(over, opening, context, now, waits=waits):
            return CellState(Cell.NOT_OFFERED, why=Why.AT_MOST, reached=over.reached)
    frees = context.no_entry
    if frees is not None and all(_leave(*one, context, now).why is not None for one in frees):
        return CellState(Cell.NOT_OFFERED, why=Why.NO_ENTRY)
    reached = context.overs[0].reached if context.overs else None
    if why is Why.QUEUE_ONLY:
        shown = Cell.FREE if opening.slot.by_hour else Cell.FULL
        return CellState(
            shown, editable=True, until=opening.starts_at, since=verdict.closes_at, why=why, reached=reached
        )
    if waits and context.kept_until is not None:
        kept, limit = context.kept_until, verdict.closes_at
        return CellState(
            Cell.FULL, editable=True, until=limit, since=kept, why=Why.KEPT_PLACES, reached=reached
        )
    shown = Cell.FULL if waits else Cell.FREE
    return CellState(shown, editable=True, until=verdict.closes_at, reached=reached, late=verdict.late)


def _may_exchange(over: Over, opening: Opening, context: Context, now: datetime, *, waits: bool) -> bool:
    """Whether as much as is too much can still be taken back: one save may give Monday back for Tuesday.

    What `opening` would replace is kept as long as it `waits`.
    """
    hours = opening.starts_at, opening.ends_at
    others = context.others if waits else ()
    replaced = {place.id for other, place in others if clash(opening, *hours, other, place) is not None}
    stays = [
        (other, place)
        for other, place in over.held
        if place.id in replaced or _leave(other, place, context, now).why is not None
    ]
    bundles = {other.bundle_at(now) for other, _place in stays} - {None}
    stays += [(other, place) for other, place in over.held if other.bundle_at(now) in bundles]
    if over.reached.bound.unit is Unit.DAYS:
        given_back = {other.day for other, _place in over.held} - {other.day for other, _place in stays}
        return len(given_back) >= over.excess
    return len(over.held) - len({place.id for _other, place in stays}) >= over.excess


def blocking(opening: Opening, context: Context, now: datetime) -> tuple[Why, str] | None:
    """Another booking of the child that stands in the way and that the home can no longer take back.

    One that it can is no obstacle: Matin for Journée is one change. By the hour, only what covers the whole
    opening is: other hours may be chosen.
    """
    for other, place in context.others:
        if opening.slot.by_hour and (opening.starts_at < place.starts_at or place.ends_at < opening.ends_at):
            continue
        why = clash(opening, opening.starts_at, opening.ends_at, other, place)
        if why is not None and _leave(other, place, context, now).why is not None:
            return why, other.slot.name if why is Why.CONFLICT else other.activity.structure_name
    return None
