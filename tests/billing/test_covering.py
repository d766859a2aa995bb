"""Who pays what else than the home: to the cent, whatever changes afterwards."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.bill_lines import bill_lines, owed_by
from marelle.billing.covering import Coverage, Way, covered
from marelle.billing.due import Account, Cause, Charge, Correction, Item, billed_of, late, to_bill
from marelle.billing.stored import items_read, items_text
from marelle.pricing.lines import Ledger, Line, LineKind, Step, StepCode

FIRST = date(2026, 11, 2)
MEALS, CARE = 1, 2
ZOE, LEO = 10, 11


def charge(
    amount: str | Decimal, *, day: int = 0, child: int | None = ZOE, activity: int = MEALS, food: str = ""
) -> Charge:
    price = Decimal(amount)
    line = Line(
        FIRST + timedelta(days=day), child, LineKind.DUE, 1, "Repas", Decimal(1), price,
        (Step(StepCode.FIXED, price, 1, "Repas"),), Ledger(),
        plate=(Decimal(food), price) if food else None,
    )  # fmt: skip
    return Charge(line, activity, 1)


def aid(number: int = 1, **fields: object) -> Coverage:
    return Coverage(**{"id": number, "since": FIRST, "way": Way.PERCENT, "figure": Decimal(50), **fields})


def parts(charges: list[Charge], *coverages: Coverage, spent: dict[int, Decimal] | None = None):
    return [
        [(part.coverage_id, part.amount) for part in one.parts]
        for one in covered(charges, coverages, spent or {})
    ]


def test_half_of_a_price_is_rounded_once_and_the_home_pays_the_rest():
    [one] = covered([charge("4.15", food="2.05")], [aid()], {})
    assert [(part.amount, part.food) for part in one.parts] == [(Decimal("2.08"), Decimal("1.03"))]
    assert dict(one.accounts)[Account(Ledger())].whole == Decimal("2.07")
    assert dict(one.accounts)[Account(Ledger())].food == Decimal("1.02")


@pytest.mark.parametrize(
    "one",
    [
        aid(since=FIRST + timedelta(days=1)),
        aid(until=FIRST - timedelta(days=1)),
        aid(child_id=LEO),
        aid(activity_ids=frozenset({CARE})),
        aid(way=Way.CUSTODY, figure=Decimal(100), days=frozenset({FIRST + timedelta(days=1)})),
    ],
)
def test_what_it_is_not_about_is_all_the_home_s(one: Coverage):
    assert parts([charge("4.00")], one) == [[]]


def test_the_first_coverage_takes_first_and_none_takes_more_than_is_left():
    two = [aid(1, figure=Decimal(80)), aid(2, figure=Decimal(50))]
    assert parts([charge("10.00")], *two) == [[(1, Decimal("8.00")), (2, Decimal("2.00"))]]


def test_an_amount_a_day_is_of_the_day_and_the_child_however_many_lines():
    one = aid(way=Way.AMOUNT, figure=Decimal("5.00"))
    charges = [
        charge("4.00"),
        charge("4.00", activity=CARE),
        charge("4.00", child=LEO),
        charge("-1.00", day=1),
    ]
    assert sorted(parts(charges, one)) == sorted(
        [[(1, Decimal("4.00"))], [(1, Decimal("1.00"))], [(1, Decimal("4.00"))], []]
    )


def test_a_most_is_over_all_its_days_with_what_was_spent_before():
    one = aid(figure=Decimal(100), most=Decimal("10.00"))
    found = parts([charge("4.00"), charge("4.00", day=1)], one, spent={1: Decimal("5.00")})
    assert found == [[(1, Decimal("4.00"))], [(1, Decimal("1.00"))]]


def test_days_of_the_other_home_are_paid_by_it():
    one = aid(way=Way.CUSTODY, figure=Decimal(100), days=frozenset({FIRST}))
    assert parts([charge("4.00"), charge("4.00", day=1)], one) == [[(1, Decimal("4.00"))], []]


def test_what_is_given_back_is_given_back_to_who_paid():
    assert parts([charge("-3.00")], aid()) == [[(1, Decimal("-1.50"))]]


def test_a_coverage_noted_afterwards_moves_what_was_billed():
    before = [charge("4.00")]
    after = list(covered(before, [aid()], {}))
    found = list(to_bill(after, billed_of(before)))
    assert all(isinstance(one, Correction) for one in found)
    assert {(one.coverage_id, one.amount, one.cause) for one in found if isinstance(one, Correction)} == {
        (None, Decimal("-2.00"), Cause.PAYER),
        (1, Decimal("2.00"), Cause.PAYER),
    }


def test_what_comes_late_is_asked_of_each_with_its_part():
    found = list(late(covered([charge("4.00")], [aid()], {}), date(2026, 12, 1)))
    assert [(one.coverage_id, one.amount) for one in found if isinstance(one, Correction)] == [
        (1, Decimal("2.00")),
        (None, Decimal("2.00")),
    ]


def test_the_bills_of_both_say_what_each_pays():
    items = list(covered([charge("4.00"), charge("4.00", day=1)], [aid()], {}))
    own = [(line.quantity, line.unit_price, line.amount) for line in bill_lines(owed_by(items, None))]
    assert own == [(2, Decimal("4.00"), Decimal("8.00")), (2, Decimal("-2.00"), Decimal("-4.00"))]
    theirs = [(line.amount, line.days) for line in bill_lines(owed_by(items, {1}))]
    assert theirs == [(Decimal("4.00"), (FIRST, FIRST + timedelta(days=1)))]


EUROS = st.decimals(-20, 200, places=2)
COVERAGES = st.lists(
    st.builds(
        lambda number, way, figure, most, child, first, length: aid(
            number, way=way, figure=figure, most=most, child_id=child,
            since=FIRST + timedelta(days=first), until=FIRST + timedelta(days=first + length),
            days=frozenset({FIRST, FIRST + timedelta(days=2)}),
        ),
        st.integers(1, 4), st.sampled_from(Way), st.decimals("0.01", 100, places=2),
        st.none() | st.decimals(0, 60, places=2), st.sampled_from([None, ZOE, LEO]),
        st.integers(0, 3), st.integers(0, 3),
    ),
    max_size=3,
    unique_by=lambda one: one.id,
)  # fmt: skip
CHARGES = st.lists(
    st.builds(
        lambda amount, day, child, activity: charge(amount, day=day, child=child, activity=activity),
        EUROS, st.integers(0, 4), st.sampled_from([None, ZOE, LEO]), st.sampled_from([MEALS, CARE]),
    ),
    max_size=6,
)  # fmt: skip


@given(CHARGES, COVERAGES)
def test_parts_and_rest_are_the_charge_and_no_part_is_beyond_it(charges, coverages):
    for one in covered(charges, coverages, {}):
        assert sum(amount.whole for _account, amount in one.accounts) == one.amount
        own = dict(one.accounts)[Account(one.ledger)].whole
        assert min(Decimal(0), one.amount) <= own <= max(Decimal(0), one.amount)
        for part in one.parts:
            assert min(Decimal(0), one.amount) <= part.amount <= max(Decimal(0), one.amount)


@given(st.lists(st.tuples(CHARGES, COVERAGES), min_size=1, max_size=5))
def test_no_history_of_payers_leaves_a_cent_to_any_of_them(history):
    billed: list[Item] = []
    for charges, coverages in history:
        due = list(covered(charges, coverages, {}))
        billed += items_read(items_text(to_bill(due, billed_of(billed))))
    paid: dict[Account, Decimal] = defaultdict(Decimal)
    for item in billed:
        for account, amount in item.accounts:
            paid[account] += amount.whole
    owed: dict[Account, Decimal] = defaultdict(Decimal)
    for one in due:
        for account, amount in one.accounts:
            owed[account] += amount.whole
    assert {key: value for key, value in paid.items() if value} == {
        key: value for key, value in owed.items() if value
    }
    for coverage_ids in (None, {1}, {2}, {3}, {4}):
        lines = bill_lines(owed_by(billed, coverage_ids))
        mine = {None} if coverage_ids is None else coverage_ids
        assert sum(line.amount for line in lines) == sum(
            value for account, value in paid.items() if account.coverage_id in mine
        )
