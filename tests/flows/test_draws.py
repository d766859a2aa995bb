"""The gauges of an activity, cell by cell: all that is asked or nothing, and nobody is written over."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from marelle.activities.models import Opening
from marelle.activities.services import EVERY_GROUP, DrawChange, draws_held
from marelle.activities.services.draws import DrawsRefused
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.openings import activity_draws_set, slots_booked
from marelle.journal.models import Entry
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
FIRST, SECOND, PAST = date(2026, 12, 2), date(2026, 12, 9), date(2026, 11, 18)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–11 ans", (6, 11))
        self.morning = self.slot(self.wednesdays, "Matin", "08:00", "12:00")
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30")
        self.few, self.many = self.gauge("Petits", 24), self.gauge("Grands", 36)
        self.room = self.gauge("Salle", 60)
        self.draws(self.morning, self.few, self.small)
        self.draws(self.morning, self.many, self.big)
        for slot in (self.morning, self.meal):
            for group in (self.small, self.big):
                for day in (PAST, FIRST, SECOND):
                    self.opening(slot, day, group=group)
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def change(self, *changes: DrawChange, actor=None) -> bool:
        return activity_draws_set(
            actor=actor or self.director, activity_id=self.wednesdays.pk, changes=changes, now=NOW
        )

    def held(self):
        return draws_held([self.morning.pk, self.meal.pk])

    def drawn(self, slot, group, day=FIRST) -> set[int]:
        opening = Opening.objects.get(slot=slot, group=group, day=day)
        return set(opening.quotas.values_list("gauge_id", flat=True))

    def book(self) -> None:
        durand = self.home("Durand")
        zoe = self.child(durand, "Zoé", born=date(2019, 3, 4))
        self.enrolment(zoe, self.wednesdays, durand)
        self.booking(zoe, Opening.objects.get(slot=self.morning, group=self.big, day=FIRST))


@pytest.fixture
def world() -> Village:
    return Village()


def cell(slot, group, seen=(), gauges=()) -> DrawChange:
    key = slot.pk, group.pk if group else EVERY_GROUP
    return DrawChange(key, frozenset(one.pk for one in seen), frozenset(one.pk for one in gauges))


def test_cells_of_several_slots_are_saved_at_once_and_their_openings_follow(world):
    assert world.change(
        cell(world.morning, None, gauges=[world.room]),
        cell(world.meal, None, gauges=[world.room]),
        cell(world.meal, world.small, gauges=[world.few]),
        cell(world.morning, world.big, seen=[world.many]),
    )
    room, few = world.room.pk, world.few.pk
    assert world.held() == {
        (world.morning.pk, EVERY_GROUP): {room},
        (world.morning.pk, world.small.pk): {few},
        (world.meal.pk, EVERY_GROUP): {room},
        (world.meal.pk, world.small.pk): {few},
    }
    for day in (FIRST, SECOND):
        assert world.drawn(world.morning, world.small, day) == {room, few}
        assert world.drawn(world.morning, world.big, day) == {room}
        assert world.drawn(world.meal, world.small, day) == {room, few}
        assert world.drawn(world.meal, world.big, day) == {room}
    assert world.drawn(world.morning, world.big, PAST) == {world.many.pk}, "what is over stays"
    assert Entry.objects.filter(verb="slot.gauges_set").count() == 2
    assert not world.change(cell(world.meal, None, seen=[world.few], gauges=[world.room])), "it is so already"
    assert not world.change()
    counters_hold()


def test_of_two_agents_on_one_grid_the_second_writes_over_no_cell(world):
    world.change(cell(world.morning, world.small, seen=[world.few], gauges=[world.room]))
    assert world.change(cell(world.morning, world.big, seen=[world.many], gauges=[])), "another cell"
    assert world.held() == {(world.morning.pk, world.small.pk): {world.room.pk}}
    with pytest.raises(DrawsRefused) as refused:
        world.change(
            cell(world.morning, world.small, seen=[world.few], gauges=[world.many]),
            cell(world.meal, None, gauges=[world.room]),
        )
    assert refused.value.code == "cells"
    ((key, why),) = refused.value.data["refused"].items()
    assert (key, why.code) == ((world.morning.pk, world.small.pk), "changed_meanwhile")
    assert why.data["held"]["gauges"] == {world.room.pk}
    assert world.held() == {(world.morning.pk, world.small.pk): {world.room.pk}}, "all or nothing"


def test_a_slot_that_is_booked_keeps_its_gauges_and_so_do_the_cells_asked_with_it(world):
    world.book()
    before = world.held()
    assert slots_booked(world.wednesdays, now=NOW) == {world.morning.pk: 1}
    with pytest.raises(DrawsRefused) as refused:
        world.change(
            cell(world.morning, None, gauges=[world.room]), cell(world.meal, None, gauges=[world.room])
        )
    ((key, why),) = refused.value.data["refused"].items()
    assert (key, why.code, why.data["n"]) == ((world.morning.pk, EVERY_GROUP), "booked", 1)
    assert world.held() == before
    assert world.change(cell(world.meal, None, gauges=[world.room])), "the other slot is free"
    counters_hold()


def test_gauges_and_groups_of_others_and_who_is_not_in_charge(world):
    away = world.structure("Loin", authority=world.authority("Mairie"))
    foreign = world.gauge("Loin", 5, structure=away)
    group = world.group(other := world.activity("Autre"), "Autres", (3, 5))
    for change in (cell(world.meal, None, gauges=[foreign]), cell(world.meal, group, gauges=[world.room])):
        with pytest.raises(DrawsRefused) as refused:
            world.change(change)
        assert [why.code for why in refused.value.data["refused"].values()] == ["no_such_gauge"]
    slot = world.slot(other)
    wanted = cell(world.meal, None, gauges=[world.room])
    with pytest.raises(NotYours):
        world.change(cell(slot, None, gauges=[world.room]))
    with pytest.raises(NotYours):
        world.change(wanted, actor=world.home("Martin").actor)
    with pytest.raises(NotYours):
        world.change(wanted, actor=actor_for(world.staff("loin", Role.DIRECTOR, structure=away)))
    assert (world.meal.pk, EVERY_GROUP) not in world.held()
