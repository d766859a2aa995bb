from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.places.calendars import library_spans
from marelle.places.rules import (
    FOUR_AND_A_HALF_DAY_WEEK,
    FOUR_DAY_WEEK,
    CalendarFacts,
    Span,
    SpanKind,
    school_year_days,
    school_year_of,
)

ZONE_A = CalendarFacts(FOUR_DAY_WEEK, library_spans("A", 2026))
days = st.dates(date(2026, 9, 1), date(2027, 8, 31))


def holiday(first: date, last: date) -> CalendarFacts:
    return CalendarFacts(FOUR_DAY_WEEK, (Span(SpanKind.SCHOOL_HOLIDAY, "Vacances", first, last),))


def test_a_span_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Span(SpanKind.CLOSURE, "Pont", date(2026, 9, 2), date(2026, 9, 1))


def test_look_ups() -> None:
    toussaint = ZONE_A.holiday(date(2026, 10, 17))
    assert toussaint is not None
    assert toussaint.name == "Vacances de la Toussaint"
    assert ZONE_A.holiday(date(2026, 11, 1)) == toussaint
    assert ZONE_A.is_term(date(2026, 10, 16))
    assert not ZONE_A.is_term(date(2026, 10, 17))
    assert ZONE_A.is_term(date(2026, 11, 2))
    armistice = ZONE_A.public_holiday(date(2026, 11, 11))
    assert armistice is not None
    assert armistice.name == "Armistice"
    assert ZONE_A.closure(date(2026, 11, 11)) is None


def test_a_closure_is_found_and_takes_no_school_day_away() -> None:
    strike = Span(SpanKind.CLOSURE, "Grève", date(2026, 9, 8), date(2026, 9, 8))
    calendar = CalendarFacts(FOUR_DAY_WEEK, (strike,))
    assert calendar.closure(date(2026, 9, 8)) == strike
    assert calendar.is_school_day(date(2026, 9, 8))


def test_wednesday_is_a_school_day_in_the_longer_week_only() -> None:
    wednesday = date(2026, 9, 9)
    assert not CalendarFacts(FOUR_DAY_WEEK, ()).is_school_day(wednesday)
    assert CalendarFacts(FOUR_AND_A_HALF_DAY_WEEK, ()).is_school_day(wednesday)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 11, 2), date(2026, 10, 16)),
        (date(2026, 9, 10), date(2026, 9, 8)),
        (date(2026, 9, 14), date(2026, 9, 11)),
        (date(2026, 11, 12), date(2026, 11, 10)),
    ],
)
def test_previous_school_day(day: date, before: date) -> None:
    assert ZONE_A.previous_school_day(day) == before


def test_a_calendar_without_school_has_no_previous_school_day() -> None:
    assert CalendarFacts(frozenset(), ()).previous_school_day(date(2026, 9, 10)) is None


@given(days)
def test_no_school_day_lies_between_a_day_and_the_previous_one(day: date) -> None:
    before = ZONE_A.previous_school_day(day)
    if before is not None:
        between = [before + timedelta(days=n) for n in range((day - before).days)]
        assert [d for d in between if ZONE_A.is_school_day(d)] == [before]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_day_is_in_its_school_year(day: date) -> None:
    first, last = school_year_days(school_year_of(day))
    assert first <= day <= last


def test_august_belongs_to_the_year_that_ends() -> None:
    assert school_year_of(date(2026, 8, 31)) == 2025
    assert school_year_of(date(2026, 9, 1)) == 2026


def test_halves_of_a_holiday() -> None:
    assert ZONE_A.holiday_half(date(2026, 10, 24)) == 1
    assert ZONE_A.holiday_half(date(2026, 10, 25)) == 2
    assert ZONE_A.holiday_half(date(2026, 11, 2)) is None


def test_the_middle_day_is_in_the_first_half() -> None:
    calendar = holiday(date(2026, 9, 1), date(2026, 9, 7))
    assert [calendar.holiday_half(date(2026, 9, d)) for d in range(1, 8)] == [1, 1, 1, 1, 2, 2, 2]


def test_a_bridge_is_not_shared() -> None:
    assert ZONE_A.holiday(date(2027, 5, 7)) is not None
    assert ZONE_A.holiday_half(date(2027, 5, 7)) is None


@given(days, st.integers(7, 80))
def test_halves_differ_by_a_day_at_most_and_follow_each_other(first: date, length: int) -> None:
    calendar = holiday(first, first + timedelta(days=length - 1))
    halves = [calendar.holiday_half(first + timedelta(days=n)) for n in range(length)]
    assert halves == [1] * ((length + 1) // 2) + [2] * (length // 2)


def test_a_period_begins_after_the_holidays_before_it_or_with_the_school_year() -> None:
    """The summer before is not known: the spring is too far to begin the period of September."""
    spring = Span(SpanKind.SCHOOL_HOLIDAY, "Printemps", date(2026, 4, 11), date(2026, 4, 26))
    calendar = CalendarFacts(FOUR_DAY_WEEK, (spring,))
    assert calendar.period_start(date(2026, 4, 20)) == date(2026, 4, 11)
    assert calendar.period_start(date(2026, 5, 7)) == date(2026, 4, 27)
    assert calendar.period_start(date(2026, 9, 24)) == date(2026, 9, 1)
