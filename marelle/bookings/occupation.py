"""How full a structure is, day by day, and who comes on one day: what agents read of places."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from marelle.activities.models import Opening, Quota, kept_left
from marelle.activities.occupancy import (
    Fullness,
    HalfHour,
    Rate,
    fullness,
    past_the_ceiling,
    rate_of,
)
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING, LIVE, BookingState
from marelle.core.actor import Actor, Role
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.core.spelling import plain
from marelle.enrolments.models import GroupChoice
from marelle.places.models import Structure
from marelle.places.scope import in_charge


@dataclass(frozen=True, slots=True)
class Span:
    """The openings looked at: of one structure, between two days, both included; of one activity or one group
    when named. An opening for every group is of each of them."""

    structure_id: int
    first: date
    last: date
    activity_id: int | None = None
    group_id: int | None = None

    @property
    def values(self) -> tuple[int, date, date, int | None, int | None]:
        return self.structure_id, self.first, self.last, self.activity_id, self.group_id

    def openings(self) -> QuerySet[Opening]:
        return _openings(*self.values)


@dataclass(frozen=True, slots=True)
class GaugeDay:
    """Places of a gauge on one day, at its fullest half-hour where it counts by half-hour.

    A slot that draws on no gauge has no `gauge_id` and no `capacity`. `waiting` children wait for a place of
    it; `kept` places are free, and for some only.
    """

    gauge_id: int | None
    name: str
    taken: int
    capacity: int | None
    waiting: int = 0
    kept: int = 0

    @property
    def fullness(self) -> Fullness:
        return fullness(self.taken, self.capacity)


@dataclass(slots=True)
class DayOccupation:
    """A day on which something is held. `reasons` say why, where something is closed; `is_open` is false
    when all of it is. `waiting` children wait for a place."""

    is_open: bool = False
    reasons: list[str] = field(default_factory=list)
    gauges: list[GaugeDay] = field(default_factory=list)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ChildPlace:
    """One place of a child: held, or waited for. `absent`: told by the family."""

    booking_id: int
    opening_id: int
    enrolment_id: int
    state: BookingState
    activity: str
    slot: str
    starts_at: datetime
    ends_at: datetime
    derogation: str
    passed: str
    late: bool
    absent: bool


@dataclass(slots=True)
class ChildOfDay:
    """A child of one day, with the places that it holds; `derogation` is why it was enrolled past the limits
    that `passed` names, `family_id` the home of which it comes."""

    id: int
    first_name: str
    last_name: str
    birth_date: date | None
    group: str
    derogation: str = ""
    passed: str = ""
    places: list[ChildPlace] = field(default_factory=list)
    family_id: int = 0


@dataclass(frozen=True, slots=True)
class WaitingOfDay:
    """A child that waits for one place, as the queue has it."""

    child_id: int
    first_name: str
    last_name: str
    group: str
    place: ChildPlace
    family_id: int


def structures_seen(actor: Actor, *, day: date, today: date) -> QuerySet[Structure]:
    """Structures of which the actor sees who comes on `day`: what it answers for; an animator, today's."""
    seen = in_charge(actor)
    if day == today:
        seen |= Q(pk__in=actor.structures(Role.ANIMATOR))
    return Structure.objects.filter(seen).order_by("order", "name", "pk")


def occupation(span: Span) -> dict[date, DayOccupation]:
    """Days on which something is held or closed, in order; four queries. Rights are the caller's to check."""
    found: dict[date, DayOccupation] = {}
    for held in held_on(span):
        one = found.setdefault(held.day, DayOccupation())
        one.is_open = one.is_open or held.state == Opening.State.OPEN
        if held.state != Opening.State.OPEN and held.reason and held.reason not in one.reasons:
            one.reasons.append(held.reason)
    waiting = _waiting(*span.values)
    for day, gauge in (*_gauges(span, waiting), *_without_gauge(span, waiting)):
        found[day].gauges.append(gauge)
    for day, children in _children_by_day(waiting).items():
        found[day].waiting = len(children)
    return found


class _Waits(NamedTuple):
    """`gauge_id` is that of which it waits for a place, None where the slot draws on none."""

    day: date
    child_id: int
    gauge_id: int | None
    slot: str


WAITS = columns(_Waits, "day", "child_id", gauge_id="opening__quotas__gauge_id", slot="opening__slot__name")


class HeldDay(NamedTuple):
    day: date
    state: str
    reason: str


HELD_DAY = columns(HeldDay, "day", "state", "reason")


class _QuotaPart(NamedTuple):
    gauge_id: int
    name: str
    day: date
    part: int
    taken: int
    capacity: int
    kept: int


