"""Places kept for some: laws of a save, over any ledger, and what each case says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.audiences import Audience, AudienceKind, Public
from marelle.activities.kept import NO_MARKS, Kept, Marks, marks_of
from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.cells import Cell, Context, cell_state
from marelle.bookings.keeping import KeptPart, held_back
from marelle.bookings.rules import Home, Place, Why
from marelle.bookings.saving.ledger import Change, Facts, Quota, Result, Settled
from marelle.bookings.saving.queueing import Queue
from marelle.bookings.saving.standing import Standing
from marelle.bookings.states import BookingState
from marelle.bookings.steps import steps
from marelle.core.clock import PARIS
from marelle.places.rules import Lived
from tests.bookings.facts import (
    BY_HOUR,
    LEO,
    MEAL,
    MORNING,
    NOW,
    TOO_LATE,
    WEDNESDAY,
    YEAR,
    ZOE,
    Ledger,
    activity,
    opening,
    said,
    stay,
    tick,
    untick,
)

FIRST, SECOND = 1, 2
"""Places kept for who lives in the commune of that number."""
NOBODYS = 3
OTHERS = (20, 21, 22, 23)
RELEASE = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(12))


def kept(pk: int, **fields: Any) -> Kept:
    audience = Audience(AudienceKind.COMMUNES, frozenset({pk}))
    asked = {"gauge_id": 1, "places": 1, "audience": audience, "release": RELEASE, "since": YEAR[0]}
    return Kept(id=pk, **{**asked, **fields})


HERE = activity(kept=(kept(FIRST), kept(SECOND)))


def lives(commune: int) -> Home:
    return Home(Public(lived=(Lived(date(2020, 1, 1), commune),)))


def marks(*ids: int) -> Marks:
    return frozenset(ids)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Two slots that share a room, some places of which are kept for one commune or another."""
    ledger = Ledger()
    room = ledger.quota(draw(st.integers(0, 4)))
    own = ledger.quota(draw(st.integers(0, 4)))
    for quota in (room, own):
        for pk in (FIRST, SECOND):
            if draw(st.booleans()):
                ledger.keep(quota, pk, draw(st.integers(1, 3)))
    ledger.open(MORNING, of=HERE, quotas=[room, own])
    ledger.open(MEAL, of=HERE, quotas=[room])
    communes = st.sampled_from([FIRST, SECOND, NOBODYS])
    ledger.homes = {ZOE: lives(draw(communes)), LEO: lives(draw(communes))}
    asked = st.tuples(st.sampled_from([ZOE, LEO, *OTHERS]), st.integers(1, 2), communes, st.booleans())
    for child, number, commune, waits in draw(st.lists(asked, max_size=8, unique_by=lambda row: row[:2])):
        on = ledger.openings[number]
        home = ledger.homes.get(child, lives(commune))
        counts = HERE.marks_of(home.public, WEDNESDAY)
        if waits:
            ledger.wait(child, on, kept=counts)
        elif _fits(ledger, child, number):
            ledger.hold(child, on, kept=counts)
    return ledger


def _fits(ledger: Ledger, child: int, opening_id: int) -> bool:
    new = set(ledger.quotas_of[opening_id]) - ledger.drawn_by(child)
    return all(ledger.quotas[pk].taken < ledger.quotas[pk].capacity for pk in new)


yes_or_no = st.booleans()
wishes = st.lists(
    st.builds(Change, st.sampled_from([ZOE, LEO]), st.sampled_from([1, 2]), yes_or_no, yes_or_no, yes_or_no),
    max_size=6,
)


def stood(facts: Facts, done: Settled) -> dict[int, dict[int, Place]]:
    """What each child has once the effects are written."""
    ended = {end.booking_id for end in done.ended}
    placed = {pk for waiter in done.placed for pk in waiter.booking_ids}
    found: dict[int, dict[int, Place]] = {}
    for child, places in facts.places.items():
        for one in places:
            if one.id not in ended:
                state = BookingState.BOOKED if one.id in placed else one.state
                found.setdefault(child, {})[one.opening_id] = replace(one, state=state)
    for added in done.added:
        place = Place(0, added.opening.id, added.state, added.starts_at, added.ends_at, kept=added.kept)
        found.setdefault(added.child_id, {})[added.opening.id] = place
    return found


