"""The waiting list, pure."""

from __future__ import annotations

import pytest

from marelle.activities.rules import Limit, LimitKind
from tests.bookings.facts import (
    AFTERNOON,
    ELSEWHERE,
    LEO,
    MEAL,
    MORNING,
    PAST,
    TOO_LATE,
    YEAR,
    ZOE,
    Ledger,
    activity,
    said,
    stay,
    tick,
    untick,
    with_rules,
)

PAUL, NINA = 20, 21
"""Children of other homes."""


@pytest.fixture
def week(ledger):
    return [ledger.open(day=YEAR[0].replace(day=day), bundle_id=1, capacity=1) for day in (14, 15, 16)]


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


def test_who_waits_for_what_another_has_first_claims_nothing_else(ledger):
    """Nina draws on two rooms: Paul, before her, takes the last place of one, so that the other is free."""
    wide, last, other = ledger.quota(2), ledger.quota(1), ledger.quota(1)
    first, second = ledger.open(quotas=[wide, last]), ledger.open(MEAL, quotas=[last, other])
    asked = ledger.open(MORNING, quotas=[wide, other], of=activity(ELSEWHERE))
    ledger.wait(PAUL, first)
    ledger.wait(NINA, second)
    assert said(ledger.settle(tick(asked))) == {(ZOE, asked.id): "booked"}
