from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.families.rules import (
    CYCLES,
    LEVELS,
    Custody,
    CustodyHolidays,
    CustodyWeeks,
    Step,
    age_in_months,
    age_on,
    custody_on,
    fits_age,
    months_of_years,
    next_level,
    promotion_year,
    school_holds,
    step_of,
)
from marelle.places.calendars import library_spans
from marelle.places.rules import FOUR_DAY_WEEK, CalendarFacts

CALENDAR = CalendarFacts(FOUR_DAY_WEEK, library_spans("A", 2026) + library_spans("A", 2027))
START = date(2026, 9, 1)
days = st.dates(START, date(2028, 8, 31))
births = st.dates(date(2010, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("birth", "day", "months"),
    [
        (date(2020, 5, 15), date(2026, 5, 14), 71),
        (date(2020, 5, 15), date(2026, 5, 15), 72),
        (date(2020, 2, 29), date(2021, 2, 28), 11),
        (date(2020, 2, 29), date(2021, 3, 1), 12),
        (date(2020, 2, 29), date(2024, 2, 29), 48),
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 1), 1),
        (date(2026, 9, 10), date(2026, 9, 9), -1),
    ],
)
def test_months(birth: date, day: date, months: int) -> None:
    assert age_in_months(birth, day) == months


def test_a_promotion_is_for_the_next_year_and_until_the_end_of_october_for_the_one_begun() -> None:
    told = {day: promotion_year(day) for day in map(date.fromisoformat, ("2026-11-01", "2027-06-21"))}
    told |= {day: promotion_year(day) for day in (date(2027, 9, 1), date(2027, 10, 31), date(2027, 11, 1))}
    assert list(told.values()) == [2027, 2027, 2027, 2027, 2028]


def test_years() -> None:
    assert age_on(date(2020, 2, 29), date(2026, 2, 28)) == 5
    assert age_on(date(2020, 2, 29), date(2026, 3, 1)) == 6


@given(births, days)
def test_age_never_goes_back(birth: date, day: date) -> None:
    assert 0 <= age_in_months(birth, day + timedelta(days=1)) - age_in_months(birth, day) <= 1


def test_from_three_to_twelve_holds_until_the_day_before_thirteen() -> None:
    minimum, maximum = months_of_years(3, 12)
    birth = date(2014, 3, 10)
    assert fits_age(birth, minimum, maximum, date(2027, 3, 9))
    assert not fits_age(birth, minimum, maximum, date(2027, 3, 10))
    assert fits_age(birth, minimum, maximum, date(2017, 3, 10))
    assert not fits_age(birth, minimum, maximum, date(2017, 3, 9))


def test_no_maximum_and_nobody_before_birth() -> None:
    assert fits_age(date(1980, 1, 1), 144, None, START)
    assert not fits_age(date(2026, 9, 2), 0, None, START)
    assert fits_age(START, 0, 47, START)


def custody(
    weeks: CustodyWeeks,
    holidays: CustodyHolidays = CustodyHolidays.SAME_AS_WEEKS,
    since: date = START,
    until: date | None = None,
) -> Custody:
    return Custody(weeks, holidays, since, until)


def at_home(row: Custody, day: date) -> bool:
    return custody_on([row], day, CALENDAR)


def test_weeks_go_by_their_iso_number() -> None:
    monday_of_week_37 = date(2026, 9, 7)
    assert monday_of_week_37.isocalendar().week == 37
    assert at_home(custody(CustodyWeeks.ODD), monday_of_week_37)
    assert not at_home(custody(CustodyWeeks.EVEN), monday_of_week_37)
    assert at_home(custody(CustodyWeeks.EVEN), date(2026, 9, 14))
    assert at_home(custody(CustodyWeeks.ALL), monday_of_week_37)


def test_week_53_and_week_1_are_both_odd() -> None:
    week_53, week_1 = date(2026, 12, 30), date(2027, 1, 6)
    assert (week_53.isocalendar().week, week_1.isocalendar().week) == (53, 1)
    assert at_home(custody(CustodyWeeks.ODD), week_53)
    assert at_home(custody(CustodyWeeks.ODD), week_1)


@pytest.mark.parametrize(
    ("holidays", "christmas_of_2026"),
    [
        (CustodyHolidays.FIRST_HALF, [True, False]),
        (CustodyHolidays.SECOND_HALF, [False, True]),
        (CustodyHolidays.FIRST_HALF_EVEN_YEARS, [True, False]),
        (CustodyHolidays.FIRST_HALF_ODD_YEARS, [False, True]),
    ],
)
def test_christmas_is_not_cut_on_new_year_s_day(
    holidays: CustodyHolidays, christmas_of_2026: list[bool]
) -> None:
    row = custody(CustodyWeeks.ALL, holidays)
    assert [at_home(row, date(2026, 12, 20)), at_home(row, date(2027, 1, 3))] == christmas_of_2026
    assert at_home(row, date(2026, 12, 18)), "outside holidays the weeks decide"


