"""Fewer places than are booked: who keeps its own, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, QuerySet

from marelle.activities import models as activities
from marelle.activities.kinds import Parting
from marelle.bookings.closing.services import taken_note
from marelle.bookings.models import Booking
from marelle.bookings.reading import OPENING, PLACE, ChildBooking, OpeningRow, PlaceRow, openings_of, place_of
from marelle.bookings.rules import Opening, Place
from marelle.bookings.saving.freeing import (
    bookings_end,
    parted_by,
    parted_end,
    places_given_back,
)
from marelle.bookings.saving.ledger import Facts
from marelle.bookings.saving.locks import OF_GAUGE, quotas_drawn
from marelle.bookings.saving.requests import requests_withdraw_empty
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.telling import by_home_and_child, journal_cells, tell_closed
from marelle.bookings.saving.together import alone_on, nothing_holds, part
from marelle.bookings.states import HOLDING, BookingState, EndCause
from marelle.bookings.waiting.moves import PRIORITIES
from marelle.core.actor import Actor
from marelle.core.rows import columns
from marelle.places.models import Closure

REDUCED = "booking.closed"
FIRST_IN_QUEUE = PRIORITIES[0]
"""Priority of who loses a place: before whoever waited in turn."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A place held on a day with fewer of them."""

    child_id: int
    family_id: int
    child_name: str
    opening: Opening
    place: Place
    priority: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Squeezed:
    """Who holds a place, in the order in which places go; ids of the bookings that lose theirs."""

    holders: tuple[Holder, ...]
    leaving: frozenset[int]


def who_leaves(
    holders: Iterable[Holder], facts: Facts, *, kept: Collection[int] = (), now: datetime
) -> Squeezed:
    """Give the places that there are, child by child of a day, then say who is left without. Pure.

    First the children `kept` by hand, then by priority, then who booked first; what is booked comes before
    what nobody has granted yet. What a quota has taken of others (an opening that has begun, the relais's
    visits) stays taken, and a child that is on one keeps its place there. A slot does not stay without the
    one that it requires, unless its rule says so. `facts` know the `holders` and what else these children
    hold on those days.
    """
    of_day: dict[tuple[int, date], list[Holder]] = {}
    for one in holders:
        of_day.setdefault((one.child_id, one.opening.day), []).append(one)

    def turn(mine: Sequence[Holder]) -> tuple[object, ...]:
        first = min(mine, key=lambda one: (one.created_at, one.place.id))
        granted = any(one.place.state is BookingState.BOOKED for one in mine)
        return (
            first.opening.day,
            first.child_id not in kept,
            -max(one.priority for one in mine),
            not granted,
            first.created_at,
            first.place.id,
        )

    ordered = [one for mine in sorted(of_day.values(), key=turn) for one in mine]
    standing = Standing(facts, now)
    before = alone_on(standing, {(one.child_id, one.opening.day) for one in ordered})
    for one in ordered:
        standing.lift(one.child_id, one.opening.id)
    leaving: set[int] = set()
    for one in ordered:
        drawn = standing.comes_onto(one.child_id, one.opening, one.place)
        if any(quota.now_taken >= quota.capacity for quota in drawn):
            leaving.add(one.place.id)
            continue
        standing.put(one.child_id, one.opening, one.place, one.place.state, one.place.kept)
    return Squeezed(tuple(ordered), frozenset(leaving | _orphans(ordered, leaving, standing, before)))


def _orphans(
    holders: Sequence[Holder],
    leaving: Collection[int],
    standing: Standing,
    before: Collection[tuple[int, int]],
) -> set[int]:
    """What would stay without the slot that it requires, and may not; only where something leaves."""
    hit = {(one.child_id, one.opening.day) for one in holders if one.place.id in leaving}
    parted, _none = part(standing, hit, before, nothing_holds)
    lonely = {
        (child_id, opening.id)
        for child_id, opening, _place in (*parted.go, *parted.stay)
        if opening.slot.parting is not Parting.STAYS
    }
    return {
        one.place.id
        for one in holders
        if (one.child_id, one.opening.id) in lonely and one.place.id not in leaving
    }


