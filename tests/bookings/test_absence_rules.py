from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.absences import AbsenceGrade, AbsenceRule, Awaited, Delay, Told, Unit
from marelle.activities.rules import Limit, LimitKind, Rule
from marelle.bookings.absence_rules import (
    AbsenceDenial,
    AbsenceNo,
    Expected,
    Missed,
    absence_grade,
    absence_terms,
    absences_begin,
    for_agent,
    is_missed,
    why_not_declare,
    why_not_justify,
    why_not_withdraw,
)
from marelle.bookings.rules import Place, may_cancel
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS, instant_at, universal
from tests.bookings.facts import MEAL, MORNING, Ledger, activity

LONG_AGO = date(2020, 1, 1)
EVE_AT_NOON = Limit(LimitKind.HOURS_BEFORE, n=20)


def booked(*, hours: int | None = 48, **fields):
    """Zoé's morning, on 9 September 2026 from 8 to 12 unless the ledger says otherwise."""
    rule = Rule(LONG_AGO, None, EVE_AT_NOON, EVE_AT_NOON)
    proofs = () if hours is None else (Delay(hours, Unit.HOURS),)
    absences = (AbsenceRule(LONG_AGO, None, proofs=proofs),)
    opening = Ledger().open(of=replace(activity(), rules=(rule,), absence_rules=absences, windows={}))
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
    assert why_not_declare(opening, place, None, last + timedelta(seconds=59)) is None
    late = why_not_declare(opening, place, None, last + timedelta(minutes=1))
    assert (late.why, late.limit) == (AbsenceNo.TOO_LATE, last)


def test_without_a_rule_on_proofs_it_may_be_told_until_the_child_would_have_left():
    opening, place = booked(hours=None)
    assert why_not_declare(opening, place, None, place.ends_at) is None
    assert why(why_not_declare(opening, place, None, place.ends_at + timedelta(minutes=1))) == "too_late"
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
    assert why_not_withdraw(place, opening.starts_at - timedelta(seconds=1)) is None
    assert why(why_not_withdraw(place, opening.starts_at)) is AbsenceNo.STARTED
    assert why(why_not_withdraw(replace(place, absent=False), opening.starts_at)) == "not_booked"


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


# What a missed booking is.

NINE = Limit(LimitKind.DAYS_BEFORE, n=0, time=time(9), strict=True)
GRADED = AbsenceRule(
    LONG_AGO,
    None,
    told=NINE,
    proofs=(Delay(0, Unit.HOURS), Delay(3, Unit.CALENDAR), Delay(30, Unit.CALENDAR)),
    waiting_days=1,
)
NOON = datetime(2026, 9, 9, 12, tzinfo=PARIS)


def meal(rule: AbsenceRule = GRADED, **fields):
    """Zoé's meal, on 9 September 2026 from 12 to 14."""
    of = replace(activity(), absence_rules=(rule,), windows={})
    opening = Ledger().open(MEAL, of=of)
    place = Place(1, opening.id, BookingState.BOOKED, opening.starts_at, opening.ends_at)
    return opening, replace(place, **fields)


def grade(told_at=None, proved_at=None, rule=GRADED, first=None, **fields):
    return absence_grade(absence_terms(*meal(rule), first), Missed(told_at, proved_at, **fields))


@pytest.mark.parametrize(
    ("told_at", "told"),
    [
        (datetime(2026, 9, 9, 8, 59, 59, tzinfo=PARIS), Told.IN_TIME),
        (datetime(2026, 9, 9, 9, 0, tzinfo=PARIS), Told.LATE),
        (datetime(2026, 9, 1, 9, 0, tzinfo=PARIS), Told.IN_TIME),
        (None, Told.NEVER),
    ],
)
def test_told_before_an_hour_of_the_same_day(told_at, told):
    """A letter before 9:00 counts; at nine sharp it is late."""
    assert grade(told_at).told is told


