"""Which life the bills of a month have, in which year of the accounts they are, and what waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.doubts import DoubtCode, unlike_before
from marelle.billing.terms import IMPORTED, Sending, Terms, exercise_of, months_back, sending_of, terms_of

THRESHOLD = Decimal("15.00")
NOVEMBER = date(2026, 11, 1)


def test_the_last_that_has_begun_holds():
    first, second = Terms(date(2026, 9, 1), made_here=True), Terms(date(2026, 12, 1))
    assert terms_of(date(2026, 8, 1), [second, first]) == IMPORTED
    assert terms_of(NOVEMBER, [second, first]) == first
    assert terms_of(date(2026, 12, 1), [second, first]) == second
    assert terms_of(NOVEMBER, []).made_here is False


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ([("2026-01-01", True)], 3),
        ([("2026-10-01", True)], 1),
        ([("2026-11-01", True)], 0),
        ([("2026-01-01", True), ("2026-09-01", False), ("2026-10-01", True)], 1),
    ],
)
def test_only_months_that_were_billed_here_are_looked_at_again(said, back):
    rows = [Terms(date.fromisoformat(since), made_here=here, months_back=3) for since, here in said]
    assert months_back(NOVEMBER, rows) == back


@pytest.mark.parametrize(
    ("month", "issued_on", "year"),
    [
        (NOVEMBER, date(2026, 12, 1), 2026),
        (date(2026, 12, 1), date(2027, 1, 31), 2026),
        (date(2026, 12, 1), date(2027, 2, 1), 2027),
        (date(2026, 6, 1), date(2028, 3, 1), 2028),
    ],
)
def test_the_accounts_of_a_year_take_bills_until_the_end_of_january(month, issued_on, year):
    assert exercise_of(month, issued_on) == year


@pytest.mark.parametrize(
    ("owed", "flush", "sending"),
    [
        ("15.00", False, Sending.BILL),
        ("14.99", False, Sending.WAIT),
        ("14.99", True, Sending.BILL),
        ("0.01", True, Sending.BILL),
        ("0.00", False, Sending.NIL),
        ("0.00", True, Sending.NIL),
        ("-0.01", False, Sending.WAIT),
        ("-20.00", True, Sending.WAIT),
    ],
)
def test_what_becomes_of_what_is_owed(owed: str, flush: bool, sending: Sending):
    assert sending_of(Decimal(owed), THRESHOLD, flush=flush) is sending


@pytest.mark.parametrize(
    ("total", "before", "doubt"),
    [
        ("100", [], None),
        ("60.00", ["30.00"], None),
        ("60.01", ["30.00"], DoubtCode.MORE),
        ("60.01", ["20.00", "40.00"], DoubtCode.MORE),
        ("49.00", ["20.00"], None),
        ("30.00", ["60.00"], None),
        ("29.99", ["60.00"], DoubtCode.LESS),
        ("1.00", ["30.00"], None),
        ("0.00", ["30.00"], DoubtCode.LESS),
    ],
)
def test_a_bill_unlike_those_before_is_looked_at(total, before, doubt):
    assert unlike_before(Decimal(total), [Decimal(one) for one in before]) is doubt
