"""How an amount is found, and what it says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from marelle.pricing.amounts import (
    Asked,
    Brackets,
    ByNumber,
    Effort,
    EffortBound,
    EffortRate,
    Fixed,
    Linear,
    TariffError,
    price_of,
)
from marelle.pricing.facts import Income, IncomeStatus, Known
from marelle.pricing.incomes import Counts, DatedIncome, counted_on, counts_from
from marelle.pricing.lines import StepCode
from marelle.pricing.tariffs import Hours, Started
from tests.pricing.sheets import EFFORT, brackets, euros, fixed

DAY = date(2026, 11, 5)
GRID = brackets(("0", "3.15"), ("601", "3.60"), ("1200", "3.40"))


def asked(status: IncomeStatus = IncomeStatus.PROVED, quotient: str | None = None, **others) -> Asked:
    resources = Known(status, others.pop("resources", None))
    return Asked(
        DAY, Income(Known(status, None if quotient is None else euros(quotient)), resources, **others)
    )


def found(amount, of: Asked) -> tuple[Decimal, dict[str, object]]:
    step = price_of(amount, of, 7, "Cantine")
    assert step is not None
    assert (step.source, step.name) == (7, "Cantine")
    return step.amount, dict(step.data)


def test_a_bracket_says_where_it_begins_and_ends_and_what_was_counted():
    assert found(GRID, asked(quotient="600.50")) == (
        euros("3.15"),
        {
            "status": "proved",
            "value": euros("600.50"),
            "edge": "",
            "since": euros("0"),
            "until": euros("601"),
        },
    )
    assert found(GRID, asked(quotient="5000"))[1]["until"] is None


def test_the_highest_price_is_not_always_that_of_the_last_bracket():
    for status in (IncomeStatus.UNKNOWN, IncomeStatus.REFUSED):
        price, data = found(GRID, asked(status, "10"))
        assert (price, data["edge"], data["value"], data["since"]) == (
            euros("3.60"),
            "highest",
            None,
            euros("601"),
        )
    assert found(GRID, asked(IncomeStatus.DECLARED))[0] == euros("3.60")


def test_no_income_has_the_lowest_price_whatever_was_told_before():
    price, data = found(GRID, asked(IncomeStatus.NONE, "5000"))
    assert (price, data["edge"]) == (euros("3.15"), "lowest")


def test_a_linear_price_says_its_rate_and_its_limits():
    assert found(Linear(euros("0.36"), euros("2.60"), euros("4.50")), asked(quotient="987")) == (
        euros("3.55"),
        {
            "status": "proved",
            "value": euros("987"),
            "edge": "",
            "percent": euros("0.36"),
            "floor": euros("2.60"),
            "ceiling": euros("4.50"),
        },
    )


def test_an_effort_rate_says_all_that_it_counted_with():
    of = asked(resources=euros("12000"), dependants=2, aeeh=1)
    assert found(EFFORT, of) == (
        euros("3.51"),
        {
            "status": "proved",
            "value": euros("12000"),
            "edge": "",
            "counted": euros("8500"),
            "floor": euros("814.62"),
            "ceiling": euros("8500"),
            "bound_since": date(2026, 9, 1),
            "percent": euros("0.0413"),
            "dependants": 2,
            "aeeh": 1,
        },
    )


def test_a_new_ceiling_holds_from_its_date_whatever_their_order():
    later = EffortBound(date(2027, 1, 1), euros("900"), euros("9000"))
    effort = replace(EFFORT, bounds=(later, *EFFORT.bounds))
    of = asked(resources=euros("20000"), dependants=1)
    assert found(effort, replace(of, day=date(2026, 12, 31)))[0] == euros("5.26")
    assert found(effort, replace(of, day=date(2027, 1, 1)))[0] == euros("5.57")


def test_before_the_first_floor_and_ceiling_there_is_no_price():
    assert price_of(EFFORT, Asked(date(2026, 8, 31)), 7, "") is None


@pytest.mark.parametrize(
    ("dependants", "aeeh", "percent"),
    [
        (0, 0, "0.0619"),
        (1, 0, "0.0619"),
        (3, 1, "0.0310"),
        (7, 0, "0.0310"),
        (7, 1, "0.0206"),
        (9, 2, "0.0206"),
    ],
)
def test_columns_of_the_effort_rate(dependants: int, aeeh: int, percent: str):
    of = asked(resources=euros("3000"), dependants=dependants, aeeh=aeeh)
    assert found(EFFORT, of)[1]["percent"] == euros(percent)


@pytest.mark.parametrize(("number", "price"), [(0, "59"), (1, "59"), (2, "57"), (3, "55"), (8, "55")])
def test_a_price_by_number_of_children(number: int, price: str):
    amount = ByNumber((fixed("59"), fixed("57"), fixed("55")))
    assert found(amount, replace(asked(), number=number)) == (euros(price), {"number": number})


def test_a_rate_and_a_floor_of_nothing_make_sense():
    free = Effort((EffortRate(1, euros("0")),), (EffortBound(DAY, euros("0"), euros("1")),))
    assert price_of(free, Asked(DAY), 1, "Accueil").amount == 0


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: Fixed(euros("-0.01")), "price"),
        (lambda: Brackets(()), "first_bracket"),
        (lambda: brackets(("1", "3")), "first_bracket"),
        (lambda: brackets(("0", "3"), ("600", "4"), ("600", "5")), "brackets"),
        (lambda: brackets(("0", "-1"), ("1", "1")), "price"),
        (lambda: brackets(("0", "1"), ("2", "1"), ("1", "1")), "brackets"),
        (lambda: Effort((EffortRate(1, euros("1")), EffortRate(2, euros("-1"))), ()), "percent"),
        (lambda: Linear(euros("-1"), euros("0"), euros("1")), "percent"),
        (lambda: Linear(euros("1"), euros("2"), euros("1")), "floor"),
        (lambda: Linear(euros("1"), euros("-2"), euros("1")), "floor"),
        (lambda: Effort((), ()), "rates"),
        (lambda: Effort((EffortRate(2, euros("1")), EffortRate(2, euros("1"))), ()), "rates"),
        (lambda: Effort((EffortRate(2, euros("-1")),), ()), "percent"),
        (lambda: Effort((EffortRate(2, euros("1")),), (EffortBound(DAY, euros("2"), euros("1")),)), "floor"),
        (lambda: ByNumber(()), "amounts"),
        (lambda: Started(Hours.SEEN, 0, 30), "step"),
        (lambda: Started(Hours.SEEN, 30, 0), "step"),
        (lambda: Started(Hours.SEEN, 20, 60), "step"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(made, code: str):
    with pytest.raises(TariffError) as refused:
        made()
    assert refused.value.code == code


def test_a_price_of_nothing_and_equal_limits_are_possible():
    assert found(fixed("0"), asked())[0] == 0
    assert price_of(fixed("1.005"), asked(), 1, "").code is StepCode.FIXED
    assert found(fixed("1.005"), asked())[0] == euros("1.01")
    assert found(Linear(euros("0"), euros("2"), euros("2")), asked(quotient="9"))[0] == 2
    assert found(brackets(("0", "0"), ("1", "0")), asked(quotient="0"))[0] == 0


NOV = [
    DatedIncome(date(2026, 9, 1), Known(IncomeStatus.PROVED, euros("590"))),
    DatedIncome(date(2026, 11, 16), Known(IncomeStatus.PROVED, euros("350")), date(2026, 12, 31)),
]


@pytest.mark.parametrize(
    ("day", "counts", "quotient"),
    [
        (date(2026, 8, 31), Counts.ITS_DATE, None),
        (date(2026, 9, 1), Counts.NEXT_MONTH, "590"),
        (date(2026, 11, 15), Counts.ITS_DATE, "590"),
        (date(2026, 11, 16), Counts.ITS_DATE, "350"),
        (date(2026, 11, 30), Counts.NEXT_MONTH, "590"),
        (date(2026, 12, 1), Counts.NEXT_MONTH, "350"),
        (date(2026, 12, 31), Counts.NEXT_MONTH, "350"),
        (date(2027, 1, 1), Counts.NEXT_MONTH, None),
    ],
)
@pytest.mark.parametrize("rows", [NOV, NOV[::-1]])
def test_the_income_that_counts_on_a_day(rows, day: date, counts: Counts, quotient: str | None):
    known = counted_on(rows, day, counts)
    assert known == (None if quotient is None else Known(IncomeStatus.PROVED, euros(quotient)))


def test_a_change_counts_on_the_first_of_a_month_never_over_a_month_later():
    for ahead in range(800):
        since = date(2027, 1, 1) + timedelta(days=ahead)
        first = counts_from(since, Counts.NEXT_MONTH)
        assert first.day == 1
        assert timedelta() <= first - since < timedelta(days=31)
        assert counts_from(since, Counts.ITS_DATE) == since
