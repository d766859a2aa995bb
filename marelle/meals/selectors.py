"""Who eats, what was ordered, what moved since: a week of a structure, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from marelle.activities.models import Opening, Slot
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING, BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.rows import columns
from marelle.families.care.rules import brings_meal
from marelle.families.care.safety import sheet_read
from marelle.families.models import HealthSheet, Schooling
from marelle.meals.models import MealExtra, MealOrder
from marelle.meals.rules import (
    Counts,
    Seat,
    counts_of,
    from_data,
    level_of,
    mark_of,
    service_of,
    there_at_noon,
    total,
)
from marelle.places.models import Structure
from marelle.places.rules import school_year_of
from marelle.places.scope import in_charge

Key = tuple[date, int]
"""A day and the slot whose meal it is."""

Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Service:
    """A meal of a structure, by the slot that gives it, with the hours of that slot."""

    slot_id: int
    name: str
    activity: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order: the first, or one in addition."""

    counts: Counts
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """One service on one day. `children` is who eats by the bookings of now; `asked` more wait for an answer.

    `hours` are those of the day, which an opening may change. `is_held` is false where nothing of that day
    gives this meal any more: an order was made before. `extra` holds the adults and picnics typed. `reason`
    says why it is closed. `lost` of the children have a sheet that no key opens: a meal is counted for them,
    which their PAI may forbid.
    """

    day: date
    service: Service
    hours: Hours
    is_held: bool
    is_open: bool
    reason: str
    children: Counts
    asked: int
    extra: Counts
    orders: tuple[Ordered, ...]
    lost: int = 0

    @property
    def wanted(self) -> Counts:
        """Nothing on a day that is closed, whatever was typed before."""
        return self.children + self.extra if self.is_open else Counts()

    @property
    def ordered(self) -> Counts:
        return total(order.counts for order in self.orders)

    @property
    def moved(self) -> Counts:
        """What an order would add: all that is wanted, or what moved since."""
        return self.wanted - self.ordered

    @property
    def shown(self) -> Counts:
        """What the kitchen holds to: what was ordered, before that what is wanted."""
        return self.ordered if self.orders else self.wanted

    @property
    def mark(self) -> str:
        return mark_of(self.children, len(self.orders))


def kitchens(actor: Actor) -> QuerySet[Structure]:
    """Structures of the actor's charge that serve meals."""
    serving = Slot.objects.filter(has_meal=True).values("activity__structure_id")
    return (
        Structure.objects.filter(in_charge(actor), pk__in=serving)
        .select_related("authority")
        .order_by("order", "name", "pk")
    )


def sittings(structure_id: int, *, first: date, last: date) -> dict[Key, Sitting]:
    """Those held, closed or ordered between two days, by day then by the hour of the meal; six queries, and
    one more for a week of two school years.

    Rights are the caller's to check.
    """
    services, service_by_slot = _services(structure_id)
    openings = Opening.objects.filter(slot_id__in=service_by_slot, day__gte=first, day__lte=last).order_by()
    held: dict[Key, list[tuple[str, str]]] = defaultdict(list)
    hours: dict[Key, list[Hours]] = defaultdict(list)
    ids: dict[int, Key] = {}
    columns = ("pk", "slot_id", "day", "state", "reason", "starts_at", "ends_at")
    for pk, slot_id, day, state, reason, starts_at, ends_at in openings.values_list(*columns):
        key = ids[pk] = (day, service_by_slot[slot_id])
        held[key].append((state, reason))
        if slot_id == key[1] and state == Opening.State.OPEN:
            hours[key].append((local(starts_at).time(), local(ends_at).time()))
    seats, asked, lost = _seats(ids)
    within = {"structure_id": structure_id, "day__gte": first, "day__lte": last}
    extras = {
        (row.day, row.slot_id): Counts(adults=row.adults, picnics=row.picnics)
        for row in MealExtra.objects.filter(**within)
    }
    orders: dict[Key, list[Ordered]] = defaultdict(list)
    for row in MealOrder.objects.filter(**within).order_by("number"):
        orders[row.day, row.slot_id].append(Ordered(from_data(row.counts), row.ordered_at, row.ordered_by))
    found = []
    for key in {*held, *orders}:
        states, service = held.get(key, []), services[key[1]]
        reasons = sorted({reason for state, reason in states if state != Opening.State.OPEN and reason})
        of_day = hours.get(key) or [service.hours]
        found.append(
            Sitting(
                day=key[0],
                service=service,
                hours=(min(starts for starts, _ends in of_day), max(ends for _starts, ends in of_day)),
                is_held=bool(states),
                is_open=any(state == Opening.State.OPEN for state, _reason in states),
                reason=", ".join(reasons),
                children=counts_of(seats[key]),
                asked=len(asked[key]),
                extra=extras.get(key, Counts()),
                orders=tuple(orders[key]),
                lost=len({seat.child_id for seat in seats[key]} & lost),
            )
        )
    rank = {slot_id: number for number, slot_id in enumerate(services)}
    found.sort(key=lambda one: (one.day, one.hours, rank[one.service.slot_id]))
    return {(one.day, one.service.slot_id): one for one in found}


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _services(structure_id: int) -> tuple[dict[int, Service], dict[int, int]]:
    """Services by slot, and for each slot that gives a meal the service in which it is eaten."""
    slots = list(
        Slot.objects.filter(activity__structure_id=structure_id)
        .select_related("activity")
        .order_by("activity__order", "order", "pk")
    )
    included: dict[int, list[int]] = defaultdict(list)
    links = Slot.includes.through.objects.filter(from_slot__activity__structure_id=structure_id)
    for outer, inner in links.values_list("from_slot_id", "to_slot_id"):
        included[outer].append(inner)
    with_meal = frozenset(slot.pk for slot in slots if slot.has_meal)
    services = {
        slot.pk: Service(slot.pk, slot.name, slot.activity.name, (slot.starts, slot.ends)) for slot in slots
    }
    eaten = {slot.pk: service_of(slot.pk, included[slot.pk], with_meal) for slot in slots}
    return services, {slot_id: service for slot_id, service in eaten.items() if service is not None}


