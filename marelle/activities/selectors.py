"""What screens read of activities: what is offered, places of a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan

from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import EnrolmentMode
from marelle.activities.models import (
    Activity,
    Opening,
    Quota,
    SlotGauge,
    full_to_all,
    kept_left,
    places_left,
)
from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.places.scope import decides_for, in_charge, may_decide

WEEKDAYS = 7
DATES_SHOWN = 6
"""Dates of the table of places on a request."""


@dataclass(frozen=True, slots=True)
class Places:
    """Places of one slot on one day: those of the tightest of the quotas that it draws on. Those `kept` for
    some, and free still, count as `taken`."""

    slot_id: int
    slot_name: str
    day: date
    taken: int
    capacity: int
    kept: int

    @property
    def left(self) -> int:
        return max(0, self.capacity - self.taken)


@dataclass(frozen=True, slots=True)
class GroupRoom:
    """A group of an activity; one of no id for an activity without groups.

    `to_come`: an opening that has not begun is for it. `has_room`: one of these has a place left.
    """

    group_id: int | None
    min_age_months: int | None
    max_age_months: int | None
    to_come: bool
    has_room: bool


def offered(day: date) -> QuerySet[Activity]:
    """Activities to enrol in that are not over on `day`, with their structure."""
    rows = Activity.objects.filter(last_day__gte=day).exclude(enrolment_mode=EnrolmentMode.NONE)
    return rows.select_related("structure")


class OfferedLine(NamedTuple):
    """An activity, as far as it takes to tell whether a child may ask for it."""

    pk: int
    structure_id: int
    structure_name: str
    kind: str
    first_day: date
    last_day: date
    min_age_months: int
    max_age_months: int | None
    age_day: date | None
    enrolment_mode: str
    requests_open_at: datetime | None
    requests_close_at: datetime | None
    unpaid: str
    closes_when_full: bool
    near: bool


OFFERED = columns(
    OfferedLine,
    *(name for name in OfferedLine._fields if name != "structure_name"),
    structure_name="structure__name",
)


def offered_rows(day: date, *, commune: QuerySet[Any, Any]) -> QuerySet[Activity, OfferedLine]:
    """All that is offered, in its order; `near` is what is in that commune."""
    near = Coalesce(Q(structure__commune=Subquery(commune)), False)
    rows = offered(day).select_related(None)
    return OFFERED.of(rows.annotate(near=near))


def schools_served(day: date) -> dict[int, frozenset[int]]:
    """Ids of the schools of each activity that is not over, for those that serve some only; one query."""
    found: dict[int, set[int]] = {}
    for activity_id, school_id in _schools_served(day):
        found.setdefault(activity_id, set()).add(school_id)
    return {activity_id: frozenset(schools) for activity_id, schools in found.items()}


@prepared
def _schools_served(day: date) -> QuerySet[Any, tuple[int, int]]:
    pairs = Activity.schools.through.objects.filter(activity__last_day__gte=day)
    return pairs.values_list("activity_id", "school_id")


def managed(actor: Actor) -> QuerySet[Activity]:
    """Activities of the structures that the actor answers for, with them."""
    if not may_decide(actor):
        return Activity.objects.none()
    return Activity.objects.filter(in_charge(actor, "structure__")).select_related("structure")


def group_rooms(activity_ids: Collection[int], *, now: datetime) -> dict[int, tuple[GroupRoom, ...]]:
    """Room in each group of these activities, by activity id; one query, none for no activity.

    By the hour, there is room where one half-hour is free.
    """
    found: dict[int, tuple[GroupRoom, ...]] = {}
    for row in _group_rooms(activity_ids, now):
        found[row.activity_id] = (*found.get(row.activity_id, ()), row.room)
    return found


class _OfActivity(NamedTuple):
    activity_id: int
    room: GroupRoom


@prepared
def _group_rooms(activity_ids: Collection[int], now: datetime) -> QuerySet[Activity, _OfActivity]:
    group = Coalesce(OuterRef("groups__pk"), 0)
    openings = Opening.objects.filter(
        Exact(
            Coalesce(F("group_id"), group), group
        ),  # not an OR: PostgreSQL would go through all that have none
        activity_id=OuterRef("pk"),
        state=Opening.State.OPEN,
        starts_at__gt=now,
    )
    with_room = openings.filter(_with_room())
    room = columns(
        GroupRoom,
        group_id="groups__pk",
        min_age_months="groups__min_age_months",
        max_age_months="groups__max_age_months",
        to_come=Exists(openings),
        has_room=Exists(with_room),
    )
    rows = Activity.objects.filter(pk__in=activity_ids)
    ordered = rows.order_by("pk", "groups__min_age_months", "groups__pk")
    return columns(_OfActivity, activity_id="pk", room=room).of(ordered)


def _with_room() -> Q:
    """That an opening has a place left.

    The freest half-hour is read, not whether one is free or there is none at all: of such a choice PostgreSQL
    reads the quotas of every opening first.
    """
    drawn = Quota.objects.filter(openings=OuterRef("pk"))
    full_day = drawn.filter(full_to_all(), part=Quota.WHOLE_DAY)
    half_hours = drawn.exclude(part=Quota.WHOLE_DAY).annotate(left=places_left())
    freest = half_hours.order_by("-left").values("left")[:1]
    return Q(~Exists(full_day)) & Q(GreaterThan(Coalesce(Subquery(freest), 1), 0))


@dataclass(frozen=True, slots=True)
class Wished:
    """What an enrolment wishes: slots by weekday, of a group, between two dates, both included.

    Without any wish, every slot on every day.
    """

    activity_id: int
    group_id: int | None
    first: date
    last: date
    slots: tuple[tuple[int, ...], ...]

    @classmethod
    def of(
        cls,
        activity_id: int,
        *,
        wishes: Mapping[int, Collection[int]],
        group_id: int | None,
        first: date,
        last: date,
    ) -> Wished:
        slots = tuple(tuple(sorted(wishes.get(weekday, ()))) for weekday in range(WEEKDAYS))
        return cls(activity_id, group_id, first, last, slots)


def openings_wished(
    activity_id: int, group_id: int | None, first: date, last: date, *slots: Collection[int]
) -> QuerySet[Opening]:
    """The open ones, for a query that is prepared with the fields of a `Wished`."""
    wished = Q() if not any(slots) else Q(pk__in=())
    for weekday, those in enumerate(slots, start=1):
        if those:
            wished |= Q(day__iso_week_day=weekday, slot_id__in=those)
    return Opening.objects.filter(
        wished,
        Q(group_id=None) | Q(group_id=group_id),
        activity_id=activity_id,
        state=Opening.State.OPEN,
        day__range=(first, last),
    )


def full_days(wished: Wished) -> tuple[int, int]:
    """On how many dates one of the openings wished has no place left, and on how many they are held; one
    query."""
    rows = _full_days(wished.activity_id, wished.group_id, wished.first, wished.last, *wished.slots)
    return next(iter(rows), (0, 0))


@prepared
def _full_days(
    activity_id: int, group_id: int | None, first: date, last: date, *slots: Collection[int]
) -> QuerySet[Opening, tuple[int, int]]:
    """One row, or none: all of them are open."""
    counted = openings_wished(activity_id, group_id, first, last, *slots).order_by().values("state")
    return counted.annotate(
        full=Count("day", distinct=True, filter=~_with_room()), held=Count("day", distinct=True)
    ).values_list("full", "held")


def places_to_come(wished: Wished) -> tuple[Places, ...]:
    """Places of the openings wished on their first `DATES_SHOWN` dates, by slot. Two queries.

    An opening counted by half-hours shows its fullest half-hour.
    """
    asked = (wished.activity_id, wished.group_id, wished.first, wished.last)
    dates = _first_dates(*asked, *wished.slots)
    tightest: dict[int, Places] = {}
    for opening_id, one in _places_on(dates, *asked, *wished.slots):
        known = tightest.get(opening_id)
        if known is None or one.capacity - one.taken < known.capacity - known.taken:
            tightest[opening_id] = one
    return tuple(tightest.values())


@prepared
def _first_dates(
    activity_id: int, group_id: int | None, first: date, last: date, *slots: Collection[int]
) -> QuerySet[Opening, date]:
    days = openings_wished(activity_id, group_id, first, last, *slots).order_by("day")
    return days.values_list("day", flat=True).distinct()[:DATES_SHOWN]


class _PlacesOf(NamedTuple):
    opening_id: int
    places: Places


PLACES_OF = columns(
    _PlacesOf,
    opening_id="pk",
    places=columns(
        Places,
        "slot_id",
        "day",
        slot_name="slot__name",
        taken=F("quotas__capacity") - places_left("quotas__"),
        capacity="quotas__capacity",
        kept=kept_left("quotas__"),
    ),
)


@prepared
def _places_on(
    dates: Collection[date],
    activity_id: int,
    group_id: int | None,
    first: date,
    last: date,
    *slots: Collection[int],
) -> QuerySet[Opening, _PlacesOf]:
    """One row of each quota."""
    openings = openings_wished(activity_id, group_id, first, last, *slots)
    rows = openings.filter(day__in=dates, quotas__isnull=False)
    return PLACES_OF.of(rows.order_by("slot__order", "slot_id", "day", "pk", "quotas"))


def openings_to_come(activity: Activity, day: date) -> int:
    """How many are open from `day`."""
    return activity.openings.filter(day__gte=day, state=Opening.State.OPEN).count()


def slot_draws(activity: Activity) -> list[SlotGauge]:
    """Which slots of an activity draw on which gauges, for which group, with the capacities; two queries."""
    rows = SlotGauge.objects.filter(slot__activity=activity).select_related("gauge", "group")
    return list(rows.prefetch_related("gauge__levels").order_by("gauge__name", "slot__order", "pk"))


def kept_drawn(offered: Collection[ActivityFacts]) -> dict[tuple[int, int], tuple[str, ...]]:
    """The names of the slots of each of these activities that draw on a gauge of which it keeps places, with
    their group, by the ids of both; one query, none where nothing is kept."""
    gauges = {one.gauge_id for facts in offered for one in facts.kept}
    if not gauges:
        return {}
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    rows = SlotGauge.objects.filter(gauge__in=gauges, slot__activity__in=[facts.id for facts in offered])
    for row in rows.select_related("slot", "group").order_by("slot__order", "slot", "group", "pk"):
        key = row.slot.activity_id, row.gauge_id
        name = f"{row.slot.name} ({row.group.name})" if row.group else row.slot.name
        found[key] = (*found.get(key, ()), name)
    return found


def decides_activity(actor: Actor, activity: ActivityFacts) -> bool:
    """Whether what families ask of an activity is the actor's to decide: where the office alone decides, a
    director reads."""
    return decides_for(actor, structure_id=activity.deciding_structure_id, authority_id=activity.authority_id)
