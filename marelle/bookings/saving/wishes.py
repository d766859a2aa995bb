"""From what a page posts to what is done together: bundles, and places left for others. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from marelle.bookings.rules import Place, clash
from marelle.bookings.saving.ledger import Change, hours_of
from marelle.bookings.saving.standing import Standing
from marelle.bookings.states import BookingState


@dataclass(slots=True)
class Unit:
    """Changes that are done together or not at all: a bundle, or a place left for another.

    `other_hours`: the same change is on both sides, a booking by the hour that moves.
    """

    cancels: list[Change] = field(default_factory=list)
    adds: list[Change] = field(default_factory=list)
    other_hours: bool = False

    @property
    def turn(self) -> int:
        """What is taken back comes before what is added: it makes room."""
        return 2 if not self.cancels else int(bool(self.adds))


@dataclass(slots=True)
class Wishes:
    """`done` are already as wanted: a double click or another tab is no error."""

    units: list[Unit] = field(default_factory=list)
    unknown: list[Change] = field(default_factory=list)
    done: list[Change] = field(default_factory=list)
    of_other_home: list[Change] = field(default_factory=list)


def wishes(changes: Iterable[Change], standing: Standing, *, agent: bool) -> Wishes:
    """Sort out what is asked: one change a cell, the last one posted; what was seen and is wanted stays.

    An `agent` may ask for the place of a child that waits.
    """
    found = Wishes()
    cancels: dict[object, Unit] = {}
    adds: dict[object, Unit] = {}
    together = {pk: one for one in standing.facts.waiters if one.child_ids for pk in one.booking_ids}
    for change in {(change.child_id, change.opening_id): change for change in changes}.values():
        if change.child_id not in standing.facts.names or change.opening_id not in standing.facts.openings:
            found.unknown.append(change)
            continue
        place = standing.place(change.child_id, change.opening_id)
        if change.seen and change.wanted:
            if place is not None and _is_other_hours(change, place, standing):
                found.units.append(Unit([change], [change], other_hours=True))
        elif change.seen:
            if place is None:
                found.done.append(change)
            else:
                key = together.get(place.id) or _alone_or_bundle(change, standing)
                cancels.setdefault(key, Unit()).cancels.append(change)
        elif change.wanted:
            if place is None or (place.mine and _may_leave_queue(change, place, agent=agent)):
                adds.setdefault(_alone_or_bundle(change, standing), Unit()).adds.append(change)
            else:
                (found.done if place.mine else found.of_other_home).append(change)
    found.units += _exchanges(list(cancels.values()), list(adds.values()), standing)
    found.units.sort(key=lambda unit: unit.turn)
    return found


def _may_leave_queue(change: Change, place: Place, *, agent: bool) -> bool:
    return place.state is BookingState.WAITING and (agent or not change.accepts_waiting)


def _is_other_hours(change: Change, place: Place, standing: Standing) -> bool:
    opening = standing.opening(change)
    if not opening.slot.by_hour or (change.starts is None and change.ends is None):
        return False
    hours = hours_of(opening, change)
    return hours is None or (hours.starts_at, hours.ends_at) != (place.starts_at, place.ends_at)


def _alone_or_bundle(change: Change, standing: Standing) -> object:
    bundle = standing.opening(change).bundle_at(standing.now)
    return (change.child_id, bundle) if bundle is not None else change


def _exchanges(cancels: list[Unit], adds: list[Unit], standing: Standing) -> list[Unit]:
    """What is taken back to be replaced (Matin for Journée) is one change with what replaces it."""
    leaving, alone = cancels, []
    for added in adds:
        replaced = [unit for unit in leaving if _stands_in_the_way(unit, added, standing)]
        if not replaced:
            alone.append(added)
            continue
        leaving = [unit for unit in leaving if not any(unit is other for other in replaced)]
        leaving.append(
            Unit(
                [change for unit in replaced for change in unit.cancels],
                [change for unit in replaced for change in unit.adds] + added.adds,
            )
        )
    return leaving + alone


def _stands_in_the_way(unit: Unit, added: Unit, standing: Standing) -> bool:
    return any(
        cancel.child_id == add.child_id and _clashes(cancel, add, standing)
        for cancel in unit.cancels
        for add in added.adds
    )


def _clashes(cancel: Change, add: Change, standing: Standing) -> bool:
    opening, other = standing.opening(add), standing.opening(cancel)
    place = standing.place(cancel.child_id, cancel.opening_id)
    if other.day != opening.day or place is None:
        return False
    hours = hours_of(opening, add)
    return hours is not None and clash(opening, hours.starts_at, hours.ends_at, other, place) is not None
