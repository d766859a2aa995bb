"""How attendance is counted, by rules alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.clock import instant_at
from marelle.families.rules import age_on
from marelle.flows.figures.rules import (
    Band,
    Hours,
    Stay,
    Tally,
    attended,
    band_of,
    home_of,
    hours,
    is_late,
    months_of,
    percent,
)

DAY = date(2026, 11, 4)
MORNING = Hours(*(int(datetime(2026, 11, 4, hour, tzinfo=UTC).timestamp()) for hour in (7, 11)))


@pytest.mark.parametrize(
    ("birth", "day", "band"),
    [
        (date(2020, 11, 5), DAY, Band.UNDER_6),
        (date(2020, 11, 4), DAY, Band.FROM_6),
        (date(2012, 11, 5), DAY, Band.FROM_6),
        (date(2012, 11, 4), DAY, Band.FROM_14),
        (date(2008, 11, 5), DAY, Band.FROM_14),
        (date(2008, 11, 4), DAY, Band.ADULT),
        (date(2020, 2, 29), date(2026, 2, 28), Band.UNDER_6),
        (date(2020, 2, 29), date(2026, 3, 1), Band.FROM_6),
        (date(2026, 11, 5), DAY, Band.UNKNOWN),
        (None, DAY, Band.UNKNOWN),
    ],
)
def test_the_band_is_that_of_the_age_on_the_day(birth, day, band):
    assert band_of(birth, day) is band


@given(birth=st.dates(date(1990, 1, 1), date(2026, 1, 1)), day=st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_every_age_has_one_band(birth, day):
    years, band = age_on(birth, day), band_of(birth, day)
    assert (years < 6, 6 <= years < 14, 14 <= years < 18, years >= 18) == (
        band is Band.UNDER_6,
        band is Band.FROM_6,
        band is Band.FROM_14,
        band is Band.ADULT,
    )


def test_a_slot_counts_whole_whatever_the_times_noted():
    arrived = MORNING.starts + 2 * 3600
    assert attended(MORNING, by_hour=False, arrived=arrived, left=None) == 4 * 3600


@pytest.mark.parametrize(
    ("arrived", "left", "seconds"),
    [
        (None, None, 4 * 3600),
        (30, None, 4 * 3600 - 30 * 60),
        (None, 90, 90 * 60),
        (30, 90, 3600),
        (90, 30, 4 * 3600),  # departure before arrival: as planned
        (30, 30, 4 * 3600),
        (-15, 270, 4 * 3600 + 45 * 60),  # early, and late to leave
    ],
)
def test_by_the_hour_the_real_times_count(arrived, left, seconds):
    at = [None if n is None else MORNING.starts + n * 60 for n in (arrived, left)]
    assert attended(MORNING, by_hour=True, arrived=at[0], left=at[1]) == seconds


@pytest.mark.parametrize(
    ("day", "starts", "ends", "passed"),
    [
        (date(2026, 10, 25), "01:00", "05:00", 5),  # the clocks go back
        (date(2027, 3, 28), "01:00", "05:00", 3),  # the clocks go forward
        (DAY, "01:00", "05:00", 4),
    ],
)
def test_the_hours_that_pass_count_when_the_clocks_change(day, starts, ends, passed):
    at = [instant_at(day, datetime.strptime(hour, "%H:%M").time()) for hour in (starts, ends)]  # noqa: DTZ007
    assert Hours(*(int(one.timestamp()) for one in at)).seconds == passed * 3600


def test_a_night_is_counted_over_midnight():
    night = Hours(MORNING.starts - 9 * 3600, MORNING.ends)
    assert night.seconds == 13 * 3600


@pytest.mark.parametrize(("before", "late"), [(48 * 3600, False), (48 * 3600 - 1, True), (-60, True)])
def test_a_cancellation_is_late_under_two_days(before, late):
    assert is_late(MORNING.starts - before, MORNING.starts) is late


def test_the_home_is_the_one_that_booked_when_there_are_two():
    first, second = Stay(1, date(2020, 1, 1), None), Stay(2, date(2020, 1, 1), DAY)
    assert home_of([first], DAY, booked_by=9) == 1
    assert home_of([first, second], DAY, booked_by=2) == 2
    assert home_of([first, second], DAY, booked_by=None) == 1
    assert home_of([first, second], DAY + timedelta(days=1), booked_by=2) == 1
    assert home_of([], DAY, booked_by=9) == 9
    assert home_of([], DAY, booked_by=None) is None


def test_every_number_of_a_tally_is_added():
    names = Tally.__slots__
    ones, tens = (Tally(**{name: n * factor for n, name in enumerate(names, 1)}) for factor in (1, 10))
    ones.add(tens)
    assert [getattr(ones, name) for name in names] == [n * 11 for n, _name in enumerate(names, 1)]


def test_what_nobody_noted_is_what_was_due_and_not_seen():
    tally = Tally(booked=9, due=6, present=4, unbooked=1, absent=2)
    assert (tally.expected, tally.unseen, tally.came) == (3, 1, 50)
    assert Tally().came is None


@given(st.lists(st.integers(0, 10**6), max_size=9))
def test_only_the_sum_is_rounded(seconds):
    exact = Decimal(sum(seconds)) / 3600
    assert abs(hours(sum(seconds)) - exact) <= Decimal("0.05")


def test_halves_go_up():
    assert (hours(180), hours(179), percent(1, 8), percent(1, 200), percent(1, 0)) == (
        Decimal("0.1"),
        Decimal("0.0"),
        13,
        1,
        None,
    )


def test_a_school_year_has_twelve_months_in_order():
    months = months_of(2026)
    assert (months[0], months[3], months[4], months[-1], len(months)) == (
        date(2026, 9, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 8, 1),
        12,
    )
