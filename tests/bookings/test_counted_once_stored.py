"""The same through the services: a gauge « par jour » that Matin, Repas and Après-midi share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction

from marelle.activities.models import Gauge, Opening, Quota
from marelle.bookings.cells import Cell
from marelle.bookings.models import Booking
from marelle.bookings.offers.services import place_offer
from marelle.bookings.planning import planning
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.room import to_offer, with_room
from marelle.bookings.saving.services import bookings_save, waiting_served
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.enrolments.models import Enrolment
from marelle.families.models import Person
from tests.bookings.world import NOW, TOO_LATE, WEDNESDAY, said, tick, untick
from tests.races.truth import counters_hold
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db


@dataclass
class Centre:
    """Zoé and her brother Léo; Paul of another home. The meal has a number of its own."""

    made: Scenario
    durand: Home
    martin: Home
    zoe: Person
    leo: Person
    paul: Person
    gauge: Gauge
    morning: Opening
    meal: Opening
    afternoon: Opening

    def save(self, *changes, home: Home | None = None, **options):
        actor = (home or self.durand).actor
        return said(bookings_save(actor=actor, changes=changes, **{"now": NOW, **options}))

    def on_the_day(self) -> tuple[int, int]:
        quota = Quota.objects.get(gauge=self.gauge)
        return quota.taken, quota.overdraft

    def cells(self, child: Person) -> list[Cell]:
        found = planning(
            self.durand.actor, first=WEDNESDAY, last=WEDNESDAY, child_id=child.pk, now=NOW
        ).shown[0]
        return [cell.state.cell for cells in found.cells.values() for cell in cells]


def made_centre(places: int, *, meals: int = 9) -> Centre:
    made = Scenario()
    durand, martin = made.home("Durand"), made.home("Martin")
    zoe, leo, paul = made.child(durand, "Zoé"), made.child(durand, "Léo"), made.child(martin, "Paul")
    activity = made.activity("Mercredis")
    gauge = made.gauge("Le bâtiment", places)
    made.slot(activity, "Matin", "08:00", "12:00", gauges=[gauge])
    made.slot(activity, "Repas", "12:00", "14:00", gauges=[gauge], capacity=meals)
    made.slot(activity, "Après-midi", "14:00", "18:00", gauges=[gauge])
    made.rule(activity)
    for child, home in ((zoe, durand), (leo, durand), (paul, martin)):
        made.enrolment(child, activity, home)
    return Centre(made, durand, martin, zoe, leo, paul, gauge, *made.openings(activity, WEDNESDAY))


def test_three_slots_of_a_day_take_one_place_and_give_one_back():
    world = made_centre(16)
    slots = (world.morning, world.meal, world.afternoon)
    assert world.save(*(tick(world.zoe, on) for on in slots)) == ["booked"] * 3
    assert world.on_the_day() == (1, 0)
    world.save(untick(world.zoe, world.meal))
    assert world.on_the_day() == (1, 0)
    world.save(untick(world.zoe, world.morning), untick(world.zoe, world.afternoon))
    assert world.on_the_day() == (0, 0)


def test_a_slot_booked_in_another_save_counts_too():
    world = made_centre(1)
    world.save(tick(world.zoe, world.morning))
    assert world.save(tick(world.zoe, world.meal)) == ["booked"]
    assert world.save(tick(world.paul, world.meal), home=world.martin) == ["full"]
    world.save(untick(world.zoe, world.morning))
    assert world.on_the_day() == (1, 0)
    counters_hold()


def test_a_slot_of_another_activity_counts_too():
    world = made_centre(1)
    other = world.made.activity("Club")
    slot = world.made.slot(other, "Goûter", "18:00", "19:00", gauges=[world.gauge])
    world.made.rule(other)
    world.made.enrolment(world.zoe, other, world.durand)
    snack = world.made.opening(slot, WEDNESDAY)
    world.save(tick(world.zoe, world.morning))
    assert world.save(tick(world.zoe, snack)) == ["booked"]
    world.save(untick(world.zoe, world.morning))
    counters_hold()


def test_both_homes_of_a_child_take_one_place():
    world = made_centre(1)
    world.made.shared(world.zoe, world.durand, world.martin)
    ours = Enrolment.objects.get(person=world.zoe)
    world.made.enrolment(world.zoe, world.morning.activity, world.martin)
    world.made.booking(world.zoe, world.morning, enrolment=ours)
    assert world.save(tick(world.zoe, world.meal), home=world.martin) == ["booked"]
    assert world.on_the_day() == (1, 0)
    world.save(untick(world.zoe, world.meal), home=world.martin)
    assert world.on_the_day() == (1, 0)


def test_the_planning_offers_what_the_child_is_on_already():
    world = made_centre(1)
    world.save(tick(world.zoe, world.morning))
    assert world.cells(world.zoe) == [Cell.BOOKED, Cell.FREE, Cell.FREE]
    assert world.cells(world.leo) == [Cell.FULL, Cell.FULL, Cell.FULL]


def test_the_planning_says_full_of_a_quota_of_its_own():
    world = made_centre(1, meals=0)
    world.save(tick(world.zoe, world.morning))
    assert world.cells(world.zoe) == [Cell.BOOKED, Cell.FULL, Cell.FREE]


def test_the_planning_reads_half_hours_at_the_hours_booked():
    made = Scenario()
    durand = made.home("Durand")
    zoe = made.child(durand, "Zoé")
    crib = made.activity("Multi-accueil")
    gauge = made.gauge("Lits", 1, Gauge.Unit.HALF_HOUR)
    by_hour = made.slot(crib, "Accueil", "08:00", "18:00", by_hour=True, gauges=[gauge])
    morning = made.slot(crib, "Atelier du matin", "08:00", "12:00", gauges=[gauge])
    nap = made.slot(crib, "Sieste", "13:00", "15:00", gauges=[gauge])
    made.rule(crib)
    made.enrolment(zoe, crib, durand)
    stays, workshop, rest = (made.opening(slot, WEDNESDAY) for slot in (by_hour, morning, nap))
    made.booking(zoe, stays, hours=("08:00", "12:00"))
    Quota.objects.update(capacity=1)
    Quota.objects.filter(part__gte=26).update(taken=1)  # Another child, from 13 h on.
    found = planning(durand.actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW).shown[0]
    cells = {cell.opening.id: cell.state.cell for row in found.cells.values() for cell in row}
    assert (cells[workshop.pk], cells[rest.pk]) == (Cell.FREE, Cell.FULL)


def test_a_booking_ended_by_an_agent_leaves_the_place_to_the_other_slot():
    world = made_centre(1)
    first = world.made.booking(world.zoe, world.morning)
    second = world.made.booking(world.zoe, world.meal)
    assert world.on_the_day() == (1, 0)
    bookings_end(actor=SYSTEM, booking_ids=[first.pk], cause=EndCause.STRUCTURE, now=NOW)
    assert world.on_the_day() == (1, 0)
    bookings_end(actor=SYSTEM, booking_ids=[second.pk], cause=EndCause.STRUCTURE, now=NOW)
    assert world.on_the_day() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_second_slot_is_served_though_the_day_is_full():
    world = made_centre(2, meals=1)
    world.made.booking(world.zoe, world.morning)
    paul = world.made.booking(world.paul, world.meal)
    waits = world.made.booking(world.zoe, world.meal, state=BookingState.WAITING)
    Quota.objects.filter(gauge=world.gauge).update(capacity=1, taken=2, overdraft=1)
    with transaction.atomic():
        bookings_end(actor=SYSTEM, booking_ids=[paul.pk], cause=EndCause.STRUCTURE, now=NOW)
    waits.refresh_from_db()
    assert waits.state == BookingState.BOOKED
    assert world.on_the_day() == (1, 0)


def test_the_worker_finds_them_too():
    world = made_centre(1)
    world.made.booking(world.zoe, world.morning)
    waits = world.made.booking(world.zoe, world.meal, state=BookingState.WAITING)
    world.made.booking(world.paul, world.meal, state=BookingState.WAITING)
    assert waiting_served(now=NOW) == 1
    waits.refresh_from_db()
    assert waits.state == BookingState.BOOKED
    assert waiting_served(now=NOW) == 0


def test_the_worker_leaves_those_for_whom_the_day_is_full_alone(count_queries):
    world = made_centre(1)
    world.made.booking(world.zoe, world.morning)
    world.made.booking(world.paul, world.meal, state=BookingState.WAITING)
    with count_queries(1):
        assert waiting_served(now=NOW) == 0


def test_past_the_limit_an_agent_is_asked_to_offer_it():
    world = made_centre(1)
    world.made.booking(world.zoe, world.morning)
    world.made.booking(world.zoe, world.meal, state=BookingState.WAITING)
    assert [on.id for on in to_offer(TOO_LATE)] == [world.meal.pk]
    actor = _office(world)
    place_offer(actor=actor, opening_id=world.meal.pk, until=TOO_LATE + timedelta(hours=2), now=TOO_LATE)
    assert Booking.objects.get(opening=world.meal, child=world.zoe).state == BookingState.OFFERED
    assert world.on_the_day() == (1, 0)


def _office(world: Centre) -> Actor:
    from marelle.flows.actor.actors import actor_for

    return actor_for(world.made.staff("guichet", Role.OFFICE))


def test_who_is_on_a_half_hour_is_not_on_the_others():
    made = Scenario()
    durand = made.home("Durand")
    zoe = made.child(durand, "Zoé")
    crib = made.activity("Multi-accueil")
    gauge = made.gauge("Lits", 1, Gauge.Unit.HALF_HOUR)
    by_hour = made.slot(crib, "Accueil", "08:00", "18:00", by_hour=True, gauges=[gauge])
    nap = made.slot(crib, "Sieste", "13:00", "15:00", gauges=[gauge])
    made.rule(crib)
    made.enrolment(zoe, crib, durand)
    stays, rest = made.opening(by_hour, WEDNESDAY), made.opening(nap, WEDNESDAY)
    made.booking(zoe, stays, hours=("08:00", "12:00"))
    made.booking(zoe, rest, state=BookingState.WAITING)
    assert with_room(NOW) == [rest.pk]
    Quota.objects.filter(part__gte=26).update(taken=1)  # Another child, from 13 h on.
    assert with_room(NOW) == []
    Booking.objects.filter(opening=stays).update(ends_at=rest.ends_at)
    assert with_room(NOW) == [rest.pk]