QUOTA_PART = columns(
    _QuotaPart, "gauge_id", "day", "part", "taken", "capacity", name="gauge__name", kept=kept_left()
)


class _Free(NamedTuple):
    day: date
    slot: str
    taken: int


FREE = columns(_Free, "day", "taken", slot="slot__name")


def held_on(span: Span) -> list[HeldDay]:
    """The day, the state and the reason of each kind of opening of a span; one query."""
    return sorted(_held(*span.values))


def next_held(structure_id: int, *, day: date) -> date | None:
    """The first day, from `day` on, on which the structure opens; one query."""
    rows = Opening.objects.filter(activity__structure_id=structure_id, day__gte=day, state=Opening.State.OPEN)
    found: date | None = rows.aggregate(day=Min("day"))["day"]
    return found


def _openings(
    structure_id: int, first: date, last: date, activity_id: int | None, group_id: int | None
) -> QuerySet[Opening]:
    """Those of a span; of its `values`, as the statements built once are given them."""
    rows = Opening.objects.filter(activity__structure_id=structure_id, day__gte=first, day__lte=last)
    if activity_id is not None:
        rows = rows.filter(activity_id=activity_id)
    if group_id is not None:
        rows = rows.filter(Q(group_id=None) | Q(group_id=group_id))
    return rows.order_by()


def _open_ones(*span: Any) -> QuerySet[Opening]:
    return _openings(*span).filter(state=Opening.State.OPEN)


@prepared
def _held(*span: Any) -> QuerySet[Opening, HeldDay]:
    return HELD_DAY.of(_openings(*span).distinct())


@prepared
def _ids(*span: Any) -> QuerySet[Opening, int]:
    return _openings(*span).values_list("pk", flat=True)


@prepared
def _waiting(*span: Any) -> QuerySet[Booking, _Waits]:
    openings = _open_ones(*span)
    rows = Booking.objects.filter(state=BookingState.WAITING, opening__in=openings).order_by()
    return WAITS.of(rows.distinct())


@prepared
def _quotas(structure_id: int, first: date, last: date, *narrowed: Any) -> QuerySet[Quota, _QuotaPart]:
    """The quotas that the open ones of a span draw on."""
    openings = _open_ones(structure_id, first, last, *narrowed)
    drawn = Opening.quotas.through.objects.filter(opening__in=openings).values("quota_id")
    rows = Quota.objects.filter(pk__in=drawn, day__gte=first, day__lte=last)
    return QUOTA_PART.of(rows.order_by("gauge__name", "gauge_id", "day", "part"))


@prepared
def _free(*span: Any) -> QuerySet[Opening, _Free]:
    """What is taken of the slots that draw on no gauge."""
    rows = _open_ones(*span).filter(quotas=None)
    counted = rows.values("day", "slot__name").annotate(
        taken=Count("bookings", filter=Q(bookings__state__in=HOLDING))
    )
    return FREE.of(counted.order_by("day", "slot__name"))


def _children_by_day(waiting: Iterable[_Waits]) -> dict[date, set[int]]:
    found: dict[date, set[int]] = {}
    for one in waiting:
        found.setdefault(one.day, set()).add(one.child_id)
    return found


def _gauges(span: Span, waiting: Iterable[_Waits]) -> Iterable[tuple[date, GaugeDay]]:
    fullest: dict[tuple[date, int], _QuotaPart] = {}
    for part in _quotas(*span.values):
        known = fullest.get((part.day, part.gauge_id))
        if known is None or part.taken - part.capacity > known.taken - known.capacity:
            fullest[part.day, part.gauge_id] = part
    waits: dict[tuple[date, int | None], set[int]] = {}
    for one in waiting:
        waits.setdefault((one.day, one.gauge_id), set()).add(one.child_id)
    for key, part in fullest.items():
        waiting_for = len(waits.get(key, ()))
        gauge = GaugeDay(part.gauge_id, part.name, part.taken, part.capacity, waiting_for, part.kept)
        yield part.day, gauge


def _without_gauge(span: Span, waiting: Iterable[_Waits]) -> Iterable[tuple[date, GaugeDay]]:
    waits: dict[tuple[date, str], set[int]] = {}
    for one in waiting:
        if one.gauge_id is None:
            waits.setdefault((one.day, one.slot), set()).add(one.child_id)
    for free in _free(*span.values):
        yield free.day, GaugeDay(None, free.slot, free.taken, None, len(waits.get((free.day, free.slot), ())))


