"""What is debited is written as the Trésor takes it, whatever the names; what lacks something is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.tresor.checks import Point
from marelle.billing.tresor.debiting import AHEAD, debit_of, drawn_on, of_debit, sequence_in
from marelle.billing.tresor.pieces import Announced
from marelle.billing.tresor.texts import sepa_text
from marelle.core.sealed import CannotOpen
from tests.billing.tresor.bills import DAY, TERMS, bill

SAID = Announced(
    mandate_id=7, rum="MRL-1", ics="FR72ZZZ123456", signed_on=date(2026, 11, 2), holder="Zoé Łukasz",
    iban="FR1420041010050500013M02606", bic="AGRIFRPP882", due_on=date(2026, 12, 15), holds=True,
    lapses_on=date(2029, 11, 2),
)  # fmt: skip
DEBITED = replace(TERMS, ics=SAID.ics)


@given(st.text(max_size=200), st.integers(1, 140))
def test_whatever_a_name_is_banks_can_read_it(text, most):
    assert re.fullmatch(rf"[A-Za-z0-9/\-?().,'+ ]{{0,{most}}}", sepa_text(text, most))


def test_names_are_spelt_without_accents():
    assert sepa_text("Zoé Łukasz-d’Œil & fils : n° 3", 32) == "Zoe Lukasz-d'OEil fils n 3"
    assert sepa_text("東京", 32) == ""


@pytest.mark.parametrize(
    ("fields", "point"),
    [
        ({}, None),
        ({"holds": False}, Point.DEBIT_ENDED),
        ({"lapses_on": date(2026, 12, 15)}, Point.DEBIT_LAPSED),
        ({"lapses_on": date(2026, 12, 16)}, None),
        ({"ics": "FR33ZZZ999001"}, Point.DEBIT_ICS),
        ({"iban": ""}, Point.DEBIT_SEALED),
        ({"bic": ""}, Point.DEBIT_SEALED),
        ({"holder": "東京"}, Point.DEBIT_HOLDER),
    ],
)
def test_what_a_debit_lacks_has_its_point(fields, point):
    one = replace(bill(), announced=replace(SAID, **fields))
    assert [problem.point for problem in of_debit(one, DEBITED, DAY)] == ([point] if point else [])


def test_a_bill_that_announced_none_lacks_nothing():
    assert of_debit(bill(), DEBITED, DAY) == []
    assert debit_of(bill(), DAY, "02") is None


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_nobody_is_debited_sooner_than_the_bill_said(day):
    assert drawn_on(SAID, day) >= max(SAID.due_on, day + AHEAD)
    assert drawn_on(SAID, SAID.due_on - AHEAD - timedelta(days=1)) == SAID.due_on


def test_the_second_bill_of_a_mandate_in_a_file_is_no_first():
    drawn: set[int] = set()
    assert [sequence_in(SAID, drawn).value for _bill in range(2)] == ["02", "03"]
    assert sequence_in(replace(SAID, mandate_id=8, drawn_before=True), drawn).value == "03"


def test_no_debit_is_written_without_its_account_nor_shown_in_a_log():
    with pytest.raises(CannotOpen):
        debit_of(replace(bill(), announced=replace(SAID, iban="")), DAY, "02")
    found = debit_of(replace(bill(), announced=SAID), DAY, "02")
    assert SAID.iban not in repr(found) + repr(SAID)
