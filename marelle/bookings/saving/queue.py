"""Who waits for what, as read from the tables: before the locks to choose them, and under them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import ExtractHour, ExtractMinute
from django.db.models.lookups import Exact

from marelle.activities import models as activities
from marelle.activities.models import full_to_all
from marelle.bookings.models import Booking
from marelle.bookings.rules import Place, bundle_at
from marelle.bookings.saving.ledger import Waiter
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS
from marelle.core.french import join_and
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
    one_of: int | None
    preference: int
    priority: int
    queued_at: datetime | None

    @property
    def unit(self) -> object:
        """What is given all or none: those of one key."""
        if self.waits_with is not None:
            return self.family_id, "with", self.waits_with
        return self.booking_id if self.bundle_id is None else (self.child_id, "bundle", self.bundle_id)

    @property
    def turn(self) -> tuple[object, ...]:
        """The lesser is served before; of what one home waits for since the same instant, what it prefers."""
        return -self.priority, self.queued_at or LONG_AGO, self.preference, self.booking_id

    def at(self, now: datetime) -> Queued:
        """Without its bundle, once the days of that are booked alone."""
        return self._replace(bundle_id=bundle_at(self.bundle_id, self.alone_at, now))


LONG_AGO = datetime.min.replace(tzinfo=UTC)

QUEUED = columns(
    Queued,
    "child_id",
    "family_id",
    "opening_id",
    "waits_with",
    "one_of",
    "preference",
    "priority",
    "queued_at",
    booking_id="pk",
    child_name="child__first_name",
    bundle_id="opening__bundle_id",
    alone_at="opening__bundle__alone_at",
)


def queue_on(opening_ids: Collection[int], now: datetime) -> list[Queued]:
    """Who waits for an opening that draws on a quota of these, in queue order, with all that goes along; and
    where a home waits for others of them together, who waits for these, so that nobody is passed there."""
    found = [row.at(now) for row in _queue_on(opening_ids, now)]
    along = _along(found)
    elsewhere = {row.opening_id for row in along if row.waits_with is not None}
    if elsewhere:
        known = {row.booking_id for row in (*found, *along)}
        more = [row.at(now) for row in _queue_on(elsewhere, now)]
        found += along + [row for row in more if row.booking_id not in known]
        along = _along(found)
    return found + along


def _along(found: Collection[Queued]) -> list[Queued]:
    """What else is waited for with these, all or none; one query, none where nothing is."""
    bundles = {row.bundle_id for row in found if row.bundle_id is not None}
    groups = {row.waits_with for row in found if row.waits_with is not None}
    if not bundles and not groups:
        return []
    units = {row.unit for row in found}
    siblings = QUEUED.of(
        Booking.objects.waiting()
        .filter(Q(opening__bundle_id__in=bundles) | Q(waits_with__in=groups))
        .exclude(pk__in=[row.booking_id for row in found])
    )
    return [row for row in siblings if row.unit in units]


@prepared
def _queue_on(opening_ids: Collection[int], now: datetime) -> QuerySet[Booking, Queued]:
    drawn = activities.Opening.quotas.through.objects
    quotas = drawn.filter(opening_id__in=opening_ids).values("quota_id")
    rows = Booking.objects.waiting().filter(
        opening_id__in=drawn.filter(quota_id__in=quotas).values("opening_id"), opening__starts_at__gt=now
    )
    return QUEUED.of(rows)[:MOST_WAITERS]


class Preferred(NamedTuple):
    """A live booking of those of which one is enough."""

    booking_id: int
    family_id: int
    one_of: int
    state: str


PREFERRED = columns(Preferred, "family_id", "one_of", "state", booking_id="pk")


def preferred(queue: Iterable[Queued]) -> list[Preferred]:
    """All live bookings of those of which one is enough, where any waits; one query, none where none does."""
    numbers = {row.one_of for row in queue if row.one_of is not None}
    return (
        list(PREFERRED.of(Booking.objects.live().filter(one_of__in=numbers).order_by("pk")))
        if numbers
        else []
    )


def waiters(
    queue: Iterable[Queued], places: Mapping[int, Sequence[Place]], among: Iterable[Preferred] = ()
) -> list[Waiter]:
    """Who waits, in turn, whatever the order of the rows: those of one unit as one."""
    waiting = {
        place.id for found in places.values() for place in found if place.state is BookingState.WAITING
    }
    units: dict[object, list[Queued]] = {}
    for row in sorted(queue, key=lambda row: row.turn):
        if row.booking_id in waiting:
            units.setdefault(row.unit, []).append(row)
    others: dict[tuple[int, int], list[Preferred]] = {}
    for one in among:
        others.setdefault((one.family_id, one.one_of), []).append(one)
    return [_waiter(unit, others) for unit in units.values()]


def _waiter(unit: Sequence[Queued], others: Mapping[tuple[int, int], Sequence[Preferred]]) -> Waiter:
    first, grouped = unit[0], unit[0].waits_with is not None and len(unit) > 1
    ids = tuple(row.booking_id for row in unit)
    beside = others.get((first.family_id, first.one_of), ()) if first.one_of is not None else ()
    return Waiter(
        child_id=first.child_id,
        family_id=first.family_id,
        booking_ids=ids,
        opening_ids=tuple(row.opening_id for row in unit),
        child_name=join_and(list(dict.fromkeys(row.child_name for row in unit))),
        child_ids=tuple(row.child_id for row in unit) if grouped else (),
        names=tuple(row.child_name for row in unit) if grouped else (),
        one_of=first.one_of,
        preference=first.preference,
        rest=tuple(one.booking_id for one in beside if one.booking_id not in ids and _waits(one)),
        asleep=any(not _waits(one) for one in beside),
    )


def _waits(one: Preferred) -> bool:
    return one.state == BookingState.WAITING


def has_moved(queue: Sequence[Queued], last: Collection[int | None]) -> bool:
    """Whether someone joined the queue between the moment it was read and the locks; `last` are the last
    bookings that wait for each quota now.

    Joining takes the lock of each quota, so that the last to join one has its greatest id.
    """
    if len(queue) >= MOST_WAITERS:
        return False
    known = {row.booking_id for row in queue}
    return any(pk is not None and pk not in known for pk in last)


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
