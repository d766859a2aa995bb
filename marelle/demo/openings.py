"""Writes the openings of a year and their quotas, as the generator of activities wants them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.timezone import localtime

from marelle.activities.generation import SlotPlan as GeneratedSlot
from marelle.activities.generation import WantedOpening, half_hours, openings_difference
from marelle.activities.models import Bundle, Gauge, GaugeLevel, Opening, Quota
from marelle.demo.places import Places
from marelle.demo.plans import ActivityPlan, ClosurePlan, StructurePlan, WorldPlan
from marelle.demo.year import SchoolYear
from marelle.places.models import Closure

BATCH = 1_000


@dataclass
class Openings:
    """The openings written, and where their places are counted."""

    by_activity: dict[str, list[Opening]] = field(default_factory=dict)
    slot_keys: dict[int, str] = field(default_factory=dict)
    quotas: dict[int, tuple[Quota, ...]] = field(default_factory=dict)
    """By the object of the opening, since they are written once they are filled: see `write_quotas`."""
    cancelled: set[int] = field(default_factory=set)
    """Objects of openings closed after families had booked."""

    def write_quotas(self) -> None:
        """Store the quotas with what is taken of them, and link each opening to its own."""
        quotas = {id(quota): quota for rows in self.quotas.values() for quota in rows}
        Quota.objects.bulk_create(quotas.values(), batch_size=BATCH)
        through = Opening.quotas.through
        through.objects.bulk_create(
            [
                through(opening_id=opening.pk, quota_id=quota.pk)
                for openings in self.by_activity.values()
                for opening in openings
                for quota in self.quotas[id(opening)]
            ],
            batch_size=BATCH,
        )


def write_openings(plan: WorldPlan, places: Places, year: SchoolYear) -> Openings:
    found = Openings()
    structures = {structure.key: structure for structure in plan.structures}
    closures = {(row.structure_id, row.first_day): row for row in Closure.objects.all()}
    every: list[Opening] = []
    gauges: list[tuple[Gauge, ...]] = []
    late: list[Opening] = []
    for activity in plan.activities:
        rows: list[Opening] = []
        for row, draws in _openings_of(activity, places, plan, year):
            closure = closure_on(structures[activity.structure], row.day)
            if closure is not None:
                row.state, row.reason = Opening.State.CLOSED, closure.reason
                if closure.announced_late:
                    at = places.structures[activity.structure].pk
                    row.closure = closures[at, closure.first_day]
                    late.append(row)
            rows.append(row)
            gauges.append(draws)
        if activity.by_week:
            _bundle(places, activity, rows)
        found.by_activity[activity.key] = rows
        every.extend(rows)
    Opening.objects.bulk_create(every, batch_size=BATCH)
    found.slot_keys = {slot.pk: key for (_activity, key), slot in places.slots.items()}
    found.quotas = _quotas(every, gauges)
    found.cancelled = {id(row) for row in late}
    return found


def closure_on(structure: StructurePlan, day: date) -> ClosurePlan | None:
    return next((c for c in structure.closures if c.first_day <= day <= c.last_day), None)


def _openings_of(
    activity: ActivityPlan, places: Places, plan: WorldPlan, year: SchoolYear
) -> Iterator[tuple[Opening, tuple[Gauge, ...]]]:
    row = places.activities[activity.key]
    groups = [places.groups[activity.key, group.key].pk for group in activity.groups]
    group_ids: list[int | None] = [*groups] or [None]
    plans = [
        GeneratedSlot(
            slot_id=places.slots[activity.key, slot.key].pk,
            group_id=group_id,
            weekdays=frozenset(slot.weekdays),
            start=slot.starts,
            end=slot.ends,
            on=slot.days,
        )
        for slot in activity.slots
        if not slot.one_off
        for group_id in group_ids
    ]
    wanted = openings_difference(
        plans, (), year.calendar, first_day=plan.first_day, last_day=plan.last_day
    ).create
    for one in wanted:
        yield _row(row.pk, one), places.draws[one.slot_id, one.group_id]
    for outing in activity.outings:
        slot = places.slots[activity.key, outing.slot]
        seats = Gauge.objects.create(structure=row.structure, name=f"Places : {outing.title}")
        GaugeLevel.objects.create(gauge=seats, since=plan.first_day, capacity=outing.seats)
        opening = _row(row.pk, WantedOpening(slot.pk, None, outing.day, slot.starts, slot.ends))
        opening.title = outing.title
        opening.hand_edited = True
        yield opening, (seats,)


def _row(activity_id: int, wanted: WantedOpening) -> Opening:
    return Opening(
        activity_id=activity_id,
        slot_id=wanted.slot_id,
        group_id=wanted.group_id,
        day=wanted.day,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )


def _bundle(places: Places, activity: ActivityPlan, rows: list[Opening]) -> None:
    """One lot for the openings of each group and week."""
    weeks: dict[tuple[int | None, date], list[Opening]] = defaultdict(list)
    for row in rows:
        if row.state == Opening.State.OPEN:
            weeks[row.group_id, row.day - timedelta(days=row.day.weekday())].append(row)
    for (_group, monday), openings in weeks.items():
        bundle = Bundle.objects.create(
            activity=places.activities[activity.key], name=f"Semaine du {monday:%d/%m/%Y}"
        )
        for opening in openings:
            opening.bundle = bundle


def _quotas(openings: list[Opening], gauges: list[tuple[Gauge, ...]]) -> dict[int, tuple[Quota, ...]]:
    capacities = dict(GaugeLevel.objects.values_list("gauge_id", "capacity"))
    quotas: dict[tuple[int, date, int], Quota] = {}
    drawn: dict[int, tuple[Quota, ...]] = {}
    for opening, draws in zip(openings, gauges, strict=True):
        keys = [(gauge.pk, opening.day, part) for gauge in draws for part in _parts(gauge, opening)]
        for key in keys:
            if key not in quotas:
                gauge_id, day, part = key
                quotas[key] = Quota(gauge_id=gauge_id, day=day, part=part, capacity=capacities[gauge_id])
        drawn[id(opening)] = tuple(quotas[key] for key in keys)
    return drawn


def _parts(gauge: Gauge, opening: Opening) -> tuple[int, ...]:
    if gauge.unit == Gauge.Unit.DAY:
        return (Quota.WHOLE_DAY,)
    return half_hours(localtime(opening.starts_at).time(), localtime(opening.ends_at).time())