def test_the_year_s_parity_turns_the_halves() -> None:
    row = custody(CustodyWeeks.ALL, CustodyHolidays.FIRST_HALF_EVEN_YEARS)
    assert at_home(row, date(2026, 10, 17))
    assert not at_home(row, date(2027, 10, 23))
    assert at_home(row, date(2027, 11, 7))


def test_a_bridge_goes_by_the_weeks() -> None:
    row = custody(CustodyWeeks.EVEN, CustodyHolidays.FIRST_HALF)
    assert date(2027, 5, 7).isocalendar().week % 2 == 0
    assert at_home(row, date(2027, 5, 7))


def test_the_row_begun_last_counts_and_no_row_means_no_pattern() -> None:
    rows = [
        custody(CustodyWeeks.EVEN, until=date(2026, 9, 30)),
        custody(CustodyWeeks.ODD, since=date(2026, 9, 14), until=date(2026, 9, 30)),
    ]
    assert not custody_on(rows, date(2026, 9, 14), CALENDAR)
    assert custody_on(rows, date(2026, 9, 21), CALENDAR)
    assert custody_on(rows, date(2026, 10, 5), CALENDAR)
    assert custody_on([], START, CALENDAR)


OTHER_WEEKS = {CustodyWeeks.EVEN: CustodyWeeks.ODD, CustodyWeeks.ODD: CustodyWeeks.EVEN}
OTHER_HOLIDAYS = {
    CustodyHolidays.SAME_AS_WEEKS: CustodyHolidays.SAME_AS_WEEKS,
    CustodyHolidays.FIRST_HALF: CustodyHolidays.SECOND_HALF,
    CustodyHolidays.SECOND_HALF: CustodyHolidays.FIRST_HALF,
    CustodyHolidays.FIRST_HALF_EVEN_YEARS: CustodyHolidays.FIRST_HALF_ODD_YEARS,
    CustodyHolidays.FIRST_HALF_ODD_YEARS: CustodyHolidays.FIRST_HALF_EVEN_YEARS,
}


@given(st.sampled_from(list(OTHER_WEEKS)), st.sampled_from(list(OTHER_HOLIDAYS)), days)
def test_a_child_is_in_one_home_and_one_only(
    weeks: CustodyWeeks, holidays: CustodyHolidays, day: date
) -> None:
    one = custody(weeks, holidays)
    other = custody(OTHER_WEEKS[weeks], OTHER_HOLIDAYS[holidays])
    assert at_home(one, day) is not at_home(other, day)


@given(st.sampled_from(LEVELS) | st.text(max_size=5))
def test_a_level_leads_to_the_next_one_of_its_cycle_or_nowhere(level: str) -> None:
    after = next_level(level)
    if after is None:
        assert level in {"CM2", "3e", "Tle"} or level not in LEVELS
    else:
        assert LEVELS.index(after) == LEVELS.index(level) + 1
        assert any({level, after} <= set(cycle) for cycle in CYCLES)


def test_from_the_first_year_of_nursery_to_the_last_of_primary() -> None:
    levels = ["TPS"]
    while (after := next_level(levels[-1])) is not None:
        levels.append(after)
    assert levels == ["TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]


@given(st.sampled_from(LEVELS), st.sets(st.sampled_from(LEVELS)))
def test_a_school_holds_what_lies_between_its_levels(level: str, held: set[str]) -> None:
    below = any(LEVELS.index(one) <= LEVELS.index(level) for one in held)
    above = any(LEVELS.index(one) >= LEVELS.index(level) for one in held)
    assert school_holds(level, held) is (below and above)
    assert not school_holds("ULIS", held | {"ULIS"})


@given(st.sampled_from(LEVELS) | st.just("ULIS"), st.booleans(), st.booleans())
def test_what_is_noted_is_left_alone_and_who_has_gone_goes_nowhere(
    level: str, noted: bool, gone: bool
) -> None:
    step = step_of(level, is_noted=noted, is_gone=gone)
    assert (step is Step.NOTED) is noted
    assert (step is Step.GONE) is (gone and not noted)
    assert (step is Step.UP) is (not noted and not gone and next_level(level) is not None)
    assert step is not Step.UNKNOWN or level == "ULIS"
