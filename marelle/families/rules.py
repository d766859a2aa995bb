"""Ages, levels of school, and the days that a child of parents apart spends in one home."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from marelle.places.rules import CalendarFacts, Span


def age_in_months(birth: date, day: date) -> int:
    """Whole months lived on `day`; negative before the birth.

    A month is complete on the day of the month of the birth, or, where the month has no such day, on the
    first of the next: someone born on 29 February turns one on 1 March.
    """
    months = (day.year - birth.year) * 12 + day.month - birth.month
    return months - 1 if day.day < birth.day else months


def age_on(birth: date, day: date) -> int:
    """Whole years lived on `day`; negative before the birth."""
    return age_in_months(birth, day) // 12


def fits_age(birth: date, minimum_months: int, maximum_months: int | None, day: date) -> bool:
    """Whether a child has an age of the range on `day`.

    Both ends are whole months and included: a maximum of 155 (12 years and 11 months) holds until the day
    before the thirteenth birthday. No maximum: no end. Nobody has an age before the birth.
    """
    months = age_in_months(birth, day)
    return months >= max(0, minimum_months) and (maximum_months is None or months <= maximum_months)


def months_of_years(first: int, last: int) -> tuple[int, int]:
    """The range of `fits_age` for "`first`–`last` ans": it holds until the day before turning `last` + 1."""
    return first * 12, last * 12 + 11


CYCLES: Final = (
    ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"),
    ("6e", "5e", "4e", "3e"),
    ("2de", "1re", "Tle"),
)
"""Levels in the order in which a pupil goes through them: nursery and primary, collège, lycée."""

LEVELS: Final = tuple(level for cycle in CYCLES for level in cycle)


def next_level(level: str) -> str | None:
    """The level of the year after; None after the last of a cycle, which is left for another school, and for
    what is no level."""
    for cycle in CYCLES:
        if level in cycle[:-1]:
            return cycle[cycle.index(level) + 1]
    return None


def school_holds(level: str, held: Collection[str]) -> bool:
    """Whether a school whose pupils are in the levels `held` has this one: all that lie between the lowest
    and the highest are its own, even with nobody in them this year."""
    ranks = [LEVELS.index(one) for one in held if one in LEVELS]
    return level in LEVELS and bool(ranks) and min(ranks) <= LEVELS.index(level) <= max(ranks)


def promotion_year(day: date) -> int:
    """School year of the classes that a « passage de classe » writes, and takes back, on `day`.

    It is the next one, and until 31 October the one that has begun: what was forgotten in summer is done
    "à la rentrée", when nobody prepares the year after yet.
    """
    return day.year if day.month <= 10 else day.year + 1


def listed_year(day: date) -> int:
    """School year of the list of pupils that a school gives on `day`: from June on, the one to come."""
    return day.year if day.month >= 6 else day.year - 1


class Step(StrEnum):
    """What the new school year makes of a pupil: it goes up; it leaves, since nothing follows its level; its
    level is not known; its next class is noted already; it leaves its
    home, or its home leaves."""

    UP = "up"
    LEAVES = "leaves"
    UNKNOWN = "unknown"
    NOTED = "noted"
    GONE = "gone"


def step_of(level: str, *, is_noted: bool, is_gone: bool) -> Step:
    if is_noted:
        return Step.NOTED
    if is_gone:
        return Step.GONE
    if level not in LEVELS:
        return Step.UNKNOWN
    return Step.LEAVES if next_level(level) is None else Step.UP


class CustodyWeeks(StrEnum):
    """ISO weeks spent in the home, by parity of their number.

    Week 53 and week 1 after it are both odd: the same home has two weeks running, as judgments that name
    odd and even weeks mean.
    """

    ALL = "all"
    EVEN = "even"
    ODD = "odd"


class CustodyHolidays(StrEnum):
    """Part of each school holiday spent in the home.

    "First half even years" is the second half in odd years; the year is that of the holiday's first day,
    so that Christmas is not cut on 1 January.
    """

    SAME_AS_WEEKS = "same_as_weeks"
    FIRST_HALF = "first_half"
    SECOND_HALF = "second_half"
    FIRST_HALF_EVEN_YEARS = "first_half_even_years"
    FIRST_HALF_ODD_YEARS = "first_half_odd_years"


@dataclass(frozen=True, slots=True)
class Custody:
    """A custody pattern of one home, between two dates, both included; no end: still holds."""

    weeks: CustodyWeeks
    holidays: CustodyHolidays
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def custody_on(rows: Iterable[Custody], day: date, calendar: CalendarFacts) -> bool:
    """Whether the child is in the home on `day`.

    Where several rows hold, the one begun last counts; a day that no row holds has no pattern, and the
    child may be there.
    """
    row = max((row for row in rows if row.holds(day)), key=lambda row: row.since, default=None)
    if row is None:
        return True
    span, half = calendar.holiday(day), calendar.holiday_half(day)
    if span is not None and half is not None and row.holidays is not CustodyHolidays.SAME_AS_WEEKS:
        return half == _half_of_home(row.holidays, span)
    if row.weeks is CustodyWeeks.ALL:
        return True
    return (day.isocalendar().week % 2 == 0) is (row.weeks is CustodyWeeks.EVEN)


def _half_of_home(holidays: CustodyHolidays, span: Span) -> int:
    if holidays is CustodyHolidays.FIRST_HALF:
        return 1
    if holidays is CustodyHolidays.SECOND_HALF:
        return 2
    even_year = span.first_day.year % 2 == 0
    return 1 if even_year is (holidays is CustodyHolidays.FIRST_HALF_EVEN_YEARS) else 2
