from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from marelle.activities.kinds import BookingMode
from marelle.activities.rules import After, Limit, LimitKind
from marelle.bookings.rules import Home, Why
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.states import BookingState, EndCause
from marelle.core.clock import instant_at
from marelle.families.rules import Custody, CustodyHolidays, CustodyWeeks
from tests.bookings.facts import (
    AFTERNOON,
    DAY,
    ELSEWHERE,
    LEO,
    MEAL,
    MORNING,
    NEXT_WEDNESDAY,
    OUTING,
    PAST,
    RULE,
    TOO_LATE,
    YEAR,
    ZOE,
    activity,
    said,
    slot,
    tick,
    untick,
)

PAUL, NINA = 20, 21
"""Children of other homes."""


# One cell


def test_a_tick_books_and_takes_a_place(ledger):
    morning = ledger.open(capacity=1)
    done = ledger.settle(tick(morning))
    assert said(done) == {(ZOE, morning.id): "booked"}
    assert [(a.child_id, a.opening, a.state) for a in done.added] == [(ZOE, morning, BookingState.BOOKED)]
    assert ledger.taken(morning) == [1]


def test_a_double_click_changes_nothing(ledger):
    morning = ledger.open(capacity=1)
    ledger.hold(ZOE, morning)
    done = ledger.settle(tick(morning), tick(morning))
    assert said(done) == {(ZOE, morning.id): "unchanged"}
    assert not done.added
    assert ledger.taken(morning) == [1]


def test_the_last_of_two_posts_of_one_cell_counts(ledger):
    morning = ledger.open(capacity=1)
    ledger.hold(ZOE, morning)
    done = ledger.settle(untick(morning), Change(ZOE, morning.id, seen=True, wanted=True))
    assert not done.outcomes
    assert not done.ended


@pytest.mark.parametrize("seen", [True, False])
def test_a_cell_as_it_was_shown_is_left_alone(ledger, seen):
    """A stale tab: what another tab booked since is not seen, not ticked, and stays."""
    morning = ledger.open(capacity=1)
    ledger.hold(ZOE, morning)
    done = ledger.settle(Change(ZOE, morning.id, seen=seen, wanted=seen))
    assert not done.outcomes
    assert not done.ended


def test_taking_back_what_is_gone_already_is_no_error(ledger):
    morning = ledger.open(capacity=1)
    assert said(ledger.settle(untick(morning))) == {(ZOE, morning.id): "unchanged"}


def test_taking_back_frees_the_place(ledger):
    morning = ledger.open(capacity=1)
    held = ledger.hold(ZOE, morning)
    done = ledger.settle(untick(morning))
    assert said(done) == {(ZOE, morning.id): "cancelled"}
    assert [(e.booking_id, e.cause) for e in done.ended] == [(held.id, EndCause.FAMILY)]
    assert ledger.taken(morning) == [0]


def test_a_place_freed_in_the_same_save_can_be_taken(ledger):
    morning = ledger.open(capacity=1)
    ledger.hold(LEO, morning)
    done = ledger.settle(tick(morning, ZOE), untick(morning, LEO))
    assert said(done) == {(ZOE, morning.id): "booked", (LEO, morning.id): "cancelled"}


def test_where_an_agent_validates_a_tick_asks(ledger):
    morning = ledger.open(of=activity(booking_mode=BookingMode.VALIDATED), capacity=1)
    done = ledger.settle(tick(morning))
    assert said(done) == {(ZOE, morning.id): "requested"}
    assert done.added[0].state is BookingState.REQUESTED
    assert ledger.taken(morning) == [1]


def test_an_agent_s_own_booking_needs_no_validation(ledger):
    morning = ledger.open(of=activity(booking_mode=BookingMode.VALIDATED), capacity=1)
    assert said(ledger.settle(tick(morning), agent=True)) == {(ZOE, morning.id): "booked"}


# What is refused


