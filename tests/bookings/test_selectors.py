from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest

from marelle.bookings.selectors import ComingBooking, NothingBooked, coming_days, nothing_booked
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import PARIS
from marelle.families.selectors import children
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 7, 10, 0, tzinfo=PARIS)
WEDNESDAY = date(2026, 9, 9)
CLOSES_AT = datetime(2026, 9, 8, 12, 0, tzinfo=PARIS)


def nothing(actor: Actor, now: datetime = NOW) -> tuple[NothingBooked, ...]:
    return nothing_booked(actor, children(actor, day=now.date()), now=now)


def coming(actor: Actor) -> tuple[ComingBooking, ...]:
    home = children(actor, day=WEDNESDAY)
    return coming_days(actor, home, first=WEDNESDAY, last=WEDNESDAY, lost_since=NOW).held


built = built_once(Scenario)


@pytest.fixture
def made(built, db) -> Scenario:
    return deepcopy(built)


@pytest.fixture
def durand(made):
    return made.home("Durand")


@pytest.fixture
def zoe(made, durand):
    return made.child(durand, "Zoé")


@pytest.fixture
def activity(made):
    activity = made.activity("Mercredis")
    made.slot(activity, capacity=5)
    made.rule(activity)
    return activity


def test_enrolled_with_nothing_booked_and_until_when(made, durand, zoe, activity):
    made.openings(activity, date(2026, 9, 2), date(2026, 9, 30))
    enrolment = made.enrolment(zoe, activity, durand)
    (found,) = nothing(durand.actor)
    assert (found.enrolment_id, found.child_id, found.child_first_name) == (enrolment.pk, zoe.pk, "Zoé")
    assert (found.activity_name, found.day, found.closes_at) == ("Mercredis", WEDNESDAY, CLOSES_AT)
    (later,) = nothing(durand.actor, CLOSES_AT + timedelta(minutes=1))
    assert later.day == date(2026, 9, 16)


def test_the_first_day_that_is_open_and_of_its_group(made, durand, zoe, activity):
    small, big = made.group(activity, "3–5", (3, 5)), made.group(activity, "6–12", (6, 12))
    (slot,) = activity.slots.all()
    made.opening(slot, WEDNESDAY, group=small)
    made.opening(slot, date(2026, 9, 16), group=big, state="closed")
    made.opening(slot, date(2026, 9, 23), group=big)
    made.enrolment(zoe, activity, durand, group=big)
    (found,) = nothing(durand.actor)
    assert found.day == date(2026, 9, 23)


def test_nothing_to_book_within_two_months(made, durand, zoe, activity):
    made.openings(activity, date(2026, 12, 2))
    made.enrolment(zoe, activity, durand)
    (found,) = nothing(durand.actor)
    assert (found.day, found.closes_at) == (None, None)


@pytest.mark.parametrize("state", [BookingState.BOOKED, BookingState.REQUESTED, BookingState.WAITING])
def test_one_booking_ahead_is_enough(made, durand, zoe, activity, state):
    (opening,) = made.openings(activity, WEDNESDAY)
    made.enrolment(zoe, activity, durand)
    made.booking(zoe, opening, state=state)
    assert nothing(durand.actor) == ()


def test_a_booking_behind_or_cancelled_is_not(made, durand, zoe, activity):
    past, coming = made.openings(activity, date(2026, 9, 2), WEDNESDAY)
    made.enrolment(zoe, activity, durand)
    made.booking(zoe, past)
    made.booking(zoe, coming, state=BookingState.CANCELLED)
    assert len(nothing(durand.actor)) == 1


@pytest.mark.parametrize(
    "fields", [{"state": "requested"}, {"state": "ended"}, {"ends_on": date(2026, 9, 6)}]
)
def test_only_enrolments_that_are_accepted_and_last(made, durand, zoe, activity, fields):
    made.openings(activity, WEDNESDAY)
    made.enrolment(zoe, activity, durand, **fields)
    assert nothing(durand.actor) == ()


@pytest.mark.parametrize("mode", ["structure", "free"])
def test_only_where_a_parent_books(made, durand, zoe, mode):
    activity = made.activity("Crèche", booking_mode=mode)
    made.enrolment(zoe, activity, durand)
    assert nothing(durand.actor) == ()


def test_another_home_s_child_is_not_told(made, durand, zoe, activity):
    made.openings(activity, WEDNESDAY)
    made.enrolment(zoe, activity, durand)
    assert nothing(made.home("Martin").actor) == ()
    assert nothing(SYSTEM) == ()
    zoe.guardians.update(may_see=False)
    assert nothing(durand.actor) == ()


def test_the_days_of_the_other_home_are_not_told(made, durand, zoe, activity):
    martin = made.home("Martin")
    made.shared(zoe, durand, martin)
    made.openings(activity, WEDNESDAY, date(2026, 9, 16))
    made.enrolment(zoe, activity, durand)
    (found,) = nothing(durand.actor)
    assert found.day == date(2026, 9, 16)


@pytest.mark.parametrize("number", [1, 6])
def test_three_statements_at_most(made, durand, activity, count_queries, number):
    made.openings(activity, WEDNESDAY)
    for count in range(number):
        made.enrolment(made.child(durand, f"Enfant {count}"), activity, durand)
    actor = durand.actor
    home = children(actor, day=WEDNESDAY)
    nothing_booked(actor, home, now=NOW)
    with count_queries(3):
        assert len(nothing_booked(actor, home, now=NOW)) == number


def test_coming_days_in_order(made, durand, zoe, activity, count_queries):
    leo = made.child(durand, "Léo", born=date(2021, 1, 1))
    first, second, third = made.openings(activity, WEDNESDAY, date(2026, 9, 23))
    for child in (leo, zoe):
        made.enrolment(child, activity, durand)
        made.booking(child, second)
        made.booking(child, third)
    made.booking(zoe, first, state=BookingState.WAITING)
    actor = durand.actor
    home = children(actor, day=WEDNESDAY)
    with count_queries(1):
        found = coming_days(actor, home, first=WEDNESDAY, last=date(2026, 9, 16), lost_since=NOW).held
    assert [(one.day, one.child_first_name) for one in found] == [
        (date(2026, 9, 16), "Zoé"),
        (date(2026, 9, 16), "Léo"),
    ]
    assert (found[0].slot_name, found[0].state) == ("Matin", BookingState.BOOKED)


def test_coming_days_of_the_other_home_are_not_told(made, durand, zoe, activity):
    martin = made.home("Martin")
    made.shared(zoe, durand, martin)
    (opening,) = made.openings(activity, WEDNESDAY)
    enrolment = made.enrolment(zoe, activity, martin)
    made.booking(zoe, opening, enrolment=enrolment)
    assert coming(durand.actor) == ()
    assert len(coming(martin.actor)) == 1
    assert coming(SYSTEM) == ()
