"""Telephones: what people write, what is kept, what is shown."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.phones import WrongPhone, phone_stored, phone_text


@pytest.mark.parametrize(
    ("typed", "kept", "told"),
    [
        ("06 39 98 10 01", "+33639981001", "06 39 98 10 01"),
        ("06.39.98.10.01", "+33639981001", "06 39 98 10 01"),
        ("0033 6 39 98 10 01", "+33639981001", "06 39 98 10 01"),
        ("+33 (0)6 39 98 10 01", "+33639981001", "06 39 98 10 01"),
        ("+32 470 12 34 56", "+32470123456", "+32 470 12 34 56"),
        ("", "", ""),
    ],
)
def test_one_number_has_one_form(typed: str, kept: str, told: str):
    assert phone_stored(typed) == kept
    assert phone_text(kept) == told


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("zéro six", "letters"),
        ("0800 FLEURS", "letters"),
        ("12", "not_a_number"),
        ("🙂", "not_a_number"),
        ("<b>", "letters"),
        ("0" * 31, "too_long"),
    ],
)
def test_what_is_no_number_says_why(typed: str, code: str):
    with pytest.raises(WrongPhone) as refused:
        phone_stored(typed)
    assert refused.value.code == code


def test_a_number_kept_before_is_shown_as_it_is():
    assert phone_text("poste 12") == "poste 12"


@given(st.text(max_size=40))
def test_any_text_is_kept_as_a_number_or_refused(typed: str):
    try:
        kept = phone_stored(typed)
    except WrongPhone:
        return
    assert kept == "" or (kept.startswith("+") and kept[1:].isdigit())
    assert phone_stored(phone_text(kept)) == kept


@given(st.integers(100_000_000, 999_999_999))
def test_an_ordinary_number_is_shown_as_the_library_shows_it(number: int) -> None:
    parsed = phonenumbers.parse(f"+33{number}")
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    assert phone_text(f"+33{number}") == shown