def squeezed(
    places: Mapping[int, int],
    *,
    first: date,
    last: date,
    kept: Collection[int] = (),
    level: bool = False,
    now: datetime,
) -> Squeezed:
    """Who would leave if each gauge of `places`, by id, had that many on these days, or the fewer it has; as
    its new `level`, had that many also where that is more.

    Of what has not begun, and of the slots of the same day that go with it; five queries.
    """
    rows = activities.Quota.objects.filter(gauge_id__in=places, day__gte=first, day__lte=last).order_by("pk")
    quotas = {}
    for gauge_id, quota in OF_GAUGE.of(rows):
        quota.capacity = places[gauge_id] if level else min(quota.capacity, places[gauge_id])
        quotas[quota.id] = quota
    opening_ids = openings_drawing_on(places, first=first, last=last)
    holding = _holders(Booking.objects.filter(opening_id__in=opening_ids))
    of_child: dict[int, list[Place]] = {}
    for one in holding:
        of_child.setdefault(one.child_id, []).append(one.place)
    facts = Facts(
        openings={one.opening.id: one.opening for one in holding},
        quotas_of={
            pk: [quota_id for quota_id in drawn if quota_id in quotas]
            for pk, drawn in quotas_drawn(opening_ids).items()
        },
        quotas=quotas,
        places=of_child,
    )
    to_come = [one for one in holding if one.place.starts_at > now]
    return who_leaves(to_come, facts, kept=kept, now=now)


def openings_drawing_on(gauge_ids: Collection[int], *, first: date, last: date) -> list[int]:
    """Ids of the openings of these days of every activity that draws on these gauges: with those that do, the
    other slots of a child's day."""
    drawn = activities.Activity.objects.filter(slots__draws__gauge_id__in=gauge_ids)
    rows = activities.Opening.objects.filter(activity__in=drawn.values("pk"), day__gte=first, day__lte=last)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def bookings_squeeze(*, actor: Actor, closure: Closure, found: Squeezed, queued: bool, now: datetime) -> int:
    """Take their places from those who leave: cancelled by the structure, or first on the waiting list.

    Joins the transaction of who lowered the capacity, who has checked that the actor may and holds
    `bookings_locked`. What it takes is kept with `closure`, journalled and told. Returns how many children.
    """
    rows = [
        ChildBooking(one.child_id, one.opening, one.place)
        for one in found.holders
        if one.place.id in found.leaving
    ]
    if not rows:
        return 0
    ids = {row.place.id for row in rows}
    taken_note(closure, rows)
    if queued:
        every = [*rows, *_queue(actor, rows, closure.reason, now)]
    else:
        every = [
            *bookings_end(actor=actor, booking_ids=sorted(ids), cause=EndCause.STRUCTURE, tells=True, now=now)
        ]
    taken_note(closure, [row for row in every if row.place.id not in ids])
    told = by_home_and_child(
        [
            (row.place.id, row.opening, "queued" if queued and row.place.id in ids else "cancelled")
            for row in every
        ]
    )
    journal_cells(actor, REDUCED, told, now)
    tell_closed(told, closure=closure, now=now)
    return len({row.child_id for row in rows})


def _queue(
    actor: Actor, rows: Sequence[ChildBooking], reason: str, now: datetime
) -> tuple[ChildBooking, ...]:
    """The row lives on, waiting: it gives its place back and comes before whoever waited. Returns what went
    along with it."""
    parted = parted_by(rows, now=now)
    places_given_back([*rows, *parted.go], now=now)
    ids = [row.place.id for row in rows]
    Booking.objects.filter(pk__in=ids).update(
        state=BookingState.WAITING,
        priority=FIRST_IN_QUEUE,
        priority_reason=reason,
        priority_by=actor.label[:150],
        queued_at=F("created_at"),
        offered_until=None,
        waits_with=None,
        one_of=None,
        changed_at=now,
    )
    requests_withdraw_empty(actor=actor, booking_ids=ids, now=now)
    return parted_end(actor=actor, parted=parted, tells=True, now=now)


class _HolderRow(NamedTuple):
    place: PlaceRow
    opening: OpeningRow
    first_name: str
    last_name: str
    priority: int
    created_at: datetime


HOLDER = columns(
    _HolderRow,
    "priority",
    "created_at",
    place=PLACE,
    opening=OPENING.through("opening"),
    first_name="child__first_name",
    last_name="child__last_name",
)


def _holders(rows: QuerySet[Booking]) -> list[Holder]:
    found = list(HOLDER.of(rows.filter(state__in=HOLDING).order_by("pk")))
    openings = openings_of(row.opening for row in found)
    return [
        Holder(
            child_id=row.place.child_id,
            family_id=row.place.family_id,
            child_name=f"{row.first_name} {row.last_name}",
            opening=openings[row.opening.id],
            place=place_of(row.place, None),
            priority=row.priority,
            created_at=row.created_at,
        )
        for row in found
    ]
