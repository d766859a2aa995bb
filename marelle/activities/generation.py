"""Openings of an activity, generated from its slots and a calendar, as a difference with what exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from marelle.core.clock import instant_at
from marelle.places.rules import DAY, CalendarFacts

HALF_HOURS_OF_A_DAY = 48


class DayScope(StrEnum):
    """On which days a slot is held: in term, in the school holidays, or both."""

    TERM = "term"
    HOLIDAYS = "holidays"
    BOTH = "both"


def is_held(weekdays: frozenset[int], on: DayScope, day: date, calendar: CalendarFacts) -> bool:
    """Whether a slot of these weekdays is held on `day`: never on a public holiday or a closure."""
    if day.weekday() not in weekdays or calendar.public_holiday(day) or calendar.closure(day):
        return False
    return on is DayScope.BOTH or calendar.is_term(day) is (on is DayScope.TERM)


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """A slot for one group (None: for every group at once). `weekdays` counts from Monday = 0."""

    slot_id: int
    group_id: int | None
    weekdays: frozenset[int]
    start: time
    end: time
    on: DayScope

    def is_held(self, day: date, calendar: CalendarFacts) -> bool:
        return is_held(self.weekdays, self.on, day, calendar)


@dataclass(frozen=True, slots=True)
class ExistingOpening:
    """An opening as stored; `start` and `end` on the wall clock of Paris."""

    id: int
    slot_id: int
    group_id: int | None
    day: date
    start: time
    end: time
    hand_edited: bool = False
    has_booking: bool = False


@dataclass(frozen=True, slots=True)
class WantedOpening:
    slot_id: int
    group_id: int | None
    day: date
    start: time
    end: time

    @property
    def starts_at(self) -> datetime:
        return instant_at(self.day, self.start)

    @property
    def ends_at(self) -> datetime:
        return instant_at(self.day, self.end)


@dataclass(frozen=True, slots=True)
class HoursUpdate:
    """The opening `id` moves to the hours of `wanted`."""

    id: int
    wanted: WantedOpening


@dataclass(frozen=True, slots=True)
class Difference:
    """What to write. `kept_because_booked` are openings no longer wanted, or whose hours are not those of
    their slot any more, that somebody booked: an agent decides of them. `kept_by_hand`: the same, for what
    was corrected or closed by hand."""

    create: tuple[WantedOpening, ...] = ()
    update_hours: tuple[HoursUpdate, ...] = ()
    remove: tuple[ExistingOpening, ...] = ()
    kept_because_booked: tuple[ExistingOpening, ...] = ()
    kept_by_hand: tuple[ExistingOpening, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.create or self.update_hours or self.remove)


def openings_difference(
    plans: Sequence[SlotPlan],
    existing: Iterable[ExistingOpening],
    calendar: CalendarFacts,
    *,
    first_day: date,
    last_day: date,
    from_day: date | None = None,
) -> Difference:
    """How the openings of an activity held from `first_day` to `last_day` differ from its plans.

    Never removes or moves what has a booking, never undoes a hand edit, never touches a day before
    `from_day` nor an opening of a slot without a plan (dated by hand). Applying it and asking again gives
    an empty difference.
    """
    starts = first_day if from_day is None else max(first_day, from_day)
    wanted = {
        (opening.slot_id, opening.group_id, opening.day): opening
        for opening in _wanted(plans, starts, last_day, calendar)
    }
    planned = {plan.slot_id for plan in plans}
    update: list[HoursUpdate] = []
    remove: list[ExistingOpening] = []
    kept: list[ExistingOpening] = []
    by_hand: list[ExistingOpening] = []
    for row in existing:
        match = wanted.pop((row.slot_id, row.group_id, row.day), None)
        is_past = from_day is not None and row.day < from_day
        if is_past or row.slot_id not in planned:
            continue
        if match is not None and (match.start, match.end) == (row.start, row.end):
            continue
        if row.hand_edited:
            by_hand.append(row)
        elif row.has_booking:
            kept.append(row)
        elif match is None:
            remove.append(row)
        else:
            update.append(HoursUpdate(row.id, match))
    return Difference(tuple(wanted.values()), tuple(update), tuple(remove), tuple(kept), tuple(by_hand))


def _wanted(
    plans: Sequence[SlotPlan], first_day: date, last_day: date, calendar: CalendarFacts
) -> Iterable[WantedOpening]:
    day = first_day
    while day <= last_day:
        for plan in plans:
            if plan.is_held(day, calendar):
                yield WantedOpening(plan.slot_id, plan.group_id, day, plan.start, plan.end)
        day += DAY


def half_hours(start: time, end: time) -> tuple[int, ...]:
    """Half-hours of the day, 0 (midnight) to 47, that the hours touch: one begun counts whole.

    `end` is not included; at midnight it is the end of the day. Raises ValueError when hours do not follow.
    """
    first = _minutes(start)
    last = _minutes(end) or HALF_HOURS_OF_A_DAY * 30
    if last <= first:
        raise ValueError("The hours end before they start.")
    return tuple(range(first // 30, (last + 29) // 30))


def _minutes(hour: time) -> int:
    return hour.hour * 60 + hour.minute
