"""What a month costs to a home that is imagined: the days, the spans and the traits that `pricing` counts."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.effects import facts_of
from marelle.activities.facts import ActivityFacts
from marelle.families.incomes.rules import IncomeKind
from marelle.flows.prices.spans import DAY, month_of
from marelle.flows.simulating.asked import asked_of
from marelle.flows.simulating.imagined import (
    MOST_CHILDREN,
    Imagined,
    Week,
    simulated,
    weeks_around,
)
from marelle.flows.simulating.selectors import open_days, open_months, simulable
from marelle.pricing.amounts import ByNumber, Effort, EffortRate
from marelle.pricing.facts import SpanKind
from marelle.pricing.tariffs import Always, Becomes, Flat, Hours, Late, Plus, Product, Started, TariffBook
from tests.pricing.sheets import BOOKS, OUTSIDERS, START, adjustment, brackets, fixed, tariff, traits, weekly
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
DECEMBER = date(2026, 12, 1)
WEDNESDAY = 2


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin", "08:00", "12:00")
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30")
        self.whole = self.slot(self.wednesdays, "Journée", "08:00", "18:00")
        self.whole.includes.set([self.morning, self.meal])
        self.openings(self.wednesdays, date(2026, 11, 1), date(2027, 1, 31))

    @property
    def facts(self) -> ActivityFacts:
        self.wednesdays.refresh_from_db()
        return facts_of(self.wednesdays)

    def book(self, *others, **parts) -> TariffBook:
        morning, meal = frozenset({self.morning.pk}), frozenset({self.meal.pk})
        rows = tariff(1, (morning,), fixed("5")), tariff(2, (meal,), brackets(("0", "3"), ("600", "4")))
        return TariffBook((*rows, *others), **parts)

    def week(self, *slots, **fields) -> Week:
        return Week({WEDNESDAY: frozenset(slot.pk for slot in slots)}, **fields)

    def month(self, home: Imagined, book: TariffBook | None = None, month: date = DECEMBER):
        return simulated(book or self.book(), self.facts, home, open_days(self.wednesdays, month), month)


built = built_once(World)


@pytest.fixture
def world(built, db) -> World:
    return deepcopy(built)


def known(amount: str) -> dict[IncomeKind, Decimal]:
    return {IncomeKind.QUOTIENT: Decimal(amount)}


def test_each_open_day_of_the_month_is_priced_and_no_other(world):
    found = world.month(Imagined(children=(world.week(world.morning),)))
    assert [line.day.day for line in found.lines] == [2, 9, 16, 23, 30]
    assert found.total == 25
    world.wednesdays.openings.filter(day=date(2026, 12, 23)).update(state="closed")
    assert world.month(Imagined(children=(world.week(world.morning),))).total == 20


def test_an_unknown_income_pays_the_highest_and_one_told_its_bracket(world):
    meals = (world.week(world.meal),)
    assert world.month(Imagined(children=meals)).total == 20
    assert world.month(Imagined(incomes=known("599.99"), children=meals)).total == 15


def test_a_whole_day_is_its_parts_each_once(world):
    whole = world.month(Imagined(children=(world.week(world.whole),)))
    assert whole.total == 5 * (5 + 4)
    assert world.month(Imagined(children=(world.week(world.whole, world.meal),))) == whole


def test_the_second_child_is_counted_after_the_first(world):
    """Both cost the same, so that the eldest is the first."""
    book = world.book(adjustments=BOOKS["wednesdays siblings"].adjustments[1:])
    week = world.week(world.morning)
    found = world.month(Imagined(children=(week, week, week)), book)
    by_child = {n: {line.amount for line in found.lines if line.child_id == n} for n in (1, 2, 3)}
    assert by_child == {1: {Decimal(5)}, 2: {Decimal("4.50")}, 3: {Decimal("4.00")}}
    assert Imagined(children=(week, week)).situation().child_ids == {1, 2}


def test_what_is_held_in_part_is_counted_so_and_never_longer_than_the_slot(world):
    half_hours = replace(
        tariff(1, (frozenset({world.morning.pk}),), fixed("1")), what=replace(
            tariff(1, (frozenset({world.morning.pk}),), fixed("1")).what, started=Started(Hours.SEEN)
        )
    )  # fmt: skip
    book = TariffBook((half_hours,))

    def quantity(**fields) -> Decimal:
        return world.month(Imagined(children=(world.week(world.morning, **fields),)), book).lines[0].quantity

    assert quantity() == 8
    assert quantity(minutes={world.morning.pk: 60}) == 2
    assert quantity(minutes={world.morning.pk: 999}) == 8


def test_a_week_that_the_month_has_a_part_of_is_counted_whole(world):
    """From Monday 30 November: a rule of weeks sees its days, and the month those of its own days."""
    every = [world.slot(world.wednesdays, "Lundi", weekdays=[0]), world.morning]
    world.openings(world.wednesdays, date(2026, 11, 30))
    book = TariffBook(
        (tariff(1, tuple(frozenset({slot.pk}) for slot in every), fixed("5")),),
        (),
        (weekly(Flat(2, fixed("6"))),),
    )
    home = Imagined(children=(Week({0: frozenset({every[0].pk}), 2: frozenset({every[1].pk})}),))
    found = world.month(home, book)
    assert [line.amount for line in found.lines if line.day <= date(2026, 12, 6)] == [5, -4]
    assert {line.child_id for line in found.lines} == {1}


def test_rules_of_a_month_are_counted_and_those_of_a_year_left_out(world):
    rule = weekly(Flat(2, fixed("6")))
    home = Imagined(children=(world.week(world.morning),))
    by_month = world.book(span_rules=(replace(rule, span=SpanKind.MONTH),))
    assert world.month(home, by_month).total == 6
    assert world.month(home, world.book(span_rules=(replace(rule, span=SpanKind.YEAR),))).total == 25


def test_where_one_lives_sets_apart(world):
    """A commune with an agreement pays as it says, one that the portal does not know as from anywhere."""
    agreement = adjustment(9, 10, Always(), Plus(Decimal(1)), who=traits("agreement"))
    book = world.book(adjustments=(OUTSIDERS, replace(agreement, order=1)))
    week = (world.week(world.morning),)
    facts = replace(world.facts, residents=frozenset({1}), agreement=frozenset({2}))
    opened = open_days(world.wednesdays, DECEMBER)

    def month(commune_id) -> Decimal:
        return simulated(book, facts, Imagined(commune_id, children=week), opened, DECEMBER).total

    assert [month(commune_id) for commune_id in (1, 2, 3, None)] == [25, 30, 35, 35]
    facts = replace(facts, residents=frozenset())
    assert month(None) == 25, "where no commune is told apart nobody is from outside"


def test_who_lives_outside_pays_as_it_says_in_spans_too(world):
    rule = replace(weekly(Flat(1, fixed("9"))), who=traits("outside"))
    book = world.book(span_rules=(rule,))
    week = (world.week(world.morning),)
    facts = replace(world.facts, residents=frozenset({1}))
    opened = open_days(world.wednesdays, DECEMBER)
    assert simulated(book, facts, Imagined(1, children=week), opened, DECEMBER).total == 25
    assert simulated(book, facts, Imagined(2, children=week), opened, DECEMBER).total == 5 * 9, (
        "the last week has its one day in December"
    )


def test_what_no_tariff_holds_is_told(world):
    book = TariffBook(world.book().tariffs[:1])
    found = world.month(Imagined(children=(world.week(world.meal),)), book)
    assert (found.lines, len(found.gaps)) == ((), 5)


def test_what_has_tariffs_and_may_be_asked_for_is_simulable(world):
    assert not simulable(TODAY)
    row = world.tariff(world.morning, amount=fixed("5"), since=START)
    assert list(simulable(TODAY)) == [world.wednesdays]
    row.until = TODAY
    row.save()
    assert simulable(TODAY).exists()
    assert not simulable(TODAY + DAY).exists()
    row.until = None
    row.save()
    world.wednesdays.enrolment_mode = "none"
    world.wednesdays.save()
    assert not simulable(TODAY).exists()


def test_months_with_open_days_may_be_chosen(world):
    assert open_months(world.wednesdays, TODAY) == [date(2026, 11, 1), DECEMBER, date(2027, 1, 1)]
    assert open_months(world.wednesdays, date(2027, 2, 1)) == []
    world.wednesdays.openings.filter(day__gte=date(2027, 1, 1)).update(state="closed")
    assert open_months(world.wednesdays, DECEMBER) == [DECEMBER]


def test_only_what_changes_a_price_is_asked(world):
    own = frozenset({world.morning.pk, world.meal.pk})
    asked = asked_of(world.book(), own, TODAY)
    assert (asked.quotient, asked.resources, asked.residence, asked.products) == (True, False, False, False)
    assert not asked_of(world.book(), frozenset({world.morning.pk}), TODAY).quotient
    effort = ByNumber((Effort((EffortRate(1, Decimal("0.06")),), ()),))
    late = adjustment(9, 30, Late(), Becomes(effort), who=traits("agreement"))
    asked = asked_of(world.book(adjustments=(late,)), own, TODAY)
    assert (asked.resources, asked.residence) == (True, True)
    assert not asked_of(world.book(adjustments=(replace(late, until=TODAY - DAY),)), own, TODAY).resources
    cap = replace(weekly(Flat(5, brackets(("0", "9")))), slots=frozenset({world.morning.pk}))
    assert asked_of(world.book(span_rules=(cap,)), frozenset({world.morning.pk}), TODAY).quotient
    card = replace(tariff(8, (), fixed("59")), what=Product(3))
    assert asked_of(world.book(card), own, TODAY).products
    evening = replace(tariff(7, (own,), fixed("1")), who=traits("staff"))
    evening = replace(evening, what=replace(evening.what, started=Started(Hours.SEEN, 15, 15)))
    assert asked_of(world.book(evening), own, TODAY).by_time == dict.fromkeys(own, 15)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_weeks_around_a_month(day):
    month = day.replace(day=1)
    first, last = weeks_around(month)
    assert month - timedelta(7) < first <= month
    assert month_of(month)[1] <= last < month_of(month)[1] + timedelta(7)
    assert (first.weekday(), last.weekday()) == (0, 6)


def test_as_many_children_as_the_form_has():
    assert MOST_CHILDREN == 4
