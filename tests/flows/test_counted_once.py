"""A gauge « par jour » that several slots share, through what agents do: a child counts once, before and
after."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from marelle.activities.models import Quota
from marelle.bookings.closing.moving import Moved, Then
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.reducing import Fewer, Told, fewer_preview, mark_of, places_reduce
from marelle.flows.catalogue.closing.targets import Target
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.flows.catalogue.moving import child_move, group_plan
from tests.flows.twice import NOW as MERGED_AT
from tests.flows.twice import Twice
from tests.races.truth import counters_hold, held_on
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
DAY = date(2026, 12, 2)


class Village(Scenario):
    """Zoé has Matin and Repas, Léo has Matin, in a building of two places a day."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.building = self.gauge("Bâtiment", 2)
        week = range(7)
        self.slot(self.wednesdays, "Matin", gauges=[self.building], weekdays=week)
        self.slot(self.wednesdays, "Repas", "12:00", "13:30", gauges=[self.building], weekdays=week)
        self.rule(self.wednesdays)
        self.morning, self.meal = self.openings(self.wednesdays, DAY)
        self.durand = self.home("Durand")
        self.zoe, self.leo = self.child(self.durand, "Zoé"), self.child(self.durand, "Léo")
        for order, child in enumerate((self.zoe, self.leo)):
            self.enrolment(child, self.wednesdays, self.durand)
            slots = (self.morning, self.meal) if child == self.zoe else (self.morning,)
            for on in slots:
                self.booking(child, on, created_at=NOW - timedelta(days=9 - order))
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def taken(self) -> int:
        return Quota.objects.get(gauge=self.building, day=DAY).taken


@pytest.fixture
def world() -> Village:
    return Village()


def test_fewer_places_keep_a_child_with_all_its_slots(world):
    asked = Fewer({world.building.pk: 1}, DAY, DAY)
    places_reduce(
        actor=world.director,
        structure_id=world.the_structure.pk,
        asked=asked,
        told=Told("Grève"),
        mark=mark_of(fewer_preview(asked, now=NOW), asked),
        now=NOW,
    )
    assert held_on(world.morning) == held_on(world.meal) == {world.zoe.pk}
    assert world.taken() == 1
    counters_hold()


def test_who_has_begun_its_day_keeps_the_rest_of_it(world):
    """At noon less ten, Zoé is there already: her meal takes no place from anybody."""
    during = datetime(2026, 12, 2, 11, 50, tzinfo=PARIS)
    asked = Fewer({world.building.pk: 1}, DAY, DAY)
    found = fewer_preview(asked, now=during)
    assert not found.leaving


def test_queued_for_want_of_places_a_child_leaves_once(world):
    asked = Fewer({world.building.pk: 0}, DAY, DAY, queued=True)
    places_reduce(
        actor=world.director,
        structure_id=world.the_structure.pk,
        asked=asked,
        told=Told("Grève"),
        mark=mark_of(fewer_preview(asked, now=NOW), asked),
        now=NOW,
    )
    assert set(Booking.objects.values_list("state", flat=True)) == {BookingState.WAITING}
    assert world.taken() == 0


def test_a_slot_that_closes_leaves_the_place_to_the_other_and_comes_back(world):
    target = Target(world.the_structure.pk, DAY, DAY, "slot", world.meal.slot_id)
    closure = closing_make(actor=world.director, target=target, reason="Cuisine", now=NOW).closure
    assert not held_on(world.meal)
    assert world.taken() == 2
    counters_hold()
    closing_undo(actor=world.director, closure_id=closure.pk, now=NOW)
    assert held_on(world.meal) == {world.zoe.pk}, "the building is full, and she is in it"
    assert world.taken() == 2
    counters_hold()


def test_the_whole_day_closes_and_comes_back(world):
    target = Target(world.the_structure.pk, DAY, DAY)
    closure = closing_make(actor=world.director, target=target, reason="Neige", now=NOW).closure
    assert world.taken() == 0
    undone = closing_undo(actor=world.director, closure_id=closure.pk, now=NOW)
    assert world.taken() == 2
    assert undone.missing == 0
    counters_hold()


def test_a_child_changes_group_within_one_building_that_is_full(world):
    activity = world.activity("Petites vacances")
    small, big = world.group(activity, "3–5 ans", (3, 5)), world.group(activity, "6–12 ans", (6, 12))
    school = world.gauge("École", 1)
    day = DAY + timedelta(days=7)
    stay = world.enrolment(world.zoe, activity, world.durand, group=small)
    for name, starts, ends in (("Matin", "08:00", "12:00"), ("Repas", "12:00", "13:30")):
        slot = world.slot(activity, name, starts, ends, gauges=[school])
        world.booking(world.zoe, world.opening(slot, day, group=small), enrolment=stay)
        world.opening(slot, day, group=big)
    moving = {"enrolment_id": stay.pk, "group_id": big.pk, "since": day, "now": NOW}
    plan = group_plan(actor=SYSTEM, **moving)
    done = child_move(actor=SYSTEM, then=Then.QUEUE, reason="", mark=plan.mark, **moving)
    assert done == Moved(moved=2)
    assert Quota.objects.get(gauge=school).taken == 1
    counters_hold()


# One child written twice


def test_two_records_of_a_child_that_become_one_count_once(django_capture_on_commit_callbacks):
    twice = Twice()
    building = twice.gauge("Bâtiment", 2)
    lunch = twice.slot(twice.wednesdays, "Repas", "12:00", "13:30", gauges=[building])
    snack = twice.slot(twice.wednesdays, "Goûter", "16:00", "17:00", gauges=[building])
    twice.rule(twice.wednesdays)
    day = twice.first_wednesday.day
    meal, tea = twice.opening(lunch, day), twice.opening(snack, day)
    twice.both_enrolled()
    twice.booking(twice.ines, meal)
    twice.booking(twice.twin, tea)
    other = twice.home("Martin")
    paul = twice.child(other, "Paul")
    twice.enrolment(paul, twice.wednesdays, other)
    waits = twice.booking(paul, meal, state=BookingState.WAITING)
    assert Quota.objects.get(gauge=building).taken == 2
    with django_capture_on_commit_callbacks(execute=True):
        twice.merge()
    waits.refresh_from_db()
    assert held_on(meal) | held_on(tea) == {twice.ines.pk, paul.pk}
    assert waits.state == BookingState.BOOKED, "the place that was counted twice goes to who waits"
    assert Quota.objects.get(gauge=building).taken == 2
    assert waits.opening.starts_at > MERGED_AT
    counters_hold()
