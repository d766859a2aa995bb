"""The builder keeps the promises that other tests lean on."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.bookings.states import BookingState
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 9, 9)


def test_a_booking_takes_a_place_of_each_quota_of_its_opening():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity()
    building = world.gauge("Bâtiment", 1)
    world.slot(activity, capacity=10, gauges=[building])
    (opening,) = world.openings(activity, WEDNESDAY)
    world.enrolment(zoe, activity, durand)
    world.booking(zoe, opening)
    assert sorted(opening.quotas.values_list("capacity", "taken", "overdraft")) == [(1, 1, 0), (10, 1, 0)]


def test_past_the_capacity_the_overdraft_grows_and_a_waiting_child_takes_nothing():
    world = Scenario()
    durand = world.home("Durand")
    activity = world.activity()
    world.slot(activity, capacity=1)
    (opening,) = world.openings(activity, WEDNESDAY)
    for name, state in (
        ("Zoé", BookingState.BOOKED),
        ("Léo", BookingState.BOOKED),
        ("Noé", BookingState.WAITING),
    ):
        child = world.child(durand, name)
        world.enrolment(child, activity, durand)
        world.booking(child, opening, state=state)
    assert opening.quotas.get().taken == 2
    assert opening.quotas.get().overdraft == 1


def test_by_the_hour_only_the_half_hours_of_the_booking_are_taken():
    world = Scenario()
    durand = world.home("Durand")
    noe = world.child(durand, "Noé", born=date(2025, 9, 1))
    activity = world.activity("Multi-accueil", kind="childcare", years=(0, 3))
    world.slot(activity, "Accueil", "08:00", "10:00", weekdays=[2], capacity=5, by_hour=True)
    (opening,) = world.openings(activity, WEDNESDAY)
    world.enrolment(noe, activity, durand)
    world.booking(noe, opening, hours=("08:30", "09:30"))
    assert sorted(opening.quotas.values_list("part", "taken")) == [(16, 0), (17, 1), (18, 1), (19, 0)]


def test_a_home_acts_for_its_own_family():
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    assert durand.actor.family_id == durand.family.pk != martin.actor.family_id
    assert durand.actor.person_id == durand.adult.pk
