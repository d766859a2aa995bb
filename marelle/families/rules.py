"""Ages, and the days that a child of parents apart spends in one home."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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


CONFIRMED_FROM = (8, 15)
"""Month and day from which a home is asked to confirm its file for the school year that comes."""


def confirmation_year(day: date) -> int:
    """Year of the September of the school year for which the file is confirmed on `day`: from 15 August on,
    the one that comes."""
    return day.year if (day.month, day.day) >= CONFIRMED_FROM else day.year - 1


def confirmation_begins(school_year: int) -> date:
    return date(school_year, *CONFIRMED_FROM)
