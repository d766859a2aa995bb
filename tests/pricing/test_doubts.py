"""What nobody meant, with the first day it bites."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.absences import Told
from marelle.pricing.amounts import ByNumber, Linear
from marelle.pricing.doubts import Doubt, Doubted, doubts, together
from marelle.pricing.tariffs import (
    Always,
    Becomes,
    By,
    Hours,
    Late,
    LateFetch,
    Missed,
    Percent,
    Plus,
    Product,
    Rank,
    Sets,
    Started,
    TariffBook,
    Unbooked,
)
from tests.pricing.sheets import (
    AFTERNOON,
    BOOKS,
    HALF_DAY,
    MEAL,
    MEAL_ALONE,
    MEAL_AT_4,
    MORNING,
    START,
    WHOLE_DAY,
    WITH_MEAL,
    adjustment,
    brackets,
    euros,
    fixed,
    tariff,
    traits,
)

DAY = date(2026, 11, 4)


def of(*rows, adjustments=(), offered=None) -> tuple[Doubted, ...]:
    return doubts(TariffBook(rows, tuple(adjustments)), offered or {})


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_the_tariffs_of_the_examples_raise_none(name: str):
    assert doubts(BOOKS[name], {}) == ()


dates = st.dates(date(2026, 9, 1), date(2026, 10, 15))


def made(since: date, length: int | None, weekdays: frozenset[int]):
    until = None if length is None else since + timedelta(days=length)
    return replace(MEAL_AT_4, since=since, until=until, weekdays=weekdays)


dated = st.builds(made, dates, st.none() | st.integers(0, 40), st.frozensets(st.integers(0, 6), max_size=3))


@given(dated, dated)
def test_the_day_an_overlap_bites_is_the_first_that_both_hold(one, other):
    days = (date(2026, 9, 1) + timedelta(days=ahead) for ahead in range(70))
    expected = next((day for day in days if one.holds(day) and other.holds(day)), None)
    assert together(one, other) == together(other, one) == expected
    found = of(replace(one, id=1), replace(other, id=2))
    meals = frozenset({MEAL})
    assert found == (() if expected is None else (Doubted(Doubt.OVERLAP, expected, (1, 2), meals),))


def test_two_tariffs_told_apart_by_who_or_by_order_do_not_overlap():
    other = replace(MEAL_AT_4, id=1)
    assert len(of(MEAL_AT_4, other)) == 1
    assert of(MEAL_AT_4, replace(other, who=traits("staff"))) == ()
    assert of(MEAL_AT_4, replace(other, order=1)) == ()
    assert of(MEAL_AT_4, replace(other, what=Sets(WITH_MEAL))) == ()
    fetch = replace(MEAL_AT_4, what=LateFetch())
    assert of(fetch, replace(fetch, id=2)) == (Doubted(Doubt.OVERLAP, START, (2, 47)),)
    assert of(fetch, replace(fetch, id=2, what=LateFetch(frozenset({MEAL})))) == ()


def test_one_set_of_two_tariffs_is_told():
    one, other = tariff(1, HALF_DAY, fixed("5")), tariff(2, (HALF_DAY[1], MEAL_ALONE[0]), fixed("5"))
    assert of(one, other) == (Doubted(Doubt.OVERLAP, START, (1, 2), frozenset({AFTERNOON})),)


def pair(one, other, **others):
    first = adjustment(1, 30, one, Plus(euros("1")))
    return of(adjustments=(first, replace(adjustment(2, 30, other, Plus(euros("2"))), **others)))


OPPOSITE = (Doubted(Doubt.OPPOSITE, START, (1, 2)),)


@pytest.mark.parametrize(
    ("one", "other", "opposite"),
    [
        (Late(), Late(), True),
        (Late(), Unbooked(), False),
        (Unbooked(), Unbooked(), True),
        (Late(), Missed(), True),
        (Missed(excused=True), Missed(excused=False), False),
        (Missed(excused=True, within=0), Missed(excused=False, within=1), False),
        (Missed(excused=True, within=1), Missed(excused=False, within=0), True),
        (Missed(frozenset({Told.IN_TIME})), Missed(frozenset({Told.LATE, Told.NEVER})), False),
        (Missed(frozenset({Told.IN_TIME})), Missed(excused=True), True),
        (Always(), Always(), True),
        (Always(), Late(), False),
        (Late(), Always(), False),
        (Always(), Rank(2), True),
        (Rank(2), Always(), True),
        (Rank(2, 3), Rank(3), True),
        (Rank(2, 2), Rank(3), False),
        (Rank(12), Rank(12), True),
        (Rank(2, 2, By.ELDEST), Rank(3, 3, By.PRICE), True),
    ],
)
def test_adjustments_of_one_step_that_may_both_hold_are_opposite(one, other, opposite: bool):
    assert pair(one, other) == (OPPOSITE if opposite else ())


def test_what_tells_two_adjustments_apart():
    assert pair(Late(), Late(), step=31) == ()
    assert pair(Late(), Late(), order=1) == ()
    assert pair(Late(), Late(), who=traits("staff")) == ()
    assert pair(Late(), Late(), effect=Plus(euros("1"))) == ()
    assert pair(Late(), Late(), since=date(2027, 1, 1)) == (
        Doubted(Doubt.OPPOSITE, date(2027, 1, 1), (1, 2)),
    )


def test_adjustments_of_other_slots_are_not_opposite():
    late = adjustment(1, 30, Late(), Plus(euros("1")), slots=frozenset({MEAL, MORNING}))
    other = replace(late, id=2, effect=Plus(euros("2")), slots=frozenset({MEAL, AFTERNOON}))
    assert [one.slots for one in of(adjustments=(late, other))] == [{MEAL}]
    assert [one.slots for one in of(adjustments=(late, replace(other, slots=frozenset())))] == [late.slots]
    assert [one.slots for one in of(adjustments=(replace(late, slots=frozenset()), other))] == [other.slots]
    assert of(adjustments=(late, replace(other, slots=frozenset({AFTERNOON})))) == ()


def test_a_hole_is_told_once_on_the_first_day_it_bites():
    days = [DAY + timedelta(days=ahead) for ahead in range(3)]
    offered = {day: frozenset({MEAL, MORNING}) for day in reversed(days)}
    until = replace(MEAL_AT_4, until=days[0])
    found = of(until, offered=offered)
    assert found == (
        Doubted(Doubt.HOLE, days[0], (), frozenset({MORNING})),
        Doubted(Doubt.HOLE, days[1], (), frozenset({MEAL})),
    )
    staff = replace(MEAL_AT_4, who=traits("staff"))
    assert [one.doubt for one in of(staff, offered={DAY: frozenset({MEAL})})] == [Doubt.HOLE]


def day_of(price, *others):
    parts = tariff(1, WITH_MEAL, fixed("7")), tariff(2, HALF_DAY, fixed("5"))
    return of(*parts, replace(tariff(3, WHOLE_DAY, price), **dict(others)))


def test_a_set_dearer_than_its_parts_is_told():
    dearer = (Doubted(Doubt.DEARER, START, (3,), WHOLE_DAY[0]),)
    assert day_of(fixed("12")) == ()
    assert day_of(fixed("12.01")) == dearer
    assert dearer[0] in day_of(brackets(("0", "10"), ("900", "12.50"), ("1000", "11")))
    assert day_of(Linear(euros("1"), euros("0"), euros("12"))) == ()
    assert day_of(Linear(euros("1"), euros("0"), euros("13"))) == dearer
    assert day_of(Linear(euros("0"), euros("1"), euros("13"))) == dearer


def test_a_set_that_crosses_its_parts_between_two_limits_is_told():
    meal = tariff(1, MEAL_ALONE, Linear(euros("1"), euros("1"), euros("20")))
    half = tariff(2, HALF_DAY, fixed("5"))
    whole = tariff(3, WITH_MEAL, brackets(("0", "4"), ("300", "9"), ("800", "4")))
    found = of(meal, half, whole)
    assert [(one.doubt, one.slots) for one in found if one.doubt is Doubt.DEARER] == [
        (Doubt.DEARER, frozenset({MORNING, MEAL})),
        (Doubt.DEARER, frozenset({MEAL, AFTERNOON})),
    ]


def test_a_set_is_dearer_from_the_day_its_parts_are_cheaper():
    parts = tariff(1, MEAL_ALONE, fixed("3")), tariff(2, HALF_DAY, fixed("5"), until=date(2026, 12, 31))
    cheaper = tariff(4, HALF_DAY, fixed("1"), since=date(2027, 1, 1))
    found = of(*parts, cheaper, tariff(3, (WITH_MEAL[0],), fixed("7")))
    assert found == (Doubted(Doubt.DEARER, date(2027, 1, 1), (3,), WITH_MEAL[0]),)


def test_a_set_is_looked_at_for_each_kind_of_child():
    parts = tariff(1, MEAL_ALONE, fixed("3")), tariff(2, HALF_DAY, fixed("5"))
    staff = replace(tariff(3, (WITH_MEAL[0],), fixed("9")), who=traits("staff"))
    assert [one.ids for one in of(*parts, staff)] == [(3,)]


def test_what_goes_by_the_hour_is_not_compared():
    by_hour = tariff(1, HALF_DAY, fixed("0.10"), started=Started(Hours.SEEN))
    assert of(by_hour, tariff(2, MEAL_ALONE, fixed("3")), tariff(3, WITH_MEAL, fixed("9"))) == ()


def ranks(*rows):
    return of(
        adjustments=[
            adjustment(number, 20, case, Percent(euros(percent)))
            for number, (case, percent) in enumerate(rows, 1)
        ]
    )


def test_a_later_child_who_pays_more_is_told():
    assert ranks((Rank(2, 2), "-10"), (Rank(3), "-20")) == ()
    assert ranks((Rank(2, 2), "-10"), (Rank(3), "-10")) == ()
    assert ranks((Rank(1, 1), "10")) == ()
    assert ranks((Rank(2, 2), "-20"), (Rank(3), "-10")) == (Doubted(Doubt.RISING, START, (1, 2)),)
    assert ranks((Rank(2, 2), "-10"), (Rank(3, 3), "-20")) == (Doubted(Doubt.RISING, START, (2,)),)
    assert ranks((Rank(2, 2), "0.5")) == (Doubted(Doubt.RISING, START, (1,)),)
    assert ranks((Rank(12), "10")) == (Doubted(Doubt.RISING, START, (1,)),)


def test_children_are_compared_within_one_question():
    rows = [
        adjustment(1, 20, Rank(2, 2), Percent(euros("-20"))),
        adjustment(2, 20, Rank(3), Becomes(fixed("1"))),
    ]
    assert of(adjustments=rows) == ()
    rising = replace(rows[1], effect=Percent(euros("-10")))
    assert [one.ids for one in of(adjustments=(rows[0], rising))] == [(1, 2)]
    assert [one.ids for one in of(adjustments=(rows[0], replace(rising, step=21)))] == [(1,)]
    slots = frozenset({MEAL})
    found = of(adjustments=[replace(row, slots=slots) for row in (rows[0], rising)])
    assert found == (Doubted(Doubt.RISING, START, (1, 2), slots),)


def test_a_child_pays_more_from_the_day_a_reduction_ends():
    third = adjustment(2, 20, Rank(3), Percent(euros("-20")), until=date(2026, 12, 31))
    found = of(adjustments=(adjustment(1, 20, Rank(2, 2), Percent(euros("-10"))), third))
    assert found == (Doubted(Doubt.RISING, date(2027, 1, 1), (1,)),)


def test_doubts_come_in_the_order_of_days():
    later = replace(MEAL_AT_4, id=1, since=date(2027, 1, 1))
    found = of(MEAL_AT_4, later, offered={DAY: frozenset({MORNING})})
    assert [(one.doubt, one.day) for one in found] == [
        (Doubt.HOLE, DAY),
        (Doubt.OVERLAP, date(2027, 1, 1)),
    ]


@pytest.mark.parametrize(
    ("amount", "doubted"),
    [
        (brackets(("0", "3.15"), ("360", "36"), ("565", "4")), [Doubt.FALLING]),
        (ByNumber((fixed("5"), brackets(("0", "5"), ("360", "4.99")))), [Doubt.FALLING]),
        (fixed("99999.99"), [Doubt.HIGH]),
        (brackets(("0", "3.15"), ("360", "500.01")), [Doubt.HIGH]),
        (Linear(euros("0.3"), euros("2.60"), euros("501")), [Doubt.HIGH]),
        (ByNumber((fixed("5"), fixed("501"))), [Doubt.HIGH]),
        (brackets(("0", "500"), ("360", "500")), []),
    ],
)
def test_a_price_that_is_mistyped_is_told(amount, doubted):
    row = replace(MEAL_AT_4, amount=amount)
    assert [one.doubt for one in of(row)] == doubted
    food = replace(MEAL_AT_4, food=amount)
    assert [one.doubt for one in of(food)] == doubted
    instead = adjustment(4, 1, Unbooked(), Becomes(amount))
    told = [Doubt(f"{one}_instead") for one in doubted]
    assert of(adjustments=[instead]) == tuple(Doubted(one, START, (4,)) for one in told)


def test_a_yearly_fee_is_dearer_than_a_day():
    fee = replace(MEAL_AT_4, what=Product(1), amount=fixed("501"))
    assert not of(fee)
    assert [one.doubt for one in of(replace(fee, amount=fixed("5000.01")))] == [Doubt.HIGH]


def test_an_addition_that_is_mistyped_is_told():
    more = adjustment(4, 1, Late(), Plus(euros("501")))
    assert [one.doubt for one in of(adjustments=[more])] == [Doubt.HIGH_INSTEAD]
    assert not of(adjustments=[replace(more, effect=Plus(euros("-501")))])