Seats = dict[Key, list[Seat]]


def _seats(openings: dict[int, Key]) -> tuple[Seats, dict[Key, set[int]], set[int]]:
    """Who is booked and not told absent, the children who wait for an answer, and those whose sheet no key
    opens. Two queries a school year.

    By the hour, who is not there at noon does not eat. Each child is of its class on the day: the week of
    1 September is of two school years.
    """
    by_year: dict[int, list[int]] = defaultdict(list)
    for opening_id, (day, _slot) in openings.items():
        by_year[school_year_of(day)].append(opening_id)
    seats: Seats = defaultdict(list)
    asked: dict[Key, set[int]] = defaultdict(set)
    lost: set[int] = set()
    for year, opening_ids in by_year.items():
        eaters = list(_eaters(opening_ids, year))
        bringing, unread = _bringing({one.child_id for one in eaters if one.state == BookingState.BOOKED})
        lost |= unread
        for one in eaters:
            if one.by_hour and not there_at_noon(local(one.starts_at).time(), local(one.ends_at).time()):
                continue
            key = openings[one.opening_id]
            if one.state == BookingState.BOOKED:
                brings = one.child_id in bringing
                level = level_of(one.level or "", one.birth_date, year)
                seats[key].append(Seat(one.child_id, level, one.diet, brings))
            else:
                asked[key].add(one.child_id)
    return seats, asked, lost


def _bringing(child_ids: Collection[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Those whose family brings the meal of their PAI, and those of a sheet that no key opens: of these a
    meal is prepared."""
    rows = HealthSheet.objects.filter(child_id__in=child_ids).values_list("child_id", "said")
    read = {child_id: sheet_read(said) for child_id, said in rows}
    return (
        frozenset(child_id for child_id, said in read.items() if said is not None and brings_meal(said)),
        frozenset(child_id for child_id, said in read.items() if said is None),
    )


class _Eater(NamedTuple):
    opening_id: int
    child_id: int
    state: str
    by_hour: bool
    starts_at: datetime
    ends_at: datetime
    birth_date: date | None
    diet: str
    level: str | None


EATER = columns(
    _Eater,
    "opening_id",
    "child_id",
    "state",
    "starts_at",
    "ends_at",
    "level",
    by_hour="opening__slot__by_hour",
    birth_date="child__birth_date",
    diet="child__diet",
)


def _eaters(opening_ids: Collection[int], school_year: int) -> Iterator[_Eater]:
    level = Schooling.objects.filter(child=OuterRef("child_id"), school_year=school_year).values("level")
    rows = Booking.objects.filter(opening_id__in=opening_ids, state__in=HOLDING, absence=None).order_by()
    return EATER.of(rows.annotate(level=Subquery(level[:1]))).iterator(chunk_size=2000)
