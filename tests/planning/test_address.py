from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.planning.address import EARLIEST, LATEST, Address, View, read_address

TODAY = date(2026, 9, 7)


def test_an_address_that_holds_all_four_is_canonical():
    asked = read_address({"enfant": "3", "date": "2026-09-16", "vue": "mois", "activite": "5"}, today=TODAY)
    assert asked.address == Address(3, date(2026, 9, 16), View.MONTH, 5)
    assert asked.canonical
    assert asked.address.query == "?enfant=3&date=2026-09-16&vue=mois&activite=5"


@pytest.mark.parametrize(
    ("given", "bad_date"),
    [
        ({}, False),
        ({"enfant": "tous", "date": "2026-09-16", "vue": "semaine"}, False),
        ({"enfant": "moi", "date": "2026-09-16", "vue": "semaine", "activite": "toutes"}, False),
        ({"enfant": "tous", "date": "2026-02-30", "vue": "semaine", "activite": "toutes"}, True),
        ({"enfant": "tous", "date": "16/09/2026", "vue": "semaine", "activite": "toutes"}, True),
        ({"enfant": "tous", "date": "9999-12-31", "vue": "semaine", "activite": "toutes"}, True),
        ({"enfant": "tous", "date": "2026-09-16", "vue": "année", "activite": "toutes"}, False),
        ({"enfant": "9" * 30, "date": "2026-09-16", "vue": "jour", "activite": "toutes"}, False),
    ],
)
def test_what_is_missing_or_malformed_is_not_canonical(given, bad_date):
    asked = read_address(given, today=TODAY)
    assert not asked.canonical
    assert asked.bad_date is bad_date
    assert read_address(dict(asked.address.pairs), today=TODAY).canonical


@pytest.mark.parametrize(
    ("view", "span", "previous", "following"),
    [
        (View.DAY, (date(2026, 9, 16), date(2026, 9, 16)), date(2026, 9, 15), date(2026, 9, 17)),
        (View.WEEK, (date(2026, 9, 14), date(2026, 9, 20)), date(2026, 9, 7), date(2026, 9, 21)),
        (View.MONTH, (date(2026, 9, 1), date(2026, 9, 30)), date(2026, 8, 1), date(2026, 10, 1)),
    ],
)
def test_each_view_has_its_span_and_its_neighbours(view, span, previous, following):
    address = Address(1, date(2026, 9, 16), view)
    assert address.span == span
    assert address.previous.day == previous
    assert address.next.day == following


@given(st.dates(EARLIEST, LATEST), st.sampled_from(list(View)))
def test_moving_never_leaves_what_can_be_shown(day, view):
    address = Address(None, day, view)
    for moved in (address.previous, address.next):
        assert EARLIEST <= moved.day <= LATEST
        assert read_address(dict(moved.pairs), today=TODAY).address == moved


@given(st.dictionaries(st.sampled_from(["enfant", "date", "vue", "activite"]), st.text()))
def test_reading_an_address_never_fails(given_pairs):
    address = read_address(given_pairs, today=TODAY).address
    assert read_address(dict(address.pairs), today=TODAY).canonical