def test_unknown_children_and_openings(ledger):
    morning = ledger.open()
    done = ledger.settle(Change(999, morning.id, False, True), Change(ZOE, 999, False, True), tick(morning))
    assert said(done) == {
        (999, morning.id): "unknown",
        (ZOE, 999): "unknown",
        (ZOE, morning.id): "booked",
    }


def test_full_offers_the_waiting_list_and_the_rest_is_kept(ledger):
    full, free = ledger.open(capacity=0), ledger.open(day=NEXT_WEDNESDAY, capacity=1)
    done = ledger.settle(tick(full), tick(free))
    assert said(done) == {(ZOE, full.id): "full", (ZOE, free.id): "booked"}
    assert [o.may_wait for o in done.outcomes if o.result is Result.REFUSED] == [True]


def test_who_accepts_to_wait_is_queued_and_takes_nothing(ledger):
    full = ledger.open(capacity=0)
    done = ledger.settle(tick(full, accepts_waiting=True))
    assert said(done) == {(ZOE, full.id): "waiting"}
    assert done.added[0].state is BookingState.WAITING
    assert ledger.taken(full) == [0]


def test_who_accepts_to_wait_is_booked_when_there_is_room(ledger):
    free = ledger.open(capacity=1)
    assert said(ledger.settle(tick(free, accepts_waiting=True))) == {(ZOE, free.id): "booked"}


def test_leaving_the_queue(ledger):
    full = ledger.open(capacity=0)
    ledger.wait(ZOE, full)
    done = ledger.settle(untick(full), serve=True)
    assert said(done) == {(ZOE, full.id): "left_queue"}
    assert ledger.taken(full) == [0]


def test_past_the_limit_nothing_is_booked_nor_taken_back(ledger):
    morning, meal = ledger.open(MORNING), ledger.open(MEAL)
    ledger.hold(ZOE, meal)
    done = ledger.settle(tick(morning), untick(meal), now=TOO_LATE)
    assert said(done) == {(ZOE, morning.id): "too_late", (ZOE, meal.id): "too_late_to_cancel"}
    assert not done.added
    assert not done.ended
    assert all(outcome.limit is not None for outcome in done.outcomes)


QUEUED = activity(rules=(replace(RULE, cancel=Limit(LimitKind.START), after=After.WAIT),))
"""Past its limit, who asks waits for an agent, however many places are free; taken back until the start."""


def test_past_the_limit_of_a_rule_that_then_makes_all_wait(ledger):
    morning = ledger.open(capacity=3, of=QUEUED)
    (asked,) = ledger.settle(tick(morning), now=TOO_LATE).outcomes
    assert (asked.result, asked.why, asked.may_wait) == (Result.REFUSED, Why.QUEUE_ONLY, True)
    assert asked.limit == instant_at(date(2026, 9, 8), time(12))
    done = ledger.settle(tick(morning, accepts_waiting=True), now=TOO_LATE)
    assert [(one.result, one.why) for one in done.outcomes] == [(Result.WAITING, Why.QUEUE_ONLY)]
    assert [one.state for one in done.added] == [BookingState.WAITING]
    assert ledger.taken(morning) == [0]
    assert said(ledger.settle(tick(morning, accepts_waiting=True))) == {(ZOE, morning.id): "booked"}
    past = ledger.settle(tick(morning, accepts_waiting=True), now=PAST)
    assert said(past) == {(ZOE, morning.id): "too_late"}


def test_an_agent_passes_it_with_a_reason_alone(ledger):
    morning = ledger.open(capacity=1, of=QUEUED)
    (asked,) = ledger.settle(tick(morning), now=TOO_LATE, agent=True).outcomes
    assert (asked.why, asked.needs_derogation) == (Why.QUEUE_ONLY, True)
    (given,) = ledger.settle(tick(morning), now=TOO_LATE, agent=True, derogation="Urgence").outcomes
    assert (given.result, given.derogation) == (Result.BOOKED, "Urgence")


