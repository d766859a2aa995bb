"""Booking rules: until when an opening may be booked or cancelled, and from when."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar, assert_never

from marelle.activities.audiences import EVERYBODY, Audience
from marelle.core.clock import instant_at, is_just_before, just_before, local, universal
from marelle.places.rules import DAY, CalendarFacts

MINUTE = timedelta(minutes=1)

LONGEST_DELAY_IN_DAYS = 366

BACK_TO_A_WEEKDAY = {0: timedelta(days=3), 6: timedelta(days=2)}
"""From a Monday or a Sunday back to the Friday; from any other day, to the day before."""


class Counting(StrEnum):
    """Which days count in "n days before"."""

    CALENDAR = "calendar"
    CLEAR = "clear"
    """Whole days between: neither the opening's own nor the day of the limit is one (jours francs)."""
    WEEKDAYS = "weekdays"
    """Monday to Friday, public holidays and holidays counted as any other."""
    WORKING = "working"
    """Monday to Friday, without public holidays and the structure's closings; school holidays count."""
    SCHOOL = "school"
    """School days of the calendar alone: no weekends, holidays or public holidays."""


class Anchor(StrEnum):
    """The day that "n days before" counts from."""

    DAY = "day"
    """The opening's own."""
    WEEK = "week"
    """The Monday of its week."""
    MONTH = "month"
    """The first of its month."""
    PERIOD = "period"
    """The first day of its school holiday, or of the weeks of school between two."""


class OffDay(StrEnum):
    """What becomes of a limit that falls on a weekend, a public holiday or a day of closing."""

    KEPT = "kept"
    BEFORE = "before"
    """The working day before it, at the same hour."""


class LimitKind(StrEnum):
    START = "start"
    """When the opening starts."""
    WEEK_BEFORE = "week_before"
    """`weekday` at `time`, `n` ISO weeks before that of the opening."""
    DAYS_BEFORE = "days_before"
    """`n` days before `anchor`, at `time`, counted by `counting`; 0 is that very day."""
    HOURS_BEFORE = "hours_before"
    """`n` hours before the start, as they elapse: over a change of clocks the wall clock shows one more or
    one less."""
    MONTH_BEFORE = "month_before"
    """Day `n` of the month before, at `time`; the last day of a month that has no day `n`."""
    FIXED = "fixed"
    """The instant `at`, the same for every opening."""
    NEVER = "never"


class LimitError(ValueError):
    """A limit that makes no sense. `code` names the field at fault: n, weekday, time, at, anchor, off_day."""

    def __init__(self, code: str) -> None:
        super().__init__(f"This limit has a wrong or missing {code}.")
        self.code = code


@dataclass(frozen=True, slots=True)
class Limit:
    """A way to tell the last minute; what each field means is told by its kind. Raises LimitError.

    `strict`: "avant 10 h" and not "jusqu’à 10 h", whose minute counts whole. `off_day` is for the kinds that
    tell a day and an hour.
    """

    kind: LimitKind
    n: int = 0
    weekday: int | None = None
    time: time | None = None
    counting: Counting = Counting.CALENDAR
    at: datetime | None = None
    anchor: Anchor = Anchor.DAY
    off_day: OffDay = OffDay.KEPT
    strict: bool = False

    def __post_init__(self) -> None:
        if not self._lowest_n <= self.n <= self._highest_n:
            raise LimitError("n")
        if self.kind is LimitKind.WEEK_BEFORE and (self.weekday is None or not 0 <= self.weekday <= 6):
            raise LimitError("weekday")
        if self.kind in TIMED and (self.time is None or self.time.second or self.time.tzinfo):
            raise LimitError("time")
        if self.kind is LimitKind.FIXED and (self.at is None or self.at.tzinfo is None or self.at.second):
            raise LimitError("at")
        if self.anchor is not Anchor.DAY and self.kind is not LimitKind.DAYS_BEFORE:
            raise LimitError("anchor")
        if self.off_day is not OffDay.KEPT and self.kind not in TIMED:
            raise LimitError("off_day")

    @property
    def _lowest_n(self) -> int:
        return 1 if self.kind is LimitKind.MONTH_BEFORE else 0

    @property
    def _highest_n(self) -> int:
        return HIGHEST_N.get(self.kind, LONGEST_DELAY_IN_DAYS)


TIMED = frozenset({LimitKind.WEEK_BEFORE, LimitKind.DAYS_BEFORE, LimitKind.MONTH_BEFORE})

HIGHEST_N = {
    LimitKind.WEEK_BEFORE: LONGEST_DELAY_IN_DAYS // 7,
    LimitKind.HOURS_BEFORE: LONGEST_DELAY_IN_DAYS * 24,
    LimitKind.MONTH_BEFORE: 31,
}


