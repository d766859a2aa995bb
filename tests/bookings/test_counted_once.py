"""A child counts once on a quota, whatever it books that day or that half-hour. Pure."""

from __future__ import annotations

from datetime import time

import pytest

from marelle.bookings.closing.restoring import Taken, settle_back
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Hours, Quota
from marelle.bookings.states import BookingState
from tests.bookings.facts import (
    AFTERNOON,
    BY_HOUR,
    DAY,
    LEO,
    MEAL,
    MORNING,
    NOW,
    PAST,
    ZOE,
    Ledger,
    said,
    stay,
    tick,
    untick,
)

PAUL, NINA = 20, 21


class Centre(Ledger):
    """Matin, Repas, Après-midi and Journée of one day, which all draw on the building."""

    def __init__(self, places: int, *, meals: int = 9) -> None:
        super().__init__()
        building = self.quota(places)
        self.building: Quota = self.quotas[building]
        self.morning = self.open(MORNING, quotas=[building])
        self.meal = self.open(MEAL, quotas=[building], capacity=meals)
        self.afternoon = self.open(AFTERNOON, quotas=[building])
        self.day = self.open(DAY, quotas=[building])

    @property
    def parts(self):
        return self.morning, self.meal, self.afternoon


def test_a_child_who_books_three_slots_of_a_day_takes_one_place():
    centre = Centre(16)
    centre.settle(*(tick(part) for part in centre.parts))
    assert centre.building.now_taken == 1


def test_a_full_quota_is_no_obstacle_for_who_is_on_it():
    centre = Centre(1)
    centre.hold(ZOE, centre.morning)
    assert said(centre.settle(tick(centre.meal))) == {(ZOE, centre.meal.id): "booked"}
    assert centre.building.now_taken == 1


def test_another_child_finds_it_full():
    centre = Centre(1)
    centre.hold(ZOE, centre.morning)
    assert said(centre.settle(tick(centre.meal, LEO))) == {(LEO, centre.meal.id): "full"}


def test_a_place_is_left_with_the_last_slot_only():
    centre = Centre(2)
    centre.hold(ZOE, centre.morning)
    centre.hold(ZOE, centre.meal)
    centre.settle(untick(centre.morning))
    assert centre.building.now_taken == 1
    centre = Centre(2)
    centre.hold(ZOE, centre.morning)
    centre.hold(ZOE, centre.meal)
    centre.settle(untick(centre.morning), untick(centre.meal))
    assert centre.building.now_taken == 0


@pytest.mark.parametrize("more", [0, 1], ids=["full", "past its capacity"])
def test_slots_of_a_day_are_swapped_in_one_save_though_the_day_is_full(more):
    centre = Centre(1)
    centre.hold(ZOE, centre.morning)
    for child in range(30, 30 + more):
        centre.hold(child, centre.morning)
    centre.wait(PAUL, centre.morning)
    answers = said(centre.settle(untick(centre.morning), tick(centre.meal), serve=True))
    assert answers == {(ZOE, centre.morning.id): "cancelled", (ZOE, centre.meal.id): "booked"}
    assert centre.building.now_taken == 1 + more


def test_matin_becomes_journee_though_the_day_is_past_its_capacity():
    centre = Centre(1)
    centre.hold(ZOE, centre.morning)
    centre.hold(PAUL, centre.morning)
    answers = said(centre.settle(untick(centre.morning), tick(centre.day)))
    assert answers[ZOE, centre.day.id] == "booked"
    assert (centre.building.now_taken, centre.building.overdraft_delta) == (2, 0)


def test_a_place_left_and_taken_by_a_sister_is_not_taken_twice():
    centre = Centre(1)
    centre.hold(ZOE, centre.morning)
    changes = [untick(centre.morning), tick(centre.morning, LEO), tick(centre.meal)]
    answers = said(centre.settle(*changes))
    assert answers[LEO, centre.morning.id] == "booked"
    assert answers[ZOE, centre.meal.id] == "full"
    assert centre.building.now_taken == 1


def test_a_change_that_fails_gives_back_what_it_had_taken_once():
    centre = Centre(2, meals=0)
    centre.hold(ZOE, centre.morning)
    assert said(centre.settle(tick(centre.meal))) == {(ZOE, centre.meal.id): "full"}
    assert centre.building.now_taken == 1