def test_until_an_hour_counts_its_minute_whole():
    until = replace(GRADED, told=replace(NINE, strict=False))
    assert grade(datetime(2026, 9, 9, 9, 0, 59, tzinfo=PARIS), rule=until).told is Told.IN_TIME
    assert grade(datetime(2026, 9, 9, 9, 1, tzinfo=PARIS), rule=until).told is Told.LATE


def test_without_a_limit_it_is_told_in_time_until_the_start():
    none = AbsenceRule(LONG_AGO, None)
    assert grade(NOON, rule=none).told is Told.IN_TIME
    assert grade(NOON + timedelta(minutes=1), rule=none).told is Told.LATE


@pytest.mark.parametrize(
    ("proved_at", "proof"),
    [
        (NOON, 0),
        (NOON + timedelta(minutes=1), 1),
        (datetime(2026, 9, 12, 23, 59, 59, tzinfo=PARIS), 1),
        (datetime(2026, 9, 13, 0, 0, tzinfo=PARIS), 2),
        (datetime(2026, 10, 10, 0, 0, tzinfo=PARIS), None),
        (None, None),
    ],
)
def test_a_certificate_is_graded_by_when_it_comes(proved_at, proof):
    """Before, within three days, later."""
    found = grade(NOON, proved_at)
    assert (found.proof, found.is_justified) == (proof, proof is not None)


def test_an_agent_may_count_it_as_if_it_had_come_in_time():
    late = datetime(2026, 12, 1, tzinfo=PARIS)
    assert grade(NOON, late).proof is None
    assert grade(NOON, late, in_time=True).proof == 0
    assert grade(NOON, None, in_time=True).proof is None, "nothing was proved"


def test_the_first_day_stays_due_and_the_next_does_not():
    """S3: 48 hours, and one day of carence."""
    rule = AbsenceRule(LONG_AGO, None, proofs=(Delay(48, Unit.HOURS),), waiting_days=1)
    sent = NOON + timedelta(hours=48)
    assert grade(NOON, sent, rule=rule) == AbsenceGrade(Told.IN_TIME, 0, waiting=True)
    eve = Awaited(date(2026, 9, 8), NOON - timedelta(days=1))
    assert grade(NOON, sent, rule=rule, first=eve) == AbsenceGrade(Told.IN_TIME, 0, waiting=False)
    assert grade(NOON, sent + timedelta(minutes=1), rule=rule).proof is None


def test_hours_before_count_from_when_the_child_is_awaited():
    """By the hour, a child of eleven o’clock is not late for an opening of eight."""
    rule = AbsenceRule(LONG_AGO, None, told=Limit(LimitKind.HOURS_BEFORE, n=1))
    opening, place = meal(rule)
    later = replace(place, starts_at=NOON + timedelta(hours=1))
    assert absence_terms(opening, later).told_until == NOON


def test_d7_cancelled_until_half_past_eight_is_no_absence():
    assert is_missed(BookingState.CANCELLED, told=False, attended=None) is False
    assert is_missed(BookingState.CANCELLED, told=True, attended=False) is False


@pytest.mark.parametrize(
    ("told", "attended", "missed"),
    [(True, None, True), (False, None, None), (False, False, True), (True, True, False), (True, False, True)],
)
def test_what_was_seen_at_the_door_comes_first(told, attended, missed):
    assert is_missed(BookingState.BOOKED, told=told, attended=attended) is missed


def test_the_last_proof_that_counts_is_the_one_that_ends_last():
    terms = absence_terms(*meal())
    assert terms.proof_until == datetime(2026, 10, 9, 23, 59, tzinfo=PARIS)
    assert terms.declare_until == terms.proof_until
    assert terms.told_by_rule
    assert not absence_terms(*meal(AbsenceRule(LONG_AGO, None))).told_by_rule


