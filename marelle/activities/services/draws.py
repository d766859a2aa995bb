"""Which gauges a slot draws on, for every group or for one; and outings, which have places of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from marelle.activities.models import Activity, AgeGroup, Gauge, GaugeLevel, Opening, Quota, Slot, SlotGauge
from marelle.activities.services.definitions import NotYours, kept_by, subject_of
from marelle.activities.services.openings import draw_on_quotas
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.french import day_plain
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.journal.edits import ChangedMeanwhile, row_fill
from marelle.journal.models import Entry
from marelle.journal.services import record

EVERY_GROUP = 0
"""The group that a draw for every group is known by on a form."""

Draws = frozenset[tuple[int, int]]
"""Pairs of a group, or EVERY_GROUP, and a gauge."""


class DrawsRefused(Refusal):
    """`code`: "booked" (`n` openings to come hold bookings), or "no_such_gauge" (or group)."""


class OutingRefused(Refusal):
    """`code`: "past_day", "no_such_slot" (it is not for outings) or "there_already"."""


def draws_of(slot: Slot) -> Draws:
    """What is held; one query."""
    rows = SlotGauge.objects.filter(slot=slot).values_list("group_id", "gauge_id")
    return frozenset((group_id or EVERY_GROUP, gauge_id) for group_id, gauge_id in rows)


def drawable(actor: Actor, activity: Activity) -> list[Gauge]:
    """Gauges that slots of the activity may draw on: those of its authority that the actor answers for, and
    those that they draw on already; one query."""
    kept = kept_by(actor, Gauge).filter(structure__authority_id=activity.structure.authority_id)
    used = SlotGauge.objects.filter(slot__activity=activity).values("gauge_id")
    rows = Gauge.objects.filter(pk__in=kept.values("pk")) | Gauge.objects.filter(pk__in=used)
    return list(
        rows.select_related("structure").order_by("structure__order", "structure__name", "name", "pk")
    )


@transaction.atomic
def slot_draws_set(
    *,
    actor: Actor,
    slot_id: int,
    draws: Draws,
    seen: Draws | None = None,
    from_day: date,
    booked: Collection[int],
    now: datetime,
) -> bool:
    """Let a slot draw on these gauges, its openings from `from_day` with it. Returns whether it changed.

    `booked` are the ids of its openings that hold a booking or a visit, which this floor cannot know, and
    whose quotas the caller has locked: with any to come, nothing changes, since their places are counted
    already. Raises NotYours, ChangedMeanwhile or DrawsRefused.
    """
    rows = kept_by(actor, Slot).select_for_update(no_key=True, of=("self",))
    slot = rows.select_related("activity__structure").filter(pk=slot_id).first()
    if slot is None:
        raise NotYours
    before = draws_of(slot)
    if seen is not None and seen != before:
        last = Entry.objects.filter(subject_kind="slot", subject_id=slot.pk).first()
        told = {"draws": sorted(before)}
        raise ChangedMeanwhile(
            held=told, names=(), by=last.actor_label if last else "", at=last.at if last else None
        )
    if draws == before:
        return False
    _check(actor, slot, draws)
    openings = Opening.objects.filter(slot=slot, day__gte=from_day)
    held = openings.filter(pk__in=booked).count()
    if held:
        raise DrawsRefused("booked", n=held)
    through = Opening.quotas.through
    old = {gauge_id for _group, gauge_id in before}
    through.objects.filter(opening__in=openings, quota__gauge_id__in=old).delete()
    SlotGauge.objects.filter(slot=slot).delete()
    SlotGauge.objects.bulk_create(
        SlotGauge(slot=slot, group_id=group_id or None, gauge_id=gauge_id) for group_id, gauge_id in draws
    )
    draw_on_quotas(list(openings))
    record(
        actor=actor,
        verb="slot.gauges_set",
        subject=subject_of(slot),
        data={"gauges": sorted({gauge_id for _group, gauge_id in draws})},
        now=now,
    )
    return True


@transaction.atomic
def outing_add(
    *, actor: Actor, activity_id: int, values: Mapping[str, Any], seats: int | None, now: datetime
) -> Opening:
    """A dated outing, with places of its own; None for as many as the slot's gauges allow.

    `values`: slot, group or None, title, day, starts, ends. Raises NotYours, OutingRefused or NotPossible.
    """
    activity = kept_by(actor, Activity).select_for_update(no_key=True, of=("self",)).filter(pk=activity_id)
    found = activity.first()
    if found is None:
        raise NotYours
    slot, group, day = values["slot"], values["group"], values["day"]
    if slot.activity_id != found.pk or not slot.one_off or (group and group.activity_id != found.pk):
        raise OutingRefused("no_such_slot")
    if day < local(now).date():
        raise OutingRefused("past_day")
    if Opening.objects.filter(slot=slot, group=group, day=day, title=values["title"]).exists():
        raise OutingRefused("there_already")
    opening = Opening(activity=found, slot=slot, group=group, day=day, hand_edited=True)
    hours = {"starts_at": instant_at(day, values["starts"]), "ends_at": instant_at(day, values["ends"])}
    row_fill(opening, {"title": values["title"], **hours})
    draw_on_quotas([opening])
    if seats is not None:
        gauge = Gauge.objects.create(
            structure_id=found.structure_id, name=f"Places : {values['title']}"[:120]
        )
        GaugeLevel.objects.create(gauge=gauge, since=day, capacity=seats)
        opening.quotas.add(Quota.objects.create(gauge=gauge, day=day, capacity=seats))
    record(actor=actor, verb="opening.outing_added", subject=opening_subject(opening), now=now)
    return opening


def opening_subject(opening: Opening) -> Subject:
    """What the journal knows an opening by."""
    name = opening.title or opening.slot.name
    return Subject("opening", opening.pk, f"{day_plain(opening.day)} · {name}")


def _check(actor: Actor, slot: Slot, draws: Draws) -> None:
    gauges = {gauge.pk for gauge in drawable(actor, slot.activity)}
    groups = {EVERY_GROUP, *AgeGroup.objects.filter(activity=slot.activity).values_list("pk", flat=True)}
    if any(group_id not in groups or gauge_id not in gauges for group_id, gauge_id in draws):
        raise DrawsRefused("no_such_gauge")
