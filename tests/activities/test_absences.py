"""Delays of a proof, days of carence, what absences are counted in: pure, over every day there is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.absences import (
    AbsenceRule,
    Awaited,
    Delay,
    Origin,
    Unit,
    Within,
    days_after,
    is_waiting,
    may_suspend,
    out_of_order,
    proof_until,
    span_of,
)
from marelle.activities.kinds import ActivityKind
from marelle.core.clock import PARIS, instant_at, universal
from marelle.places.rules import FOUR_DAY_WEEK, CalendarFacts, Span, SpanKind

pytestmark = pytest.mark.once

ARMISTICE = date(2026, 11, 11)
STRIKE = date(2026, 11, 13)
AUTUMN = (date(2026, 10, 17), date(2026, 11, 1))
CALENDAR = CalendarFacts(
    FOUR_DAY_WEEK,
    (
        Span(SpanKind.PUBLIC_HOLIDAY, "Armistice", ARMISTICE, ARMISTICE),
        Span(SpanKind.CLOSURE, "Grève", STRIKE, STRIKE),
        Span(SpanKind.SCHOOL_HOLIDAY, "Toussaint", *AUTUMN),
    ),
)
NONE = AbsenceRule(date(2020, 1, 1), None)
DAYS = st.dates(date(2026, 1, 1), date(2029, 12, 31))
DELAYS = st.builds(Delay, st.integers(0, 40), st.sampled_from(Unit), st.sampled_from(Origin))


def held(day: date) -> bool:
    """A canteen of a four-day week."""
    return CALENDAR.is_school_day(day) and not CALENDAR.closure(day)


def awaited(day: date, hour: int = 12) -> Awaited:
    return Awaited(day, instant_at(day, time(hour)))


def until(delay: Delay, day: date, first: date | None = None) -> datetime:
    return proof_until(delay, awaited(day), awaited(first or day), held, CALENDAR)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS)


TUESDAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("delay", "told"),
    [
        (Delay(48, Unit.HOURS), at(date(2026, 11, 12), 12)),
        (Delay(0, Unit.HOURS), at(TUESDAY, 12)),
        (Delay(48, Unit.HOURS, Origin.DAY_END), at(date(2026, 11, 13), 0)),
        (Delay(3, Unit.CALENDAR), at(date(2026, 11, 13), 23, 59)),
        (Delay(0, Unit.CALENDAR), at(TUESDAY, 23, 59)),
        # The 11th is a public holiday, the 13th a day of closing, then a weekend.
        (Delay(1, Unit.WORKING), at(date(2026, 11, 12), 23, 59)),
        (Delay(2, Unit.WORKING), at(date(2026, 11, 16), 23, 59)),
        (Delay(2, Unit.OPENED), at(date(2026, 11, 16), 23, 59)),
        (Delay(4, Unit.OPENED), at(date(2026, 11, 19), 23, 59)),
    ],
)
def test_each_way_to_count_a_delay(delay: Delay, told: datetime) -> None:
    assert until(delay, TUESDAY) == told


@pytest.mark.parametrize(
    ("delay", "told"),
    [
        (Delay(48, Unit.HOURS, Origin.FIRST), at(date(2026, 11, 11), 12)),
        (Delay(3, Unit.CALENDAR, Origin.FIRST), at(date(2026, 11, 12), 23, 59)),
        (Delay(48, Unit.HOURS), at(date(2026, 11, 12), 12)),
    ],
)
def test_from_the_first_day_of_the_absence(delay: Delay, told: datetime) -> None:
    assert until(delay, TUESDAY, first=date(2026, 11, 9)) == told


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 3, 28), at(date(2026, 3, 29), 13)),  # an hour is skipped: 24 hours show 25
        (date(2026, 10, 24), at(date(2026, 10, 25), 11)),
        (date(2026, 12, 31), at(date(2027, 1, 1), 12)),
        (date(2028, 2, 28), at(date(2028, 2, 29), 12)),
        (date(2028, 2, 29), at(date(2028, 3, 1), 12)),
    ],
)
def test_hours_elapse_over_changes_of_clocks_and_ends_of_months(day: date, told: datetime) -> None:
    assert universal(until(Delay(24, Unit.HOURS), day)) == universal(told)
    end = day + timedelta(days=1)
    assert until(Delay(1, Unit.CALENDAR), day) == at(end, 23, 59), "days end by the clock on the wall"


@given(DELAYS, DAYS, st.integers(0, 20))
def test_a_delay_ends_no_earlier_for_a_later_day(delay: Delay, day: date, more: int) -> None:
    later = day + timedelta(days=more)
    assert universal(until(delay, day)) <= universal(until(delay, later))


@given(st.integers(0, 40), st.sampled_from(Unit), st.sampled_from(Origin), DAYS)
def test_one_more_ends_later(n: int, unit: Unit, origin: Origin, day: date) -> None:
    shorter, longer = (universal(until(Delay(k, unit, origin), day)) for k in (n, n + 1))
    assert shorter < longer


@given(st.integers(0, 40), DAYS)
def test_days_are_never_counted_twice_and_fall_on_days_that_count(n: int, day: date) -> None:
    found = days_after(day, n, held)
    between = [day + timedelta(days=ahead) for ahead in range(1, (found - day).days + 1)]
    assert sum(map(held, between)) == n
    assert n == 0 or held(found)


def test_where_no_day_ever_counts_days_count_as_they_come() -> None:
    assert days_after(TUESDAY, 3, lambda _day: False) == date(2026, 11, 13)


@pytest.mark.parametrize("days", [0, 1, 2, 3])
def test_carence_in_calendar_days_is_the_first_day_and_those_after(days: int) -> None:
    """PSU: the first day and two more calendar days, 0 to 3 as the manager chooses."""
    rule = AbsenceRule(date(2020, 1, 1), None, waiting_days=days)
    first = date(2026, 11, 5)
    found = [is_waiting(rule, first + timedelta(days=ahead), first, held) for ahead in range(6)]
    assert found == [ahead < days for ahead in range(6)]


def test_carence_in_opened_days_jumps_over_those_that_are_not() -> None:
    rule = AbsenceRule(date(2020, 1, 1), None, waiting_days=2, waiting_opened=True)
    monday = date(2026, 11, 9)
    due = [
        d
        for d in range(9, 21)
        if held(date(2026, 11, d)) and is_waiting(rule, date(2026, 11, d), monday, held)
    ]
    assert due == [9, 10]
    tuesday = [
        d
        for d in range(10, 21)
        if held(date(2026, 11, d)) and is_waiting(rule, date(2026, 11, d), TUESDAY, held)
    ]
    assert tuesday == [10, 12], "the 11th, closed, is none"


@given(st.integers(0, 3), st.booleans(), DAYS, st.integers(0, 30))
def test_once_excused_an_absence_stays_so(days: int, opened: bool, first: date, ahead: int) -> None:
    rule = AbsenceRule(date(2020, 1, 1), None, waiting_days=days, waiting_opened=opened)
    day = first + timedelta(days=ahead)
    if not is_waiting(rule, day, first, held):
        assert not is_waiting(rule, day + timedelta(days=1), first, held)
    assert is_waiting(rule, first, first, held) is (days > 0)


@pytest.mark.parametrize(
    ("within", "day", "first"),
    [
        (Within.MONTH, date(2026, 11, 30), date(2026, 11, 1)),
        (Within.MONTH, date(2028, 2, 29), date(2028, 2, 1)),
        (Within.YEAR, date(2026, 8, 31), date(2025, 9, 1)),
        (Within.YEAR, date(2026, 9, 1), date(2026, 9, 1)),
        (Within.YEAR, date(2027, 1, 1), date(2026, 9, 1)),
        (Within.PERIOD, date(2026, 10, 20), date(2026, 10, 17)),
        (Within.PERIOD, date(2026, 11, 20), date(2026, 11, 2)),
    ],
)
def test_in_what_absences_are_counted(within: Within, day: date, first: date) -> None:
    assert span_of(within, day, CALENDAR) == first


def test_delays_out_of_order_are_found_with_the_first_day_that_it_bites() -> None:
    days = [awaited(date(2026, 11, day)) for day in (2, 3, 5, 9, 12)]
    in_order = AbsenceRule(
        date(2020, 1, 1), None, proofs=(Delay(0, Unit.HOURS), Delay(3, Unit.CALENDAR), Delay(9, Unit.WORKING))
    )
    assert out_of_order(in_order, days, held, CALENDAR) is None
    same = AbsenceRule(date(2020, 1, 1), None, proofs=(Delay(3, Unit.CALENDAR), Delay(3, Unit.CALENDAR)))
    assert out_of_order(same, days, held, CALENDAR) == date(2026, 11, 2)
    # Two working days end after three calendar ones from a Thursday on, and no sooner.
    mixed = AbsenceRule(date(2020, 1, 1), None, proofs=(Delay(2, Unit.WORKING), Delay(3, Unit.CALENDAR)))
    assert out_of_order(mixed, days, held, CALENDAR) == date(2026, 11, 5)
    assert out_of_order(NONE, days, held, CALENDAR) is None


def test_nothing_suspends_the_canteen() -> None:
    rule = AbsenceRule(date(2020, 1, 1), None, suspends=True)
    assert {kind for kind in ActivityKind if not may_suspend(kind, rule)} == {ActivityKind.CANTEEN}
    assert not any(may_suspend(kind, NONE) for kind in ActivityKind)


def test_a_delay_is_of_a_year_at_most() -> None:
    assert Delay(366 * 24, Unit.HOURS).is_possible
    assert not Delay(366 * 24 + 1, Unit.HOURS).is_possible
    assert Delay(366, Unit.OPENED).is_possible
    assert not Delay(367, Unit.CALENDAR).is_possible
    assert not Delay(-1, Unit.CALENDAR).is_possible
