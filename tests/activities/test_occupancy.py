"""How full places are, and the two ceilings of a multi-accueil, on figures counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.occupancy import (
    Fullness,
    HalfHour,
    Rate,
    fullness,
    most_at_once,
    past_the_ceiling,
    rate_of,
)


@pytest.mark.parametrize(
    ("taken", "capacity", "found"),
    [
        (0, 10, Fullness.FREE),
        (8, 10, Fullness.FREE),
        (9, 10, Fullness.NEARLY),
        (10, 10, Fullness.FULL),
        (11, 10, Fullness.OVER),
        (0, 0, Fullness.FULL),
        (500, None, Fullness.UNBOUNDED),
    ],
)
def test_how_full(taken, capacity, found):
    assert fullness(taken, capacity) is found


def test_hours_booked_over_hours_offered():
    rate = rate_of([HalfHour(16, 10, 20), HalfHour(17, 21, 20)])
    assert (rate.booked, rate.offered, rate.percent) == (31, 40, 78)
    assert Rate(1001, 1000).percent == 101, "past the ceiling is never rounded back to it"
    assert Rate(0, 0).percent == 0


@pytest.mark.parametrize(("capacity", "most"), [(20, 23), (25, 28), (12, 13), (0, 0)])
def test_one_hundred_and_fifteen_percent_in_whole_children(capacity, most):
    assert most_at_once(capacity) == most


def test_a_day_may_pass_its_capacity_only_in_a_week_that_does_not():
    crowded, too_many = [HalfHour(16, 23, 20)], [HalfHour(16, 24, 20)]
    assert not past_the_ceiling(crowded, Rate(1000, 1000))
    assert past_the_ceiling(crowded, Rate(1001, 1000))
    assert past_the_ceiling(too_many, Rate(1, 1000))
    assert not past_the_ceiling([HalfHour(16, 20, 20)], Rate(1001, 1000)), "it is not this day that is"


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_rate_reads_over_one_hundred_exactly_when_more_is_booked_than_offered(booked, offered):
    assert (Rate(booked, offered).percent > 100) == (booked > offered)
