"""The days that count: school holidays, public holidays, closures, school days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

DAY = timedelta(days=1)

FOUR_DAY_WEEK = frozenset({0, 1, 3, 4})
"""School on Monday, Tuesday, Thursday and Friday."""

FOUR_AND_A_HALF_DAY_WEEK = FOUR_DAY_WEEK | {2}
"""The same, and Wednesday morning: a day is a school day even with half a day of school."""

SHORTEST_SHARED_HOLIDAY = 7
"""In days. A shorter one is a bridge (Ascension): homes apart do not share it in halves."""

SCHOOL_IS_NEVER_FURTHER = 366
"""In days: how far back a school day is looked for."""

WORK_IS_NEVER_FURTHER = 366
"""In days: how far back a working day is looked for."""

TEEN_AGE = 11
"""Years: the usual age of the sixième, from which many children go home alone."""

TEEN_AGES = (6, 17)
"""The least and the most that an authority may choose."""


class Conformity(StrEnum):
    """The three words of the RGAA's declaration."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


def conformity(rate: int | None) -> Conformity:
    """What an audit's rate, in percent, allows to declare; without an audit, nothing."""
    if rate is None or rate < 50:
        return Conformity.NONE
    return Conformity.FULL if rate == 100 else Conformity.PARTIAL


@dataclass(frozen=True, slots=True)
class Lived:
    """The commune where a home lives from a day on; None for one that the portal does not know."""

    since: date
    commune_id: int | None


def commune_on(lived: Iterable[Lived], day: date) -> int | None:
    """Key of the commune where a home lives on `day`: the last that has begun; None before any has."""
    begun = (one for one in lived if one.since <= day)
    last = max(begun, key=lambda one: one.since, default=None)
    return None if last is None else last.commune_id


@dataclass(frozen=True, slots=True)
class Ground:
    """What an authority tells homes apart by: the communes of its residents, those with an agreement, and
    from when a change of income counts. `until`: its last day, None of the one that holds."""

    incomes_count: str
    residents: frozenset[int]
    agreement: frozenset[int]
    until: date | None = None

    def tied(self, commune_id: int, *, resident: bool, agreement: bool) -> Ground:
        """With, or without, a commune."""
        one = {commune_id}
        return replace(
            self,
            residents=self.residents | one if resident else self.residents - one,
            agreement=self.agreement | one if agreement else self.agreement - one,
        )


def ground_on(grounds: Iterable[Ground], day: date) -> Ground:
    """The one of `day`, of all those of an authority, in their order."""
    return next(one for one in grounds if one.until is None or day <= one.until)


