from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from marelle.activities.kinds import BookingMode
from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.ledger import Change, Result
from marelle.bookings.rules import Home, Why
from marelle.bookings.states import BookingState, EndCause
from marelle.families.rules import Custody, CustodyHolidays, CustodyWeeks
from tests.bookings.facts import (
    AFTERNOON,
    BY_HOUR,
    DAY,
    ELSEWHERE,
    LEO,
    MEAL,
    MORNING,
    NEXT_WEDNESDAY,
    OUTING,
    PAST,
    TOO_LATE,
    YEAR,
    ZOE,
    Ledger,
    activity,
    said,
    slot,
    stay,
    tick,
    untick,
    with_rules,
)

PAUL, NINA = 20, 21
"""Children of other homes."""


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


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


# By the hour


@pytest.fixture
def nursery(ledger):
    """Two places in each half-hour from 8:00 to 18:00."""
    parts = [ledger.quota(2, part=part) for part in range(16, 36)]
    return ledger.open(BY_HOUR, quotas=parts)


def hours(on: Any, start: str, end: str, *, seen: bool = False) -> Change:
    return Change(
        ZOE, on.id, seen=seen, wanted=True, starts=time.fromisoformat(start), ends=time.fromisoformat(end)
    )


def at(on: Any, start: int, end: int) -> dict[str, Any]:
    return {"starts_at": on.starts_at.replace(hour=start), "ends_at": on.starts_at.replace(hour=end)}


def test_by_the_hour_only_the_half_hours_asked_for_are_taken(ledger, nursery):
    done = ledger.settle(hours(nursery, "08:30", "09:30"))
    assert said(done) == {(ZOE, nursery.id): "booked"}
    assert ledger.taken(nursery)[:5] == [0, 1, 1, 0, 0]


def test_by_the_hour_full_half_hours_only_stop_those_who_want_them(ledger, nursery):
    for child in (PAUL, NINA):
        ledger.hold(child, nursery, **at(nursery, 10, 12))
    assert said(ledger.settle(hours(nursery, "08:00", "10:00"))) == {(ZOE, nursery.id): "booked"}
    assert said(ledger.settle(hours(nursery, "09:00", "11:00", seen=False)))[ZOE, nursery.id] == "full"


@pytest.mark.parametrize(
    ("start", "end"), [("10:00", "09:00"), ("09:00", "09:00"), ("09:10", "10:00"), ("07:30", "10:00")]
)
def test_hours_that_are_not_half_hours_of_the_opening(ledger, nursery, start, end):
    assert said(ledger.settle(hours(nursery, start, end))) == {(ZOE, nursery.id): "bad_hours"}


def test_no_hours_at_all(ledger, nursery):
    assert said(ledger.settle(tick(nursery))) == {(ZOE, nursery.id): "bad_hours"}


def test_other_hours_are_one_change(ledger, nursery):
    held = ledger.hold(ZOE, nursery, **at(nursery, 8, 9))
    done = ledger.settle(hours(nursery, "08:30", "09:30", seen=True))
    assert [o.result for o in done.outcomes] == [Result.CHANGED]
    assert [(e.booking_id, e.cause) for e in done.ended] == [(held.id, EndCause.CHANGED)]
    assert ledger.taken(nursery)[:4] == [0, 1, 1, 0]


def test_the_same_hours_are_no_change(ledger, nursery):
    ledger.hold(ZOE, nursery, **at(nursery, 8, 9))
    assert not ledger.settle(hours(nursery, "08:00", "09:00", seen=True)).outcomes


@pytest.mark.parametrize(
    ("start", "end", "why"), [("09:00", "11:00", "full"), ("11:00", "10:00", "bad_hours")]
)
def test_the_old_hours_are_kept_when_the_new_fail(ledger, nursery, start, end, why):
    ledger.hold(ZOE, nursery, **at(nursery, 8, 9))
    for child in (PAUL, NINA):
        ledger.hold(child, nursery, **at(nursery, 10, 12))
    before = ledger.taken(nursery)
    done = ledger.settle(hours(nursery, start, end, seen=True))
    assert said(done) == {(ZOE, nursery.id): why}
    assert not done.ended
    assert not done.added
    assert ledger.taken(nursery) == before


# Agents


