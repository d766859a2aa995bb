"""Cells, verdicts and clashes: each state is reached, each combination has one, a cell keeps its word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from marelle.activities.audiences import Public
from marelle.activities.kinds import BookingMode, Unpaid
from marelle.activities.rules import After, Limit, LimitKind
from marelle.bookings.absence_rules import cancelled_until
from marelle.bookings.cells import Cell, CellState, Context, cell_state
from marelle.bookings.rules import Home, Opening, Place, Why, clash, lacks_room, may_ask, may_cancel
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.clock import PARIS
from marelle.families.rules import Custody, CustodyHolidays, CustodyWeeks
from marelle.places.rules import Lived
from tests.bookings.facts import (
    BY_HOUR,
    CENTRE,
    DAY,
    ELSEWHERE,
    MEAL,
    MORNING,
    NEXT_WEDNESDAY,
    NOW,
    OUTING,
    PAST,
    TOO_LATE,
    YEAR,
    activity,
    opening,
    place,
    stay,
    with_rules,
)
from tests.waves import waves

NOON_BEFORE = datetime(2026, 9, 8, 12, 0, tzinfo=PARIS)
OPENS = datetime(2026, 9, 7, 20, 0, tzinfo=PARIS)
EVEN_WEEKS = Home(custody=(Custody(CustodyWeeks.EVEN, CustodyHolidays.SAME_AS_WEEKS, since=YEAR[0]),))
"""9 September 2026 is in week 37, 16 September in week 38."""


def cell(
    on: Opening,
    booked: Place | None = None,
    attended: bool | None = None,
    *,
    now: datetime = NOW,
    **context: Any,
) -> CellState:
    return cell_state(on, booked, attended, Context(**{"stay": stay(), **context}), now)


# Each cell


def test_free_until_the_limit():
    assert cell(opening(1)) == CellState(Cell.FREE, editable=True, until=NOON_BEFORE)


def test_booked_until_one_may_cancel():
    on = opening(1)
    assert cell(on, place(on)) == CellState(Cell.BOOKED, editable=True, until=NOON_BEFORE)


def test_booked_and_locked_since_the_limit():
    on = opening(1)
    assert cell(on, place(on), now=TOO_LATE) == CellState(
        Cell.BOOKED, since=NOON_BEFORE, why=Why.TOO_LATE_TO_CANCEL
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (BookingState.REQUESTED, Cell.REQUESTED),
        (BookingState.WAITING, Cell.WAITING),
    ],
)
def test_what_nobody_granted_yet_is_left_until_the_start(state, expected):
    on = opening(1)
    found = cell(on, place(on, state, rank=3), now=TOO_LATE)
    assert found == CellState(expected, editable=True, until=on.starts_at, rank=3)
    assert not cell(on, place(on, state), now=PAST).editable


def test_offered_until():
    on, until = opening(1), NOW + timedelta(hours=4)
    found = cell(on, place(on, BookingState.OFFERED, offered_until=until))
    assert found == CellState(Cell.OFFERED, editable=True, until=until)


def test_full_offers_to_wait():
    assert cell(opening(1), full=True) == CellState(Cell.FULL, editable=True, until=NOON_BEFORE)


@pytest.mark.parametrize(
    ("full", "held", "queued", "lacks"),
    [
        ((), (), False, False),
        ((5,), (), False, True),
        ((5,), (5,), False, False),
        ((5, 6), (5,), False, True),
        ((5, 6), (6, 5, 7), False, False),
        ((), (), True, True),
        ((), (5,), True, True),
        ((5,), (5,), True, False),
        ((5,), (), True, True),
    ],
)
def test_what_is_full_is_no_obstacle_for_who_is_on_it_already(full, held, queued, lacks):
    assert lacks_room(full, held, queued=queued) is lacks


def test_by_the_hour_a_full_half_hour_is_not_a_full_day():
    assert cell(opening(1, BY_HOUR), full=True).cell is Cell.FREE


def test_locked_since_the_limit():
    assert cell(opening(1), now=TOO_LATE) == CellState(Cell.LOCKED, since=NOON_BEFORE, why=Why.TOO_LATE)


def test_past_the_limit_of_a_rule_that_then_makes_all_wait():
    on = opening(1, of=with_rules(activity(), after=After.WAIT))
    waits = CellState(Cell.FULL, editable=True, until=on.starts_at, since=NOON_BEFORE, why=Why.QUEUE_ONLY)
    assert cell(on, now=TOO_LATE) == waits
    assert cell(on, now=NOW).cell is Cell.FREE
    assert cell(on, now=PAST) == CellState(Cell.LOCKED, since=NOON_BEFORE, why=Why.TOO_LATE)
    by_hour = opening(1, BY_HOUR, of=with_rules(activity(), after=After.WAIT))
    assert cell(by_hour, now=TOO_LATE) == replace(waits, cell=Cell.FREE)


def test_not_yet_open_from():
    on = opening(1, of=with_rules(activity(), waves=waves(OPENS)))
    assert cell(on) == CellState(Cell.NOT_YET, since=OPENS, why=Why.NOT_YET)


def test_closed_and_why():
    on = opening(1, is_open=False, reason="Pont de l’Ascension")
    assert cell(on) == CellState(Cell.CLOSED, why=Why.CLOSED, reason="Pont de l’Ascension")


def test_cancelled_by_the_structure_while_it_cannot_be_booked_again():
    on = opening(1, is_open=False, reason="Grève")
    ended = place(on, BookingState.CANCELLED, cause=EndCause.STRUCTURE)
    assert cell(on, ended) == CellState(Cell.CANCELLED_BY_STRUCTURE, reason="Grève")
    assert cell(replace(on, is_open=True), ended).cell is Cell.FREE


def test_cancelled_by_the_family_is_white_again():
    on = opening(1)
    assert cell(on, place(on, BookingState.CANCELLED, cause=EndCause.FAMILY)).cell is Cell.FREE


def test_refused_may_be_asked_again_while_it_is_open():
    on = opening(1)
    refused = place(on, BookingState.REFUSED)
    assert cell(on, refused) == CellState(Cell.REFUSED, editable=True, until=NOON_BEFORE)
    assert not cell(on, refused, now=TOO_LATE).editable


def test_refused_and_full_meanwhile_offers_to_wait():
    on = opening(1)
    found = cell(on, place(on, BookingState.REFUSED, refusal="Complet"), full=True)
    assert found == CellState(Cell.FULL, editable=True, until=NOON_BEFORE, reason="Complet")


@pytest.mark.parametrize("state", LIVE)
def test_booked_by_the_other_home(state):
    on = opening(1)
    assert cell(on, place(on, state, mine=False)) == CellState(Cell.OTHER_HOME, why=Why.OTHER_HOME)


def test_seen_at_the_door_with_or_without_a_booking():
    on = opening(1)
    assert cell(on, place(on), attended=True, now=PAST).cell is Cell.PRESENT
    assert cell(on, attended=True, now=PAST).cell is Cell.PRESENT
    assert cell(on, place(on), attended=False, now=PAST).cell is Cell.ABSENT
    assert cell(on, attended=False, now=PAST).cell is Cell.LOCKED


def test_absent_with_and_without_proof():
    on = opening(1)
    assert cell(on, place(on, absent=True)).cell is Cell.ABSENT
    assert cell(on, place(on, absent=True, justified=True)).cell is Cell.ABSENT_JUSTIFIED


@pytest.mark.parametrize(
    ("why", "on", "context"),
    [
        (Why.NOT_ENROLLED, opening(1), {"stay": None}),
        (Why.OUTSIDE_ENROLMENT, opening(1), {"stay": stay(first_day=NEXT_WEDNESDAY)}),
        (Why.OUTSIDE_ENROLMENT, opening(1), {"stay": stay(last_day=YEAR[0])}),
        (Why.OTHER_GROUP, opening(1, group_id=7), {"stay": stay(groups=((YEAR[0], 8),))}),
        (Why.OTHER_GROUP, opening(1, group_id=7), {}),
        (Why.OTHER_HOME_DAY, opening(1), {"home": EVEN_WEEKS}),
        (Why.BY_STRUCTURE, opening(1, of=activity(booking_mode=BookingMode.STRUCTURE)), {}),
        (Why.FREE_ACCESS, opening(1, of=activity(booking_mode=BookingMode.FREE)), {}),
        (Why.NO_RULE, opening(1, of=activity(rules=())), {}),
        (Why.PAPERS_MISSING, opening(1), {"stay": stay(closed_from=opening(1).day)}),
        (Why.UNPAID, opening(1, of=activity(unpaid=Unpaid.BOOKINGS)), {"stay": stay(owes=True)}),
    ],
)
def test_not_offered_and_why(why, on, context):
    assert cell(on, **context) == CellState(Cell.NOT_OFFERED, why=why)


@pytest.mark.parametrize("unpaid", [Unpaid.NOTHING, Unpaid.WARN, Unpaid.REQUESTS])
def test_a_late_bill_closes_no_booking_unless_the_activity_says_so(unpaid):
    assert cell(opening(1, of=activity(unpaid=unpaid)), stay=stay(owes=True)).cell is Cell.FREE


def test_not_offered_where_another_booking_stands_in_the_way_for_good():
    on, other = opening(1, MORNING), opening(2, DAY)
    others = [(other, place(other))]
    assert cell(on, others=others).cell is Cell.FREE
    fixed = opening(2, DAY, of=activity(rules=(), slots=activity().slots))
    found = cell(on, others=[(fixed, place(fixed))])
    assert found == CellState(Cell.NOT_OFFERED, why=Why.CONFLICT, reason="Journée")


def test_elsewhere_names_the_structure():
    on, other = opening(1), opening(2, of=activity(ELSEWHERE))
    found = cell(on, others=[(other, place(other, mine=False))])
    assert found == CellState(Cell.NOT_OFFERED, why=Why.ELSEWHERE, reason="Structure 2")


def test_by_the_hour_other_hours_may_be_chosen():
    on, other = opening(1, BY_HOUR), opening(2, MORNING, of=activity(ELSEWHERE))
    assert cell(on, others=[(other, place(other, mine=False))]).cell is Cell.FREE
    all_day = opening(2, DAY, of=activity(ELSEWHERE))
    assert cell(on, others=[(all_day, place(all_day, mine=False))]).why is Why.ELSEWHERE


# What comes first


def test_a_live_booking_comes_before_what_would_forbid_a_new_one():
    on = opening(1, is_open=False, group_id=7)
    assert cell(on, place(on), stay=None, home=EVEN_WEEKS).cell is Cell.BOOKED


def test_a_closed_day_comes_before_its_deadline():
    assert cell(opening(1, is_open=False), now=PAST).cell is Cell.CLOSED


def test_the_other_home_s_booking_comes_before_what_was_seen_at_the_door():
    on = opening(1)
    assert cell(on, place(on, mine=False), attended=True).cell is Cell.OTHER_HOME


def test_the_deadline_comes_before_a_full_opening():
    assert cell(opening(1), full=True, now=TOO_LATE).cell is Cell.LOCKED


# Verdicts


def test_a_group_is_chosen_from_a_date():
    moved = stay(groups=((YEAR[0], 7), (NEXT_WEDNESDAY, 8)))
    small, big = opening(1, group_id=7), opening(2, group_id=8, day=NEXT_WEDNESDAY)
    assert may_ask(small, moved, Home(), NOW).why is None
    assert may_ask(big, moved, Home(), NOW).why is None
    assert may_ask(opening(3, group_id=8), moved, Home(), NOW).why is Why.OTHER_GROUP


def test_late_is_allowed_and_told_until_the_start():
    on = opening(1, of=with_rules(activity(), after=After.LATE))
    late = may_ask(on, stay(), Home(), TOO_LATE)
    assert (late.why, late.late, late.closes_at) == (None, True, on.starts_at)
    assert may_ask(on, stay(), Home(), PAST).why is Why.TOO_LATE


def test_a_free_access_has_outings_that_are_booked():
    youth = activity(booking_mode=BookingMode.FREE)
    assert may_ask(opening(1, OUTING, of=youth), stay(), Home(), NOW).why is None


def test_residents_come_first():
    rules = with_rules(activity(residents=frozenset({5})), waves=waves(NOW, OPENS))
    on = opening(1, of=rules)
    assert may_ask(on, stay(), Home(Public((Lived(YEAR[0], 5),))), NOW).why is None
    assert may_ask(on, stay(), Home(Public((Lived(YEAR[0], 6),))), NOW).opens_at == OPENS


def test_who_moves_is_a_resident_by_the_day_of_the_opening():
    rules = with_rules(activity(residents=frozenset({5})), waves=waves(NOW, OPENS))
    before, after = opening(1, of=rules), opening(2, day=NEXT_WEDNESDAY, of=rules)
    comes = Home(Public((Lived(after.day, 5), Lived(YEAR[0], 6))))
    leaves = Home(Public((Lived(YEAR[0], 5), Lived(after.day, None))))
    for home, seen in ((comes, (Why.NOT_YET, None)), (leaves, (None, Why.NOT_YET))):
        assert tuple(may_ask(on, stay(), home, NOW).why for on in (before, after)) == seen
    assert may_ask(before, stay(), Home(Public((Lived(after.day, 5),))), NOW).why is Why.NOT_YET, (
        "no address then"
    )


def test_its_days_are_those_of_the_custody():
    assert may_ask(opening(1, day=NEXT_WEDNESDAY), stay(), EVEN_WEEKS, NOW).why is None


@pytest.mark.parametrize(
    ("mode", "fields", "why"),
    [
        (BookingMode.PARENT, {"mine": False}, Why.OTHER_HOME),
        (BookingMode.STRUCTURE, {}, Why.BY_STRUCTURE),
        (BookingMode.PARENT, {}, None),
    ],
)
def test_may_cancel(mode, fields, why):
    on = opening(1, of=activity(booking_mode=mode))
    assert may_cancel(on, place(on, **fields), NOW).why is why


def test_a_bundle_is_taken_back_until_the_first_of_its_limits():
    both = [opening(MORNING), opening(MORNING, day=NEXT_WEDNESDAY)]
    assert cancelled_until(both, NOW) == NOON_BEFORE
    assert cancelled_until(both[1:], TOO_LATE) == NOON_BEFORE + timedelta(days=7)
    assert cancelled_until(both, TOO_LATE) is None
    by_structure = opening(MORNING, activity=activity(booking_mode=BookingMode.STRUCTURE))
    assert cancelled_until([by_structure], NOW) is None


def test_what_can_never_be_cancelled():
    on = opening(1, of=with_rules(activity(), cancel=Limit(LimitKind.NEVER)))
    verdict = may_cancel(on, place(on), NOW)
    assert (verdict.why, verdict.closes_at) == (Why.TOO_LATE_TO_CANCEL, None)


# Clashes


def clashes(one: Opening, other: Opening, **fields: Any) -> Why | None:
    return clash(one, one.starts_at, one.ends_at, other, place(other, **fields))


def test_clashes():
    here, there = activity(CENTRE), activity(ELSEWHERE)
    next_door = activity(3, structure_id=CENTRE)
    morning = opening(1, MORNING, of=here)
    assert clashes(morning, morning) is None
    assert clashes(morning, opening(2, DAY, of=here)) is Why.CONFLICT
    assert clashes(opening(2, DAY, of=here), morning) is Why.CONFLICT
    assert clashes(morning, opening(2, DAY, of=here), state=BookingState.WAITING) is None
    assert clashes(morning, opening(2, DAY, of=here, day=NEXT_WEDNESDAY)) is None
    assert clashes(morning, opening(2, MEAL, of=here)) is None
    assert clashes(morning, opening(2, MORNING, of=there)) is Why.ELSEWHERE
    assert clashes(morning, opening(2, MEAL, of=there)) is None
    assert clashes(morning, opening(2, MORNING, of=next_door)) is None


def test_two_outings_of_one_slot_clash_when_their_hours_do():
    lake, forest = opening(1, OUTING, title="Lac"), opening(2, OUTING, title="Forêt")
    assert clashes(lake, forest) is Why.CONFLICT
    evening = replace(forest, starts_at=lake.ends_at, ends_at=lake.ends_at + timedelta(hours=2))
    assert clashes(lake, evening) is None


# Where the structure books


def test_an_agent_in_charge_sees_what_is_free_where_the_structure_books():
    its = activity(booking_mode=BookingMode.STRUCTURE)
    on = opening(1, of=its)
    held, whole = place(on), opening(2, DAY, of=its)
    by_structure = CellState(Cell.NOT_OFFERED, why=Why.BY_STRUCTURE)
    assert cell(on) == by_structure
    assert cell(on, in_charge=True) == CellState(Cell.FREE, editable=True, until=on.starts_at)
    assert cell(on, in_charge=True, full=True).cell is Cell.FULL
    assert cell(on, held, in_charge=True) == CellState(Cell.BOOKED, editable=True, until=on.starts_at)
    assert cell(whole, others=[(on, held)], in_charge=True).cell is Cell.FREE, "Matin is left for Journée"
    begun = on.starts_at + timedelta(minutes=1)
    assert cell(on, in_charge=True, now=begun) == by_structure
    assert not cell(on, held, in_charge=True, now=begun).editable


def test_being_in_charge_passes_nothing_else():
    assert cell(opening(1), in_charge=True, now=TOO_LATE) == cell(opening(1), now=TOO_LATE)
