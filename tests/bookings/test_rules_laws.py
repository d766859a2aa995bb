"""A cell over every combination of facts: it has a state, says why, and keeps its word."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from marelle.activities.kinds import BookingMode
from marelle.activities.rules import After, Limit, LimitKind
from marelle.bookings.cells import Cell, Context, cell_state
from marelle.bookings.rules import Home, Why
from marelle.bookings.saving.ledger import Result
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.clock import PARIS
from marelle.families.rules import Custody, CustodyHolidays, CustodyWeeks
from tests.bookings.facts import (
    AFTERNOON,
    DAY,
    MEAL,
    MORNING,
    NEXT_WEDNESDAY,
    NOW,
    OUTING,
    PAST,
    TOO_LATE,
    YEAR,
    ZOE,
    Ledger,
    activity,
    opening,
    place,
    stay,
    tick,
    untick,
    with_rules,
)
from tests.waves import waves

NOON_BEFORE = datetime(2026, 9, 8, 12, 0, tzinfo=PARIS)
OPENS = datetime(2026, 9, 7, 20, 0, tzinfo=PARIS)
EVEN_WEEKS = Home(custody=(Custody(CustodyWeeks.EVEN, CustodyHolidays.SAME_AS_WEEKS, since=YEAR[0]),))
"""9 September 2026 is in week 37, 16 September in week 38."""


STATES = [None, *BookingState]
activities = st.builds(
    lambda mode, after, opens, book, cancel: with_rules(
        activity(booking_mode=mode),
        after=after,
        waves=waves(opens) if opens else (),
        book=book,
        cancel=cancel,
    ),
    st.sampled_from(list(BookingMode)),
    st.sampled_from(list(After)),
    st.sampled_from([None, OPENS]),
    st.sampled_from([Limit(LimitKind.START), Limit(LimitKind.HOURS_BEFORE, n=30), Limit(LimitKind.NEVER)]),
    st.sampled_from([Limit(LimitKind.START), Limit(LimitKind.HOURS_BEFORE, n=48), Limit(LimitKind.NEVER)]),
)
openings = st.builds(
    lambda of, slot_id, is_open, group: opening(1, slot_id, of=of, is_open=is_open, group_id=group),
    activities,
    st.sampled_from([MORNING, MEAL, DAY, OUTING]),
    st.booleans(),
    st.sampled_from([None, 7]),
)
stays = st.sampled_from(
    [None, stay(), stay(groups=((YEAR[0], 7),)), stay(first_day=NEXT_WEDNESDAY), stay(last_day=YEAR[0])]
)
homes = st.sampled_from([Home(), EVEN_WEEKS])
moments = st.sampled_from([NOW - timedelta(days=30), NOW, OPENS, NOON_BEFORE, TOO_LATE, PAST])
places = st.builds(
    lambda state, mine, absent, justified, cause: (
        None
        if state is None
        else (lambda on: place(on, state, mine=mine, absent=absent, justified=justified, cause=cause))
    ),
    st.sampled_from(STATES),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, *EndCause]),
)


@given(openings, places, st.sampled_from([None, True, False]), stays, homes, st.booleans(), moments)
def test_every_combination_has_a_state_that_says_why(on, booked, attended, its_stay, home, full, now):
    context = Context(its_stay, home, full=full)
    found = cell_state(on, booked(on) if booked else None, attended, context, now)
    if found.cell in {Cell.CLOSED, Cell.LOCKED, Cell.NOT_YET, Cell.NOT_OFFERED, Cell.OTHER_HOME}:
        assert found.why is not None
        assert not found.editable
    waits = found.cell is Cell.FULL and found.why is Why.QUEUE_ONLY
    if found.cell is Cell.NOT_YET:
        assert found.since is not None
    if found.cell is Cell.FREE:
        assert found.editable
    if found.cell is Cell.BOOKED:
        assert found.editable is (found.why is None)
    if found.editable:
        # Past the limit one may still wait: the cell is free to touch, and says that it only waits.
        assert found.why is (Why.QUEUE_ONLY if waits else None)
        assert found.cell in {
            Cell.FREE,
            Cell.FULL,
            Cell.BOOKED,
            Cell.REQUESTED,
            Cell.WAITING,
            Cell.OFFERED,
            Cell.REFUSED,
        }


@given(openings, places, stays, homes, st.sampled_from([None, 0, 1]), st.booleans(), moments)
def test_a_cell_promises_what_a_save_does(on, booked, its_stay, home, free, rival, now):
    """What may be clicked is done, what may not is refused for the reason that the cell gives."""
    own = booked(on) if booked else None
    assume(own is None or not own.absent)
    ledger = Ledger(ZOE)
    ledger.openings[on.id] = on
    ledger.quotas_of[on.id] = [] if free is None else [ledger.quota(3, 3 - free)]
    ledger.stays = {ZOE: [] if its_stay is None else [its_stay]}
    ledger.homes = {ZOE: home}
    live = own is not None and own.state in LIVE
    changes, others = [], []
    if live:
        ledger.places[ZOE] = [own]
        changes.append(untick(on))
    elif rival:
        other = ledger.open(DAY if on.slot.id != DAY else AFTERNOON, of=on.activity)
        others = [(other, ledger.hold(ZOE, other))]
        changes.append(untick(other))
    state = cell_state(on, own, None, Context(its_stay, home, others, free == 0), now)
    if not live:
        changes.append(tick(on, accepts_waiting=state.cell is Cell.FULL))
    done = ledger.settle(*changes, now=now)
    (outcome,) = (o for o in done.outcomes if o.change.opening_id == on.id)
    assert state.editable is (outcome.result is not Result.REFUSED)
    if state.why not in {None, Why.CONFLICT}:
        assert outcome.why is state.why
