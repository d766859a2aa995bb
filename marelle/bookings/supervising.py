"""Whether the staff planned suffices for the children booked: what agents read of supervision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Case, Count, DateField, F, Value, When

from marelle.activities.generation import half_hours
from marelle.activities.kinds import ActivityKind, Supervision
from marelle.activities.models import Activity, Opening, StaffMember, StaffPlan
from marelle.activities.supervision import (
    Need,
    Presence,
    Ratio,
    Staff,
    adults_needed,
    day_need,
    longest_run,
    ratio_of,
    rule_of,
)
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING
from marelle.core.clock import local
from marelle.core.rows import columns

SIX_YEARS = 6


@dataclass(frozen=True, slots=True)
class StaffedDay:
    """A day of a structure: what it needs, what is planned by slot (None for the whole day)."""

    need: Need
    planned: dict[int | None, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldSlot:
    id: int
    name: str
    activity: str


Names = Mapping[tuple[date, int | None], Sequence[StaffMember]]
"""Who of the register is planned, by day and slot (None for the whole day)."""


@dataclass(frozen=True, slots=True)
class LackingDay:
    """A day on which the adults planned do not suffice."""

    structure_id: int
    structure: str
    day: date
    staffed: StaffedDay


def staffed_days(structure_id: int, *, first: date, last: date) -> dict[date, StaffedDay]:
    """Days with something open, in order, each with its need; four queries, whatever the bookings.

    Children are counted by the database: those who turn six within the span by their own birthday. Rights are
    the caller's to check.
    """
    activities = _activities((structure_id,))
    found = _staffed(activities, _plans((structure_id,), first, last), first=first, last=last)
    return {day: staffed for (_structure, day), staffed in found.items()}


def names_planned(structure_id: int, *, first: date, last: date) -> Names:
    """In the order of the register; one query."""
    rows = StaffPlan.members.through.objects.filter(
        staffplan__structure_id=structure_id, staffplan__day__gte=first, staffplan__day__lte=last
    )
    named = rows.select_related("staffplan", "staffmember")
    found: dict[tuple[date, int | None], list[StaffMember]] = {}
    for row in named.order_by("staffmember__last_name", "staffmember__first_name", "staffmember_id"):
        found.setdefault((row.staffplan.day, row.staffplan.slot_id), []).append(row.staffmember)
    return found


def lacking_days(structure_ids: Collection[int], *, first: date, last: date) -> list[LackingDay]:
    """Days of these structures on which the adults planned do not suffice, in order.

    Four queries, whatever the structures and the bookings; one where nobody is planned, none without a
    structure. A day for which nothing is planned is not said: who plans on paper is not told of each day.
    """
    plans = _plans(structure_ids, first, last) if structure_ids else []
    if not plans:
        return []
    activities = _activities({plan.structure_id for plan in plans})
    names = {one.structure_id: one.structure for one in activities.values()}
    found = _staffed(activities, plans, first=first, last=last)
    lacking = [
        LackingDay(structure_id, names[structure_id], day, staffed)
        for (structure_id, day), staffed in found.items()
        if staffed.need.lacking
    ]
    return sorted(lacking, key=lambda one: (one.day, one.structure, one.structure_id))


@dataclass(frozen=True, slots=True)
class _Held:
    """An activity: its structure and the rule of its supervision."""

    structure_id: int
    structure: str
    rule: Supervision


@dataclass(frozen=True, slots=True)
class _Plan:
    structure_id: int
    day: date
    slot_id: int | None
    number: int
    starts: time | None
    ends: time | None


PLAN = columns(_Plan, "structure_id", "day", "slot_id", "number", starts="slot__starts", ends="slot__ends")


def _activities(structure_ids: Collection[int]) -> dict[int, _Held]:
    rows = Activity.objects.filter(structure_id__in=structure_ids).order_by()
    return {
        pk: _Held(structure_id, structure, rule_of(ActivityKind(kind), named))
        for pk, kind, named, structure_id, structure in rows.values_list(
            "pk", "kind", "supervision", "structure_id", "structure__name"
        )
    }


def _plans(structure_ids: Collection[int], first: date, last: date) -> list[_Plan]:
    rows = StaffPlan.objects.filter(structure_id__in=structure_ids, day__gte=first, day__lte=last)
    return list(PLAN.of(rows))


def _staffed(
    activities: Mapping[int, _Held], plans: Iterable[_Plan], *, first: date, last: date
) -> dict[tuple[int, date], StaffedDay]:
    """By structure and day, the days in order; two queries."""
    rows = Opening.objects.filter(activity_id__in=activities, day__gte=first, day__lte=last).order_by()
    openings = list(rows.values_list("pk", "state", "day", "activity_id", "starts_at", "ends_at"))
    held: dict[tuple[date, int], list[tuple[int, int]]] = {}
    for day, activity_id, starts, ends in {
        (day, activity_id, starts, ends)
        for _pk, state, day, activity_id, starts, ends in openings
        if state == Opening.State.OPEN
    }:
        held.setdefault((day, activity_id), []).append(_parts(starts, ends))
    ratios: dict[tuple[int, date], dict[int, Ratio]] = {}
    for (day, activity_id), spans in held.items():
        activity = activities[activity_id]
        ratio = ratio_of(activity.rule, longest_run(spans))
        by_activity = ratios.setdefault((activity.structure_id, day), {})
        if ratio is not None:
            by_activity[activity_id] = ratio
    presences: dict[tuple[int, date], list[Presence]] = {}
    for day, presence in _presences([pk for pk, *_opening in openings], first, last):
        where = activities[presence.activity_id].structure_id
        presences.setdefault((where, day), []).append(presence)
    planned: dict[tuple[int, date], dict[int | None, int]] = {}
    staff: dict[tuple[int, date], list[Staff]] = {}
    for plan in plans:
        key = plan.structure_id, plan.day
        planned.setdefault(key, {})[plan.slot_id] = plan.number
        if plan.starts is not None and plan.ends is not None:
            parts = half_hours(plan.starts, plan.ends)
            staff.setdefault(key, []).append(Staff(parts[0], parts[-1] + 1, plan.number))
    return {
        key: StaffedDay(
            need=day_need(
                adults_needed(presences.get(key, ()), by_activity),
                planned.get(key, {}).get(None),
                staff.get(key, ()),
            ),
            planned=planned.get(key, {}),
        )
        for key, by_activity in sorted(ratios.items(), key=lambda pair: pair[0][1])
    }


def slots_held(structure_id: int, *, first: date, last: date) -> dict[date, list[HeldSlot]]:
    """Slots with their own hours held on each day, in their order; one query."""
    rows = (
        Opening.objects.filter(
            activity__structure_id=structure_id,
            day__gte=first,
            day__lte=last,
            state=Opening.State.OPEN,
            slot__by_hour=False,
        )
        .order_by("day", "slot__activity__order", "slot__activity_id", "slot__order", "slot_id")
        .values_list("day", "slot_id", "slot__name", "slot__activity__name")
        .distinct()
    )
    found: dict[date, list[HeldSlot]] = {}
    for day, slot_id, name, activity in rows:
        found.setdefault(day, []).append(HeldSlot(slot_id, name, activity))
    return found


def _presences(opening_ids: Collection[int], first: date, last: date) -> Iterator[tuple[date, Presence]]:
    """Children present by day and hours. A child whose age is not known counts as young.

    By the ids of the openings: from their activities and days, PostgreSQL walks the bookings of every day.
    """
    grown, small = _years_before(first), _years_before(last)
    rows = (
        Booking.objects.filter(opening_id__in=opening_ids, state__in=HOLDING)
        .order_by()
        .annotate(
            born=Case(
                When(child__birth_date__lte=grown, then=Value(grown)),
                When(child__birth_date__gt=small, then=Value(None)),
                default=F("child__birth_date"),
                output_field=DateField(),
            )
        )
        .values("opening__activity_id", "day", "starts_at", "ends_at", "born")
        .annotate(children=Count("pk"))
        .values_list("day", "opening__activity_id", "starts_at", "ends_at", "born", "children")
    )
    for day, activity_id, starts, ends, born, children in rows:
        is_old = born is not None and born <= _years_before(day)
        begun, ended = _parts(starts, ends)
        yield day, Presence(activity_id, begun, ended, 0 if is_old else children, children if is_old else 0)


def _parts(starts: datetime, ends: datetime) -> tuple[int, int]:
    parts = half_hours(local(starts).time(), local(ends).time())
    return parts[0], parts[-1] + 1


def _years_before(day: date) -> date:
    """Who was born then, or before, is six on `day`; born on 29 February, one is six on 1 March."""
    try:
        return day.replace(year=day.year - SIX_YEARS)
    except ValueError:
        return date(day.year - SIX_YEARS, 2, 28)
