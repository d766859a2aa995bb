"""Who waits for an opening and what is free of it, for agents; one offer, for the home that it is made to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery

from marelle.activities.models import kept_left, places_left
from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import given_by
from marelle.bookings.offers.services import offerable
from marelle.bookings.reading import OPENING, ChildBooking, OpeningRow, held, openings_of
from marelle.bookings.rules import Opening, Place
from marelle.bookings.saving.queue import waiting_with_room
from marelle.bookings.saving.queueing import goes_by_itself
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.selectors import Child, children

MOST_OPENINGS = 100
"""The nearest ones: whoever waits for later days is given a place by itself."""


@dataclass(frozen=True, slots=True)
class Queued:
    """An opening with its queue. `free` places at its tightest, and `kept` ones beside, for some only;
    `first` who is next, if anybody waits.

    `room`: there is a place for one who waits, who may be on what is full already. `by_itself`: a place that
    comes free is still given without an agent. `gives`: the actor may offer it, and does not only read.
    """

    opening: Opening
    free: int | None
    kept: int
    waiting: int
    offered: int
    first: str
    room: bool
    by_itself: bool
    gives: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A place of a child."""

    child: Child
    opening: Opening
    place: Place


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered together: one booking, the days of a bundle, or what was waited for together, of any
    child of the home. `first` is what was asked about."""

    first: Offered
    rows: tuple[Offered, ...]

    @property
    def children(self) -> list[Child]:
        return list({row.child.id: row.child for row in self.rows}.values())


def queues(actor: Actor, *, now: datetime) -> tuple[Queued, ...]:
    """Openings to come that somebody waits for, or that are offered, where the actor answers; one query."""
    rows = _queues(actor, now)
    openings = openings_of(row.opening for row in rows)
    return tuple(
        Queued(
            opening=openings[row.opening.id],
            free=row.free,
            kept=row.kept or 0,
            waiting=row.waiting,
            offered=row.offers,
            first=" ".join(name for name in (row.first_name, row.last_name) if name),
            room=row.room,
            by_itself=goes_by_itself(openings[row.opening.id], now),
            gives=row.gives,
        )
        for row in rows
    )


class _QueuedRow(NamedTuple):
    opening: OpeningRow
    free: int | None
    kept: int | None
    waiting: int
    offers: int
    first_name: str | None
    last_name: str | None
    room: bool
    gives: bool


QUEUED = columns(
    _QueuedRow,
    "free",
    "kept",
    "waiting",
    "offers",
    "first_name",
    "last_name",
    "room",
    "gives",
    opening=OPENING,
)


@prepared
def _queues(actor: Actor, now: datetime) -> QuerySet[Any, _QueuedRow]:
    """One row of each opening. The two lists of openings first: joined, every booking to come was read."""
    waits = Q(bookings__state=BookingState.WAITING)
    offered = Q(bookings__state=BookingState.OFFERED)
    waited_for = Booking.objects.filter(state=BookingState.WAITING).values("opening_id")
    offers = Booking.objects.filter(state=BookingState.OFFERED).values("opening_id")
    first = Booking.objects.waiting().filter(opening_id=OuterRef("pk"))
    rows = (
        offerable(actor)
        .filter(Q(pk__in=waited_for) | Q(pk__in=offers), waits | offered, starts_at__gt=now)
        .annotate(
            free=Min(places_left("quotas__"), output_field=IntegerField()),
            kept=Max(kept_left("quotas__"), output_field=IntegerField()),
            waiting=Count("bookings", filter=waits, distinct=True),
            offers=Count("bookings", filter=offered, distinct=True),
            first_name=Subquery(first.values("child__first_name")[:1]),
            gives=Exists(offerable(actor).filter(given_by(actor), pk=OuterRef("pk"))),
            last_name=Subquery(first.values("child__last_name")[:1]),
            room=Exists(waiting_with_room().filter(opening_id=OuterRef("pk"))),
        )
        .order_by("starts_at", "pk")
    )
    return QUEUED.of(rows)[:MOST_OPENINGS]


def offer_to_home(actor: Actor, booking_id: int, *, now: datetime) -> Offer | None:
    """What is offered to the actor's home; None for any other booking, or once it is over."""
    if actor.family_id is None:
        return None
    home = {child.id: child for child in children(actor, day=local(now).date())}
    mine = Booking.objects.filter(
        family_id=actor.family_id, child_id__in=home, state=BookingState.OFFERED
    ).order_by("starts_at", "pk")
    rows = held(mine, actor.family_id)
    one = next((row for row in rows if row.place.id == booking_id), None)
    if one is None:
        return None
    with_it = Booking.objects.filter(pk=booking_id).exclude(waits_with=None).values("waits_with")
    others = mine.filter(waits_with__in=with_it).values_list("pk", flat=True)
    found = [Offered(home[row.child_id], row.opening, row.place) for row in _together(rows, one, set(others))]
    return Offer(next(row for row in found if row.place.id == booking_id), tuple(found))


def child_of_offer(actor: Actor, booking_id: int, *, now: datetime) -> int | None:
    """The child of the actor's home whose booking it is, offered or not any more; None for any other."""
    if actor.family_id is None:
        return None
    home = [child.id for child in children(actor, day=local(now).date())]
    mine = Booking.objects.filter(pk=booking_id, family_id=actor.family_id, child_id__in=home)
    return mine.values_list("child_id", flat=True).first()


def _together(
    rows: Iterable[ChildBooking], one: ChildBooking, others: Collection[int]
) -> Iterable[ChildBooking]:
    """The days of its bundle, and `others` that were waited for with it."""
    bundle_id = one.opening.bundle_id
    for row in rows:
        same_bundle = bundle_id is not None and row.opening.bundle_id == bundle_id
        is_one = row.place.id == one.place.id or row.place.id in others
        if is_one or (row.child_id == one.child_id and same_bundle):
            yield row
