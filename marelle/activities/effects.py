"""The effect of a rule, shown before it is kept: the window of one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Activity, Opening, Slot
from marelle.activities.month import month_after
from marelle.activities.rules import OpeningFacts, Window
from marelle.core.clock import instant_at


@dataclass(frozen=True, slots=True)
class SlotDay:
    """A slot on a day: its hours, what families may do (None where no rule holds), and its openings of that
    day, by group."""

    slot: Slot
    opening: OpeningFacts
    window: Window | None
    openings: tuple[Opening, ...]


def day_of(activity: Activity, day: date) -> tuple[SlotDay, ...]:
    """Every slot of the activity that has an opening that day, with the quotas; three queries."""
    facts = facts_of(activity)
    rows = activity.openings.filter(day=day).select_related("slot", "group").prefetch_related("quotas")
    by_slot: dict[int, list[Opening]] = {}
    for row in rows.order_by("slot__order", "slot_id", "starts_at", "group__min_age_months", "pk"):
        by_slot.setdefault(row.slot_id, []).append(row)
    found = []
    for slot_id, openings in by_slot.items():
        opening = OpeningFacts(day, openings[0].starts_at, openings[0].ends_at)
        window = facts.window_of(slot_id, opening)
        found.append(SlotDay(openings[0].slot, opening, window, tuple(openings)))
    return tuple(found)


def next_day(activity: Activity, today: date) -> date:
    """The next day of the activity that has an opening; else its first."""
    found = activity.openings.filter(day__gt=today).order_by("day").values_list("day", flat=True).first()
    return found or max(today, activity.first_day)


def openings_of_month(activity_id: int, first: date) -> list[tuple[int, OpeningFacts]]:
    """The open hours of each slot in the month that begins on `first`, whatever the groups; one query."""
    rows = Opening.objects.filter(
        activity_id=activity_id, state=Opening.State.OPEN, day__gte=first, day__lt=month_after(first)
    )
    hours = rows.order_by("day").values_list("slot_id", "day", "starts_at", "ends_at").distinct()
    return [(slot_id, OpeningFacts(day, starts, ends)) for slot_id, day, starts, ends in hours]


def facts_of(activity: Activity) -> ActivityFacts:
    return activity_facts({activity.pk: activity.revision})[activity.pk]


def opening_on(slot: Slot, day: date) -> OpeningFacts:
    """The slot's opening of that day with its own hours, or what it would be; one query."""
    hours = (
        Opening.objects.filter(slot=slot, day=day)
        .order_by("starts_at", "pk")
        .values_list("starts_at", "ends_at")
        .first()
    )
    starts_at, ends_at = hours or (instant_at(day, slot.starts), instant_at(day, slot.ends))
    return OpeningFacts(day, starts_at, ends_at)
