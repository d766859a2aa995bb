"""An agent makes two files one: on three pages, and in a browser."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import Family, FormerFile, Person
from marelle.flows.home.erasure import erasure_ask
from tests.agents.test_browser import fits
from tests.bounds import bound_given
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Twice(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.kept, self.left = self.home("Haddad", "Rachid"), self.home("Hadad", "Amina")
        self.ines = self.child(self.kept, "Inès", born=date(2018, 5, 14))
        self.twin = self.child(self.left, "Ines", born=date(2018, 5, 14), last_name="Haddad")
        self.other = self.home("Petit", "Anne")
        self.searchable()
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))
        self.base = f"/agents/familles/{self.kept.family.pk}/reunir/"
        self.page_of_left = f"{self.base}{self.left.family.pk}/"

    def read(self, address: str, **query: Any) -> str:
        return html.unescape(self.client.get(address, query, follow=True).content.decode())

    def sends(self, page: str, **changes: Any) -> str:
        """Sends the form of the last page as it was read, and reads the answer."""
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
        fields |= dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]+)" checked', page))
        answer = self.client.post(f"{self.page_of_left}verifier/", {**fields, **changes}, follow=True)
        return html.unescape(answer.content.decode())


@pytest.fixture
def world(time_machine: Any) -> Twice:
    time_machine.move_to(NOW, tick=False)
    return Twice()


def test_from_the_family_to_one_file(world):
    assert world.base in world.read(f"/agents/familles/{world.kept.family.pk}/")
    chosen = world.read(world.base)
    assert "Peut-être la même famille" in chosen
    assert world.page_of_left in chosen
    assert "Petit" not in chosen
    people = world.read(world.page_of_left)
    assert f'<option value="{world.ines.pk}" selected>La même qu’Inès Haddad' in people
    page = world.read(f"{world.page_of_left}verifier/", **{f"p-{world.twin.pk}": world.ines.pk})
    assert "Prénom · Ines" in page
    assert "Réunis en une seule personne\u00a0: Inès" in page
    done = world.sends(page, **{f"child.first_name-{world.twin.pk}": "left"})
    assert "Les deux dossiers sont réunis" in done
    assert Person.objects.get(pk=world.ines.pk).first_name == "Ines"
    # The old address and the old number lead to the file.
    old = world.client.get(f"/agents/familles/{FormerFile.objects.get().old_id}/")
    assert old.headers["Location"] == f"/agents/familles/{world.kept.family.pk}/"


def test_the_other_file_is_searched_by_name(world):
    assert "Anne Petit" in world.read(world.base, q="petit")
    assert "Aucun autre dossier" in world.read(world.base, q="haddad rachid")


def test_a_mail_or_a_phone_in_common_is_likely_too(world):
    Person.objects.filter(pk=world.other.adult.pk).update(email=world.kept.adult.email.upper())
    assert "Petit" in world.read(world.base)


def test_parents_apart_are_not_likely_to_be_one_home(world):
    Person.objects.filter(pk=world.twin.pk).update(first_name="Lou")
    world.shared(world.ines, world.kept, world.other)
    assert "Peut-être la même famille" not in world.read(world.base)
    page = world.read(f"{world.base}{world.other.family.pk}/verifier/")
    assert "ne réunissez pas leurs dossiers" in page


def test_sent_twice_and_after_a_change(world):
    address = f"{world.page_of_left}verifier/"
    page = world.read(address, **{f"p-{world.twin.pk}": world.ines.pk})
    Person.objects.filter(pk=world.twin.pk).update(diet="vegetarian")
    choice = {f"child.first_name-{world.twin.pk}": "left"}
    again = world.sends(page, **choice)
    assert "a changé depuis que la page est ouverte" in again
    assert re.search(
        r'name="child.first_name-\d+" value="left" checked', again
    )  # what was chosen stays chosen
    assert "sont réunis" in world.sends(again, **choice)
    assert "n’en font déjà plus qu’un" in world.sends(again, **choice)


@pytest.mark.parametrize("wrong", ["x", "9" * 5000, "-1", "²"])
def test_what_is_no_person_is_nobody(world, wrong):
    page = world.read(
        f"{world.page_of_left}verifier/", **{f"p-{world.twin.pk}": wrong, f"p-{wrong}": "1", "p-": "2"}
    )
    assert "De plus dans le dossier\u00a0: Amina Hadad, Ines Haddad" in page


def test_what_cannot_be_is_said_on_the_page_that_it_comes_from(world):
    wrong = world.read(f"{world.page_of_left}verifier/", **{f"p-{world.twin.pk}": world.kept.adult.pk})
    assert "ne peuvent pas être les mêmes" in wrong
    assert "Qui est la même personne" in wrong
    assert "C’est le même dossier" in world.read(f"{world.base}{world.kept.family.pk}/")
    erasure_ask(actor=world.left.actor, now=NOW)
    assert "L’effacement d’un des deux dossiers est demandé" in world.read(world.page_of_left)
    assert Family.objects.count() == 3


def test_what_the_one_home_would_have_past_a_bound_is_read_before(world):
    wednesdays = world.activity()
    morning = world.slot(wednesdays, "Matin", capacity=9)
    bound_given(wednesdays, 1, whose="home")
    for home, day in ((world.kept, date(2026, 12, 2)), (world.left, date(2026, 12, 3))):
        child = world.child(home, f"Lou {home.family.pk}")
        world.enrolment(child, wednesdays, home)
        world.booking(child, world.opening(morning, day))
    page = world.read(f"{world.page_of_left}verifier/")
    assert "1 jour par semaine au plus pour le foyer, la semaine du 30 novembre 2026" in page
    assert "Le foyer\u00a0: 2 jours avec les deux dossiers" in page


def test_a_number_of_queries_that_does_not_depend_on_the_people(world, count_queries):
    address = f"{world.page_of_left}verifier/"
    with count_queries() as few:
        world.read(address)
    for number in range(6):
        world.child(world.left, f"Enfant{number}")
        world.child(world.kept, f"Petit{number}")
    with count_queries(len(few)):
        world.read(address)
    with count_queries() as few:
        world.read(world.base)
    for number in range(6):
        world.child(world.home("Autre"), f"Petit{number}")
    with count_queries(len(few)):
        world.read(world.base)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_in_a_browser(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Twice()
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            assert fits(page), page.url

    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.goto(f"/agents/familles/{world.kept.family.pk}/")
    page.get_by_role("link", name="Réunir avec un autre dossier").click()
    check()
    page.get_by_role("link", name="Comparer avec Hadad").click()
    check()
    page.get_by_role("button", name="Continuer").click()
    check()
    page.get_by_role("group", name="Nom du foyer").get_by_label("Haddad").check()
    page.get_by_role("button", name="Réunir les deux dossiers").click()
    page.get_by_text("Les deux dossiers sont réunis").wait_for()
    assert Family.objects.filter(name="Haddad").count() == 1