@dataclass(frozen=True, slots=True)
class NurseryDay:
    """A gauge that counts by half-hour, on one day, with the rates of the day and of its week."""

    name: str
    parts: tuple[HalfHour, ...]
    day: Rate
    week: Rate

    @property
    def is_past(self) -> bool:
        return past_the_ceiling(self.parts, self.week)


def nursery_day(span: Span, day: date) -> list[NurseryDay]:
    """The gauges by half-hour that the openings of a span of one week draw on, seen on `day`; one query.

    Half-hours of closed openings are not offered. Rights are the caller's to check.
    """
    names: dict[int, str] = {}
    week: dict[int, list[HalfHour]] = {}
    mine: dict[int, list[HalfHour]] = {}
    for part in _quotas(*span.values):
        if part.part == Quota.WHOLE_DAY:
            continue
        names[part.gauge_id] = part.name
        one = HalfHour(part.part, part.taken, part.capacity, part.kept)
        week.setdefault(part.gauge_id, []).append(one)
        if part.day == day:
            mine.setdefault(part.gauge_id, []).append(one)
    return [
        NurseryDay(names[gauge_id], tuple(parts), rate_of(parts), rate_of(week[gauge_id]))
        for gauge_id, parts in mine.items()
    ]


def _place(
    booking_id: int, opening_id: int, enrolment_id: int, state: str, activity: str, slot: str,
    starts_at: datetime, ends_at: datetime, derogation: str, passed: str, late: bool, absence_id: int | None,
) -> ChildPlace:  # fmt: skip
    return ChildPlace(
        booking_id=booking_id,
        opening_id=opening_id,
        enrolment_id=enrolment_id,
        state=BookingState(state),
        activity=activity,
        slot=slot,
        starts_at=starts_at,
        ends_at=ends_at,
        derogation=derogation,
        passed=passed,
        late=late,
        absent=absence_id is not None,
    )


class _Booked(NamedTuple):
    child_id: int
    first_name: str
    last_name: str
    birth_date: date | None
    group: str | None
    priority: int
    queued_at: datetime | None
    derogation: str
    passed: str
    family_id: int
    place: ChildPlace


BOOKED = columns(
    _Booked,
    "child_id",
    "group",
    "priority",
    "queued_at",
    "family_id",
    first_name="child__first_name",
    last_name="child__last_name",
    birth_date="child__birth_date",
    derogation="enrolment__derogation",
    passed="enrolment__passed",
    place=columns(
        _place,
        "opening_id",
        "enrolment_id",
        "state",
        "starts_at",
        "ends_at",
        "derogation",
        "passed",
        "late",
        booking_id="pk",
        activity="opening__activity__name",
        slot="opening__slot__name",
        absence_id="absence__pk",
    ),
)


def children_of(span: Span) -> tuple[list[ChildOfDay], list[WaitingOfDay]]:
    """Who comes in a span of one day, by name, and who waits, in the order of the queue; two queries.

    Rights are the caller's to check.
    """
    # By their ids: with a subquery, PostgreSQL walks the bookings of every day.
    rows = _bookings(_ids(*span.values))
    children: dict[int, ChildOfDay] = {}
    waiting: list[tuple[tuple[int, datetime | None, int], WaitingOfDay]] = []
    for row in rows:
        place, who = row.place, (row.child_id, row.first_name, row.last_name)
        if place.state is BookingState.WAITING:
            one = WaitingOfDay(*who, row.group or "", place, row.family_id)
            waiting.append(((-row.priority, row.queued_at, place.booking_id), one))
        else:
            known = children.get(row.child_id)
            if known is None:
                known = ChildOfDay(*who, row.birth_date, row.group or "", family_id=row.family_id)
                children[row.child_id] = known
            if not known.derogation:
                known.derogation, known.passed = row.derogation, row.passed
            known.places.append(place)
    waiting.sort(key=lambda pair: (pair[1].place.starts_at, pair[1].place.opening_id, pair[0]))
    # A database sorts "Éloi" after "Zoé" where it knows no French.
    by_name = sorted(children.values(), key=lambda one: (plain(one.last_name), plain(one.first_name), one.id))
    return by_name, [one for _rank, one in waiting]


def _bookings(opening_ids: Collection[int]) -> QuerySet[Booking, _Booked]:
    choice = GroupChoice.objects.filter(enrolment=OuterRef("enrolment_id"), since__lte=OuterRef("day"))
    chosen = Subquery(choice.order_by("-since").values("group__name")[:1])
    rows = Booking.objects.filter(opening_id__in=opening_ids, state__in=LIVE)
    named = rows.annotate(group=Coalesce("opening__group__name", chosen))
    return BOOKED.of(named.order_by("starts_at", "pk"))
