"""What a mandate needs and how long it lives."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.accounts.recognised import RECOGNISED_FOR, Recognised, is_recognised
from marelle.billing.mandates.rules import (
    DRAWN,
    Account,
    Creditor,
    Sequence,
    is_rum,
    lapses_on,
    may_check,
    needs_check,
    rum_of,
    sequence_of,
)
from marelle.billing.mandates.text import mandate_text

AT = datetime(2026, 11, 29, 12)


def test_any_account_but_the_first_that_a_home_gives_is_seen_by_a_second_person():
    assert [needs_check(on_paper=paper, had_one=had) for paper in (False, True) for had in (False, True)] == [
        False,
        True,
        True,
        True,
    ]


def test_the_second_person_is_another():
    assert may_check(account=2, noted_account=1)
    assert may_check(account=2, noted_account=None)
    assert not may_check(account=1, noted_account=1)
    assert not may_check(account=None, noted_account=1)


@pytest.mark.parametrize(
    ("signed", "drawn", "dead"),
    [
        (date(2026, 11, 2), None, date(2029, 11, 2)),
        (date(2020, 1, 1), date(2026, 1, 31), date(2029, 1, 31)),
        (date(2024, 2, 29), None, date(2027, 3, 1)),
    ],
)
def test_it_dies_unused_after_thirty_six_months(signed, drawn, dead):
    assert lapses_on(signed, drawn) == dead


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_it_lives_about_three_years(signed):
    assert timedelta(1094) <= lapses_on(signed, None) - signed <= timedelta(1097)


def test_the_first_debit_says_so():
    assert sequence_of(drawn_before=False) is Sequence.FIRST
    assert sequence_of(drawn_before=True) is Sequence.RECURRENT


@given(st.text(DRAWN, min_size=16, max_size=16))
def test_a_reference_of_ours_is_one(drawn):
    assert is_rum(rum_of(drawn))


@pytest.mark.parametrize("text", ["", " ", "é", "A//B", "/A", "A/", "---", "A" * 36, "A\n"])
def test_what_is_no_reference(text):
    assert not is_rum(text)


def test_the_text_says_who_whom_and_the_end_of_the_account_alone():
    account = Account(
        "Camille Durand", "4 rue Haute", "21000", "Arelle", "FR1420041010050500013M02606", "AGRIFRPP"
    )
    creditor = Creditor("Val d’Arelle", "1 place", "FR72ZZZ123456")
    text = mandate_text(account, creditor, rum="MRL-1", day=date(2026, 11, 2))
    for told in (
        "Val d’Arelle",
        "FR72ZZZ123456",
        "MRL-1",
        "Camille Durand",
        "2606",
        "2 novembre 2026",
        "8 semaines",
    ):
        assert told in text
    assert "2004101005" not in text
    assert "2004101005" not in repr(account)


def test_who_was_recognised_is_so_for_some_minutes_and_alone():
    shown = Recognised(7, AT)
    assert is_recognised(shown, user_id=7, now=AT + RECOGNISED_FOR - timedelta(seconds=1))
    assert not is_recognised(shown, user_id=7, now=AT + RECOGNISED_FOR)
    assert not is_recognised(shown, user_id=7, now=AT - timedelta(seconds=1))
    assert not is_recognised(shown, user_id=8, now=AT)
    assert not is_recognised(None, user_id=7, now=AT)
    assert not is_recognised(Recognised(7, AT, frozenset()), user_id=7, now=AT)
