"""Where dates, names and rules go in the next school year."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marelle.activities.next_year import (
    BOUNDS,
    RuleSpan,
    moved_day,
    moved_instant,
    moved_rules,
    next_name,
    rules_kept,
)
from marelle.core.clock import PARIS
from marelle.places.calendars import library_spans
from marelle.places.rules import FOUR_DAY_WEEK, CalendarFacts, school_year_of

YEARS = CalendarFacts(FOUR_DAY_WEEK, (*library_spans("A", 2025), *library_spans("A", 2026)))
UNKNOWN = CalendarFacts(FOUR_DAY_WEEK, library_spans("A", 2025))
DAYS = st.dates(date(2025, 9, 1), date(2026, 8, 31))
YEAR = [date(2025, 9, 1) + timedelta(days=n) for n in range(365)]


def is_bound(day: date) -> bool:
    return (day.month, day.day) in BOUNDS


def holiday_name(day: date) -> str:
    """The name of the two weeks of holidays that hold the day, "" for none."""
    holiday = YEARS.holiday(day)
    return holiday.name if holiday is not None and holiday.days == 16 else ""


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2025, 9, 1), date(2026, 9, 1)),
        (date(2025, 9, 3), date(2026, 9, 2)),
        (date(2026, 8, 31), date(2027, 8, 31)),
        (date(2025, 12, 31), date(2026, 12, 31)),
        (date(2025, 10, 18), date(2026, 10, 17)),
        (date(2026, 2, 9), date(2027, 2, 15)),
        (date(2026, 4, 4), date(2027, 4, 10)),
        (date(2025, 11, 5), date(2026, 11, 4)),
        (date(2026, 2, 25), date(2027, 3, 3)),
    ],
)
def test_days_keep_their_period_and_their_weekday(day: date, moved: date) -> None:
    assert moved_day(day, YEARS) == moved


@given(DAYS)
def test_a_day_keeps_its_weekday_and_lands_in_the_next_year(day: date) -> None:
    moved = moved_day(day, YEARS)
    assert school_year_of(moved) == school_year_of(day) + 1
    if not is_bound(day):
        assert moved.weekday() == day.weekday()


@given(st.sampled_from([day for day in YEAR if holiday_name(day) and not is_bound(day)]))
def test_a_day_of_two_weeks_of_holidays_stays_in_them(day: date) -> None:
    assert holiday_name(moved_day(day, YEARS)) == holiday_name(day)


@given(DAYS, st.integers(1, 40))
def test_two_days_keep_their_order_to_a_week_where_a_term_is_shorter(day: date, further: int) -> None:
    later = day + timedelta(days=further)
    assume(school_year_of(later) == 2025)
    assume(not is_bound(day) and not is_bound(later))
    first, second = moved_day(day, YEARS), moved_day(later, YEARS)
    assert second > first - timedelta(weeks=1)
    if YEARS.holiday(day) is not None and YEARS.holiday(day) == YEARS.holiday(later):
        assert second - first == later - day


@given(DAYS)
def test_without_the_holidays_of_the_year_a_day_moves_by_52_weeks(day: date) -> None:
    if not is_bound(day):
        assert moved_day(day, UNKNOWN) - day in {timedelta(weeks=52), timedelta(weeks=53)}
        assert moved_day(day, UNKNOWN).weekday() == day.weekday()


def test_an_instant_keeps_its_hour_in_paris() -> None:
    opens = datetime(2026, 2, 9, 19, 30, tzinfo=PARIS)
    assert moved_instant(opens, YEARS) == datetime(2027, 2, 15, 19, 30, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("name", "renewed"),
    [
        ("Mercredis 2026-2027", "Mercredis 2027-2028"),
        ("Noël 2026", "Noël 2027"),
        ("Périscolaire", "Périscolaire 2027-2028"),
        ("Salle 120263", "Salle 120263 2027-2028"),
    ],
)
def test_a_name_takes_the_next_year(name: str, renewed: str) -> None:
    assert next_name(name, 2027) == renewed


FIRST, LAST = date(2025, 9, 1), date(2026, 8, 31)
NEW_FIRST = date(2026, 9, 1)


def moved(*rules: RuleSpan) -> dict[int, tuple[date, date | None]]:
    return moved_rules(rules, YEARS, first_day=FIRST, last_day=LAST, new_first_day=NEW_FIRST)


def test_a_rule_replaced_during_the_year_is_not_taken_up_again() -> None:
    first = RuleSpan(1, None, date(2020, 1, 1), None)
    second = RuleSpan(2, None, date(2025, 11, 25), None)
    next_ones = RuleSpan(3, None, date(2026, 9, 1), None)
    assert moved(first, second, next_ones) == {2: (NEW_FIRST, None)}


def test_periods_are_moved_and_stay_side_by_side() -> None:
    autumn = RuleSpan(1, None, date(2025, 9, 1), date(2025, 11, 4))
    rest = RuleSpan(2, None, date(2025, 11, 5), None)
    assert moved(autumn, rest) == {1: (NEW_FIRST, date(2026, 11, 3)), 2: (date(2026, 11, 4), None)}


def test_each_slot_has_its_own_and_what_ended_before_is_left() -> None:
    over = RuleSpan(1, None, date(2024, 9, 1), date(2025, 8, 31))
    whole = RuleSpan(2, None, date(2020, 1, 1), None)
    slot = RuleSpan(3, 7, date(2025, 11, 5), None)
    assert [rule.id for rule in rules_kept([over, whole, slot], first_day=FIRST, last_day=LAST)] == [2, 3]


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(0, 90)), max_size=6))
def test_no_rule_ends_before_it_begins(rows: list[tuple[date, int | None]]) -> None:
    rules = [
        RuleSpan(pk, None, since, None if length is None else since + timedelta(days=length))
        for pk, (since, length) in enumerate(rows)
    ]
    for since, until in moved(*rules).values():
        assert until is None or until >= since
