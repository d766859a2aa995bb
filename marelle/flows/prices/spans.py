"""Weeks, months and years: the days that prices are counted over together. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from marelle.places.rules import school_year_days, school_year_of
from marelle.pricing.facts import Period, SpanKind

DAY: Final = timedelta(days=1)

Days = tuple[date, date]
"""The first and the last, both included."""


def span_of(kind: SpanKind, day: date) -> Days:
    """The week (from Monday), the month or the school year that `day` is in."""
    match kind:
        case SpanKind.WEEK:
            monday = day - day.weekday() * DAY
            return monday, monday + 6 * DAY
        case SpanKind.MONTH:
            return month_of(day)
        case SpanKind.YEAR:
            return school_year_days(school_year_of(day))


def month_of(day: date) -> Days:
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def days_before(days: Days) -> Days:
    """Those of the school year that come before; the last before the first where there are none."""
    return school_year_days(school_year_of(days[0]))[0], days[0] - DAY


def spans_within(kind: SpanKind, days: Days) -> Iterator[Days]:
    """Those of `days` that are whole."""
    span = span_of(kind, days[0])
    while span[1] <= days[1]:
        if span[0] >= days[0]:
            yield span
        span = span_of(kind, span[1] + DAY)


def months_in(days: Days) -> Iterator[Days]:
    """Those that have a day of `days`."""
    month = month_of(days[0])
    while month[0] <= days[1]:
        yield month
        month = month_of(month[1] + DAY)


def periods_in(period: Period, days: Days, whole: Days) -> Iterator[Days]:
    """Those that have a day of `days`; `whole` is that of what is paid once."""
    match period:
        case Period.MONTH:
            yield from months_in(days)
        case Period.SCHOOL_YEAR:
            years = range(school_year_of(days[0]), school_year_of(days[1]) + 1)
            yield from map(school_year_days, years)
        case Period.CALENDAR_YEAR:
            for year in range(days[0].year, days[1].year + 1):
                yield date(year, 1, 1), date(year, 12, 31)
        case Period.ONCE:
            if whole[0] <= days[1] and days[0] <= whole[1]:
                yield whole