class Judged(StrEnum):
    """When somebody is, or is not, of an audience."""

    ON_THE_DAY = "day"
    """Of the opening."""
    AT_THE_WAVE = "wave"
    """The day when bookings open to it."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Bookings open to an audience at the instant that `opens` tells for each opening; None: always."""

    opens: Limit | None
    audience: Audience = EVERYBODY
    judged: Judged = Judged.ON_THE_DAY


class After(StrEnum):
    """What becomes of a booking asked for past its limit and before the start."""

    REFUSE = "refuse"
    LATE = "late"
    WAIT = "wait"
    """It waits for an agent to give it a place, however many are free."""


class Dated:
    """A dated row: it holds for openings whose day is from `since` to `until`, both included, and is one of
    `weekdays` (from Monday = 0; none said, all are)."""

    __slots__ = ()

    since: date
    until: date | None
    weekdays: frozenset[int]

    def holds(self, day: date) -> bool:
        return self.is_in_force(day) and (not self.weekdays or day.weekday() in self.weekdays)

    def is_in_force(self, day: date) -> bool:
        """Whether `day` is within its dates, of whichever weekday."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Rule(Dated):
    """Until when the openings of its days may be booked and cancelled.

    Bookings open to each at the first of the `waves` whose audience it is of; without any, they have always
    been open.
    """

    since: date
    until: date | None
    book: Limit
    cancel: Limit
    waves: tuple[Wave, ...] = ()
    after: After = After.REFUSE
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OpeningFacts:
    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Opens:
    """When an opening opens to an audience, None for always; who is of it is judged as on `day`."""

    audience: Audience
    at: datetime | None
    day: date


NEVER_OPENS = datetime.max.replace(tzinfo=UTC)
"""For who is of no audience."""


@dataclass(frozen=True, slots=True)
class Window:
    """When an opening may be booked and cancelled, in instants of Europe/Paris.

    `opens`: to each audience; none, it has always been open to all. `closes_at` or `cancel_until` None:
    never. Both are the last minute that counts, never past the start of the opening: compare with
    `is_before`.
    """

    opens: tuple[Opens, ...]
    closes_at: datetime | None
    cancel_until: datetime | None
    after: After


class Moment(StrEnum):
    """Where `now` stands in a window."""

    NOT_YET = "not_yet"
    OPEN = "open"
    LATE = "late"
    QUEUE = "queue"
    """Past the limit of a rule that then takes requests onto the waiting list."""
    CLOSED = "closed"


DatedRule = TypeVar("DatedRule", bound=Dated)

AFTERWARDS = {After.REFUSE: Moment.CLOSED, After.LATE: Moment.LATE, After.WAIT: Moment.QUEUE}


def rule_on(rules: Iterable[DatedRule], day: date, last_day: date = date.max) -> DatedRule | None:
    """The rule that holds for an opening of `day`. Of those of the same weekdays, the one begun last: it took
    the place of the others. Of these, one that ends before one of some weekdays, before one of all days, then
    the one begun last. One that ends no sooner than the activity, on `last_day`, is as without an end."""
    latest: dict[frozenset[int], DatedRule] = {}
    for rule in rules:
        if rule.holds(day):
            before = latest.setdefault(rule.weekdays, rule)
            if before.since < rule.since:
                latest[rule.weekdays] = rule

    def place(rule: DatedRule) -> tuple[bool, bool, date]:
        return rule.until is not None and rule.until < last_day, bool(rule.weekdays), rule.since

    return max(latest.values(), key=place, default=None)


def hiding(
    rules: Sequence[DatedRule], rule: DatedRule, first_day: date, last_day: date
) -> dict[int | None, DatedRule]:
    """Of the weekdays of `rule`, one of `rules`, those on which it never holds between two days, both
    included, each with the one that does; under None, that one of all days holds on none."""
    first, last = max(rule.since, first_day), min(rule.until or last_day, last_day)
    found: dict[int | None, DatedRule] = {}
    applied: set[int | None] = set()
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        of = day.weekday() if rule.weekdays else None
        if len(applied) == (len(rule.weekdays) or 1):
            break
        if of in applied or not rule.holds(day):
            continue
        other = rule_on(rules, day, last_day)
        if other is None or other == rule:
            applied.add(of)
        else:
            found.setdefault(of, other)
    return {of: one for of, one in found.items() if of not in applied}


def is_before(now: datetime, limit: datetime | None) -> bool:
    """Whether `limit` has not passed.

    The minute that a limit names counts whole: "jusqu’à 23 h 59" holds until 23:59:59 included. "Avant 10 h"
    is told as the last instant before 10:00. None is a limit that never was.
    """
    if limit is None:
        return False
    if is_just_before(limit):
        return universal(now) <= universal(limit)
    return universal(now) < universal(limit) + MINUTE


def opens_at(window: Window, is_of: Callable[[Audience, date], bool]) -> datetime | None:
    """When it opens to who `is_of` an audience as of a day; None: always. NEVER_OPENS for who is of none."""
    if not window.opens:
        return None
    first = NEVER_OPENS
    for one in window.opens:
        if is_of(one.audience, one.day):
            if one.at is None:
                return None
            first = min(first, one.at, key=universal)
    return first


def moment(window: Window, opening: OpeningFacts, now: datetime, opens: datetime | None) -> Moment:
    """Whether a booking may be made at `now` by who it `opens` to then, see `opens_at`.

    LATE and QUEUE only for rules that say so, until the start.
    """
    if opens is not None and universal(now) < universal(opens):
        return Moment.NOT_YET
    if is_before(now, window.closes_at):
        return Moment.OPEN
    if window.closes_at is None or not is_before(now, opening.starts_at):
        return Moment.CLOSED
    return AFTERWARDS[window.after]


def window(rule: Rule, opening: OpeningFacts, calendar: CalendarFacts) -> Window:
    """When `opening` may be booked and cancelled under `rule`."""
    closes_at = last_minute(rule.book, opening, calendar)
    return Window(
        opens=tuple(_opens(wave, opening, calendar) for wave in rule.waves),
        closes_at=closes_at,
        cancel_until=(closes_at if rule.cancel == rule.book else last_minute(rule.cancel, opening, calendar)),
        after=rule.after,
    )


def _opens(wave: Wave, opening: OpeningFacts, calendar: CalendarFacts) -> Opens:
    at = None if wave.opens is None else _told(wave.opens, opening, calendar)
    judged = opening.day if at is None or wave.judged is Judged.ON_THE_DAY else local(at).date()
    return Opens(wave.audience, at, judged)


def last_minute(limit: Limit, opening: OpeningFacts, calendar: CalendarFacts) -> datetime | None:
    """The last minute that `limit` leaves before `opening`, never past its start; None for never."""
    if limit.kind is LimitKind.NEVER:
        return None
    told = _told(limit, opening, calendar)
    if limit.strict:
        told = just_before(told)
    return local(opening.starts_at) if universal(opening.starts_at) < universal(told) else told


def _told(limit: Limit, opening: OpeningFacts, calendar: CalendarFacts) -> datetime:
    match limit.kind:
        case LimitKind.HOURS_BEFORE:
            return local(universal(opening.starts_at) - timedelta(hours=limit.n))
        case LimitKind.FIXED:
            return local(limit.at or opening.starts_at)
        case LimitKind.START | LimitKind.NEVER:
            return local(opening.starts_at)
        case LimitKind.WEEK_BEFORE | LimitKind.DAYS_BEFORE | LimitKind.MONTH_BEFORE:
            return _at_its_hour(limit, opening.day, calendar)
        case unknown:
            assert_never(unknown)


def _at_its_hour(limit: Limit, opening_day: date, calendar: CalendarFacts) -> datetime:
    day = _day_told(limit, opening_day, calendar)
    if limit.off_day is OffDay.BEFORE and not calendar.is_working_day(day):
        day = calendar.working_day_before(day)
    return instant_at(day, limit.time or time())


def _day_told(limit: Limit, day: date, calendar: CalendarFacts) -> date:
    if limit.kind is LimitKind.WEEK_BEFORE:
        return day + timedelta(days=(limit.weekday or 0) - day.weekday(), weeks=-limit.n)
    if limit.kind is LimitKind.MONTH_BEFORE:
        last_of_month = day.replace(day=1) - DAY
        return last_of_month.replace(day=min(limit.n, monthrange(last_of_month.year, last_of_month.month)[1]))
    return days_before(_anchored(day, limit.anchor, calendar), limit.n, limit.counting, calendar)


def _anchored(day: date, anchor: Anchor, calendar: CalendarFacts) -> date:
    match anchor:
        case Anchor.DAY:
            return day
        case Anchor.WEEK:
            return day - timedelta(days=day.weekday())
        case Anchor.MONTH:
            return day.replace(day=1)
        case Anchor.PERIOD:
            return calendar.period_start(day)


def days_before(day: date, n: int, counting: Counting, calendar: CalendarFacts) -> date:
    """The day that comes `n` counted days before `day`; 0 is the day itself, counted or not.

    Where no school day is left to count (a calendar without school), days count as they come.
    """
    if counting is Counting.CALENDAR:
        return day - timedelta(days=n)
    if counting is Counting.CLEAR:
        return day - timedelta(days=n + 1)
    for _ in range(n):
        day = _previous(day, counting, calendar)
    return day


def _previous(day: date, counting: Counting, calendar: CalendarFacts) -> date:
    if counting is Counting.SCHOOL:
        return calendar.previous_school_day(day) or day - DAY
    if counting is Counting.WORKING:
        return calendar.working_day_before(day)
    return day - BACK_TO_A_WEEKDAY.get(day.weekday(), DAY)
