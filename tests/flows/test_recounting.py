"""Counters counted again by day, and the director who confirms a gauge before freed places are given."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from marelle.activities.capacity import cuts_make
from marelle.activities.checks import check_counted
from marelle.activities.models import Gauge, GaugeLevel, Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import No
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.reducing import capacity_change
from marelle.flows.catalogue.openings import part_drop
from marelle.flows.catalogue.recounting import (
    confirmations_end,
    gauge_confirm,
    places_recount,
    to_confirm,
)
from marelle.journal.models import Entry
from marelle.places.models import Closure
from marelle.relay.models import Visit
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TODAY = NOW.date()
DAY, PAST = date(2026, 12, 2), date(2026, 11, 18)


class Village(Scenario):
    """Zoé has Matin and Repas of a Wednesday to come and of one gone by, which counted twice. Léo waits for
    the meal: the gauge of three places reads as full on the day to come."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.building = self.gauge("Bâtiment", 3)
        for name, starts, ends in (("Matin", "08:00", "12:00"), ("Repas", "12:00", "13:30")):
            self.slot(self.wednesdays, name, starts, ends, gauges=[self.building])
        self.rule(self.wednesdays)
        durand = self.home("Durand")
        self.zoe, self.leo, self.tom = (self.child(durand, name) for name in ("Zoé", "Léo", "Tom"))
        for child in (self.zoe, self.leo, self.tom):
            self.enrolment(child, self.wednesdays, durand)
        for day in (PAST, DAY):
            morning, meal = self.openings(self.wednesdays, day)
            for child, on in ((self.zoe, morning), (self.zoe, meal), (self.tom, morning)):
                self.booking(child, on)
        self.waits = self.booking(self.leo, meal, state=BookingState.WAITING)
        Quota.objects.update(taken=3)
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def quota(self, day: date = DAY) -> tuple[int, int, int, int]:
        row = Quota.objects.get(gauge=self.building, day=day)
        return row.capacity, row.taken, row.overdraft, row.withheld

    def confirms(self, capacity: int, **changed) -> None:
        gauge_confirm(
            **{
                "actor": self.director,
                "gauge_id": self.building.pk,
                "capacity": capacity,
                "seen": 3,
                "now": NOW,
                **changed,
            }
        )

    def refused(self, capacity: int = 3, **changed) -> str:
        with pytest.raises(No) as refused:
            self.confirms(capacity, **changed)
        return refused.value.code

    def state(self) -> str:
        self.waits.refresh_from_db()
        return self.waits.state


@pytest.fixture
def world() -> Village:
    return Village()


def test_each_day_is_counted_again_and_what_is_freed_is_withheld(world):
    wrong = places_recount(now=NOW)
    assert [(one.day, one.before, one.after) for one in wrong] == [(PAST, 3, 2), (DAY, 3, 2)]
    assert world.quota() == (2, 2, 0, 1), "a place less, until somebody confirms"
    assert world.quota(PAST) == (3, 2, 0, 0), "nobody waits for the past"
    assert world.state() == BookingState.WAITING
    counters_hold()


def test_counting_twice_is_counting_once(world):
    places_recount(now=NOW)
    assert places_recount(now=NOW) == []
    assert world.quota() == (2, 2, 0, 1)
    assert Case.objects.filter(kind="gauge").count() == 1


def test_a_counter_past_its_capacity_stays_past_it_by_what_is_taken(world):
    Quota.objects.filter(day=DAY).update(taken=3, capacity=1, overdraft=2)
    places_recount(now=NOW)
    assert world.quota() == (0, 2, 2, 1)


def test_one_that_had_counted_too_few_is_mended_too(world):
    Quota.objects.filter(day=DAY).update(taken=0)
    places_recount(now=NOW)
    assert world.quota() == (3, 2, 0, 0)
    assert not Case.objects.filter(kind="gauge").exists()


def test_half_hours_count_at_the_hours_booked():
    made = Scenario()
    crib = made.activity("Multi-accueil")
    made.slot(crib, "Accueil", "08:00", "12:00", by_hour=True, capacity=4)
    durand = made.home("Durand")
    zoe = made.child(durand, "Zoé")
    made.enrolment(zoe, crib, durand)
    (stay,) = made.openings(crib, DAY)
    made.booking(zoe, stay, hours=("09:00", "10:00"))
    Quota.objects.update(taken=2)
    places_recount(now=NOW)
    assert list(Quota.objects.order_by("part").values_list("taken", flat=True)) == [0, 0, 1, 1, 0, 0, 0, 0]


def test_seats_of_the_relais_stand_beside(world):
    morning = Booking.objects.filter(day=DAY).earliest("starts_at").opening
    Visit.objects.create(
        opening=morning, family=world.home("Roy").family, adult_name="Line", seats=2, booked_at=NOW
    )
    places_recount(now=NOW)
    assert world.quota()[1] == 4


