"""What is prepared is who sits, less who brings its meal; an order and what moved since add up."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.meals.rules import (
    Counts,
    Level,
    Seat,
    as_data,
    counts_of,
    from_data,
    level_of,
    mark_of,
    service_of,
    total,
)

DIETS = ("", "standard", "no_pork", "vegetarian", "gluten_free")
SEATS = st.lists(
    st.builds(Seat, st.integers(0, 40), st.sampled_from(Level), st.sampled_from(DIETS), brings=st.booleans()),
    unique_by=lambda seat: seat.child_id,
)
NUMBERS = st.integers(0, 30)
COUNTS = st.builds(
    lambda seats, adults, picnics: counts_of(seats, adults=adults, picnics=picnics), SEATS, NUMBERS, NUMBERS
)


@given(SEATS, NUMBERS, NUMBERS)
def test_each_child_has_a_seat_and_a_meal_unless_it_brings_it(seats, adults, picnics):
    counts = counts_of([*seats, *seats[:3]], adults=adults, picnics=picnics)
    bring = [seat for seat in seats if seat.brings]
    assert counts.seats == len(seats)
    assert counts.own_meals == len(bring)
    assert counts.meals == len(seats) - len(bring) + adults
    for level in Level:
        eaten = [seat.diet or "standard" for seat in seats if seat.level is level and not seat.brings]
        assert counts.of_level(level) == {diet: eaten.count(diet) for diet in sorted(set(eaten))}
        assert counts.own.get(level, 0) == sum(seat.level is level for seat in bring)


@given(COUNTS, COUNTS)
def test_what_was_ordered_and_what_moved_since_make_what_is_wanted(ordered, wanted):
    moved = wanted - ordered
    assert total([ordered, moved]) == wanted
    assert bool(moved) is (ordered != wanted)
    assert not wanted - wanted


@given(COUNTS, COUNTS)
def test_an_order_is_read_back_as_it_was_frozen_and_a_page_knows_what_it_showed(one, other):
    assert from_data(json.loads(json.dumps(as_data(one)))) == one
    assert (mark_of(one, 1) == mark_of(other, 1)) is (one == other)
    assert mark_of(one, 1) != mark_of(one, 2)


@pytest.mark.parametrize(
    ("school_level", "born", "level"),
    [
        ("GS", date(2015, 1, 1), Level.NURSERY),
        ("CP", None, Level.PRIMARY),
        ("4e", None, Level.SECONDARY),
        ("", date(2024, 1, 1), Level.TODDLER),
        ("", date(2023, 12, 31), Level.NURSERY),
        ("", date(2021, 1, 1), Level.NURSERY),
        ("", date(2020, 12, 31), Level.PRIMARY),
        ("", date(2016, 1, 1), Level.PRIMARY),
        ("", date(2015, 12, 31), Level.SECONDARY),
        ("ULIS", date(2018, 1, 1), Level.PRIMARY),
        ("", None, Level.TODDLER),
    ],
)
def test_the_class_says_the_level_else_the_year_of_birth(school_level, born, level):
    assert level_of(school_level, born, 2026) is level


def test_a_whole_day_is_eaten_at_the_meal_that_it_includes():
    meals = frozenset({2, 4})
    assert service_of(4, [1, 2, 3], meals) == 2
    assert service_of(3, [2], meals) == 2
    assert service_of(2, [], meals) == 2
    assert service_of(1, [], meals) is None


def test_nothing_at_nought_is_kept():
    assert Counts({(Level.PRIMARY, "standard"): 0}, {Level.PRIMARY: 0}) == Counts()
    assert not Counts()
