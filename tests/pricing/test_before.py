"""How many times a thing happened before: as counted by hand, whatever the order and what else is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from marelle.activities.absences import AbsenceGrade, Told
from marelle.pricing.before import with_before
from marelle.pricing.days import day_lines
from marelle.pricing.facts import ChildDay, Fetched, HomeDay, Piece, Wishes
from marelle.pricing.lines import Line
from marelle.pricing.tariffs import Becomes, Late, LateFetch, Missed, TariffBook
from marelle.pricing.wishes import priced
from tests.pricing.sheets import (
    BOOKS,
    EVENING,
    MEAL,
    MORNING,
    adjustment,
    fixed,
    traits,
)

WARNED = BOOKS["canteen warned"]
FIRST = date(2027, 8, 26)
"""The days go over the first of September."""


def held(day: date, *pieces: Piece, child: int = 1, **others) -> HomeDay:
    return HomeDay(day, children=(ChildDay(child, pieces, **others),))


def lines(book: TariffBook, *days: HomeDay) -> tuple[Line, ...]:
    return priced(book, Wishes(days)).lines


def amounts(book: TariffBook, *days: HomeDay) -> list:
    return [line.amount for line in lines(book, *days)]


@pytest.mark.parametrize("seed", range(150))
def test_days_at_random_are_counted_one_by_one(seed: int):
    random = Random(seed)
    days = [_day(random, FIRST + timedelta(days=shift)) for shift in range(12)]
    shuffled = random.sample(days, len(days))
    every = lines(WARNED, *shuffled)
    assert every == tuple(line for day in _by_hand(days) for line in day_lines(WARNED, day).lines)
    cut = days[random.randrange(12)].day
    earlier = tuple(day for day in shuffled if day.day < cut)
    later = priced(WARNED, Wishes(tuple(day for day in shuffled if day.day >= cut), earlier=earlier))
    assert later.lines == tuple(line for line in every if line.day >= cut)


def _day(random: Random, day: date) -> HomeDay:
    return HomeDay(day, children=tuple(ChildDay(child, (_piece(random),)) for child in (1, 2)))


def _piece(random: Random) -> Piece:
    booked = random.random() < 0.7
    missed = booked and random.random() < 0.5
    grade = AbsenceGrade(random.choice(list(Told)), random.choice([None, 0]), waiting=random.random() < 0.2)
    return Piece(MEAL, booked, booked and random.random() < 0.5, grade if missed else None)


def _by_hand(days: list[HomeDay]) -> list[HomeDay]:
    """Of each kind of thing by itself, since the first of September."""
    return [
        replace(
            day,
            children=tuple(
                replace(child, pieces=(child.pieces[0]._replace(before=_times(days, day, child)),))
                for child in day.children
            ),
        )
        for day in days
    ]


def _times(days: list[HomeDay], day: HomeDay, child: ChildDay) -> tuple[tuple[int, int], ...]:
    september = date(2027, 9, 1)
    before = [
        kid.pieces[0]
        for one in days
        if one.day < day.day and (one.day >= september) == (day.day >= september)
        for kid in one.children
        if kid.child_id == child.child_id
    ]
    unproved = [one for one in before if one.grade and (one.grade.proof is None or one.grade.waiting)]
    return (
        (31, sum(one.late for one in before)),
        (33, sum(not one.booked for one in before)),
        (35, len(unproved)),
    )


def test_two_slots_of_a_day_are_one_time():
    book = BOOKS["late wednesdays warned"]
    twice = replace(book, adjustments=tuple(replace(row, spared=2) for row in book.adjustments))
    late = [Piece(slot, late=True) for slot in (MORNING, MEAL)]
    days = [held(FIRST + timedelta(days=shift), *late) for shift in range(3)]
    assert amounts(book, *days) == [10, 15, 15]
    assert amounts(twice, *days) == [10, 10, 15]


def test_a_rule_counts_the_times_of_the_one_that_it_took_the_place_of():
    """Of the same step and case: other slots, another case or step, is another rule."""
    old = adjustment(1, 40, Missed(), Becomes(fixed("5")), spared=1, until=FIRST)
    new = replace(old, id=2, since=FIRST + timedelta(days=1), until=None, effect=Becomes(fixed("6")))
    missed = Piece(MEAL, grade=AbsenceGrade(Told.NEVER, None, waiting=False))
    days = [held(FIRST, missed), held(FIRST + timedelta(days=1), missed)]
    tariffs = BOOKS["canteen plain"].tariffs

    def second(*rows) -> object:
        return amounts(TariffBook(tariffs, rows), *days)[1]

    assert second(old, new) == 6
    spared = fixed("3.60").price
    assert second(old, replace(new, step=41)) == spared
    assert second(old, replace(new, case=Missed(excused=False))) == spared
    assert second(replace(old, slots=frozenset({MORNING})), new) == spared
    assert second(new) == spared, "nothing was said the first time"


def test_a_rule_of_other_slots_has_its_own_warnings():
    meal, morning = (
        adjustment(number, 40, Late(), Becomes(fixed("5")), slots=frozenset({slot}), spared=1)
        for number, slot in ((1, MEAL), (2, MORNING))
    )
    book = TariffBook(BOOKS["wednesdays apart"].tariffs, (meal, morning))
    days = [
        held(FIRST + timedelta(days=shift), Piece(slot, late=True))
        for shift, slot in enumerate((MORNING, MEAL))
    ]
    assert amounts(book, *days) == [8, fixed("3.15").price]


def test_what_is_prepaid_is_no_time():
    missed = Piece(MEAL, grade=AbsenceGrade(Told.NEVER, None, waiting=False), prepaid=71)
    book = replace(WARNED, tariffs=(*WARNED.tariffs, *BOOKS["card"].tariffs))
    (home,) = with_before(book, [held(FIRST, missed)], [held(FIRST - timedelta(days=1), missed)])
    assert home.children[0].pieces[0].before == ()


def fetched(day: int, slot: int = EVENING, **others) -> HomeDay:
    return held(FIRST + timedelta(days=day), fetched=(Fetched(slot, 5),), **others)


def test_late_fetching_is_counted_by_what_its_tariff_is_about():
    evening, staff = BOOKS["closing"].tariffs
    morning = replace(evening, id=47, what=LateFetch(frozenset({MORNING}), spared=1))
    book = TariffBook((evening, staff, morning))
    assert amounts(book, fetched(0), fetched(1, MORNING), fetched(2)) == [0, 0, 26]
    assert amounts(book, fetched(0), fetched(1, child=2), fetched(2)) == [0, 0, 26]
    assert amounts(book, fetched(0, traits=traits("staff")), fetched(1)) == [0, 26], (
        "it was late all the same"
    )
    later = replace(evening, since=FIRST + timedelta(days=1))
    assert amounts(TariffBook((later,)), fetched(0), fetched(1)) == [0], "nobody was charged nor warned"


def test_twice_on_a_day_is_one_time():
    book = TariffBook(BOOKS["closing"].tariffs[:1])
    twice = held(FIRST, fetched=(Fetched(EVENING, 5), Fetched(EVENING, 9)))
    assert amounts(book, twice, fetched(1)) == [0, 0, 26]
