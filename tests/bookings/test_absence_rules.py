from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.rules import Limit, LimitKind, Rule
from marelle.bookings.absence_rules import (
    AbsenceNo,
    absence_terms,
    why_not_declare,
    why_not_justify,
    why_not_withdraw,
)
from marelle.bookings.rules import Place, may_cancel
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS, universal
from tests.bookings.facts import Ledger, activity

EVE_AT_NOON = Limit(LimitKind.HOURS_BEFORE, n=20)


def booked(*, hours: int | None = 48, **fields):
    """Zoé's morning, on 9 September 2026 from 8 to 12 unless the ledger says otherwise."""
    rule = Rule(datetime(2020, 1, 1).date(), None, EVE_AT_NOON, EVE_AT_NOON, absence_proof_hours=hours)
    opening = Ledger().open(of=replace(activity(), rules=(rule,), windows={}))
    place = Place(1, opening.id, BookingState.BOOKED, opening.starts_at, opening.ends_at)
    return opening, replace(place, **fields)


def why(denial):
    return denial and denial.why


def test_an_absence_begins_where_cancelling_ends():
    opening, place = booked()
    limit = may_cancel(opening, place, opening.starts_at - timedelta(days=9)).closes_at
    assert why(why_not_declare(opening, place, None, limit)) is AbsenceNo.CAN_CANCEL
    assert why_not_declare(opening, place, None, limit + timedelta(minutes=1)) is None


def test_it_may_be_told_as_long_as_a_proof_may_come():
    opening, place = booked(hours=48)
    last = opening.starts_at + timedelta(hours=48)
    assert absence_terms(opening, place).proof_until == last
    assert why_not_declare(opening, place, None, last) is None
    late = why_not_declare(opening, place, None, last + timedelta(seconds=1))
    assert (late.why, late.limit) == (AbsenceNo.TOO_LATE, last)


def test_without_a_rule_on_proofs_it_may_be_told_until_the_child_would_have_left():
    opening, place = booked(hours=None)
    assert why_not_declare(opening, place, None, place.ends_at) is None
    assert why(why_not_declare(opening, place, None, place.ends_at + timedelta(seconds=1))) == "too_late"
    assert why(why_not_justify(opening, place, has_proof=False, now=place.starts_at)) == "no_proof_asked"


@pytest.mark.parametrize(
    ("fields", "attended", "no"),
    [
        ({"state": BookingState.REQUESTED}, None, AbsenceNo.NOT_BOOKED),
        ({"state": BookingState.CANCELLED}, None, AbsenceNo.NOT_BOOKED),
        ({"mine": False}, None, AbsenceNo.NOT_BOOKED),
        ({"absent": True}, None, AbsenceNo.ALREADY),
        ({}, True, AbsenceNo.SEEN_PRESENT),
        ({}, False, None),
    ],
)
def test_only_a_booked_child_whom_nobody_saw_may_be_told_absent(fields, attended, no):
    opening, place = booked(**fields)
    assert why(why_not_declare(opening, place, attended, opening.starts_at)) is no


def test_it_is_taken_back_until_the_start():
    opening, place = booked(absent=True)
    assert why_not_withdraw(opening, place, opening.starts_at - timedelta(seconds=1)) is None
    assert why(why_not_withdraw(opening, place, opening.starts_at)) is AbsenceNo.STARTED
    assert why(why_not_withdraw(opening, replace(place, absent=False), opening.starts_at)) == "not_booked"


def test_one_proof_is_enough():
    opening, place = booked(absent=True)
    assert why(why_not_justify(opening, place, has_proof=True, now=opening.starts_at)) == "proof_sent"
    assert why_not_justify(opening, place, has_proof=False, now=opening.starts_at) is None


@given(st.integers(0, 200), st.integers(-2_000, 2_000))
def test_a_booked_place_is_cancelled_or_told_absent_and_never_both(hours, minutes):
    """At every instant before a proof's end one of the two is possible; after it neither is."""
    opening, place = booked(hours=hours)
    now = universal(opening.starts_at) + timedelta(minutes=minutes)
    cancels = may_cancel(opening, place, now).why is None
    denial = why_not_declare(opening, place, None, now)
    assert cancels is (why(denial) is AbsenceNo.CAN_CANCEL)
    until = max(universal(place.ends_at), universal(opening.starts_at) + timedelta(hours=hours))
    assert (denial is None or cancels) is (now <= until)


def test_an_hour_of_paris_counts_once_over_the_change_of_clocks():
    opening, place = booked(hours=24)
    starts = datetime(2026, 10, 24, 8, tzinfo=PARIS)
    moved = replace(opening, starts_at=starts, ends_at=starts + timedelta(hours=4), day=starts.date())
    there = absence_terms(moved, replace(place, starts_at=starts, ends_at=moved.ends_at)).proof_until
    assert there.astimezone(PARIS).hour == 7