@given(ledgers(), wishes, st.booleans())
def test_who_counts_for_places_kept_is_counted_once_as_it_stands(ledger, changes, serve):
    facts = ledger.facts(serve=serve)
    after = stood(facts, ledger.settle(*changes, serve=serve))
    for quota in facts.quotas.values():
        for part in quota.parts:
            there = {
                child
                for child, places in after.items()
                for one in places.values()
                if one.holds and part.kept_id in one.kept and quota.id in facts.quotas_of[one.opening_id]
            }
            assert part.taken + part.delta == len(there)
        assert quota.kept_delta == sum(
            min(part.places, part.taken + part.delta) - min(part.places, part.taken) for part in quota.parts
        )


@given(ledgers(), wishes, st.booleans())
def test_what_is_kept_goes_to_nobody_else(ledger, changes, serve):
    """Those who are there and those for whom places are kept never become more than the capacity holds."""
    before = {pk: quota.taken + held_back(quota.parts, NO_MARKS) for pk, quota in ledger.quotas.items()}
    ledger.settle(*changes, serve=serve)
    for pk, quota in ledger.quotas.items():
        assert quota.now_taken <= quota.capacity
        assert quota.now_taken + held_back(quota.parts, NO_MARKS) <= max(quota.capacity, before[pk])


@given(ledgers(), wishes)
def test_no_place_stays_free_while_who_waits_could_have_it(ledger, changes):
    facts = ledger.facts(serve=True)
    after = stood(facts, ledger.settle(*changes, serve=True))
    for waiter in facts.waiters:
        (opening_id,) = waiter.opening_ids
        mine = after.get(waiter.child_id, {})
        if opening_id in mine and mine[opening_id].state is BookingState.WAITING:
            on = {pk for one in mine.values() if one.holds for pk in facts.quotas_of[one.opening_id]}
            new = [facts.quotas[pk] for pk in facts.quotas_of[opening_id] if pk not in on]
            assert not all(quota.has_room(mine[opening_id].kept) for quota in new)


@given(ledgers(), wishes)
def test_nobody_passes_those_who_wait(ledger, changes):
    first = _served(ledger.settle(serve=True))
    for quota in ledger.quotas.values():
        quota.delta = 0
        for part in quota.parts:
            part.delta = 0
    ticks = [replace(change, seen=False, wanted=True) for change in changes]
    assert first <= _served(ledger.settle(*ticks, serve=True))


def _served(done: Settled) -> set[int]:
    return {pk for waiter in done.placed if waiter.child_id in OTHERS for pk in waiter.booking_ids}


@given(ledgers(), st.sampled_from([ZOE, LEO]), st.sampled_from([1, 2]))
def test_what_a_cell_shows_is_what_the_save_says(ledger, child, number):
    """For who has nothing there yet and where nobody waits: free is booked, kept and full are refused so."""
    on = ledger.openings[number]
    if ledger.waiters or any(place.opening_id == number for place in ledger.places.get(child, ())):
        return
    lacks = Standing(ledger.facts(), NOW).lacks(
        child, on, Place(0, on.id, BookingState.BOOKED, on.starts_at, on.ends_at),
        on.activity.marks_of(ledger.homes[child].public, on.day),
    )  # fmt: skip
    told = said(ledger.settle(tick(on, child)))[child, number]
    assert told == (lacks.value if lacks else "booked")


def a_room(capacity: int, *, taken: int = 0, first: int = 0, second: int = 0) -> tuple[Ledger, Quota]:
    """A room of which places are kept; Zoé is of the first commune, Léo of none that counts."""
    ledger = Ledger()
    pk = ledger.quota(capacity, taken)
    for kept_id, places in ((FIRST, first), (SECOND, second)):
        if places:
            ledger.keep(pk, kept_id, places)
    ledger.open(MORNING, of=HERE, quotas=[pk])
    ledger.homes = {ZOE: lives(FIRST), LEO: lives(NOBODYS)}
    return ledger, ledger.quotas[pk]


def test_the_last_place_is_kept_from_others_and_given_to_who_counts():
    ledger, _room = a_room(2, taken=1, first=1)
    on = ledger.openings[1]
    assert said(ledger.settle(tick(on, LEO)))[LEO, 1] == "kept_places"
    ledger, _room = a_room(2, taken=1, first=1)
    assert said(ledger.settle(tick(on, ZOE)))[ZOE, 1] == "booked"


