"""Days gone by of an activity that began before it was here: its openings are made once something is brought
onto them, and shown meanwhile as they would be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from marelle.activities import models as activities
from marelle.activities.capacity import capacities
from marelle.activities.facts import ActivityFacts
from marelle.activities.generation import WantedOpening, half_hours
from marelle.activities.services import openings_add, openings_lacking
from marelle.bookings.rules import Opening
from marelle.bookings.saving.ledger import Quota
from marelle.core.actor import Actor

Days = Mapping[int, Collection[date]]
"""By activity."""


@dataclass(slots=True)
class ToCome:
    """Openings that are to be made, with the quotas that they would draw on: their keys are below zero, but
    for quotas that are there."""

    openings: list[Opening] = field(default_factory=list)
    quotas_of: dict[int, list[int]] = field(default_factory=dict)
    quotas: dict[int, Quota] = field(default_factory=dict)
    there: set[int] = field(default_factory=set)


def openings_made(actor: Actor, days: Days, now: datetime) -> None:
    """Make what lacks on these days. Joins the caller's transaction."""
    for activity_id, of_activity in sorted(days.items()):
        openings_add(actor=actor, activity_id=activity_id, days=of_activity, now=now)


def openings_to_come(days: Days, facts: Mapping[int, ActivityFacts]) -> ToCome:
    """What would be made; a few queries for each activity that began before it was here."""
    found = ToCome()
    numbers = count(-1, -1)
    drawn: list[tuple[Opening, int, int]] = []
    for activity in activities.Activity.objects.filter(pk__in=days).order_by("pk"):
        draws = _draws(activity.pk)
        for wanted in openings_lacking(activity, days[activity.pk]):
            opening = _opening(next(numbers), wanted, facts[activity.pk])
            found.openings.append(opening)
            for gauge in (
                *draws.get((wanted.slot_id, None), ()),
                *draws.get((wanted.slot_id, wanted.group_id), ()),
            ):
                drawn += [(opening, gauge.pk, part) for part in _parts(gauge, wanted)]
    _draw(found, drawn, numbers)
    return found


def _draw(found: ToCome, drawn: list[tuple[Opening, int, int]], numbers: Iterable[int]) -> None:
    """Which quotas they draw on: those that are there, or as many as each gauge has that day."""
    gauges, days = {gauge for _one, gauge, _part in drawn}, {one.day for one, _gauge, _part in drawn}
    rows = activities.Quota.objects.filter(gauge__in=gauges, day__in=days)
    there = {
        (pk, day, part): quota for quota, pk, day, part in rows.values_list("pk", "gauge_id", "day", "part")
    }
    places, made = capacities(gauges, days), dict[tuple[int, date, int], int]()
    ids = iter(numbers)
    for opening, gauge, part in drawn:
        key = (gauge, opening.day, part)
        quota_id = there.get(key) or made.get(key)
        if quota_id is None and (gauge, opening.day) in places:
            quota_id = made[key] = next(ids)
            found.quotas[quota_id] = Quota(quota_id, part, places[gauge, opening.day], taken=0, overdraft=0)
        if quota_id is not None:
            held = found.quotas_of.setdefault(opening.id, [])
            if quota_id not in held:
                held.append(quota_id)
            if key in there:
                found.there.add(quota_id)


def _draws(activity_id: int) -> dict[tuple[int, int | None], list[activities.Gauge]]:
    draws: dict[tuple[int, int | None], list[activities.Gauge]] = {}
    rows = activities.SlotGauge.objects.filter(slot__activity=activity_id).select_related("gauge")
    for row in rows.order_by("pk"):
        draws.setdefault((row.slot_id, row.group_id), []).append(row.gauge)
    return draws


def _parts(gauge: activities.Gauge, wanted: WantedOpening) -> tuple[int, ...]:
    if gauge.unit == activities.Gauge.Unit.DAY:
        return (activities.Quota.WHOLE_DAY,)
    return half_hours(wanted.start, wanted.end)


def _opening(pk: int, wanted: WantedOpening, facts: ActivityFacts) -> Opening:
    return Opening(
        pk,
        facts,
        facts.slots[wanted.slot_id],
        wanted.group_id,
        wanted.day,
        wanted.starts_at,
        wanted.ends_at,
        is_open=True,
    )
