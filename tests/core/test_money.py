"""Amounts are read as people write them, and rounded one way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.french import euros_text
from marelle.core.money import NotAnAmount, parse_amount, parse_decimal, rounded

CENTS = st.decimals(-999_999, 999_999, places=2)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12,5", "12.50"),
        ("12.50", "12.50"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("1 234 567", "1234567.00"),
        (" 7 ", "7.00"),
        ("-3,20", "-3.20"),
        ("−3,20", "-3.20"),
        ("0", "0.00"),
        ("12,500", "12.50"),
    ],
)
def test_an_amount_as_people_write_it(written, read):
    assert str(parse_amount(written)) == read


@pytest.mark.parametrize(
    "written",
    ["", " ", "€", "douze", "=1+1", "=12", "+12", "1,2,3", "1.234,56", "1,234.56", "12,505", "1e3", "NaN",
     "Infinity", "1 2", "12 34,5", "--1", "٣", "9" * 40, "1_000", ",5", "5,"],
)  # fmt: skip
def test_what_is_no_amount(written):
    with pytest.raises(NotAnAmount):
        parse_amount(written)


@given(CENTS)
def test_what_the_screens_write_is_read_again(amount):
    assert parse_amount(euros_text(amount)) == amount


@given(st.decimals(-9999, 9999, places=4))
def test_rounding_goes_to_the_nearest_cent_and_a_half_goes_away_from_zero(amount):
    found = rounded(amount)
    assert abs(found - amount) <= Decimal("0.005")
    assert found == -rounded(-amount)
    if abs(found - amount) == Decimal("0.005"):
        assert abs(found) > abs(amount)


def test_numbers_finer_than_the_cent_are_kept_whole():
    assert parse_decimal("0,0457") == Decimal("0.0457")