def test_who_counts_takes_another_place_once_theirs_are_taken_but_not_those_of_others():
    ledger, room = a_room(3, first=1)
    ledger.hold(20, ledger.openings[1], kept=marks(FIRST))
    assert said(ledger.settle(tick(ledger.openings[1], ZOE)))[ZOE, 1] == "booked"
    assert (room.parts[0].delta, room.kept_delta) == (1, 0), "more of them than places kept"
    ledger, _room = a_room(2, first=1, second=1)
    ledger.hold(20, ledger.openings[1], kept=marks(FIRST))
    assert said(ledger.settle(tick(ledger.openings[1], ZOE)))[ZOE, 1] == "kept_places"


def test_a_child_of_two_audiences_counts_for_both():
    ledger, room = a_room(3, first=1, second=1)
    ledger.hold(20, ledger.openings[1], kept=marks(FIRST, SECOND))
    assert held_back(room.parts, NO_MARKS) == 0
    assert said(ledger.settle(tick(ledger.openings[1], LEO)))[LEO, 1] == "booked"


def test_a_child_with_two_slots_of_a_room_has_one_of_its_places():
    ledger, room = a_room(3, first=2)
    meal = ledger.open(MEAL, of=HERE, quotas=[room.id])
    morning = ledger.openings[1]
    assert "booked" in said(ledger.settle(tick(morning, ZOE), tick(meal, ZOE))).values()
    assert (room.delta, room.parts[0].delta, room.kept_delta) == (1, 1, 1)
    ledger, room = a_room(3, first=2)
    meal = ledger.open(MEAL, of=HERE, quotas=[room.id])
    for on in (ledger.openings[1], meal):
        ledger.hold(ZOE, on, kept=marks(FIRST))
    ledger.settle(untick(meal, ZOE))
    assert (room.delta, room.parts[0].delta) == (0, 0), "it is still there"


def test_what_it_had_before_it_counted_is_none_of_those_kept():
    """A booking of another time, which counts for nothing, beside one that does."""
    ledger, room = a_room(3, first=1)
    meal = ledger.open(MEAL, of=HERE, quotas=[room.id])
    ledger.hold(ZOE, meal)
    ledger.settle(tick(ledger.openings[1], ZOE))
    assert (room.delta, room.parts[0].delta) == (0, 1)


def test_what_others_wait_for_makes_it_full_where_it_takes_the_last():
    ledger, _room = a_room(2, first=1)
    ledger.wait(20, ledger.openings[1])
    ledger.wait(21, ledger.openings[1], kept=marks(FIRST))
    assert said(ledger.settle(tick(ledger.openings[1], LEO)))[LEO, 1] == "full"


def test_full_is_said_where_nothing_at_all_is_left():
    ledger, _room = a_room(1, taken=1, first=1)
    assert said(ledger.settle(tick(ledger.openings[1], LEO)))[LEO, 1] == "full"


def test_who_waits_is_served_with_what_is_kept_for_it_alone():
    ledger, _room = a_room(2, taken=1, first=1)
    on = ledger.openings[1]
    ledger.wait(20, on)
    mine = ledger.wait(21, on, kept=marks(FIRST))
    assert ledger.settle(serve=True).placed == [mine], "the first in the queue is of no audience"


def test_what_who_waits_could_have_is_not_given_to_others_twice():
    """Two places, one of them kept: the one who waits takes that, the other is free."""
    ledger, _room = a_room(2, first=1)
    ledger.wait(20, ledger.openings[1], kept=marks(FIRST))
    assert said(ledger.settle(tick(ledger.openings[1], LEO)))[LEO, 1] == "booked"
    ledger, _room = a_room(2, first=1)
    ledger.wait(20, ledger.openings[1])
    assert said(ledger.settle(tick(ledger.openings[1], LEO)))[LEO, 1] == "kept_places"
    assert said(ledger.settle(tick(ledger.openings[1], ZOE)))[ZOE, 1] == "booked"