def test_nobody_waits_past_the_limit_for_what_stands_in_its_own_way(ledger):
    morning, day = ledger.open(MORNING, of=QUEUED), ledger.open(DAY, of=QUEUED)
    ledger.hold(ZOE, day)
    done = ledger.settle(tick(morning, accepts_waiting=True), now=TOO_LATE)
    assert said(done) == {(ZOE, morning.id): "conflict"}
    afternoon = ledger.open(AFTERNOON, of=QUEUED)
    done = ledger.settle(tick(afternoon, LEO, accepts_waiting=True), now=TOO_LATE)
    assert said(done) == {(LEO, afternoon.id): "requires"}


def test_who_waits_past_the_limit_is_served_by_nobody_but_an_agent(ledger):
    morning = ledger.open(capacity=1, of=QUEUED)
    ledger.wait(PAUL, morning)
    assert not ledger.settle(serve=True, now=TOO_LATE).placed
    assert [one.child_id for one in ledger.settle(serve=True).placed] == [PAUL]


def test_what_the_other_home_booked_is_neither_taken_back_nor_doubled(ledger):
    morning, meal = ledger.open(MORNING), ledger.open(MEAL)
    ledger.hold(ZOE, morning, mine=False)
    ledger.hold(ZOE, meal, mine=False)
    done = ledger.settle(untick(morning), tick(meal), agent=True, derogation="Accord des deux")
    assert set(said(done).values()) == {"other_home"}
    assert not done.ended


def test_a_day_of_the_other_home(ledger):
    morning = ledger.open()
    # 9 September 2026 is in week 37.
    ledger.homes[ZOE] = Home(
        custody=(Custody(CustodyWeeks.EVEN, CustodyHolidays.SAME_AS_WEEKS, since=YEAR[0]),)
    )
    assert said(ledger.settle(tick(morning))) == {(ZOE, morning.id): "other_home_day"}


# Slots together


def test_two_slots_that_exclude_each_other_the_first_is_kept(ledger):
    morning, day = ledger.open(MORNING), ledger.open(DAY)
    done = ledger.settle(tick(morning), tick(day))
    assert said(done) == {(ZOE, morning.id): "booked", (ZOE, day.id): "conflict"}
    assert done.outcomes[1].other == "Matin"


def test_two_places_at_once(ledger):
    morning, other = ledger.open(MORNING), ledger.open(MORNING, of=activity(ELSEWHERE))
    done = ledger.settle(tick(morning), tick(other))
    assert said(done) == {(ZOE, morning.id): "booked", (ZOE, other.id): "elsewhere"}
    assert done.outcomes[1].other == "Structure 1"


def test_two_places_at_once_whichever_home_booked(ledger):
    morning, other = ledger.open(MORNING), ledger.open(MORNING, of=activity(ELSEWHERE))
    ledger.hold(ZOE, other, mine=False)
    assert said(ledger.settle(tick(morning))) == {(ZOE, morning.id): "elsewhere"}


def test_two_outings_at_the_same_hours(ledger):
    one, two = ledger.open(OUTING, title="Lac"), ledger.open(OUTING, title="Forêt")
    assert said(ledger.settle(tick(one), tick(two))) == {
        (ZOE, one.id): "booked",
        (ZOE, two.id): "conflict",
    }


