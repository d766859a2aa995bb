"""A month of an activity with each last minute: pure, from its definition and the openings of the month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from marelle.activities.facts import ActivityFacts
from marelle.activities.rules import OpeningFacts, Window

ONE = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Slots of a day that are booked and cancelled until the same minutes; `window` None: not on line."""

    day: date
    slot_ids: tuple[int, ...]
    window: Window | None


def month_lines(facts: ActivityFacts, openings: Iterable[tuple[int, OpeningFacts]]) -> tuple[MonthLine, ...]:
    """By day, in the order of its slots; `openings` are pairs of a slot and of its opening, in any order."""
    found: dict[tuple[date, object], tuple[list[int], Window | None]] = {}
    order = sorted(
        openings,
        key=lambda one: (one[1].day, facts.slots[one[0]].order, one[0], one[1].starts_at.timestamp()),
    )
    for slot_id, opening in order:
        window = facts.window_of(slot_id, opening)
        alike = window and (window.closes_at, window.cancel_until, window.after)
        slots, _window = found.setdefault((opening.day, alike), ([], window))
        if slot_id not in slots:
            slots.append(slot_id)
    return tuple(MonthLine(day, tuple(slots), window) for (day, _alike), (slots, window) in found.items())


def month_asked(text: str, usual: date, facts: ActivityFacts) -> date:
    """The first day of the month that an address names, "2026-12", within the activity's days; that of
    `usual` where it names none."""
    found = ONE.fullmatch(text)
    wanted = date(int(found[1]), int(found[2]), 1) if found else usual.replace(day=1)
    first, last = (day.replace(day=1) for day in (facts.first_day, facts.last_day))
    return min(max(wanted, first), last)


def month_after(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