def test_a_parent_has_no_derogation(ledger):
    morning = ledger.open(capacity=0)
    done = ledger.settle(tick(morning), derogation="Je suis pressé")
    assert said(done) == {(ZOE, morning.id): "full"}
    assert not done.outcomes[0].needs_derogation


def test_an_agent_is_told_that_a_derogation_is_needed(ledger):
    late = ledger.open()
    done = ledger.settle(tick(late), now=TOO_LATE, agent=True)
    assert said(done) == {(ZOE, late.id): "too_late"}
    assert done.outcomes[0].needs_derogation


def test_with_a_reason_an_agent_passes_a_capacity_and_the_overdraft_grows(ledger):
    full = ledger.open(capacity=1)
    ledger.hold(PAUL, full)
    done = ledger.settle(tick(full), agent=True, derogation="Fratrie")
    assert said(done) == {(ZOE, full.id): "booked"}
    assert done.added[0].derogation == done.outcomes[0].derogation == "Fratrie"
    assert [(q.now_taken, q.overdraft_delta) for q in ledger.quotas.values()] == [(2, 1)]


def test_a_derogation_that_nothing_needed_is_not_written(ledger):
    free = ledger.open(capacity=1)
    done = ledger.settle(tick(free), agent=True, derogation="Fratrie")
    assert done.added[0].derogation == done.outcomes[0].derogation == ""


def test_a_freed_place_shrinks_the_overdraft_before_anybody_gets_it(ledger):
    over = ledger.open(capacity=1)
    ledger.hold(PAUL, over)
    ledger.hold(ZOE, over)
    ledger.wait(NINA, over)
    done = ledger.settle(untick(over), serve=True)
    assert [(q.now_taken, q.overdraft_delta) for q in ledger.quotas.values()] == [(1, -1)]
    assert not done.placed


def test_with_a_reason_an_agent_passes_a_deadline_both_ways(ledger):
    morning, next_morning = ledger.open(), ledger.open(MEAL)
    ledger.hold(ZOE, next_morning)
    done = ledger.settle(
        tick(morning), untick(next_morning), now=TOO_LATE, agent=True, derogation="Hospitalisation"
    )
    assert set(said(done).values()) == {"booked", "cancelled"}
    assert {o.derogation for o in done.outcomes} == {"Hospitalisation"}


def test_no_reason_opens_a_closed_day_even_for_another_group(ledger):
    closed = ledger.open(group_id=7, is_open=False, reason="Grève")
    done = ledger.settle(tick(closed), agent=True, derogation="Urgence")
    assert said(done) == {(ZOE, closed.id): "closed"}
    assert done.outcomes[0].other == "Grève"


def test_no_reason_books_a_child_that_is_not_enrolled(ledger):
    morning = ledger.open()
    ledger.stays = {}
    assert said(ledger.settle(tick(morning), agent=True, derogation="Urgence")) == {
        (ZOE, morning.id): "not_enrolled"
    }


def test_with_a_reason_an_agent_gives_a_place_to_a_child_that_waits(ledger):
    full = ledger.open(capacity=1)
    ledger.hold(PAUL, full)
    waiter = ledger.wait(ZOE, full)
    done = ledger.settle(tick(full), agent=True, derogation="Fratrie")
    assert said(done) == {(ZOE, full.id): "booked"}
    assert [e.booking_id for e in done.ended] == list(waiter.booking_ids)
    assert ledger.taken(full) == [2]


# The waiting list


def test_a_free_place_that_someone_waits_for_is_not_taken_by_another(ledger):
    morning = ledger.open(capacity=1)
    ledger.wait(PAUL, morning)
    assert said(ledger.settle(tick(morning))) == {(ZOE, morning.id): "full"}


def test_what_is_left_behind_those_who_wait_may_be_taken(ledger):
    morning = ledger.open(capacity=2)
    ledger.wait(PAUL, morning)
    assert said(ledger.settle(tick(morning))) == {(ZOE, morning.id): "booked"}


def test_the_first_that_waits_is_not_stopped_by_those_behind(ledger):
    morning = ledger.open(capacity=1)
    ledger.wait(ZOE, morning)
    ledger.wait(PAUL, morning)
    assert said(ledger.settle(tick(morning))) == {(ZOE, morning.id): "booked"}


