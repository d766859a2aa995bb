"""Amounts as an agent types them: what is written is read back the same, and a fault names its line."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from marelle.agents.activities.prices.forms import written
from marelle.pricing.amounts import (
    Bracket,
    Brackets,
    ByNumber,
    Effort,
    EffortBound,
    EffortRate,
    Fixed,
    Linear,
)
from tests.pricing.sheets import START, brackets, euros, fixed

CENTS = st.decimals(0, Decimal("99999.99"), places=2)
PERCENTS = st.decimals(0, 99, places=4)
LIMITS = st.lists(st.decimals(Decimal("0.01"), Decimal("999999.99"), places=2), unique=True, max_size=8)


@st.composite
def bracketed(draw) -> Brackets:
    limits = [Decimal(0), *sorted(draw(LIMITS))]
    return Brackets(tuple(Bracket(limit, draw(CENTS)) for limit in limits))


@st.composite
def linear(draw) -> Linear:
    floor, ceiling = sorted((draw(CENTS), draw(CENTS)))
    return Linear(draw(PERCENTS), floor, ceiling)


@st.composite
def effort(draw) -> Effort:
    children = sorted(draw(st.sets(st.integers(0, 20), min_size=1, max_size=8)))
    return Effort(tuple(EffortRate(number, draw(PERCENTS)) for number in children), ())


SIMPLE = st.one_of(CENTS.map(Fixed), bracketed(), linear(), effort())


@given(SIMPLE)
def test_an_amount_in_one_line_is_read_as_it_was_written(amount):
    assert written.amount_read(written.amount_written(amount)) == amount


@given(st.lists(SIMPLE, min_size=1, max_size=6))
def test_so_is_a_price_by_number_of_children(amounts):
    amount = ByNumber(tuple(amounts))
    assert written.numbers_read(written.numbers_written(amount)) == amount


@given(bracketed())
def test_brackets_are_read_as_a_spreadsheet_has_them_too(amount):
    lines = [
        f"{written.bare(row.since)} à {written.bare(after.since - 1)}\t{written.cents(row.price)} €"
        for row, after in zip(amount.rows, amount.rows[1:], strict=False)
        if after.since - 1 > row.since
    ]
    last = amount.rows[-1]
    if len(lines) == len(amount.rows) - 1:
        text = "\n".join([*lines, f"{written.bare(last.since)} et plus\t{written.cents(last.price)} €"])
        assert written.brackets_read(text) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("59", fixed("59")),
        ("59,50 €", fixed("59.50")),
        ("Gratuit", fixed("0")),
        ("0,36 % de 2,60 à 4,50", Linear(euros("0.36"), euros("2.60"), euros("4.50"))),
        ("0,36 % du quotient, entre 2,60 € et 4,50 €", Linear(euros("0.36"), euros("2.60"), euros("4.50"))),
        ("0 ; 3,15 puis 601 ; 3,60", brackets(("0", "3.15"), ("601", "3.60"))),
        ("moins de 601 ; 3,15 puis 601 et plus ; 3,60", brackets(("0", "3.15"), ("601", "3.60"))),
        ("taux 1 ; 0,0619 %", Effort((EffortRate(1, Decimal("0.0619")),), ())),
    ],
)
def test_a_line_may_be_said_in_several_ways(text, amount):
    assert written.amount_read(text) == amount


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (written.brackets_read, "", "Donnez au moins une ligne."),
        (written.brackets_read, "\n".join(f"{n} ; 1" for n in range(40)), "Donnez au plus 30 lignes."),
        (written.brackets_read, "0 ; 1\n1234567 ; 2", "Ligne 2\u00a0: un quotient a au plus six chiffres"),
        (written.brackets_read, "0 ; 1\n1,234 ; 2", "Ligne 2\u00a0: un quotient a au plus six chiffres"),
        (written.rates_read, "21 ; 0,06", "Ligne 1\u00a0: donnez un nombre d’enfants, 20 au plus."),
        (written.rates_read, "1 ; 0,06191", "Ligne 1\u00a0: donnez au plus 4 chiffres après la virgule."),
        (written.numbers_read, "\n".join(["1"] * 31), "Donnez au plus 30 lignes."),
        (written.amount_read, "0,36 % de 5 à 4", "plus petit que le plus bas"),
        (written.amount_read, "0 ; 3 puis 0 ; 4", "0 vient après 0"),
    ],
)
def test_what_makes_no_sense_says_why(read, text, told):
    with pytest.raises(ValidationError) as refused:
        read(text)
    assert told in refused.value.messages[0]


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        (["0 à 600", "601 et plus"], ""),
        (["0 à 600", "600,50 à 900"], ""),
        (["0", "360", "565"], ""),
        (["0 à 600", "600 à 900"], ""),
        (["0 à 600", "599 à 900"], "chevauchent"),
        (["0 à 600", "602 à 900"], "Il manque une tranche entre 600 et 602."),
        (["0 à 1 200", "1 201 et plus"], ""),
    ],
)
def test_brackets_neither_overlap_nor_leave_a_hole(heads, told):
    found = written.crossing(heads)
    assert told in found
    assert bool(told) == bool(found)


def test_an_effort_rate_gets_the_bounds_of_its_authority():
    bounds = (EffortBound(START, euros("814.62"), euros("8500")),)
    rate = Effort((EffortRate(1, Decimal("0.0619")),), ())
    known = Effort(rate.rates, bounds)
    assert written.with_bounds(rate, bounds) == known
    assert written.with_bounds(ByNumber((fixed("1"), rate)), bounds) == ByNumber((fixed("1"), known))
    assert written.with_bounds(fixed("1"), bounds) == fixed("1")
