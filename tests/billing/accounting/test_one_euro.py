"""Which meals the aid is asked for: served, at 1 € or less, under a tariff that fulfils the conditions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.accounting.one_euro import (
    Billed,
    Claim,
    Lack,
    Meal,
    Out,
    Period,
    Served,
    claims_of,
    lacks,
    period_of,
)
from marelle.pricing.amounts import Bracket, Brackets, Fixed
from marelle.pricing.tariffs import Sets, Tariff

DAY = date(2026, 11, 5)


def tariff(*rows: tuple[int, str], since: date = date(2026, 9, 1), until: date | None = None) -> Tariff:
    amount = Brackets(tuple(Bracket(Decimal(start), Decimal(price)) for start, price in rows))
    return Tariff(1, "Repas", since, until, Sets((frozenset({1}),)), amount)


GOOD = tariff((0, "1.00"), (601, "3.15"), (1001, "4.00"))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (((0, "1.00"), (601, "3.15"), (1001, "4.00")), ()),
        (((0, "0.50"), (400, "1.00"), (1001, "4.00")), ()),
        (((0, "1.00"), (1001, "4.00")), (Lack.BRACKETS,)),
        (((0, "1.01"), (601, "3.15"), (1001, "4.00")), (Lack.PRICE,)),
        (((0, "0.80"), (601, "1.00"), (1002, "4.00")), (Lack.QUOTIENT,)),
        (((0, "0.50"), (400, "0.80"), (700, "1.00")), (Lack.QUOTIENT,)),
        (((0, "1.00"),), (Lack.BRACKETS, Lack.QUOTIENT)),
    ],
)
def test_a_tariff_has_three_brackets_one_at_one_euro_none_of_these_beyond_a_quotient_of_1000(rows, found):
    assert lacks(tariff(*rows)) == found


def test_a_price_that_follows_no_quotient_has_no_brackets():
    one = Tariff(1, "Repas", DAY, None, Sets((frozenset({1}),)), Fixed(Decimal(1)))
    assert lacks(one) == (Lack.BRACKETS,)


def claim(*amounts: str, present: bool = True, closed: bool = True, of: Tariff = GOOD) -> Claim:
    meal, asked = Meal(7, 1, DAY), Billed()
    for amount in amounts:
        asked.add(Decimal(amount))
    served = Served({meal} if present else set(), {meal} if present and closed else set())
    return claims_of({meal: asked} if amounts else {}, served, {7: [of]})[7]


@pytest.mark.parametrize(
    "amounts", [("1.00",), ("0.40",), ("0.00",), ("3.15", "-2.15"), ("1.00", "-1.00", "1.00")]
)
def test_a_meal_served_at_one_euro_or_less_once_all_is_counted_is_asked_for(amounts):
    found = claim(*amounts)
    assert (found.count, found.amount, dict(found.out)) == (1, sum(map(Decimal, amounts)), {})


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (claim("1.01"), Out.DEARER),
        (claim("1.00", "0.01"), Out.DEARER),
        (claim("1.00", "-1.00"), Out.TAKEN_BACK),
        (claim("1.00", present=False), Out.ABSENT),
        (claim("1.00", closed=False), Out.OPEN_CALL),
        (claim("1.00", of=tariff((0, "1.00"), (1001, "4.00"))), Out.TARIFF),
        (
            claim("1.00", of=tariff((0, "1.00"), (601, "2.00"), (1001, "4.00"), since=date(2026, 11, 6))),
            Out.TARIFF,
        ),
        (claim(), Out.NOT_BILLED),
    ],
)
def test_what_is_left_out_says_why(found, why):
    assert (found.count, dict(found.out)) == (0, {why: 1})


def test_the_periods_are_of_four_months():
    assert period_of(date(2026, 8, 31)) == Period(2026, 2)
    assert (Period(2026, 3).first, Period(2026, 3).last) == (date(2026, 9, 1), date(2026, 12, 31))
    assert (Period(2026, 1).before, Period(2026, 3).next) == (Period(2025, 3), Period(2027, 1))
