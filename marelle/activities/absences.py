"""Absence rules: until when an absence is told in time, until when a proof counts, which days stay due. Pure.

What a missed booking is under its rule is found by `bookings.absence_rules`; what it costs, by `pricing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from marelle.activities.kinds import ActivityKind
from marelle.activities.rules import LONGEST_DELAY_IN_DAYS, Dated, Limit
from marelle.core.clock import instant_at, local, universal
from marelle.places.rules import DAY, CalendarFacts, school_year_days, school_year_of

LONGEST_WAITING = 31
"""In days."""

MOST_UNANNOUNCED = 99

LAST_MINUTE_OF_DAY = time(23, 59)

HELD_IS_NEVER_FURTHER = 366
"""In days: how far a day that counts is looked for; then days count as they come."""


class Unit(StrEnum):
    """What a delay counts."""

    HOURS = "hours"
    """As they elapse, over a change of clocks too."""
    CALENDAR = "calendar"
    WORKING = "working"
    """Monday to Friday, without public holidays and the structure's closings."""
    OPENED = "opened"
    """Days on which the activity is held."""


class Origin(StrEnum):
    """What a delay counts from."""

    START = "start"
    """The hour when the child was awaited."""
    DAY_END = "day_end"
    """The end of the day that was missed."""
    FIRST = "first"
    """The hour when the child was awaited on the first day of its absence."""


class Within(StrEnum):
    """In what absences without notice are counted."""

    MONTH = "month"
    PERIOD = "period"
    """A school holiday, or the weeks of school between two."""
    YEAR = "year"
    """A school year, from 1 September."""


class Told(StrEnum):
    """When a home said that its child would not come."""

    IN_TIME = "in_time"
    LATE = "late"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class AbsenceGrade:
    """What a missed booking is, which prices follow.

    `proof`: which of the rule's delays its accepted proof came within, from 0; None, it is not justified.
    `waiting`: a day that no proof excuses (carence).
    """

    told: Told
    proof: int | None
    waiting: bool

    @property
    def is_justified(self) -> bool:
        return self.proof is not None


@dataclass(frozen=True, slots=True)
class Delay:
    """Until when a proof counts: `n` hours after its origin, or until the end of the `n`-th day after it."""

    n: int
    unit: Unit
    origin: Origin = Origin.START

    @property
    def is_possible(self) -> bool:
        """Not over a year."""
        return 0 <= self.n <= LONGEST_DELAY_IN_DAYS * (24 if self.unit is Unit.HOURS else 1)


@dataclass(frozen=True, slots=True)
class AbsenceRule(Dated):
    """A dated row, as `rules.Rule` is: what an absence on its days is.

    `told`: the last minute to tell it in time, None where the start is. `proofs`: delays, the shortest first;
    a proof is of the first that it comes within, and without any a proof changes nothing. `waiting_days`:
    that many first days of an absence are not excused by it (jours de carence), calendar days or, when
    `waiting_opened`, days on which the activity is held. `unannounced` absences without notice `within` a
    time ask an agent what to do; None: never. `suspends`: it may then suspend the bookings.
    """

    since: date
    until: date | None
    told: Limit | None = None
    proofs: tuple[Delay, ...] = ()
    waiting_days: int = 0
    waiting_opened: bool = False
    unannounced: int | None = None
    within: Within = Within.MONTH
    suspends: bool = False
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Awaited:
    """When a child was awaited on a day."""

    day: date
    starts_at: datetime


Held = Callable[[date], bool]
"""Whether the activity is held on a day."""


def proof_until(
    delay: Delay, missed: Awaited, first: Awaited, held: Held, calendar: CalendarFacts
) -> datetime:
    """The last minute of a delay for a proof of `missed`, of an absence that began on `first`."""
    origin = first if delay.origin is Origin.FIRST else missed
    if delay.unit is Unit.HOURS:
        begins = instant_at(origin.day + DAY, time()) if delay.origin is Origin.DAY_END else origin.starts_at
        return local(universal(begins) + timedelta(hours=delay.n))
    counts = {Unit.WORKING: calendar.is_working_day, Unit.OPENED: held}.get(delay.unit, lambda _day: True)
    return instant_at(days_after(origin.day, delay.n, counts), LAST_MINUTE_OF_DAY)


def days_after(day: date, n: int, counts: Callable[[date], bool]) -> date:
    """The day that comes `n` days that count after `day`; 0 is the day itself, whether or not it counts."""
    for _ in range(n):
        following = (day + DAY * ahead for ahead in range(1, HELD_IS_NEVER_FURTHER + 1))
        day = next(filter(counts, following), day + DAY)
    return day


def is_waiting(rule: AbsenceRule, day: date, first: date, held: Held) -> bool:
    """Whether `day`, of an absence that began on `first`, is one of the days that no proof excuses."""
    if not rule.waiting_opened:
        return (day - first).days < rule.waiting_days
    before = sum(held(first + DAY * ahead) for ahead in range((day - first).days))
    return before < rule.waiting_days


def span_of(within: Within, day: date, calendar: CalendarFacts) -> date:
    """The first day of the time in which the absence of `day` is counted."""
    if within is Within.PERIOD:
        return calendar.period_start(day)
    if within is Within.MONTH:
        return day.replace(day=1)
    return school_year_days(school_year_of(day))[0]


def out_of_order(
    rule: AbsenceRule, days: Iterable[Awaited], held: Held, calendar: CalendarFacts
) -> date | None:
    """The first of these days on which a delay for a proof ends no later than the one before it: what comes
    later would count for more. Each is looked at as the first of an absence."""
    for one in days:
        untils = [proof_until(delay, one, one, held, calendar) for delay in rule.proofs]
        if any(universal(after) <= universal(before) for before, after in pairwise(untils)):
            return one.day
    return None


def may_suspend(kind: ActivityKind, rule: AbsenceRule) -> bool:
    """The canteen of a school is a right of each enrolled child: nothing suspends it."""
    return rule.suspends and kind is not ActivityKind.CANTEEN
