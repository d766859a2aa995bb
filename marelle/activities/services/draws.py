"""Which gauges a slot draws on, for every group or for one; and outings, which have places of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from marelle.activities.models import Activity, AgeGroup, Gauge, GaugeLevel, Opening, Quota, Slot, SlotGauge
from marelle.activities.services.definitions import kept_by, subject_of
from marelle.activities.services.openings import draw_on_quotas
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.french import day_plain
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.edits import row_fill
from marelle.journal.models import Entry
from marelle.journal.services import record

EVERY_GROUP = 0
"""The group that a draw for every group is known by on a form."""

Cell = tuple[int, int]
"""Of the grid of an activity: a slot, and a group or EVERY_GROUP."""

Draws = Mapping[Cell, frozenset[int]]
"""The gauges of each cell."""


@dataclass(frozen=True, slots=True)
class DrawChange:
    """The gauges wanted in a cell, and those that the page showed there."""

    cell: Cell
    seen: frozenset[int]
    gauges: frozenset[int]


class DrawsRefused(Refusal):
    """`code`: "cells" (`refused`: why, by cell: ChangedMeanwhile, or one of these); of a cell "booked" (`n`
    openings to come of its slot hold bookings) or "no_such_gauge" (or group)."""


class OutingRefused(Refusal):
    """`code`: "past_day", "no_such_slot" (it is not for outings) or "there_already"."""


def draws_held(slots: Iterable[int]) -> Draws:
    """What the cells of these slots hold; those that draw on nothing are not there. One query."""
    found: dict[Cell, set[int]] = {}
    rows = SlotGauge.objects.filter(slot_id__in=slots)
    for slot_id, group_id, gauge_id in rows.values_list("slot_id", "group_id", "gauge_id"):
        found.setdefault((slot_id, group_id or EVERY_GROUP), set()).add(gauge_id)
    return {cell: frozenset(gauges) for cell, gauges in found.items()}


def drawable(actor: Actor, activity: Activity) -> list[Gauge]:
    """Gauges that slots of the activity may draw on: those of its authority that the actor answers for, and
    those that they draw on already, with their capacities; two queries."""
    kept = kept_by(actor, Gauge).filter(structure__authority_id=activity.structure.authority_id)
    used = SlotGauge.objects.filter(slot__activity=activity).values("gauge_id")
    rows = Gauge.objects.filter(pk__in=kept.values("pk")) | Gauge.objects.filter(pk__in=used)
    ordered = rows.select_related("structure").order_by("structure__order", "structure__name", "name", "pk")
    return list(ordered.prefetch_related("levels"))


@transaction.atomic
def draws_set(
    *,
    actor: Actor,
    activity_id: int,
    changes: Sequence[DrawChange],
    from_day: date,
    booked: Collection[int],
    now: datetime,
) -> bool:
    """Let cells of an activity draw on other gauges, their openings from `from_day` with them: all or none.
    Returns whether anything changed. A cell that was left alone is not in `changes`, whoever changed it.

    `booked` are the ids of the openings that hold a booking or a visit, which this floor cannot know, and
    whose quotas the caller has locked: a slot with any to come keeps its gauges, since their places are
    counted already. Raises NotYours, or DrawsRefused with why for each cell.
    """
    ids = {change.cell[0] for change in changes}
    rows = kept_by(actor, Slot).filter(pk__in=ids, activity_id=activity_id)
    locked = rows.select_related("activity__structure").select_for_update(no_key=True, of=("self",))
    slots = {slot.pk: slot for slot in locked.order_by("pk")}
    if len(slots) != len(ids):
        raise NotYours
    before = draws_held(ids)
    wanted = [change for change in changes if change.gauges != before.get(change.cell, frozenset())]
    if not wanted:
        return False
    openings = list(
        Opening.objects.filter(slot_id__in={change.cell[0] for change in wanted}, day__gte=from_day)
    )
    _check(actor, slots, wanted, before, Counter(row.slot_id for row in openings if row.pk in booked))
    _write(slots, wanted, before, openings, now)
    for slot_id in sorted({change.cell[0] for change in wanted}):
        gauges = sorted({gauge for change in wanted if change.cell[0] == slot_id for gauge in change.gauges})
        record(
            actor=actor,
            verb="slot.gauges_set",
            subject=subject_of(slots[slot_id]),
            data={"gauges": gauges},
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
    draw_on_quotas([opening], now)
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


def _check(
    actor: Actor,
    slots: Mapping[int, Slot],
    wanted: Iterable[DrawChange],
    before: Draws,
    booked: Mapping[int, int],
) -> None:
    """Raises DrawsRefused with all that stands in the way, cell by cell."""
    activity = next(iter(slots.values())).activity
    gauges = {gauge.pk for gauge in drawable(actor, activity)}
    groups = {EVERY_GROUP, *AgeGroup.objects.filter(activity=activity).values_list("pk", flat=True)}
    refused: dict[Cell, Refusal] = {}
    for change in wanted:
        slot_id, group_id = change.cell
        held = before.get(change.cell, frozenset())
        if group_id not in groups or not change.gauges <= gauges:
            refused[change.cell] = DrawsRefused("no_such_gauge")
        elif booked.get(slot_id):
            refused[change.cell] = DrawsRefused("booked", n=booked[slot_id])
        elif change.seen != held:
            last = Entry.objects.filter(subject_kind="slot", subject_id=slot_id).first()
            refused[change.cell] = ChangedMeanwhile(
                held={"gauges": held},
                names=(),
                by=last.actor_label if last else "",
                at=last.at if last else None,
            )
    if refused:
        raise DrawsRefused("cells", refused=refused)


def _write(
    slots: Iterable[int], wanted: Iterable[DrawChange], before: Draws, openings: list[Opening], now: datetime
) -> None:
    """Rows of the cells, then the quotas of their openings: those of an outing's own places stay."""
    through = Opening.quotas.through
    for slot_id in slots:
        drawn = {gauge for cell, gauges in before.items() if cell[0] == slot_id for gauge in gauges}
        own = [row.pk for row in openings if row.slot_id == slot_id]
        through.objects.filter(opening_id__in=own, quota__gauge_id__in=drawn).delete()
    for change in wanted:
        slot_id, group_id = change.cell
        SlotGauge.objects.filter(slot_id=slot_id, group_id=group_id or None).delete()
    SlotGauge.objects.bulk_create(
        SlotGauge(slot_id=change.cell[0], group_id=change.cell[1] or None, gauge_id=gauge_id)
        for change in wanted
        for gauge_id in change.gauges
    )
    draw_on_quotas(openings, now)
