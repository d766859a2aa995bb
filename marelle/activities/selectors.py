"""What screens read of activities: what is offered, until when the next day is booked, places of a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import EnrolmentMode
from marelle.activities.models import Activity, Opening, Quota
from marelle.activities.rules import Moment, OpeningFacts, moment
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.places.scope import in_charge, may_decide

OPENINGS_LOOKED_AT = 200
"""Openings to come among which the next one to book is looked for: some weeks of the busiest service."""


@dataclass(frozen=True, slots=True)
class NextToBook:
    """The next opening that may be booked. `closes_at` is the last minute; when bookings are not open yet,
    `opens_at` tells when they will be."""

    day: date
    closes_at: datetime
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class Places:
    """Places of one slot on one day: those of the tightest of the quotas that it draws on."""

    slot_id: int
    slot_name: str
    day: date
    taken: int
    capacity: int

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
    unpaid_blocks: bool
    closes_when_full: bool
    near: bool


def offered_lines(day: date, *, commune: QuerySet[Any, Any]) -> list[OfferedLine]:
    """All that is offered, in its order; `near` is what is in that commune. One query, of plain rows."""
    columns = ("structure__name" if name == "structure_name" else name for name in OfferedLine._fields)
    near = Coalesce(Q(structure__commune=Subquery(commune)), False)
    rows = offered(day).select_related(None)
    return [OfferedLine._make(row) for row in rows.annotate(near=near).values_list(*columns)]


def schools_served(day: date) -> dict[int, frozenset[int]]:
    """Ids of the schools of each activity that is not over, for those that serve some only; one query."""
    pairs = Activity.schools.through.objects.filter(activity__last_day__gte=day)
    found: dict[int, set[int]] = {}
    for activity_id, school_id in pairs.values_list("activity_id", "school_id"):
        found.setdefault(activity_id, set()).add(school_id)
    return {activity_id: frozenset(schools) for activity_id, schools in found.items()}


def managed(actor: Actor) -> QuerySet[Activity]:
    """Activities of the structures that the actor answers for, with them."""
    if not may_decide(actor):
        return Activity.objects.none()
    return Activity.objects.filter(in_charge(actor, "structure__")).select_related("structure")


def group_rooms(activities: QuerySet[Activity], *, now: datetime) -> dict[int, tuple[GroupRoom, ...]]:
    """Room in each group of these activities, by activity id; one query.

    By the hour, there is room where one half-hour is free.
    """
    openings = Opening.objects.filter(
        Q(group_id=None) | Q(group_id=OuterRef("groups__pk")),
        activity_id=OuterRef("pk"),
        state=Opening.State.OPEN,
        starts_at__gt=now,
    )
    drawn = Quota.objects.filter(openings=OuterRef("pk"))
    full_day = drawn.filter(part=Quota.WHOLE_DAY, taken__gte=F("capacity"))
    half_hours = drawn.exclude(part=Quota.WHOLE_DAY)
    free_half_hour = half_hours.filter(taken__lt=F("capacity"))
    with_room = openings.filter(~Exists(full_day), Exists(free_half_hour) | ~Exists(half_hours))
    rows = activities.order_by("pk", "groups__min_age_months", "groups__pk").values_list(
        "pk",
        "groups__pk",
        "groups__min_age_months",
        "groups__max_age_months",
        Exists(openings),
        Exists(with_room),
    )
    found: dict[int, tuple[GroupRoom, ...]] = {}
    for activity_id, *columns in rows:
        found[activity_id] = (*found.get(activity_id, ()), GroupRoom(*columns))
    return found


def next_to_book(
    facts: ActivityFacts, *, first: date, last: date, group_id: int | None, resident: bool, now: datetime
) -> NextToBook | None:
    """The next opening from `first` to `last`, for the group, that may be booked at `now` or later.

    One query. None when nothing is left to book.
    """
    today = local(now).date()
    rows = (
        Opening.objects.filter(
            Q(group_id=None) | Q(group_id=group_id),
            activity_id=facts.id,
            state=Opening.State.OPEN,
            day__gte=max(first, today),
            day__lte=last,
        )
        .order_by("day", "starts_at", "pk")
        .values_list("slot_id", "day", "starts_at", "ends_at")[:OPENINGS_LOOKED_AT]
    )
    for slot_id, day, starts_at, ends_at in rows:
        opening = OpeningFacts(day, starts_at, ends_at)
        found = facts.window_of(slot_id, opening, resident=resident)
        if found is None or found.closes_at is None:
            continue
        where = moment(found, opening, now)
        if where is Moment.OPEN or (where is Moment.NOT_YET and now < found.closes_at):
            return NextToBook(day, found.closes_at, found.opens_at if where is Moment.NOT_YET else None)
    return None


def places_to_come(
    activity_id: int, *, weekdays: Collection[int], group_id: int | None, first: date, days: int
) -> tuple[Places, ...]:
    """Places on the next `days` dates held on `weekdays` from `first`, by slot. Three queries.

    An opening counted by half-hours shows its fullest half-hour.
    """
    if not weekdays:
        return ()
    wanted = Opening.objects.filter(
        Q(group_id=None) | Q(group_id=group_id),
        activity_id=activity_id,
        state=Opening.State.OPEN,
        day__gte=first,
        day__iso_week_day__in=[weekday + 1 for weekday in weekdays],
    )
    dates = list(wanted.order_by("day").values_list("day", flat=True).distinct()[:days])
    rows = (
        wanted.filter(day__in=dates)
        .select_related("slot")
        .prefetch_related("quotas")
        .order_by("slot__order", "slot_id", "day")
    )
    found = []
    for row in rows:
        tightest = min(row.quotas.all(), key=lambda quota: quota.capacity - quota.taken, default=None)
        if tightest is not None:
            found.append(Places(row.slot_id, row.slot.name, row.day, tightest.taken, tightest.capacity))
    return tuple(found)