def test_its_director_confirms_the_number_and_who_waits_is_served(world, django_capture_on_commit_callbacks):
    places_recount(now=NOW)
    found = to_confirm(world.director, world.building.pk, now=NOW)
    assert (found.day, found.withheld, found.capacity) == (DAY, 1, 3)
    with django_capture_on_commit_callbacks(execute=True):
        world.confirms(3)
    assert world.state() == BookingState.BOOKED
    assert world.quota() == (3, 3, 0, 0)
    assert Case.objects.get(kind="gauge").state == CaseState.ACCEPTED
    assert Entry.objects.filter(verb="gauge.confirmed").exists()
    counters_hold()


def test_a_smaller_number_is_a_capacity_from_today_and_nobody_is_served(
    world, django_capture_on_commit_callbacks
):
    places_recount(now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        world.confirms(2)
    assert world.state() == BookingState.WAITING
    assert world.quota() == (2, 2, 0, 0)
    assert GaugeLevel.objects.filter(gauge=world.building, since=TODAY, capacity=2).exists()
    assert Case.objects.get(kind="gauge").state == CaseState.ACCEPTED


def test_a_level_to_come_is_confirmed_by_itself(world):
    GaugeLevel.objects.create(gauge=world.building, since=DAY + timedelta(days=1), capacity=9)
    later = DAY + timedelta(days=7)
    morning, meal = world.openings(world.wednesdays, later)
    for on in (morning, meal):
        world.booking(world.zoe, on)
    Quota.objects.filter(day=later).update(taken=2)
    places_recount(now=NOW)
    world.confirms(3)
    assert world.quota()[3] == 0
    assert world.quota(later) == (8, 1, 0, 1)
    assert Case.objects.get(kind="gauge").state == CaseState.OPEN
    assert to_confirm(world.director, world.building.pk, now=NOW).capacity == 9
    world.confirms(9, seen=9)
    assert world.quota(later) == (9, 1, 0, 0)
    assert Case.objects.get(kind="gauge").state == CaseState.ACCEPTED


def test_another_capacity_given_on_its_page_confirms_it_too(world):
    places_recount(now=NOW)
    capacity_change(actor=world.director, gauge_id=world.building.pk, since=TODAY, capacity=5, now=NOW)
    assert world.quota() == (5, 2, 0, 0)
    assert Case.objects.get(kind="gauge").state == CaseState.ACCEPTED


def test_a_gauge_that_goes_leaves_nothing_to_confirm(world):
    places_recount(now=NOW)
    empty = world.gauge("Annexe", 4)
    Quota.objects.create(gauge=empty, day=DAY, capacity=4, taken=0, withheld=2)
    places_recount(now=NOW)
    assert Case.objects.open().filter(kind="gauge").count() == 2
    part_drop(actor=world.director, model=Gauge, pk=empty.pk, now=NOW)
    assert [case.subject_id for case in Case.objects.open().filter(kind="gauge")] == [world.building.pk]


def test_only_who_answers_for_it_confirms_what_it_was_shown(world):
    assert world.refused() == "settled"
    places_recount(now=NOW)
    elsewhere = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Autre centre")))
    assert world.refused(actor=elsewhere) == "not_yours"
    assert world.refused(seen=24) == "moved"
    assert world.quota() == (2, 2, 0, 1)


def test_the_command_says_what_it_found(world, time_machine):
    time_machine.move_to(NOW, tick=False)
    out = StringIO()
    call_command("recount", stdout=out)
    assert "Bâtiment : 2 compteur(s) corrigé(s), 18/11/2026 – 02/12/2026, 6 → 4" in out.getvalue()
    assert "1 jauge(s) à confirmer" in out.getvalue()
    out = StringIO()
    call_command("recount", stdout=out)
    assert "0 compteur(s) corrigé(s)." in out.getvalue()


def test_an_operator_who_has_not_counted_since_the_update_is_told(world, time_machine):
    """Gauges from before children were counted are marked; those made since need nothing."""
    time_machine.move_to(NOW, tick=False)
    world.gauge("Annexe", 4)
    assert check_counted(databases=["default"]) == []
    Gauge.objects.filter(name="Bâtiment").update(counts_children=False)
    (told,) = check_counted(databases=["default"])
    assert told.id == "marelle.W005"
    assert "python -m marelle recount" in told.hint
    assert check_counted() == []
    call_command("recount", stdout=StringIO())
    assert check_counted(databases=["default"]) == []


def test_a_minimum_service_is_a_number_of_children_though_places_are_withheld(world):
    places_recount(now=NOW)
    for places, told in ((3, (2, 2, 0, 1)), (1, (1, 2, 1, 1)), (2, (1, 2, 1, 1))):
        closure = Closure.objects.create(
            structure=world.the_structure, reason="Grève", first_day=DAY, last_day=DAY, made_at=NOW
        )
        cuts_make(closure.pk, {world.building.pk: places}, first=DAY, last=DAY)
        assert world.quota() == told


def test_days_that_passed_unconfirmed_leave_no_case(world):
    places_recount(now=NOW)
    assert confirmations_end(now=NOW) == 0
    assert confirmations_end(now=NOW + timedelta(days=8)) == 1
    assert not Case.objects.open().filter(kind="gauge").exists()
