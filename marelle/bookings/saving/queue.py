"""Who waits for what, as read from the tables: before the locks to choose them, and under them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import ExtractHour, ExtractMinute
from django.db.models.lookups import Exact

from marelle.activities import models as activities
from marelle.activities.models import full_to_all
from marelle.bookings.models import Booking
from marelle.bookings.reading import OPENING, openings_of
from marelle.bookings.rules import Opening, Place, bundle_at
from marelle.bookings.saving.ledger import Waiter
from marelle.bookings.saving.queueing import goes_by_itself
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS, universal
from marelle.core.prepared import prepared
from marelle.core.rows import columns

MOST_WAITERS = 500
"""Waiting bookings looked at in one save, first in the queue first; the follow-up goes on with the rest."""

SHORTEST_OFFER = timedelta(minutes=30)
"""Less time than that to answer is no offer."""


class Queued(NamedTuple):
    booking_id: int
    child_id: int
    child_name: str
    family_id: int
    opening_id: int
    bundle_id: int | None
    alone_at: datetime | None
    waits_with: int | None

    @property
    def unit(self) -> object:
        """What is given all or none: those of one key."""
        if self.waits_with is not None:
            return self.child_id, "with", self.waits_with
        return self.booking_id if self.bundle_id is None else (self.child_id, "bundle", self.bundle_id)

    def at(self, now: datetime) -> Queued:
        """Without its bundle, once the days of that are booked alone."""
        return self._replace(bundle_id=bundle_at(self.bundle_id, self.alone_at, now))


QUEUED = columns(
    Queued,
    "child_id",
    "family_id",
    "opening_id",
    "waits_with",
    booking_id="pk",
    child_name="child__first_name",
    bundle_id="opening__bundle_id",
    alone_at="opening__bundle__alone_at",
)


def queue_on(opening_ids: Collection[int], now: datetime) -> list[Queued]:
    """Who waits for an opening that draws on a quota of these, in queue order, with all that goes along."""
    found = [row.at(now) for row in _queue_on(opening_ids, now)]
    bundles = {row.bundle_id for row in found if row.bundle_id is not None}
    groups = {row.waits_with for row in found if row.waits_with is not None}
    if not bundles and not groups:
        return found
    units = {row.unit for row in found}
    siblings = QUEUED.of(
        Booking.objects.waiting()
        .filter(Q(opening__bundle_id__in=bundles) | Q(waits_with__in=groups))
        .exclude(pk__in=[row.booking_id for row in found])
    )
    return found + [row for row in siblings if row.unit in units]


@prepared
def _queue_on(opening_ids: Collection[int], now: datetime) -> QuerySet[Booking, Queued]:
    drawn = activities.Opening.quotas.through.objects
    quotas = drawn.filter(opening_id__in=opening_ids).values("quota_id")
    rows = Booking.objects.waiting().filter(
        opening_id__in=drawn.filter(quota_id__in=quotas).values("opening_id"), opening__starts_at__gt=now
    )
    return QUEUED.of(rows)[:MOST_WAITERS]


def waiters(queue: Iterable[Queued], places: dict[int, list[Place]]) -> list[Waiter]:
    waiting = {
        place.id for found in places.values() for place in found if place.state is BookingState.WAITING
    }
    units: dict[object, list[Queued]] = {}
    for row in queue:
        if row.booking_id in waiting:
            units.setdefault(row.unit, []).append(row)
    return [
        Waiter(
            child_id=unit[0].child_id,
            family_id=unit[0].family_id,
            booking_ids=tuple(row.booking_id for row in unit),
            opening_ids=tuple(row.opening_id for row in unit),
            child_name=unit[0].child_name,
        )
        for unit in units.values()
    ]


def has_moved(queue: Sequence[Queued], last: Collection[int | None]) -> bool:
    """Whether someone joined the queue between the moment it was read and the locks; `last` are the last
    bookings that wait for each quota now.

    Joining takes the lock of each quota, so that the last to join one has its greatest id.
    """
    if len(queue) >= MOST_WAITERS:
        return False
    known = {row.booking_id for row in queue}
    return any(pk is not None and pk not in known for pk in last)


def with_room(now: datetime) -> list[int]:
    """Openings that someone waits for, with room at those hours, and that a family can still cancel free.

    Where it cannot, an agent offers the place: looking there at every round would only hold locks.
    """
    return [opening.id for opening in _with_room(now) if goes_by_itself(opening, now)]


def to_offer(now: datetime) -> list[Opening]:
    """The others: with room, and that nobody is given unless an agent offers it in time."""
    soon = universal(now) + SHORTEST_OFFER
    found = [opening for opening in _with_room(now) if universal(opening.starts_at) > soon]
    return [opening for opening in found if not goes_by_itself(opening, now)]


def _with_room(now: datetime) -> list[Opening]:
    """Openings to come that someone waits for, with room at those hours, in the order of the queue."""
    rows = waiting_with_room().filter(opening__starts_at__gt=now).values_list("opening_id", flat=True)
    ids = list(dict.fromkeys(rows))
    openings = openings_of(OPENING.of(activities.Opening.objects.filter(pk__in=ids))) if ids else {}
    return [openings[pk] for pk in ids]


def waiting_with_room() -> QuerySet[Booking]:
    """Waiting bookings for which there is room at their hours, in the order of the queue.

    What is full is no obstacle for a child that is on it already.
    """
    full = (
        activities.Opening.quotas.through.objects.filter(
            Q(quota__taken__gte=F("quota__capacity"))
            | (full_to_all("quota__") & Exact(OuterRef("kept"), Value(""))),
            opening_id=OuterRef("opening_id"),
        )
        .annotate(part_starts=F("quota__part") * 30)
        .filter(
            Q(quota__part=activities.Quota.WHOLE_DAY)
            | Q(part_starts__gt=OuterRef("starts") - 30, part_starts__lt=OuterRef("ends"))
        )
        .filter(~Exists(_on_it(OuterRef(OuterRef("child_id")))))
    )
    rows = Booking.objects.waiting().annotate(starts=_minute_of("starts_at"), ends=_minute_of("ends_at"))
    return rows.filter(~Exists(full))


def _on_it(child: OuterRef) -> QuerySet[Booking]:
    """Places by which the child is on the quota of the row around, at its half-hour."""
    return (
        Booking.objects.holding()
        .filter(child_id=child, opening__quotas=OuterRef("quota_id"))
        .annotate(
            starts=_minute_of("starts_at"),
            ends=_minute_of("ends_at"),
            part_starts=ExpressionWrapper(OuterRef("part_starts"), output_field=IntegerField()),
        )
        .filter(
            Q(part_starts__lt=0) | Q(part_starts__gt=F("starts") - 30, part_starts__lt=F("ends")),
        )
    )


def _minute_of(instant: str) -> CombinedExpression:
    """Minutes since midnight on the wall clock of Paris, as quotas count half-hours."""
    return ExtractHour(instant, tzinfo=PARIS) * 60 + ExtractMinute(instant, tzinfo=PARIS)