def test_the_second_that_waits_does_not_pass_the_first(ledger):
    morning = ledger.open(capacity=1)
    ledger.wait(PAUL, morning)
    ledger.wait(ZOE, morning)
    assert said(ledger.settle(tick(morning))) == {(ZOE, morning.id): "full"}


def test_a_freed_place_goes_to_the_first(ledger):
    morning = ledger.open(capacity=1)
    ledger.hold(ZOE, morning)
    first, _second = ledger.wait(PAUL, morning), ledger.wait(NINA, morning)
    done = ledger.settle(untick(morning), serve=True)
    assert done.placed == [first]
    assert ledger.taken(morning) == [1]


def test_a_freed_place_goes_to_the_first_for_whom_every_quota_has_room(ledger):
    building, room = ledger.quota(2), ledger.quota(0)
    morning = ledger.open(MORNING, quotas=[building])
    meal = ledger.open(MEAL, quotas=[building, room])
    ledger.hold(ZOE, morning)
    ledger.hold(LEO, morning)
    ledger.wait(PAUL, meal)
    second = ledger.wait(NINA, morning)
    done = ledger.settle(untick(morning), serve=True)
    assert done.placed == [second]


def test_a_bundle_waited_for_is_served_whole_or_not(ledger, week):
    ledger.hold(ZOE, week[0])
    ledger.hold(LEO, week[1])
    whole = ledger.wait(PAUL, *week)
    assert not ledger.settle(untick(week[0]), serve=True).placed
    freed = Ledger()
    freed.__dict__.update(ledger.__dict__)
    freed.places = {PAUL: ledger.places[PAUL]}
    for quota in freed.quotas.values():
        quota.taken = quota.delta = 0
    assert freed.settle(serve=True).placed == [whole]


def test_nobody_is_served_past_the_limit_to_cancel_and_the_place_stays_theirs(ledger):
    morning = ledger.open(of=with_rules(activity(), book=Limit(LimitKind.START)), capacity=1)
    ledger.wait(PAUL, morning)
    done = ledger.settle(tick(morning), now=TOO_LATE, serve=True)
    assert said(done) == {(ZOE, morning.id): "full"}
    assert not done.placed


def test_nobody_is_served_once_it_has_begun(ledger):
    morning = ledger.open(capacity=1)
    ledger.wait(PAUL, morning)
    assert not ledger.settle(now=PAST, serve=True).placed


def test_a_child_that_is_elsewhere_now_is_passed_over(ledger):
    morning, other = ledger.open(capacity=1), ledger.open(of=activity(ELSEWHERE))
    ledger.wait(PAUL, morning)
    ledger.hold(PAUL, other)
    second = ledger.wait(NINA, morning)
    assert ledger.settle(serve=True).placed == [second]


def test_a_child_without_the_required_slot_any_more_is_passed_over(ledger):
    afternoon, meal = ledger.open(AFTERNOON, capacity=1), ledger.open(MEAL, capacity=9)
    ledger.wait(PAUL, afternoon)
    second = ledger.wait(NINA, afternoon)
    ledger.hold(NINA, meal)
    assert ledger.settle(serve=True).placed == [second]


def test_no_child_is_served_two_places_at_once(ledger):
    morning, other = ledger.open(capacity=1), ledger.open(of=activity(ELSEWHERE), capacity=1)
    first, _second = ledger.wait(PAUL, morning), ledger.wait(PAUL, other)
    assert ledger.settle(serve=True).placed == [first]


def test_the_stay_that_covers_the_day_is_the_one_that_counts(ledger):
    morning = ledger.open()
    ledger.stays = {
        ZOE: [stay(first_day=YEAR[0], last_day=YEAR[0]), stay(id=8, first_day=morning.day)],
        LEO: [stay(last_day=YEAR[0])],
    }
    done = ledger.settle(tick(morning), tick(morning, LEO))
    assert said(done) == {(ZOE, morning.id): "booked", (LEO, morning.id): "outside_enrolment"}
    assert done.added[0].stay_id == 8


def test_a_slot_waited_for_comes_with_the_one_that_it_requires(ledger):
    afternoon, meal = ledger.open(AFTERNOON, capacity=1), ledger.open(MEAL, capacity=1)
    first, second = ledger.wait(PAUL, afternoon), ledger.wait(PAUL, meal)
    assert ledger.settle(serve=True).placed == [second, first]