def test_by_the_half_hour_a_child_of_two_slots_counts_once_in_each():
    ledger = Ledger()
    parts = [ledger.quota(1, part=part) for part in range(16, 36)]
    by_hour = ledger.open(BY_HOUR, quotas=parts)
    morning = ledger.open(MORNING, quotas=parts[:8])
    ledger.hold(ZOE, morning)
    done = ledger.settle(tick(by_hour, starts=time(11), ends=time(13)))
    assert said(done) == {(ZOE, by_hour.id): "booked"}
    assert [ledger.quotas[pk].now_taken for pk in parts] == [1] * 10 + [0] * 10


def test_other_hours_move_the_half_hours_that_nothing_else_holds():
    ledger = Ledger()
    parts = [ledger.quota(1, part=part) for part in range(16, 36)]
    by_hour = ledger.open(BY_HOUR, quotas=parts)
    meal = ledger.open(MEAL, quotas=parts[8:12])
    ledger.hold(ZOE, meal)
    ledger.settle(tick(by_hour, starts=time(8), ends=time(13)))
    taken = [ledger.quotas[pk].now_taken for pk in parts]
    assert taken == [1] * 12 + [0] * 8


# The waiting list


def test_who_waits_for_a_second_slot_is_served_though_the_day_is_full():
    centre = Centre(1, meals=1)
    centre.hold(ZOE, centre.morning)
    centre.hold(PAUL, centre.meal)
    centre.building.capacity = 2
    mine = centre.wait(ZOE, centre.meal, family=1)
    assert centre.settle(serve=True).placed == []
    centre.places[PAUL].clear()
    centre.quotas[centre.quotas_of[centre.meal.id][1]].taken = 0
    centre.building.taken, centre.building.capacity = 1, 1
    assert centre.settle(serve=True).placed == [mine]
    assert centre.building.now_taken == 1


def test_a_child_that_waits_for_two_slots_claims_one_place_of_the_day():
    centre = Centre(2)
    centre.wait(PAUL, centre.morning)
    centre.wait(PAUL, centre.meal)
    assert said(centre.settle(tick(centre.morning))) == {(ZOE, centre.morning.id): "booked"}


def test_two_children_that_wait_claim_two():
    centre = Centre(2)
    centre.wait(PAUL, centre.morning)
    centre.wait(NINA, centre.meal)
    assert said(centre.settle(tick(centre.morning))) == {(ZOE, centre.morning.id): "full"}


def test_who_is_on_the_day_already_has_no_claim_on_it():
    centre = Centre(2, meals=1)
    centre.hold(PAUL, centre.morning)
    centre.wait(PAUL, centre.meal)
    answers = said(centre.settle(tick(centre.morning), tick(centre.meal, LEO)))
    assert answers == {(ZOE, centre.morning.id): "booked", (LEO, centre.meal.id): "full"}


def test_the_second_slot_of_a_child_that_waits_is_claimed_with_its_one_place():
    centre = Centre(2, meals=1)
    centre.hold(ZOE, centre.morning)
    centre.wait(PAUL, centre.morning)
    centre.wait(PAUL, centre.meal)
    assert said(centre.settle(tick(centre.meal))) == {(ZOE, centre.meal.id): "full"}


# What comes back


@pytest.mark.parametrize(("begun", "back"), [(False, 0), (True, 1)])
def test_what_has_begun_comes_back_only_where_it_is_asked_for(begun, back):
    centre = Centre(1)
    taken = Taken(
        id=1,
        child_id=ZOE,
        opening_id=centre.morning.id,
        stay=stay(),
        hours=Hours(centre.morning.starts_at, centre.morning.ends_at),
        state=BookingState.BOOKED,
    )
    found, missing = settle_back(centre.facts(), [taken], begun=begun, now=PAST)
    assert (len(found), [no.why for no in missing]) == (back, [] if begun else [Why.TOO_LATE])


def test_what_comes_back_takes_no_place_where_the_child_is_already():
    centre = Centre(1)
    centre.hold(ZOE, centre.morning)
    taken = Taken(
        id=1,
        child_id=ZOE,
        opening_id=centre.meal.id,
        stay=stay(),
        hours=Hours(centre.meal.starts_at, centre.meal.ends_at),
        state=BookingState.BOOKED,
    )
    assert settle_back(centre.facts(), [taken], now=NOW) == ([taken], [])
    assert centre.building.now_taken == 1