def test_an_absence_is_what_the_rule_of_its_day_says():
    """A rule changed on a date leaves earlier days alone; a slot's own comes first."""
    changed = AbsenceRule(date(2026, 9, 10), None)
    of = replace(activity(), absence_rules=(GRADED, changed))
    assert of.absence_rule_for(MEAL, date(2026, 9, 9)) is GRADED
    assert of.absence_rule_for(MEAL, date(2026, 9, 10)) is changed
    own = replace(of, slot_absence_rules={MEAL: (GRADED,)})
    assert own.absence_rule_for(MEAL, date(2026, 9, 10)) is GRADED
    assert own.absence_rule_for(MORNING, date(2026, 9, 10)) is changed
    opening = Ledger().open(MEAL, of=replace(activity(), absence_rules=()))
    place = Place(1, opening.id, BookingState.BOOKED, opening.starts_at, opening.ends_at)
    assert absence_terms(opening, place).proofs == ()


INSTANTS = st.integers(-10_000, 60_000).map(lambda minutes: universal(NOON) + timedelta(minutes=minutes))


@given(INSTANTS, st.integers(0, 10_000), st.booleans())
def test_a_grade_never_improves_as_what_it_stands_on_comes_later(at, more, proof):
    order = [*range(len(GRADED.proofs)), None]
    later = at + timedelta(minutes=more)
    if proof:
        assert order.index(grade(NOON, at).proof) <= order.index(grade(NOON, later).proof)
    else:
        assert list(Told).index(grade(at).told) <= list(Told).index(grade(later).told)


# When an absence began.


def expected(*days):
    """Of November 2026: "9-" was missed, "9+" attended, "9?" nobody knows yet."""
    sign = {"-": True, "+": False, "?": None}
    found = []
    for number, told in enumerate(days):
        day = date(2026, 11, int(told[:-1]))
        found.append(Expected(number, Awaited(day, instant_at(day, time(8 + number % 10))), sign[told[-1]]))
    return found


def began(*days):
    rows = expected(*days)
    begun = absences_begin(rows)
    return {days[one.booking_id]: begun[one.booking_id].day.day for one in rows if one.booking_id in begun}


def test_an_absence_goes_on_over_days_without_a_booking():
    assert began("9-", "10-", "13-") == {"9-": 9, "10-": 9, "13-": 9}


def test_it_ends_with_a_day_on_which_the_child_came_or_of_which_nobody_knows():
    assert began("9-", "10+", "12-", "13-") == {"9-": 9, "12-": 12, "13-": 12}
    assert began("9-", "10?", "12-") == {"9-": 9, "12-": 12}


def test_a_day_missed_in_part_is_an_absence_of_its_own():
    assert began("9-", "10-", "10+", "12-") == {"9-": 9, "10-": 10, "12-": 12}
    assert began("9?", "9-", "10-") == {"9-": 9, "10-": 9}


@given(st.lists(st.tuples(st.integers(1, 28), st.sampled_from("-+?")), max_size=20), st.randoms())
def test_it_does_not_matter_in_which_order_days_are_read(told, random):
    rows = expected(*(f"{day}{sign}" for day, sign in told))
    found = absences_begin(rows)
    assert set(found) == {one.booking_id for one in rows if one.missed}
    random.shuffle(rows)
    assert {pk: one.day for pk, one in absences_begin(rows).items()} == {
        pk: one.day for pk, one in found.items()
    }
    for one in rows:
        if one.missed:
            assert found[one.booking_id].day <= one.awaited.day


def test_what_is_too_late_for_a_home_is_not_for_an_agent_in_its_name():
    late, no = AbsenceDenial(AbsenceNo.TOO_LATE, NOON), AbsenceDenial(AbsenceNo.NO_PROOF_ASKED)
    assert for_agent(late, on_behalf=True) is None
    assert for_agent(late, on_behalf=False) is late
    assert for_agent(no, on_behalf=True) is no
    assert for_agent(None, on_behalf=False) is None
