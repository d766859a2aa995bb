"""Openings: generated as a difference with what exists, with the quotas that they draw on; closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from marelle.activities.capacity import capacities
from marelle.activities.catalogue import activity_facts
from marelle.activities.generation import (
    DayScope,
    Difference,
    ExistingOpening,
    HoursUpdate,
    SlotPlan,
    WantedOpening,
    half_hours,
    openings_difference,
)
from marelle.activities.kept_rows import kept_made
from marelle.activities.models import Activity, AgeGroup, Gauge, Opening, Quota, Slot, SlotGauge
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.core.refusals import Refusal
from marelle.core.rows import columns
from marelle.core.subject import Subject
from marelle.journal.services import Act, record, record_many
from marelle.places.models import Closure

BATCH = 1_000


class OpeningClosed(Refusal):
    """None of the openings is open any more; `reason` is the one given then."""


@dataclass(frozen=True, slots=True)
class Generated:
    """How many openings were written; `kept_because_booked` are left to an agent."""

    created: int
    moved: int
    removed: int
    kept_because_booked: tuple[ExistingOpening, ...]


@transaction.atomic
def openings_generate(
    *,
    actor: Actor,
    activity_id: int,
    booked: Collection[int],
    now: datetime,
    from_day: date | None = None,
) -> Generated:
    """Bring the openings of an activity in line with its slots, its calendar and the closures.

    `booked` are the ids of openings that hold a booking, live or not, which this floor cannot know: they are
    neither moved nor removed. Days before `from_day` are left alone. Writes nothing when nothing differs.
    Raises `Activity.DoesNotExist`.
    """
    activity = Activity.objects.select_for_update(no_key=True).get(pk=activity_id)
    difference = openings_preview(activity, booked=booked, from_day=from_day)
    if not difference.is_empty:
        _apply(activity, difference, now)
        record(
            actor=actor,
            verb="activity.openings_generated",
            subject=Subject("activity", activity.pk, activity.name),
            data={"created": len(difference.create), "removed": len(difference.remove)},
            now=now,
        )
    return Generated(
        len(difference.create),
        len(difference.update_hours),
        len(difference.remove),
        difference.kept_because_booked,
    )


@transaction.atomic
def openings_close(
    *,
    actor: Actor,
    opening_ids: Collection[int],
    reason: str,
    closure: Closure | None = None,
    now: datetime,
) -> list[Opening]:
    """Close openings for a reason that families read, with the `closure` of their structure or by themselves.

    Those closed already keep their reason; raises `OpeningClosed` when all of them are. Rights are checked,
    and bookings cancelled first, by the caller, who knows them. What is closed is left alone when openings
    are generated again. Returns those that were open.
    """
    rows = list(
        Opening.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=opening_ids)
        .select_related("slot")
        .order_by("pk")
    )
    found = [row for row in rows if row.state == Opening.State.OPEN]
    if not found:
        raise OpeningClosed("opening_closed", reason=next((row.reason for row in rows), ""))
    for row in found:
        row.state, row.reason, row.closure = Opening.State.CLOSED, reason, closure
    Opening.objects.bulk_update(found, ["state", "reason", "closure"], batch_size=BATCH)
    record_many(
        actor=actor,
        acts=[
            Act(
                verb="opening.closed",
                subject=Subject("opening", row.pk, f"{day_plain(row.day)} · {row.slot.name}"),
                data={"reason": reason},
            )
            for row in found
        ],
        now=now,
    )
    return found


def openings_preview(
    activity: Activity, *, booked: Collection[int], from_day: date | None = None
) -> Difference:
    """What `openings_generate` would write, for the same arguments."""
    return openings_difference(
        _plans(activity),
        _existing(activity, frozenset(booked), from_day),
        activity_facts({activity.pk: activity.revision})[activity.pk].calendar,
        first_day=activity.first_day,
        last_day=activity.last_day,
        from_day=from_day,
    )


def openings_lacking(activity: Activity, days: Collection[date]) -> tuple[WantedOpening, ...]:
    """What its slots, its calendar and the closures hold on these days, and is not there."""
    found = openings_preview(activity, booked=())
    return tuple(one for one in found.create if one.day in days)


@transaction.atomic
def openings_add(*, actor: Actor, activity_id: int, days: Collection[date], now: datetime) -> int:
    """Write what lacks on these days, gone by or not, and nothing else. Returns how many. Raises
    `Activity.DoesNotExist`."""
    activity = Activity.objects.select_for_update(no_key=True).get(pk=activity_id)
    lacking = openings_lacking(activity, days)
    if lacking:
        _apply(activity, Difference(create=lacking), now)
        record(
            actor=actor,
            verb="activity.openings_generated",
            subject=Subject("activity", activity.pk, activity.name),
            data={"created": len(lacking), "removed": 0},
            now=now,
        )
    return len(lacking)


def _plans(activity: Activity) -> list[SlotPlan]:
    groups: list[int | None] = [*AgeGroup.objects.filter(activity=activity).values_list("pk", flat=True)]
    return [
        SlotPlan(slot.pk, group_id, frozenset(slot.weekdays), slot.starts, slot.ends, DayScope(slot.days))
        for slot in Slot.objects.filter(activity=activity, one_off=False)
        for group_id in groups or [None]
    ]


def _existing(activity: Activity, booked: frozenset[int], from_day: date | None) -> list[ExistingOpening]:
    """A closed opening counts as corrected by hand: it tells families why the day is closed."""
    return [
        ExistingOpening(
            id=row.id,
            slot_id=row.slot_id,
            group_id=row.group_id,
            day=row.day,
            start=local(row.starts_at).time(),
            end=local(row.ends_at).time(),
            hand_edited=row.hand_edited or row.state == Opening.State.CLOSED,
            has_booking=row.id in booked,
        )
        for row in _openings(activity.pk, from_day)
    ]


class _Row(NamedTuple):
    id: int
    slot_id: int
    group_id: int | None
    day: date
    starts_at: datetime
    ends_at: datetime
    hand_edited: bool
    state: str


ROW = columns(_Row, "slot_id", "group_id", "day", "starts_at", "ends_at", "hand_edited", "state", id="pk")


def _openings(activity_id: int, from_day: date | None) -> QuerySet[Opening, _Row]:
    rows = Opening.objects.filter(activity_id=activity_id)
    if from_day is not None:
        rows = rows.filter(day__gte=from_day)
    return ROW.of(rows)


def _apply(activity: Activity, difference: Difference, now: datetime) -> None:
    Opening.objects.filter(pk__in=[row.id for row in difference.remove]).delete()
    created = Opening.objects.bulk_create(
        [
            Opening(
                activity=activity,
                slot_id=wanted.slot_id,
                group_id=wanted.group_id,
                day=wanted.day,
                starts_at=wanted.starts_at,
                ends_at=wanted.ends_at,
            )
            for wanted in difference.create
        ],
        batch_size=BATCH,
    )
    moved = _move(difference.update_hours)
    Opening.quotas.through.objects.filter(opening_id__in=[row.pk for row in moved]).delete()
    draw_on_quotas([*created, *moved], now)


def _move(updates: Iterable[HoursUpdate]) -> list[Opening]:
    wanted = {update.id: update.wanted for update in updates}
    rows = list(Opening.objects.filter(pk__in=wanted))
    for row in rows:
        row.starts_at, row.ends_at = wanted[row.pk].starts_at, wanted[row.pk].ends_at
    Opening.objects.bulk_update(rows, ["starts_at", "ends_at"], batch_size=BATCH)
    return rows


def draw_on_quotas(openings: list[Opening], now: datetime) -> None:
    """Link openings to the quotas of their gauges, made where they are missing; a gauge without a level
    gives none, and so bounds nothing."""
    slots = {opening.slot_id for opening in openings}
    draws: dict[tuple[int, int | None], list[Gauge]] = {}
    for draw in SlotGauge.objects.filter(slot_id__in=slots).select_related("gauge"):
        draws.setdefault((draw.slot_id, draw.group_id), []).append(draw.gauge)
    wanted: dict[tuple[int, date, int], list[int]] = {}
    for opening in openings:
        every_group = draws.get((opening.slot_id, None), [])
        own_group = draws.get((opening.slot_id, opening.group_id), []) if opening.group_id else []
        for gauge in {gauge.pk: gauge for gauge in (*every_group, *own_group)}.values():
            for part in _parts(gauge, opening):
                wanted.setdefault((gauge.pk, opening.day, part), []).append(opening.pk)
    quotas = _quotas(list(wanted))
    through = Opening.quotas.through
    through.objects.bulk_create(
        [
            through(opening_id=opening_id, quota_id=quotas[key])
            for key, opening_ids in wanted.items()
            if key in quotas
            for opening_id in opening_ids
        ],
        batch_size=BATCH,
    )
    kept_made(quotas.values(), now)


def _parts(gauge: Gauge, opening: Opening) -> tuple[int, ...]:
    if gauge.unit == Gauge.Unit.DAY:
        return (Quota.WHOLE_DAY,)
    return half_hours(local(opening.starts_at).time(), local(opening.ends_at).time())


def _quotas(keys: list[tuple[int, date, int]]) -> dict[tuple[int, date, int], int]:
    """Ids of the quotas by gauge, day and part. Those that exist keep what is taken of them."""
    gauges = {gauge_id for gauge_id, _day, _part in keys}
    places = capacities(gauges, {day for _gauge, day, _part in keys})
    Quota.objects.bulk_create(
        [
            Quota(gauge_id=gauge_id, day=day, part=part, capacity=places[gauge_id, day])
            for gauge_id, day, part in keys
            if (gauge_id, day) in places
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    days = [day for _gauge, day, _part in keys]
    return {
        (gauge_id, day, part): pk
        for gauge_id, day, part, pk in Quota.objects.filter(
            gauge_id__in=gauges, day__gte=min(days, default=date.max), day__lte=max(days, default=date.min)
        ).values_list("gauge_id", "day", "part", "pk")
    }
