"""What requires a place that is taken back: it goes along with it, or stays without. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from marelle.activities.kinds import Parting
from marelle.bookings.needs import provided, sufficient
from marelle.bookings.rules import Opening, Place
from marelle.bookings.saving.ledger import hours_of
from marelle.bookings.saving.queueing import Queue
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.wishes import Unit

No = TypeVar("No")


Days = Collection[tuple[int, date]]
"""Children, by id, with the days on which places of theirs are taken back."""

Held = tuple[int, Opening, Place]
"""A place of a child."""


def nothing_holds(_held: Held) -> None:
    """For what no home asks: nothing keeps what is taken back."""


@dataclass(frozen=True, slots=True)
class Parted:
    """Places whose slot requires one that is no longer held: `go` along, or `stay` without."""

    go: list[Held] = field(default_factory=list)
    stay: list[Held] = field(default_factory=list)


def circles(standing: Standing, units: Iterable[Unit]) -> list[list[Unit]]:
    """Units that ask for places of one child on one day and can be had together alone: each requires
    another."""
    of_day: dict[tuple[int, date], dict[int, Unit]] = {}
    for unit in units:
        if len(unit.adds) == 1 and not unit.cancels:
            (change,) = unit.adds
            key = (change.child_id, standing.opening(change).day)
            of_day.setdefault(key, {})[change.opening_id] = unit
    found = []
    for (child_id, day), asked in of_day.items():
        held = [
            opening for opening, place in standing.held_by(child_id) if place.holds and opening.day == day
        ]
        openings = {pk: standing.facts.openings[pk] for pk in asked}
        circle = [asked[pk] for pk in sufficient(openings, provided(held))]
        if len(circle) > 1:
            found.append(circle)
    return found


def onto(standing: Standing, unit: Unit) -> frozenset[int]:
    """The quotas, by id, on which the children of a unit would come."""
    return frozenset(
        quota.id
        for change in unit.adds
        if (hours := hours_of(standing.opening(change), change)) is not None
        for quota in standing.comes_onto(change.child_id, standing.opening(change), hours)
    )


def cuts(standing: Standing, queue: Queue, place: Place | None, unit: Unit) -> bool:
    """Whether a unit would take a part of what a home waits for together, and leave the rest."""
    waiter = queue.waiter_of(place.id) if place is not None and not place.holds else None
    if waiter is None or not waiter.child_ids:
        return False
    left = [standing.place(change.child_id, change.opening_id) for change in unit.cancels]
    taken = {held.id for held in left if held is not None}
    return not taken.issuperset(waiter.booking_ids)


def alone_on(standing: Standing, days: Days) -> frozenset[tuple[int, int]]:
    """Child and opening of the places held on these days without what their slot requires."""
    return frozenset((child_id, pk) for child_id, day in days for pk in standing.orphans(child_id, day))


def part(
    standing: Standing,
    days: Days,
    before: Collection[tuple[int, int]],
    why_not: Callable[[Held], No | None],
) -> tuple[Parted, No | None]:
    """Lift what goes along with places that were lifted; `before` were alone already. With the first answer
    of `why_not`, if any, where a place may not be parted so.

    Again until nothing changes: what goes may be what another requires.
    """
    parted = Parted()
    known = set(before)
    for child_id, day in days:
        while alone := {(child_id, pk) for pk in standing.orphans(child_id, day)} - known:
            key = min(alone)
            known.add(key)
            opening, place = standing.facts.openings[key[1]], standing.place(*key)
            if place is None:
                raise LookupError("Who is alone on an opening holds a place there.")
            held = (child_id, opening, place)
            no = why_not(held)
            if no is not None:
                return parted, no
            if opening.slot.parting is Parting.GOES:
                parted.go.append(held)
                standing.lift(child_id, opening.id)
            else:
                parted.stay.append(held)
    return parted, None
