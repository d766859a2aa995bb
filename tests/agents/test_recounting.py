"""« Places à confirmer » on the desk: what a director reads, types and is told."""

from __future__ import annotations

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import GaugeLevel, Quota
from marelle.cases.models import Case, CaseState
from marelle.flows.catalogue.recounting import places_recount
from tests.flows.test_recounting import NOW, Village
from tests.reading import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    world = Village()
    places_recount(now=NOW)
    return world


@pytest.fixture
def director(world: Village) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.director.user_id))
    return client


def page_of(world: Village) -> str:
    return f"/agents/jauges/{world.building.pk}/"


def test_it_waits_in_the_queue_and_says_what_was_counted(world, director):
    assert page_of(world) in text(director.get("/agents/"))
    page = text(director.get(page_of(world)))
    assert "Mercredi 2 décembre, 1 place de trop était comptée." in page
    assert 'value="3"' in page


def test_the_number_confirmed_gives_what_was_freed(world, director):
    answer = director.post(page_of(world), {"vu": "3", "capacity": "3"}, follow=True)
    assert "C’est noté" in text(answer)
    assert Quota.objects.filter(withheld__gt=0).count() == 0
    assert Case.objects.get(kind="gauge").state == CaseState.ACCEPTED
    again = text(director.get(page_of(world)))
    assert "a confirmé le nombre d’enfants" in again
    assert 'name="capacity"' not in again


@pytest.mark.parametrize("typed", ["", "beaucoup", "-1", "99999"])
def test_nonsense_is_said_and_changes_nothing(world, director, typed):
    page = text(director.post(page_of(world), {"vu": "3", "capacity": typed}))
    assert 'aria-invalid="true"' in page
    assert Quota.objects.filter(withheld__gt=0).count() == 1


def test_a_capacity_changed_meanwhile_is_told_and_what_was_typed_stays(world, director):
    GaugeLevel.objects.filter(gauge=world.building).update(capacity=8)
    page = text(director.post(page_of(world), {"vu": "3", "capacity": "3"}))
    assert "La capacité a changé" in page
    assert 'name="vu" value="8"' in page
    assert Quota.objects.filter(withheld__gt=0).count() == 1


def test_of_two_agents_the_second_is_told(world, director):
    director.post(page_of(world), {"vu": "3", "capacity": "3"})
    answer = director.post(page_of(world), {"vu": "3", "capacity": "9"}, follow=True)
    assert "Il n’y a plus rien à confirmer de cette jauge." in text(answer)
    assert "a confirmé le nombre d’enfants" in text(answer)
    assert not GaugeLevel.objects.filter(gauge=world.building, capacity=9).exists()
