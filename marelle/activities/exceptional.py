"""A day opened by hand: a Wednesday of the holidays, a Saturday, a day on which nothing was to be held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.activities.closing import openings_reopen
from marelle.activities.models import Activity, AgeGroup, Opening, Slot
from marelle.activities.selectors import managed
from marelle.activities.services.openings import draw_on_quotas
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.french import day_plain
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import Act, record_many

ADDED = "opening.added"


class NotOpened(Refusal):
    """`code`: "past_day", "no_slot", or "already_open"."""


@dataclass(frozen=True, slots=True)
class SlotOfDay:
    """A slot that may be opened on a day. `is_open`: it is already; `closure_id`: which closing keeps it
    closed, to be undone rather than passed over."""

    slot: Slot
    is_open: bool
    closure_id: int | None


def slots_of_day(actor: Actor, structure_id: int, day: date) -> list[SlotOfDay]:
    """The slots of the activities that a structure holds around a day, in order; two queries."""
    rows = Slot.objects.filter(activity__in=_held(actor, structure_id, day), one_off=False).select_related(
        "activity"
    )
    there: dict[int, list[Opening]] = {}
    for opening in Opening.objects.filter(slot__in=rows, day=day):
        there.setdefault(opening.slot_id, []).append(opening)
    return [
        SlotOfDay(
            slot,
            any(opening.state == Opening.State.OPEN for opening in there.get(slot.pk, ())),
            next((o.closure_id for o in there.get(slot.pk, ()) if o.closure_id is not None), None),
        )
        for slot in rows.order_by("activity__order", "activity__name", "order", "pk")
    ]


@transaction.atomic
def day_open(
    *, actor: Actor, structure_id: int, day: date, slot_ids: Collection[int], now: datetime
) -> list[Opening]:
    """Open slots on a day, for every group of theirs, at their hours and with the places of their gauges.

    The days are kept as edited by hand: generating openings again leaves them. What a closing closed is left
    to its undoing. Raises NotYours, NotOpened. Returns what is now open.
    """
    if day < local(now).date():
        raise NotOpened("past_day")
    activities = _held(actor, structure_id, day)
    # The lock of generating: two agents, or the nightly round, make each opening once.
    list(activities.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
    slots = list(Slot.objects.filter(pk__in=slot_ids, activity__in=activities, one_off=False).order_by("pk"))
    if len(slots) != len(set(slot_ids)):
        raise NotYours
    if not slots:
        raise NotOpened("no_slot")
    there = list(Opening.objects.filter(slot__in=slots, day=day))
    known = {(row.slot_id, row.group_id) for row in there}
    by_itself = [row.pk for row in there if row.closure_id is None]
    back = openings_reopen(actor=actor, opening_ids=by_itself, by_hand=True, now=now)
    made = _made(slots, day, known, now)
    if not made and not back:
        raise NotOpened("already_open")
    draw_on_quotas(made, now)
    record_many(
        actor=actor,
        acts=[Act(ADDED, Subject("opening", row.pk, f"{day_plain(day)} · {row.slot.name}")) for row in made],
        now=now,
    )
    return [*back, *made]


def _held(actor: Actor, structure_id: int, day: date) -> QuerySet[Activity]:
    return managed(actor).filter(structure_id=structure_id, first_day__lte=day, last_day__gte=day)


def _made(
    slots: Collection[Slot], day: date, known: Collection[tuple[int, int | None]], now: datetime
) -> list[Opening]:
    """The openings that are not there yet, of each slot and group; what would have begun is left out."""
    groups: dict[int, list[int | None]] = {}
    rows = AgeGroup.objects.filter(activity__in=[slot.activity_id for slot in slots])
    for activity_id, pk in rows.order_by("pk").values_list("activity_id", "pk"):
        groups.setdefault(activity_id, []).append(pk)
    wanted = [
        Opening(
            activity_id=slot.activity_id,
            slot=slot,
            group_id=group_id,
            day=day,
            starts_at=instant_at(day, slot.starts),
            ends_at=instant_at(day, slot.ends),
            hand_edited=True,
        )
        for slot in slots
        for group_id in groups.get(slot.activity_id, [None])
        if (slot.pk, group_id) not in known
    ]
    return Opening.objects.bulk_create([row for row in wanted if row.starts_at > now])
