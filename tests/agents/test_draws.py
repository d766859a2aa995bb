"""The gauges of an activity on one page: a row a slot, a column a group, one save."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date

import pytest

from marelle.activities.models import Gauge, SlotGauge
from marelle.activities.services import EVERY_GROUP, draws_held
from marelle.core.actor import Role
from tests.agents.village import HERE, NOW, Village, seen, text
from tests.standing import built_once

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 2)


class Grid(Village):
    def __init__(self) -> None:
        super().__init__()
        self.draw_page = f"{self.page}jauges/"
        self.room = self.gauge("Salle à manger", 60)
        self.own = Gauge.objects.exclude(pk=self.room.pk).get(draws__slot=self.morning)
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30")
        self.holidays = self.slot(self.wednesdays, "Journée", weekdays=(0, 1), days="holidays")

    def name(self, slot, group=None) -> str:
        return f"c-{slot.pk}-{group.pk if group else EVERY_GROUP}"

    def held(self):
        return draws_held([self.morning.pk, self.meal.pk])

    def book(self) -> None:
        zoe = self.child(durand := self.home("Durand"), "Zoé")
        self.enrolment(zoe, self.wednesdays, durand)
        self.booking(zoe, self.opening(self.morning, FIRST))


built = built_once(Grid, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Grid:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_the_grid_shows_slots_by_day_with_their_gauges_and_capacities(world):
    page = text(world.director.get(world.draw_page))
    days = re.findall(r'<th scope="rowgroup"[^>]*>([^<]*)', page)
    assert days == ["Mercredi, les semaines d’école", "Lundi et mardi, les vacances scolaires"]
    assert re.findall(r'<th scope="col">([^<]*)', page) == ["Créneau", "Tous les groupes", world.small.name]
    assert re.findall(r'<th scope="row">([^<]*)<small>([^<]*)', page) == [
        ("Matin", "8 h – 12 h"),
        ("Repas", "12 h – 13 h 30"),
        ("Journée", "8 h – 12 h"),
    ]
    assert f"<b>{world.own.name}</b> <small>24 places par jour</small>" in page
    assert "Salle à manger (60 places par jour)" in page
    assert page.count("aucune jauge") == 5
    assert f'href="{world.draw_page}"' in text(world.director.get(world.page))


def test_one_save_changes_cells_of_several_slots_and_the_others_stay(world):
    sent = {"seen": seen(world.director.get(world.draw_page))}
    sent |= {world.name(world.morning): [world.own.pk, world.room.pk]}
    sent |= {world.name(world.meal, world.small): [world.room.pk]}
    assert "C’est enregistré." in text(world.director.post(world.draw_page, sent, follow=True))
    assert world.held() == {
        (world.morning.pk, EVERY_GROUP): {world.own.pk, world.room.pk},
        (world.meal.pk, world.small.pk): {world.room.pk},
    }


def test_what_another_agent_changed_is_told_beside_its_cell_and_what_was_typed_stays(world):
    shown = seen(world.director.get(world.draw_page))
    office = world.logged("guichet", Role.OFFICE)
    first = {"seen": shown, world.name(world.morning): [world.room.pk]}
    assert office.post(world.draw_page, first).status_code == 302
    mine = {"seen": shown, world.name(world.meal): [world.room.pk]}
    late = world.director.post(world.draw_page, mine)
    page = text(late)
    fault = page.split(f'id="id_{world.name(world.morning)}_error"')[1].split("</div>")[0]
    assert "Guichet a modifié ceci" in fault
    assert "Il y a maintenant : Salle à manger." in fault
    assert page.count("<details open>") == 1
    assert f'name="{world.name(world.meal)}" value="{world.room.pk}" id="' in page
    assert re.search(rf'name="{world.name(world.meal)}" value="{world.room.pk}"[^>]* checked', page)
    assert world.held() == {(world.morning.pk, EVERY_GROUP): {world.room.pk}}
    world.director.post(world.draw_page, {**mine, "seen": seen(late)})
    assert world.held() == {(world.meal.pk, EVERY_GROUP): {world.room.pk}}


def test_a_cell_left_alone_is_not_taken_back_by_an_old_page(world):
    shown = seen(world.director.get(world.draw_page))
    world.draws(world.meal, world.room)
    sent = {
        "seen": shown,
        world.name(world.morning): [world.own.pk],
        world.name(world.holidays): [world.own.pk],
    }
    assert world.director.post(world.draw_page, sent).status_code == 302
    assert world.held()[world.meal.pk, EVERY_GROUP] == {world.room.pk}


def test_a_slot_that_is_booked_is_read_and_the_others_are_changed(world):
    world.book()
    answer = world.director.get(world.draw_page)
    page = text(answer)
    assert "1 ouverture à venir est réservée" in page
    assert world.name(world.morning) not in page
    assert f"<b>{world.own.name}</b>" in page
    assert f"/agents/fermetures/capacites/{world.own.pk}/" in page
    sent = {"seen": seen(answer), world.name(world.meal): [world.room.pk]}
    assert world.director.post(world.draw_page, sent).status_code == 302
    assert world.held() == {
        (world.morning.pk, EVERY_GROUP): {world.own.pk},
        (world.meal.pk, EVERY_GROUP): {world.room.pk},
    }


def test_a_slot_booked_while_it_was_changed_is_refused_in_its_cell_and_nothing_is_saved(world):
    shown = seen(world.director.get(world.draw_page))
    world.book()
    sent = {
        "seen": shown,
        world.name(world.morning): [world.room.pk],
        world.name(world.meal): [world.room.pk],
    }
    late = world.director.post(world.draw_page, sent)
    page = text(late)
    fault = page.split(f'id="id_{world.name(world.morning)}_error"')[1].split("</div>")[0]
    assert "1 ouverture à venir de ce créneau a des réservations" in fault
    assert re.search(rf'name="{world.name(world.morning)}" value="{world.room.pk}"[^>]* checked', page)
    assert world.held() == {(world.morning.pk, EVERY_GROUP): {world.own.pk}}
    back = {**sent, "seen": seen(late), world.name(world.morning): [world.own.pk]}
    assert world.director.post(world.draw_page, back).status_code == 302
    assert world.held()[world.meal.pk, EVERY_GROUP] == {world.room.pk}


def test_where_every_slot_is_booked_there_is_nothing_to_save(world):
    world.meal.delete()
    world.holidays.delete()
    world.book()
    page = text(world.director.get(world.draw_page))
    assert "ENREGISTRER" not in page
    assert "Ajouter un créneau" in page
    forced = {"seen": "[]", world.name(world.morning): [world.own.pk, world.room.pk]}
    assert "a des réservations" in text(world.director.post(world.draw_page, forced))
    assert SlotGauge.objects.filter(slot=world.morning).count() == 1


@pytest.mark.parametrize("sent", ["", "[", "[[1, 2, 3]]", '{"a": 1}', "[[1e999, 1, 1]]"])
def test_nonsense_shown_writes_over_nothing(world, sent):
    page = text(
        world.director.post(world.draw_page, {"seen": sent, world.name(world.morning): [world.room.pk]})
    )
    assert "Il y a maintenant" in page
    assert world.held() == {(world.morning.pk, EVERY_GROUP): {world.own.pk}}


def test_a_gauge_that_is_none_is_told_in_its_cell(world):
    sent = {"seen": seen(world.director.get(world.draw_page)), world.name(world.meal): ["x", "9" * 30]}
    page = text(world.director.post(world.draw_page, sent))
    assert "Choisissez dans la liste." in page.split(f'id="id_{world.name(world.meal)}_error"')[1][:200]


def test_gauges_of_another_structure_are_offered_one_by_one(world):
    there = world.structure("Gymnase")
    hall = world.gauge("Salle de sport", 40, structure=there)
    office = world.logged("guichet", Role.OFFICE)
    page = text(office.get(world.draw_page))
    assert page.count("Salle de sport (Gymnase, 40 places par jour)") == 1
    asked = f"{world.draw_page}?jauge={hall.pk}"
    page = text(office.get(asked))
    assert page.count("Salle de sport (Gymnase, 40 places par jour)") == 6
    sent = {"seen": seen(office.get(asked)), world.name(world.morning): [world.own.pk, hall.pk]}
    assert office.post(asked, sent).status_code == 302
    shown = text(world.director.get(world.draw_page))
    assert "<b>Salle de sport</b>" in shown
    assert "sa direction en change la capacité" in shown
    assert f"/agents/fermetures/capacites/{hall.pk}/" not in shown
    assert f"/agents/fermetures/capacites/{hall.pk}/" in text(office.get(world.draw_page))
    other = world.gauge("Préau", 9, structure=there)
    assert "Préau" not in text(world.director.get(f"{world.draw_page}?jauge={other.pk}&jauge=x"))


def test_an_activity_without_slots_says_where_to_begin(world):
    empty = world.activity("Stages")
    page = text(world.director.get(f"{HERE}{empty.pk}/jauges/"))
    assert "Aucun créneau" in page
    assert "<table" not in page


def test_the_page_asks_the_same_queries_however_large_it_is(world, count_queries):
    world.book()
    with count_queries() as few:
        world.director.get(world.draw_page)
    for number in range(5):
        slot = world.slot(world.wednesdays, f"Créneau {number}", capacity=3)
        world.group(world.wednesdays, f"Groupe {number}", (number, number + 1))
        world.draws(slot, world.gauge(f"Salle {number}", 9))
    with count_queries(len(few)):
        world.director.get(world.draw_page)
