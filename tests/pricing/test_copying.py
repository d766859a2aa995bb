"""Tariffs of a next year: each price raised and rounded, and nothing else changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.money import CENT, rounded_to
from marelle.pricing.amounts import Bracket, Brackets, ByNumber, Effort, EffortRate, Fixed, Linear
from marelle.pricing.copying import Raise, Rounding, books_tried, copied, copies, plan, raised
from marelle.pricing.facts import SpanKind, Trait, TraitKind
from marelle.pricing.tariffs import (
    ALL_SLOTS,
    Adjustment,
    Always,
    Becomes,
    Flat,
    Late,
    LateFetch,
    Most,
    Nth,
    Percent,
    Plus,
    Product,
    Sets,
    SpanRule,
    Tariff,
    TariffBook,
    Voted,
)
from tests.pricing.sheets import AFTERNOON, BOOKS, MEAL, MORNING, brackets, euros, fixed

JANUARY, SINCE = date(2027, 1, 1), date(2026, 9, 1)
VOTED = Voted("2026-90", date(2026, 12, 3))
TWO = Raise(JANUARY, Decimal(2), Rounding.FIVE, VOTED)

PRICES = st.decimals(0, 900, places=2)
AMOUNTS = st.one_of(
    PRICES.map(Fixed),
    st.lists(st.tuples(st.integers(1, 2000), PRICES), max_size=5, unique_by=lambda row: row[0]).map(
        lambda rows: Brackets(
            (Bracket(Decimal(0), Decimal(1)), *(Bracket(Decimal(n), p) for n, p in sorted(rows)))
        )
    ),
    st.tuples(st.decimals(0, 9, places=4), PRICES, PRICES).map(
        lambda told: Linear(told[0], min(told[1:]), max(told[1:]))
    ),
    st.just(Effort((EffortRate(1, euros("0.0619")),), ())),
)
EVERY = st.one_of(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=3).map(lambda rows: ByNumber(tuple(rows))))
PERCENTS = st.decimals(-50, 100, places=2)


def a_tariff(amount=None, **others) -> Tariff:
    told = {"id": 1, "name": "Repas", "since": SINCE, "until": None, "what": Sets((frozenset({MEAL}),))}
    return Tariff(**{**told, "amount": amount or fixed("3.15"), **others})


def an_adjustment(effect, **others) -> Adjustment:
    told = {"id": 1, "name": "Hors délai", "since": SINCE, "until": None, "step": 30, "case": Late()}
    return Adjustment(**{**told, "effect": effect, "slots": frozenset({MEAL}), **others})


def a_rule(rule, **others) -> SpanRule:
    told = {"id": 1, "name": "Semaine", "since": SINCE, "until": None, "span": SpanKind.WEEK, "step": 10}
    return SpanRule(**{**told, "rule": rule, "slots": frozenset({MEAL}), **others})


@pytest.mark.parametrize(
    ("price", "percent", "rounding", "expected"),
    [
        ("3.60", "2", Rounding.CENT, "3.67"),
        ("3.60", "2", Rounding.FIVE, "3.65"),
        ("3.60", "2", Rounding.TEN, "3.70"),
        ("3.60", "2", Rounding.FIFTY, "3.50"),
        ("2.50", "1", Rounding.FIVE, "2.55"),
        ("5.00", "-5", Rounding.FIFTY, "5.00"),
        ("0.12", "0", Rounding.FIFTY, "0.00"),
        ("10.00", "-150", Rounding.CENT, "0.00"),
    ],
)
def test_a_price_is_raised_then_rounded_half_up(price, percent, rounding, expected):
    """2.525 and 4.75 are halves."""
    assert Raise(JANUARY, Decimal(percent), rounding).price(euros(price)) == euros(expected)


@given(EVERY)
def test_nothing_more_rounded_to_the_cent_changes_no_price(amount):
    assert raised(amount, Raise(JANUARY)) == amount


@given(EVERY, PERCENTS, st.sampled_from(Rounding))
def test_an_amount_stays_one_of_its_kind_never_negative_in_its_order(amount, percent, rounding):
    """What makes no sense could not be made: amounts refuse it themselves."""
    found = raised(amount, Raise(JANUARY, percent, rounding))
    assert type(found) is type(amount)
    if isinstance(amount, Brackets):
        assert [row.since for row in found.rows] == [row.since for row in amount.rows]
        for (one, after), (old, later) in zip(pairwise(found.rows), pairwise(amount.rows), strict=True):
            assert one.price <= after.price or old.price > later.price


@given(PRICES, st.sampled_from(Rounding))
def test_a_rounded_price_is_a_multiple_no_further_than_half_a_step(price, rounding):
    found = rounded_to(price, rounding.value)
    assert found % rounding.value == 0
    assert abs(found - price) <= rounding.value / 2
    assert found == found.quantize(CENT)


def test_a_row_is_copied_with_its_dates_and_its_vote_alone():
    row = a_tariff(fixed("3.15"), until=date(2026, 12, 31), voted=Voted("2026-47", date(2026, 6, 1)), order=3)
    same = copied(row, Raise(JANUARY, voted=VOTED))
    assert same == replace(row, since=JANUARY, until=None, voted=VOTED)


def test_an_end_beyond_stays():
    row = a_tariff(until=date(2027, 8, 31))
    assert copied(row, TWO).until == date(2027, 8, 31)


def test_each_price_of_a_row_is_raised_and_no_percentage_is():
    row = a_tariff(brackets(("0", "3.15"), ("601", "3.60")), food=fixed("1.00"))
    found = copied(row, TWO)
    assert found.amount == brackets(("0", "3.20"), ("601", "3.65"))
    assert found.food == fixed("1.00")
    product = a_tariff(fixed("59.00"), what=Product(7, given_back=fixed("3.85")))
    assert copied(product, TWO).what.given_back == fixed("3.95")
    assert copied(an_adjustment(Plus(euros("2.00"))), TWO).effect == Plus(euros("2.05"))
    assert copied(an_adjustment(Plus(euros("-2.00"))), TWO).effect == Plus(euros("-2.05"))
    assert copied(an_adjustment(Becomes(fixed("5.05"))), TWO).effect == Becomes(fixed("5.15"))
    assert copied(an_adjustment(Percent(Decimal(50))), TWO).effect == Percent(Decimal(50))
    assert copied(a_rule(Most(fixed("19.80"))), TWO).rule == Most(fixed("20.20"))
    assert copied(a_rule(Flat(5, fixed("19.80"))), TWO).rule == Flat(5, fixed("20.20"))
    assert copied(a_rule(Nth(3, Decimal(-10))), TWO).rule == Nth(3, Decimal(-10))
    assert raised(Linear(euros("0.36"), euros("2.60"), euros("4.50")), TWO) == Linear(
        euros("0.3672"), euros("2.65"), euros("4.60")
    )
    assert copied(BOOKS["crèche"].tariffs[0], TWO).amount == BOOKS["crèche"].tariffs[0].amount


def test_what_holds_the_day_before_is_copied_and_nothing_else():
    over = a_tariff(id=1, until=date(2026, 11, 30))
    held = a_tariff(id=2, until=date(2026, 12, 31))
    later = a_tariff(id=3, since=date(2027, 2, 1))
    assert plan(TariffBook((over, held, later)), JANUARY).rows == (held,)
    assert plan(TariffBook((over, held, later)), SINCE).rows == ()


def test_what_has_something_in_its_place_already_is_left_as_it_is():
    held, ready = a_tariff(id=1, until=date(2026, 12, 31)), a_tariff(fixed("4.00"), id=2, since=JANUARY)
    other = replace(a_tariff(id=3, since=JANUARY), what=Sets((frozenset({MORNING}),)))
    found = plan(TariffBook((held, ready)), JANUARY)
    assert (found.rows, found.prepared) == ((), (held,))
    assert plan(TariffBook((held, other)), JANUARY).rows == (held,), "it is of something else"
    fetched = a_tariff(id=4, what=LateFetch(frozenset({MEAL})))
    assert plan(TariffBook((fetched, ready)), JANUARY).rows == (fetched,)


def test_of_some_slots_what_is_about_others_too_waits_for_the_whole_authority():
    own = frozenset({MORNING, MEAL})
    mine, wide = a_tariff(id=1), replace(a_tariff(id=2), what=Sets((frozenset({MEAL, AFTERNOON}),)))
    elsewhere = replace(a_tariff(id=3), what=Sets((frozenset({AFTERNOON}),)))
    everywhere = an_adjustment(Plus(euros("1")), id=4, slots=ALL_SLOTS, case=Always())
    product = a_tariff(id=5, what=Product(7))
    book = TariffBook((mine, wide, elsewhere, product), (everywhere,))
    found = plan(book, JANUARY, own)
    assert found.rows == (mine,)
    assert found.shared == (wide, everywhere)
    assert plan(book, JANUARY).rows == (mine, wide, elsewhere, product, everywhere)


def test_days_gone_by_are_tried_with_what_holds_before_and_after():
    held, ready = a_tariff(id=1, until=date(2026, 12, 31)), a_tariff(fixed("4.00"), id=2, since=JANUARY)
    other = replace(a_tariff(id=3), what=Sets((frozenset({MORNING}),)))
    kept = replace(a_tariff(id=4, until=date(2026, 12, 31)), what=Sets((frozenset({AFTERNOON}),)))
    book = TariffBook((held, ready, other, kept))
    made = copies([other], TWO)
    before, after = books_tried(book, made, JANUARY)
    assert [row.id for row in before.tariffs] == [1, 3, 4]
    assert [row.amount for row in after.tariffs] == [fixed("3.20"), fixed("3.15"), fixed("4.00")]
    assert {(row.since, row.until) for row in (*before.tariffs, *after.tariffs)} == {(date.min, None)}


def test_what_was_decided_for_one_home_is_not_raised_with_the_others():
    decided = an_adjustment(
        Becomes(fixed("1.20")), case=Always(), who=frozenset({Trait(TraitKind.DECISION, 7)})
    )
    book = TariffBook((a_tariff(),), (decided, an_adjustment(Plus(euros("1.00")), id=2)))
    found = plan(book, JANUARY)
    assert [row.id for row in found.rows if isinstance(row, Adjustment)] == [2]
    assert decided not in (*found.prepared, *found.shared)
    before, after = books_tried(book, copies(found.rows, TWO), JANUARY)
    assert [row.effect for row in after.adjustments if row.who] == [Becomes(fixed("1.20"))]
    assert len(before.adjustments) == len(after.adjustments) == 2