def test_who_leaves_gives_back_what_was_kept():
    ledger, room = a_room(1, first=1)
    on = ledger.openings[1]
    ledger.hold(ZOE, on, kept=marks(FIRST))
    done = ledger.settle(untick(on, ZOE), tick(on, LEO))
    assert said(done) == {(ZOE, 1): "cancelled", (LEO, 1): "kept_places"}
    assert (room.parts[0].delta, room.kept_delta) == (-1, -1)


def test_a_reason_passes_what_is_kept_without_passing_the_capacity():
    ledger, room = a_room(1, first=1)
    on = ledger.openings[1]
    (refused,) = ledger.settle(tick(on, LEO), agent=True).outcomes
    assert (refused.why, refused.needs_derogation) == (Why.KEPT_PLACES, True)
    (told,) = ledger.settle(tick(on, LEO), agent=True, derogation="Accord de la direction").outcomes
    assert (told.result, told.passed) == (Result.BOOKED, (Why.KEPT_PLACES,))
    assert room.overdraft_delta == 0


def test_who_may_not_have_it_may_wait():
    ledger, _room = a_room(1, first=1)
    (told,) = ledger.settle(tick(ledger.openings[1], LEO, accepts_waiting=True)).outcomes
    assert (told.result, told.why) == (Result.WAITING, Why.KEPT_PLACES)


def test_an_agent_gives_a_place_kept_for_a_reason():
    ledger, _room = a_room(1, first=1)
    waiter = ledger.wait(20, ledger.openings[1])
    placing = Queue(Standing(ledger.facts(), NOW)).place(waiter.booking_ids[0])
    assert placing is not None
    assert (placing.lacks, placing.in_turn) == (Why.KEPT_PLACES, False)


def test_a_cell_says_until_when_places_are_kept():
    on = a_room(1)[0].openings[1]
    context = Context(stay(), full=True, kept_until=TOO_LATE)
    state = cell_state(on, None, None, context, NOW)
    assert (state.cell, state.why, state.since, state.editable) == (
        Cell.FULL,
        Why.KEPT_PLACES,
        TOO_LATE,
        True,
    )
    failed = [(step.why, step.at) for step in steps(on, context, NOW) if not step.passes]
    assert failed == [(Why.KEPT_PLACES, TOO_LATE)]
    by_hour = cell_state(opening(9, BY_HOUR), None, None, context, NOW)
    assert by_hour.cell is Cell.FREE, "other hours may be chosen"
    plain = [step.why for step in steps(on, replace(context, kept_until=None), NOW) if not step.passes]
    assert plain == [Why.FULL]


@pytest.mark.parametrize(
    ("day", "counts"),
    [(date(2026, 9, 8), False), (WEDNESDAY, True), (date(2026, 9, 10), True), (date(2026, 9, 11), False)],
)
def test_they_are_kept_on_the_days_of_their_row(day, counts):
    one = kept(FIRST, since=WEDNESDAY, until=date(2026, 9, 10))
    public = lives(FIRST).public
    assert marks_of([one], public, HERE.offered, day) == (marks(FIRST) if counts else NO_MARKS)


def test_who_moves_in_that_day_counts_from_that_day():
    moved = Public(lived=(Lived(date(2020, 1, 1), NOBODYS), Lived(WEDNESDAY, FIRST)))
    assert HERE.marks_of(moved, WEDNESDAY) == marks(FIRST)
    assert HERE.marks_of(moved, date(2026, 9, 8)) == NO_MARKS


def test_children_named_count_wherever_they_live():
    named = Audience(AudienceKind.NAMED, frozenset({7}))
    one = kept(7, audience=named)
    assert marks_of([one], Public(named=frozenset({7})), HERE.offered, WEDNESDAY) == marks(7)
    assert marks_of([one], Public(named=frozenset({8})), HERE.offered, WEDNESDAY) == NO_MARKS


def test_what_is_claimed_of_a_part_holds_back_no_more():
    part = KeptPart(1, 1, FIRST, 2, 0, datetime(2026, 9, 8, 12, tzinfo=PARIS))
    assert held_back([part], NO_MARKS) == 2
    assert held_back([part], NO_MARKS, [marks(FIRST), marks(SECOND)]) == 1
    assert held_back([part], NO_MARKS, [marks(FIRST)] * 3) == 0
    assert held_back([part], marks(FIRST)) == 0
