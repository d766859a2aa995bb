"""The dashboard: what waits, what is next, and in how many queries."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.test import Client

from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import instant_at
from marelle.families.models import FileConfirmation
from marelle.messaging.models import News
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 30)
DAY = timedelta(days=1)
NOON = instant_at(MONDAY, time(12))


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(instant_at(MONDAY, time(9)), tick=False):
        yield


def page(home: Home, address: str = "/tableau-de-bord/") -> str:
    client = Client()
    client.force_login(home.user)
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def family_of(world: Scenario, name: str, children: int, activities: int) -> Home:
    """Each child booked in every activity but the last, where nothing is booked."""
    home = world.home(name)
    kids = [world.child(home, f"Enfant{number}") for number in range(children)]
    for number in range(activities):
        activity = world.activity(
            f"Activité {name} {number}", structure=world.structure(f"S {name} {number}")
        )
        world.slot(activity, "Repas", weekdays=[0, 1, 2, 3, 4], capacity=50)
        world.rule(activity)
        openings = world.openings(activity, MONDAY, MONDAY + 11 * DAY)
        for child in kids:
            world.enrolment(child, activity, home)
            if number < activities - 1:
                for opening in openings:
                    world.booking(child, opening)
    return home


def test_an_enrolment_with_nothing_booked_is_told_with_its_limit_and_the_way():
    world = Scenario()
    durand = world.home("Durand")
    leo = world.child(durand, "Léo")
    activity = world.activity("Mercredis de Brisecombe")
    world.slot(activity, capacity=10)
    world.rule(activity)
    world.openings(activity, MONDAY, MONDAY + 30 * DAY)
    world.enrolment(leo, activity, durand)
    text = page(durand)
    assert "Léo · Mercredis de Brisecombe" in text
    assert "mais aucun créneau n’est réservé" in text
    assert "Pour mercredi 2 décembre, réservez avant demain, mardi 1er décembre, à 12 h 00." in text
    assert f"/reservations/?enfant={leo.pk}&amp;activite={activity.pk}" in text


def test_what_is_booked_shows_on_its_day_and_is_no_more_a_note():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity("Restauration", kind="canteen")
    world.slot(activity, "Repas", "11:45", "13:30", weekdays=[0, 1], capacity=10)
    world.slot(activity, "Soir", "16:30", "18:30", weekdays=[0], capacity=10)
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    for opening in world.openings(activity, MONDAY, MONDAY + 6 * DAY):
        world.booking(zoe, opening)
    FileConfirmation.objects.create(family=durand.family, school_year=2026, at=NOON, by="Camille")
    text = page(durand)
    assert "Zoé · repas, soir" in text
    assert "Prochain créneau : aujourd’hui, repas (Zoé)" in text
    assert "aucun créneau n’est réservé" not in text
    assert "Rien ne vous attend : tout est à jour." in text


def test_a_place_on_the_waiting_list_is_not_shown_as_booked():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity()
    world.slot(activity, weekdays=[0], capacity=1)
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    (opening,) = world.openings(activity, MONDAY)
    world.booking(zoe, opening, state=BookingState.WAITING)
    text = page(durand)
    assert "Zoé · matin</p>" not in text


def test_a_place_offered_is_told_until_when_however_far_its_day():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity()
    world.slot(activity, weekdays=[0], capacity=3)
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    near, far, over = world.openings(activity, MONDAY + 14 * DAY, MONDAY + 30 * DAY)
    world.booking(zoe, near)
    offered = {"state": BookingState.OFFERED}
    kept = world.booking(zoe, far, **offered, offered_until=NOON)
    late = world.booking(zoe, over, **offered, offered_until=instant_at(MONDAY, time(8)))
    FileConfirmation.objects.create(family=durand.family, school_year=2026, at=NOON, by="Camille")
    text = page(durand)
    assert "Une place est proposée à Zoé : lundi 21 décembre, matin." in text
    assert "Elle vous est gardée jusqu’au lundi 30 novembre à 12\xa0h\xa000." in text
    assert f'href="/reservations/proposition/{kept.pk}/"' in text
    assert f"/reservations/proposition/{late.pk}/" not in text
    assert "1 place proposée" in text
    assert "Voici ce qui attend votre famille." in text


def test_a_family_without_child_is_led_to_add_one():
    bernard = Scenario().home("Bernard")
    text = page(bernard)
    for address, said in (("/inscriptions/", "Ajoutez votre enfant"), ("/reservations/", "ajoutez d’abord")):
        assert said in page(bernard, address)
        assert 'href="/famille/"' in page(bernard, address).split("<main")[1]
    assert "Première étape : ajoutez votre enfant." in text
    assert 'href="/famille/ajouter/"' in text


def test_a_home_that_has_left_is_told_only_of_what_it_keeps():
    world = Scenario()
    durand = world.home("Durand")
    world.enrolment(world.child(durand, "Zoé"), world.activity(), durand)
    durand.family.left_on = MONDAY
    durand.family.save()
    text = page(durand)
    assert "Vos factures et votre historique restent ici." in text
    assert 'class="card tile" href="/reservations/"' not in text
    assert "Les prochains jours" not in text
    assert "aucun créneau n’est réservé" not in text


def test_news_of_the_structures_where_a_child_is_enrolled():
    world = Scenario()
    durand = world.home("Durand")
    world.enrolment(world.child(durand, "Zoé"), world.activity(), durand)
    at = instant_at(MONDAY - DAY, time(9))
    for structure, title in (
        (world.the_structure, "Fête de Noël"),
        (world.structure("Ailleurs"), "Loin d’ici"),
    ):
        News.objects.create(
            structure=structure, title=title, text="Venez.", written_at=at, published_at=at, by="D"
        )
    text = page(durand)
    assert "Fête de Noël" in text
    assert "Loin d’ici" not in text
    assert 'href="/actualites/"' in text


def test_a_family_without_enrolment_is_led_to_its_first():
    world = Scenario()
    bernard = world.home("Bernard")
    world.child(bernard, "Lou")
    assert "Première étape : demandez une inscription." in page(bernard)


def test_a_request_that_waits_is_told():
    world = Scenario()
    durand = world.home("Durand")
    world.enrolment(world.child(durand, "Zoé"), world.activity(), durand, state="requested")
    text = page(durand)
    assert "1 demande en attente" in text
    assert "Première étape" not in text


def test_the_menu_shows_nothing_of_another_family():
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    world.child(martin, "Lou")
    assert not re.search(r"\bLou\b", page(durand))


def test_staff_without_family_goes_to_its_own_side():
    client = Client()
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    answer = client.get("/tableau-de-bord/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/agents/")


def test_as_many_queries_whatever_the_family(count_queries):
    world = Scenario()
    small, large = family_of(world, "Durand", 1, 2), family_of(world, "Martin", 5, 5)
    page(small)
    page(large)
    seen = []
    for home in (small, large):
        client = Client()
        client.force_login(home.user)
        with count_queries(17) as statements:
            client.get("/tableau-de-bord/")
        seen.append(len(statements))
    assert seen[0] == seen[1]
