"""« Passage de classe » on the screen: shown, done, taken back; what was ticked stays when it is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import Promotion, Schooling
from tests.flows.test_promoting import NOW, Village, next_of

pytestmark = pytest.mark.django_db

HERE = "/agents/activites/annee/classes/"


@pytest.fixture
def world(time_machine: Any) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def office(world: Village, client: Client) -> Client:
    client.force_login(world.staff("accueil", Role.OFFICE))
    return client


def test_it_is_shown_then_done_then_taken_back(world: Village, office: Client) -> None:
    year = office.get("/agents/activites/annee/").content.decode()
    assert "3 enfants ; leur classe de 2027-2028 n’est pas encore notée." in year
    assert HERE in year
    page = f"{HERE}{world.the_school.pk}/"
    assert page in office.get(HERE).content.decode()
    shown = office.get(page).content.decode()
    assert "CP → CE1" in shown
    assert "CM2 : fin du parcours dans cette école" in shown
    assert "Tom Petit" in shown
    school = str(world.the_school.pk)
    given = {
        "up-CP": [world.zoe.pk],
        "to-CP": school,
        "up-CE1": [world.lou.pk],
        "to-CE1": "0",
        "again-CM2": [world.tom.pk],
    }
    wrong = office.post(page, {**given, "to-CP": "9" * 12}).content.decode()
    assert "Choisissez dans la liste." in wrong
    assert f'id="again-{world.tom.pk}" name="again-CM2" value="{world.tom.pk}" checked' in wrong
    assert not Promotion.objects.exists()
    done = office.post(page, given, follow=True).content.decode()
    assert "C’est fait : la classe de 2 enfants est notée. 1 redouble." in done
    assert next_of(world.lou) is None, "who leaves for nowhere has no class"
    assert "Zoé Durand" in done
    assert "CP → CE1 · École des Tilleuls" in done
    again = office.post(page, given).content.decode()
    assert "Il n’y a plus rien à faire : Accueil a fait ce passage" in again
    undo = f"{HERE}annuler/{Promotion.objects.get().pk}/"
    assert "Le passage est annulé pour 2 enfants." in office.post(undo, follow=True).content.decode()
    assert not Schooling.objects.filter(school_year=2027).exists()
    assert "a déjà annulé ce passage" in office.post(undo, follow=True).content.decode()


def test_who_has_moved_since_is_told_and_nonsense_is_nothing(world: Village, office: Client) -> None:
    page = f"{HERE}{world.the_school.pk}/"
    other = world.school("Ailleurs")
    Schooling.objects.filter(child=world.zoe).update(school=other)
    school = str(world.the_school.pk)
    given = {"up-CP": [world.zoe.pk], "to-CP": school, "up-CE1": [world.lou.pk, "x", "-1"], "to-CE1": school}
    done = office.post(page, given, follow=True).content.decode()
    assert "1 enfant n’est plus dans cette école." in done
    assert "Zoé" not in done
    assert next_of(world.lou) == ("École des Tilleuls", "CE2")
    empty = office.post(page, {}).content.decode()
    assert "Il n’y a rien à faire" in empty
    undone = f"{HERE}annuler/{Promotion.objects.get().pk}/"
    Schooling.objects.filter(child=world.lou, school_year=2027).update(corrected=True)
    kept = office.post(undone, follow=True).content.decode()
    assert "corrigée depuis : la classe de Lou Martin" in kept
    assert office.post(f"{HERE}annuler/{10**9}/").status_code == 404


def test_a_director_without_a_school_reads_who_does_it(world: Village, client: Client) -> None:
    client.force_login(world.staff("direction", Role.DIRECTOR))
    page = client.get("/agents/activites/annee/").content.decode()
    assert "le guichet s’occupe des classes" in page
    assert f'href="{HERE}"' not in page


def test_from_november_on_it_is_no_more_taken_back(world: Village, office: Client, time_machine: Any) -> None:
    made = world.both()
    time_machine.move_to(datetime(2027, 11, 1, 9, tzinfo=PARIS))
    office.force_login(world.staff("paul", Role.OFFICE))
    told = office.post(f"{HERE}annuler/{made.promotion.pk}/", follow=True).content.decode()
    assert "jusqu’au 31 octobre" in told