def test_a_slot_without_the_one_that_it_requires(ledger):
    afternoon = ledger.open(AFTERNOON)
    assert said(ledger.settle(tick(afternoon))) == {(ZOE, afternoon.id): "requires"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_slot_with_the_one_that_it_requires_in_any_order(ledger, order):
    afternoon, meal = ledger.open(AFTERNOON), ledger.open(MEAL)
    done = ledger.settle(*[tick(afternoon), tick(meal)][::order])
    assert set(said(done).values()) == {"booked"}


def test_a_slot_whose_required_one_is_full_is_not_booked(ledger):
    afternoon, meal = ledger.open(AFTERNOON), ledger.open(MEAL, capacity=0)
    done = ledger.settle(tick(afternoon), tick(meal))
    assert said(done) == {(ZOE, afternoon.id): "requires", (ZOE, meal.id): "full"}


def test_nobody_waits_for_a_slot_without_the_one_that_it_requires(ledger):
    afternoon = ledger.open(AFTERNOON, capacity=0)
    done = ledger.settle(tick(afternoon, accepts_waiting=True))
    assert said(done) == {(ZOE, afternoon.id): "requires"}
    assert not done.added


def test_a_required_slot_is_not_taken_back_alone(ledger):
    afternoon, meal = ledger.open(AFTERNOON), ledger.open(MEAL)
    ledger.hold(ZOE, afternoon)
    ledger.hold(ZOE, meal)
    done = ledger.settle(untick(meal))
    assert said(done) == {(ZOE, meal.id): "required"}
    assert done.outcomes[0].other == "Après-midi"
    assert not done.ended


@pytest.mark.parametrize("order", [1, -1])
def test_a_required_slot_is_taken_back_with_what_needs_it(ledger, order):
    afternoon, meal = ledger.open(AFTERNOON), ledger.open(MEAL)
    ledger.hold(ZOE, afternoon)
    ledger.hold(ZOE, meal)
    done = ledger.settle(*[untick(meal), untick(afternoon)][::order])
    assert set(said(done).values()) == {"cancelled"}


def test_a_chain_of_required_slots_is_booked_and_taken_back_in_any_order(ledger):
    chain = activity(
        slots={
            pk: slot(pk, conflicts=frozenset(), requires=frozenset({pk - 1} if pk > MORNING else ()))
            for pk in (MORNING, MEAL, AFTERNOON)
        }
    )
    openings = [ledger.open(pk, of=chain) for pk in (MEAL, AFTERNOON, MORNING)]
    assert set(said(ledger.settle(*map(tick, openings))).values()) == {"booked"}
    for one in openings:
        ledger.hold(ZOE, one)
    assert set(said(ledger.settle(*map(untick, openings))).values()) == {"cancelled"}


# One change of two cells


@pytest.mark.parametrize(("old", "new"), [(MORNING, DAY), (DAY, MORNING)])
def test_a_slot_for_another_is_one_change(ledger, old, new):
    before, after = ledger.open(old, capacity=1), ledger.open(new, capacity=1)
    held = ledger.hold(ZOE, before)
    done = ledger.settle(tick(after), untick(before))
    assert said(done) == {(ZOE, before.id): "cancelled", (ZOE, after.id): "booked"}
    assert [(e.booking_id, e.cause) for e in done.ended] == [(held.id, EndCause.CHANGED)]
    assert (ledger.taken(before), ledger.taken(after)) == ([0], [1])


def test_the_old_slot_is_kept_when_the_new_is_full(ledger):
    before, after = ledger.open(MORNING, capacity=1), ledger.open(DAY, capacity=0)
    ledger.hold(ZOE, before)
    done = ledger.settle(tick(after), untick(before))
    assert said(done) == {(ZOE, before.id): "unchanged", (ZOE, after.id): "full"}
    assert {o.why for o in done.outcomes} == {Why.KEPT, Why.FULL}
    assert not done.ended
    assert ledger.taken(before) == [1]


def test_the_old_slot_is_kept_while_the_new_is_waited_for(ledger):
    before, after = ledger.open(MORNING, capacity=1), ledger.open(DAY, capacity=0)
    ledger.hold(ZOE, before)
    done = ledger.settle(tick(after, accepts_waiting=True), untick(before))
    assert said(done) == {(ZOE, before.id): "unchanged", (ZOE, after.id): "waiting"}


def test_the_old_slot_is_kept_when_the_limit_has_passed(ledger):
    before, after = ledger.open(MORNING), ledger.open(DAY)
    ledger.hold(ZOE, before)
    done = ledger.settle(tick(after), untick(before), now=TOO_LATE)
    assert said(done)[ZOE, before.id] == "unchanged"
    assert said(done)[ZOE, after.id] == "too_late"
    assert not done.ended


def test_a_day_for_its_two_halves_is_all_or_nothing(ledger):
    day, morning = ledger.open(DAY), ledger.open(MORNING)
    meal, afternoon = ledger.open(MEAL), ledger.open(AFTERNOON, capacity=0)
    ledger.hold(ZOE, day)
    done = ledger.settle(untick(day), tick(morning), tick(meal), tick(afternoon))
    assert said(done)[ZOE, day.id] == "unchanged"
    assert not done.added
    assert not done.ended


def test_a_change_that_would_leave_a_slot_without_the_one_it_requires(ledger):
    """Après-midi needs Repas or Journée: Repas for a Matin elsewhere at the same hours leaves it alone."""
    meal, afternoon = ledger.open(MEAL), ledger.open(AFTERNOON)
    other = ledger.open(MEAL, of=activity(ELSEWHERE))
    ledger.hold(ZOE, meal)
    ledger.hold(ZOE, afternoon)
    done = ledger.settle(untick(meal), tick(other))
    assert said(done) == {(ZOE, meal.id): "unchanged", (ZOE, other.id): "required"}


def test_who_changes_morning_for_day_keeps_the_morning_s_place_before_those_who_wait(ledger):
    building = ledger.quota(1)
    morning, day = ledger.open(MORNING, quotas=[building]), ledger.open(DAY, quotas=[building])
    ledger.hold(ZOE, morning)
    ledger.wait(PAUL, morning)
    done = ledger.settle(untick(morning), tick(day), serve=True)
    assert said(done) == {(ZOE, morning.id): "cancelled", (ZOE, day.id): "booked"}
    assert not done.placed


# Bundles


@pytest.fixture
def week(ledger):
    return [ledger.open(day=YEAR[0].replace(day=day), bundle_id=1, capacity=1) for day in (14, 15, 16)]


def test_a_whole_bundle_is_booked(ledger, week):
    done = ledger.settle(*map(tick, week))
    assert set(said(done).values()) == {"booked"}


def test_half_a_bundle_is_not(ledger, week):
    done = ledger.settle(tick(week[0]), tick(week[2]))
    assert set(said(done).values()) == {"half_bundle"}
    assert not done.added


def test_a_bundle_with_a_full_day_is_refused_whole(ledger, week):
    ledger.hold(PAUL, week[1])
    done = ledger.settle(*map(tick, week))
    assert set(said(done).values()) == {"full"}
    assert [ledger.taken(one) for one in week] == [[0], [1], [0]]


def test_a_bundle_with_a_full_day_is_waited_for_whole(ledger, week):
    ledger.hold(PAUL, week[1])
    done = ledger.settle(*(tick(one, accepts_waiting=True) for one in week))
    assert [a.state for a in done.added] == [BookingState.WAITING] * 3


def test_a_bundle_is_taken_back_whole(ledger, week):
    for one in week:
        ledger.hold(ZOE, one)
    assert set(said(ledger.settle(untick(week[0]))).values()) == {"half_bundle"}
    assert set(said(ledger.settle(*map(untick, week))).values()) == {"cancelled"}


def test_a_bundle_waited_for_is_left_whole(ledger, week):
    ledger.wait(ZOE, *week)
    assert set(said(ledger.settle(untick(week[0]))).values()) == {"half_bundle"}


def test_a_bundle_is_not_broken_by_a_change_of_one_day(ledger, week):
    for one in week:
        ledger.hold(ZOE, one)
    other = ledger.open(day=week[0].day, of=activity(ELSEWHERE))
    done = ledger.settle(untick(week[0]), tick(other))
    assert said(done) == {(ZOE, week[0].id): "unchanged", (ZOE, other.id): "half_bundle"}
    assert not done.ended