class SpanKind(StrEnum):
    SCHOOL_HOLIDAY = "school_holiday"
    PUBLIC_HOLIDAY = "public_holiday"
    CLOSURE = "closure"


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one kind, both ends included."""

    kind: SpanKind
    name: str
    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError("A span ends before it starts.")

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1

    def holds(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def without(self, days: Iterable[date]) -> list[Span]:
        """What is left once these days are taken out of it."""
        left, first = [], self.first_day
        for day in sorted({day for day in days if self.holds(day)} | {self.last_day + DAY}):
            if first < day:
                left.append(replace(self, first_day=first, last_day=day - DAY))
            first = day + DAY
        return left

    def overlap(self, other: Span) -> int:
        """Number of days that both hold."""
        first, last = max(self.first_day, other.first_day), min(self.last_day, other.last_day)
        return max(0, (last - first).days + 1)


def school_year_of(day: date) -> int:
    """Year of the September that begins the school year of `day`.

    A school year runs from 1 September to 31 August: the days of August belong to the year that ends, and
    the summer holidays to the year that they close.
    """
    return day.year if day.month >= 9 else day.year - 1


def school_year_days(school_year: int) -> tuple[date, date]:
    """First and last day of a school year, both included."""
    return date(school_year, 9, 1), date(school_year + 1, 8, 31)


@dataclass(frozen=True)
class CalendarFacts:
    """What a calendar says of any day. Build it once per request: look-ups are kept.

    `school_weekdays` counts from Monday = 0. Where spans of one kind overlap, the first given wins.
    A closure is of the service, not of the school: it takes no school day away.
    """

    school_weekdays: frozenset[int]
    spans: tuple[Span, ...]

    def holiday(self, day: date) -> Span | None:
        """The school holiday that holds `day`."""
        return self._holidays.get(day)

    def public_holiday(self, day: date) -> Span | None:
        return self._public_holidays.get(day)

    def closure(self, day: date) -> Span | None:
        return self._closures.get(day)

    def is_term(self, day: date) -> bool:
        """Whether `day` is outside the school holidays, weekends and public holidays included."""
        return day not in self._holidays

    def is_school_day(self, day: date) -> bool:
        return (
            day.weekday() in self.school_weekdays
            and day not in self._holidays
            and day not in self._public_holidays
        )

    def previous_school_day(self, day: date) -> date | None:
        """The last school day strictly before `day`; None when the year before it has none."""
        known = self._previous_school_days
        if day not in known:
            known[day] = self._look_back(day)
        return known[day]

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, without public holidays and the closings of the service; school holidays are."""
        return day.weekday() < 5 and day not in self._public_holidays and day not in self._closures

    def working_day_before(self, day: date) -> date:
        """The last working day strictly before `day`; the day before, where a year has none."""
        found = day - DAY
        for _ in range(WORK_IS_NEVER_FURTHER):
            if self.is_working_day(found):
                return found
            found -= DAY
        return day - DAY

    def knows(self, school_year: int) -> bool:
        """Whether any public holiday of that school year is there: no year is without."""
        return school_year in self._years

    def period_start(self, day: date) -> date:
        """The first day of the school holiday that holds `day`, or of the weeks of school around it: those
        begin after the holiday before them, or with the school year."""
        holiday = self._holidays.get(day)
        if holiday is not None:
            return holiday.first_day
        first, _last = school_year_days(school_year_of(day))
        ended = (span.last_day + DAY for span in set(self._holidays.values()) if span.last_day < day)
        return max(first, max(ended, default=first))

    def period(self, day: date) -> tuple[date, date]:
        """First and last day of the school holiday that holds `day`, or of the weeks of school around it."""
        known = self._periods
        if day not in known:
            known[day] = (self.period_start(day), self._period_end(day))
        return known[day]

    def _period_end(self, day: date) -> date:
        holiday = self._holidays.get(day)
        if holiday is not None:
            return holiday.last_day
        _first, last = school_year_days(school_year_of(day))
        coming = (span.first_day - DAY for span in set(self._holidays.values()) if span.first_day > day)
        return min(last, min(coming, default=last))

    def holiday_half(self, day: date) -> int | None:
        """1 or 2: which half of its school holiday holds `day`; None outside holidays and on bridges.

        The middle day of an odd number of days is in the first half.
        """
        span = self._holidays.get(day)
        if span is None or span.days < SHORTEST_SHARED_HOLIDAY:
            return None
        return 1 if (day - span.first_day).days * 2 < span.days else 2

    def _look_back(self, day: date) -> date | None:
        for _ in range(SCHOOL_IS_NEVER_FURTHER):
            day -= DAY
            if self.is_school_day(day):
                return day
        return None

    def _by_day(self, kind: SpanKind) -> Mapping[date, Span]:
        found: dict[date, Span] = {}
        for span in self.spans:
            if span.kind is kind:
                for offset in range(span.days):
                    found.setdefault(span.first_day + timedelta(days=offset), span)
        return found

    @cached_property
    def _holidays(self) -> Mapping[date, Span]:
        return self._by_day(SpanKind.SCHOOL_HOLIDAY)

    @cached_property
    def _public_holidays(self) -> Mapping[date, Span]:
        return self._by_day(SpanKind.PUBLIC_HOLIDAY)

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(map(school_year_of, self._public_holidays))

    @cached_property
    def _closures(self) -> Mapping[date, Span]:
        return self._by_day(SpanKind.CLOSURE)

    @cached_property
    def _periods(self) -> dict[date, tuple[date, date]]:
        return {}

    @cached_property
    def _previous_school_days(self) -> dict[date, date | None]:
        return {}
