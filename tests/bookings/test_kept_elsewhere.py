"""Places kept for some follow their booking: a closing undone, a group changed, seats of half an hour."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.db import transaction

from marelle.activities.models import Gauge, KeptPlaces, KeptQuota, Quota
from marelle.bookings.closing.doubles import counted_once
from marelle.bookings.closing.moving import Then
from marelle.bookings.closing.reviving import bookings_revive, ended_locked
from marelle.bookings.kept import kept_add, kept_name
from marelle.bookings.models import Booking
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import EndCause
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import Target
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.flows.catalogue.moving import child_move, group_plan
from tests.bookings.world import NOW, WEDNESDAY, made_world, said, tick
from tests.races.crowd import Parent, crowd
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def keeps(director: Actor, gauge: Gauge, activity_id: int, places: int, *named: Enrolment) -> KeptPlaces:
    values = {
        "gauge": gauge, "name": "Suivi social", "places": places, "audience": "named", "communes": [],
        "schools": [], "since": date(2026, 9, 1), "until": None, "release_n": 1,
        "release_counting": "calendar", "release_time": time(10), "release_at": None,
    }  # fmt: skip
    row = kept_add(actor=director, activity_id=activity_id, values=values, now=NOW)
    kept_name(actor=director, pk=row.pk, enrolment_ids=[one.pk for one in named], now=NOW)
    return row


def counts() -> set[tuple[int, int, int]]:
    counters_hold()
    return set(Quota.objects.values_list("taken", "kept", "kept_taken"))


def test_a_closing_undone_gives_back_the_place_that_was_kept():
    world = made_world()
    director = actor_for(world.made.staff("direction", Role.DIRECTOR))
    gauge = Gauge.objects.get(draws__slot=world.morning)
    row = keeps(director, gauge, world.activity.pk, 1, Enrolment.objects.get(person=world.zoe))
    world.save(tick(world.zoe, world.opening))
    assert counts() == {(1, 1, 1)}
    target = Target(world.activity.structure_id, WEDNESDAY, WEDNESDAY)
    closure = closing_make(actor=director, target=target, reason="Neige", now=NOW).closure
    assert counts() == {(0, 1, 0)}
    closing_undo(actor=director, closure_id=closure.pk, now=NOW)
    assert counts() == {(1, 1, 1)}
    assert Booking.objects.holding().get().kept == str(row.pk)


class Groups(Scenario):
    """Two groups: the big ones have two places, one of which is kept."""

    def __init__(self, *, named: bool) -> None:
        super().__init__()
        self.wednesdays = self.activity()
        small, self.big = (
            self.group(self.wednesdays, name, years)
            for name, years in (("Petits", (3, 5)), ("Grands", (6, 12)))
        )
        slot = self.slot(self.wednesdays)
        self.draws(slot, self.gauge("Petits", 9), small)
        room = self.gauge("Grands", 2)
        self.draws(slot, room, self.big)
        self.rule(self.wednesdays)
        self.here, self.there = (self.opening(slot, WEDNESDAY, group=one) for one in (small, self.big))
        self.mover, other = crowd(self, 2, [self.wednesdays])
        for parent, group in ((self.mover, small), (other, self.big)):
            stay = self.stay(parent)
            GroupChoice.objects.create(enrolment=stay, group=group, since=stay.starts_on)
        director = actor_for(self.staff("direction", Role.DIRECTOR))
        keeps(director, room, self.wednesdays.pk, 1, *([self.stay(self.mover)] if named else []))
        other.books(self.there)()
        self.mover.books(self.here)()

    def stay(self, parent: Parent) -> Enrolment:
        return Enrolment.objects.get(person=parent.child)


@pytest.mark.parametrize(("named", "moves"), [(True, 1), (False, 0)])
def test_who_changes_groups_takes_what_is_kept_for_it_alone(named, moves):
    world = Groups(named=named)
    asked = {"enrolment_id": world.stay(world.mover).pk, "group_id": world.big.pk, "since": WEDNESDAY}
    mark = group_plan(actor=SYSTEM, **asked, now=NOW).mark
    moved = child_move(actor=SYSTEM, **asked, then=Then.KEEP, reason="Groupe", mark=mark, now=NOW)
    assert moved.moved == moves
    counters_hold()
    assert Booking.objects.holding().filter(opening=world.there).count() == 1 + moves


def test_two_records_of_one_child_have_one_of_the_places():
    world = made_world()
    slot = world.made.slot(world.activity, "Soir", "17:00", "18:00", gauges=[Gauge.objects.get()])
    evening = world.made.opening(slot, WEDNESDAY)
    Quota.objects.update(capacity=5)
    home, twin = world.another("Double")
    director = actor_for(world.made.staff("direction", Role.DIRECTOR))
    keeps(director, Gauge.objects.get(), world.activity.pk, 3, Enrolment.objects.get(person=twin))
    world.save(tick(world.zoe, world.opening))
    world.save(tick(twin, evening), actor=home.actor)
    assert counts() == {(2, 3, 1)}
    with transaction.atomic():
        counted_once({twin.pk: world.zoe.pk}, now=NOW)
    Booking.objects.filter(child=twin).update(child=world.zoe)
    assert counts() == {(1, 3, 1)}


def test_a_decision_undone_gives_back_the_place_that_was_kept():
    world = made_world()
    director = actor_for(world.made.staff("direction", Role.DIRECTOR))
    keeps(director, Gauge.objects.get(), world.activity.pk, 1, Enrolment.objects.get())
    world.save(tick(world.zoe, world.opening))
    with transaction.atomic():
        bookings_end(
            actor=director, booking_ids=[Booking.objects.get().pk], cause=EndCause.STRUCTURE, now=NOW
        )
    assert counts() == {(0, 1, 0)}
    with transaction.atomic():
        bookings_revive(ended_locked(Booking.objects.all(), decided_at=NOW), decided_at=NOW, now=NOW)
    assert counts() == {(1, 1, 1)}


def test_of_half_hours_each_is_kept_by_itself():
    """One place of two is kept from 8 to 12: others may have the other one, whatever their hours."""
    world = Scenario()
    nursery = world.activity("Multi-accueil", kind="childcare", years=(0, 12))
    slot = world.slot(nursery, "Accueil", "08:00", "12:00", capacity=2, by_hour=True)
    world.rule(nursery)
    opening = world.opening(slot, WEDNESDAY)
    named, early, late = crowd(world, 3, [nursery])
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    gauge = Gauge.objects.get(draws__slot=slot)
    keeps(director, gauge, nursery.pk, 1, Enrolment.objects.get(person=named.child))
    assert KeptQuota.objects.count() == 8

    def books(parent: Parent, starts: int, ends: int) -> str:
        change = Change(parent.child.pk, opening.pk, False, True, starts=time(starts), ends=time(ends))
        return said(bookings_save(actor=parent.actor, changes=[change], now=NOW))[0]

    assert books(early, 8, 10) == "booked"
    assert books(late, 9, 11) == "kept_places"
    assert books(late, 10, 12) == "booked"
    assert books(named, 9, 11) == "booked"
    counters_hold()
    assert Quota.objects.filter(kept_taken=1).count() == 4
