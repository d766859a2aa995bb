"""Accounts, banks and creditors: read however they are typed, refused for their reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.banks import SEPA, NotAnIban, bic_read, iban_read, iban_spaced, ics_read

IBAN = "FR1420041010050500013M02606"


@pytest.mark.parametrize(
    "typed",
    [IBAN, IBAN.lower(), iban_spaced(IBAN), " FR14 2004-1010-0505 0001 3m02 606\n", "DE89370400440532013000"],
)
def test_an_iban_is_read_however_it_is_spaced(typed):
    assert iban_read(typed) == "".join(typed.split()).replace("-", "").upper()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "signs"),
        ("FR1", "signs"),
        ("1234567890", "signs"),
        ("FR14 2004 1010 0505 0001 3M02 60é", "signs"),
        ("FR76\u0660" + "0" * 22, "signs"),
        ("BR1800000000141455123924100C2", "country"),
        ("US12 3456", "country"),
        (IBAN[:-1], "length"),
        (IBAN + "0", "length"),
        ("FR" + "1" * 10_000, "length"),
        (IBAN[:-1] + "7", "key"),
        (IBAN.replace("14", "15", 1), "key"),
    ],
)
def test_what_is_no_iban_is_refused_for_its_reason(typed, why):
    with pytest.raises(NotAnIban) as refused:
        iban_read(typed)
    assert refused.value.why == why
    assert not typed or typed not in str(refused.value)


@given(st.integers(0, len(IBAN) - 1), st.sampled_from("0123456789"))
def test_no_digit_is_mistaken_for_another(at, sign):
    if IBAN[at] == sign:
        return
    with pytest.raises(NotAnIban):
        iban_read(IBAN[:at] + sign + IBAN[at + 1 :])


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(typed):
    try:
        read = iban_read(typed)
    except NotAnIban:
        return
    assert len(read) == SEPA[read[:2]]


def test_a_bank_and_a_creditor():
    assert bic_read("agrifrpp 882") == "AGRIFRPP882"
    assert ics_read("fr72 zzz 123456") == "FR72ZZZ123456"
    for typed in ("AGRIFRPP8", "1234", "é" * 8):
        with pytest.raises(ValueError, match="bic"):
            bic_read(typed)
    for typed in ("FR73ZZZ123456", "FR72", "US72ZZZ123456", "FR72ZZZ12345é"):
        with pytest.raises(ValueError, match="ics"):
            ics_read(typed)
