"""An agent separates a home: on one page, then another that says all that it does, and in a browser."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import CustodyPeriod, Family, Member, Person
from tests.agents.test_browser import fits
from tests.care import contact
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
WEDNESDAY = date(2026, 12, 2)


class Together(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.both = self.home("Durand", "Camille")
        self.sacha = self.adult(self.both, "Sacha", identifier="sacha")
        self.leo, self.milo = self.child(self.both, "Léo"), self.child(self.both, "Milo")
        self.line = contact(self.both, self.milo)
        self.wednesdays = self.activity()
        self.slot(self.wednesdays, "Matin", capacity=10)
        (opening,) = self.openings(self.wednesdays, WEDNESDAY)
        self.rows = [self.enrolment(child, self.wednesdays, self.both) for child in (self.leo, self.milo)]
        for child in (self.leo, self.milo):
            self.booking(child, opening)
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))
        self.page = f"/agents/familles/{self.both.family.pk}/separer/"
        self.typed: dict[str, Any] = {
            "etape": "verifier",
            "name": "Sacha Durand",
            "street": "4 impasse du Lavoir",
            "postal_code": "21999",
            "city": "Arelle",
            "source": "bail",
            f"adulte{self.sacha.pk}-leaves": "on",
            f"adulte{self.sacha.pk}-email": "sacha@ailleurs.example",
            f"adulte{self.sacha.pk}-phone": "06 11 22 33 44",
            f"enfant{self.leo.pk}-where": "follows",
            f"enfant{self.milo.pk}-where": "shared",
            f"enfant{self.milo.pk}-pattern": "odd first_half",
            f"enfant{self.milo.pk}-contacts": [str(self.line.pk)],
        }
        for row in self.rows:
            self.typed |= {f"inscription{row.pk}-keeper": "part", f"inscription{row.pk}-since": "2026-12-01"}

    def sends(self, **changes: Any) -> str:
        answer = self.client.post(self.page, {**self.typed, **changes}, follow=True)
        return html.unescape(answer.content.decode())

    def confirms(self, page: str) -> str:
        """Sends the form that separates, as it was read."""
        form = next(part for part in page.split("<form") if 'name="fingerprint"' in part)
        fields: dict[str, list[str]] = {}
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
            fields.setdefault(name, []).append(value)
        return html.unescape(self.client.post(self.page, fields, follow=True).content.decode())


@pytest.fixture
def world(time_machine: Any) -> Together:
    time_machine.move_to(NOW, tick=False)
    return Together()


def test_from_the_family_to_two_files(world):
    family = world.client.get(f"/agents/familles/{world.both.family.pk}/").content.decode()
    assert world.page in family
    assert "Qui part, et où" in html.unescape(world.client.get(world.page).content.decode())
    page = world.sends()
    assert "Nouveau foyer\u00a0: Sacha Durand" in page
    assert "06 11 22 33 44" in page.replace("\xa0", " ").replace("\u202f", " ")
    assert "Léo : " in page
    assert "Les semaines impaires ; pendant les vacances, la première moitié" in page
    assert "Les semaines paires ; pendant les vacances, la seconde moitié" in page
    assert Family.objects.count() == 1
    done = world.confirms(page)
    assert "Le foyer est séparé" in done
    new = Family.objects.get(name="Sacha Durand")
    assert set(new.members.values_list("person__first_name", flat=True)) == {"Sacha", "Léo", "Milo"}
    assert CustodyPeriod.objects.get(member__family=new).weeks == "odd"
    world.line.refresh_from_db()
    assert world.line.family == new
    assert Person.objects.get(pk=world.sacha.pk).phone == "+33611223344"


def test_sent_twice_and_after_a_change(world):
    page = world.sends()
    Person.objects.filter(pk=world.leo.pk).update(diet="vegetarian")
    again = world.confirms(page)
    assert "a changé depuis que la page est ouverte" in again
    assert "Sacha Durand" in again
    assert "Le foyer est séparé" in world.confirms(again)
    assert "déjà leur propre dossier" in world.confirms(again)
    assert Family.objects.count() == 2


def test_what_was_typed_stays_when_it_is_corrected(world):
    page = world.sends(etape="corriger")
    assert 'value="4 impasse du Lavoir"' in page
    assert "Il y a" not in page
    wrong = world.sends(street="", **{f"adulte{world.sacha.pk}-email": "sacha@"})
    assert "sacha@" in wrong
    assert 'value="Sacha Durand"' in wrong
    assert Family.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("enfant{leo}-where", "x"),
        ("enfant{milo}-pattern", "odd"),
        ("enfant{milo}-contacts", "9" * 30),
        ("inscription{row}-since", "2026-13-45"),
        ("inscription{row}-since", "2026-11-01"),
        ("postal_code", "\0"),
        ("adulte" + "9" * 30 + "-leaves", "on"),
    ],
)
def test_what_no_page_sends_writes_nothing(world, name, value):
    name = name.format(leo=world.leo.pk, milo=world.milo.pk, row=world.rows[1].pk)
    page = world.sends(**{name: value})
    assert "Séparer le foyer" in page
    assert Family.objects.count() == 1


def test_what_cannot_be_is_said_with_what_was_typed(world):
    camille = world.both.adult
    page = world.sends(**{f"adulte{camille.pk}-leaves": "on"})
    assert "Tout le foyer part" not in page
    assert "Plus aucun adulte ne reste avec les enfants" in page
    assert 'value="4 impasse du Lavoir"' in page
    assert "Dites quel adulte quitte le foyer" in world.sends(**{f"adulte{world.sacha.pk}-leaves": ""})


def test_a_number_of_queries_that_does_not_depend_on_the_people(world, count_queries):
    with count_queries() as few:
        world.client.get(world.page)
    for number in range(5):
        child = world.child(world.both, f"Enfant{number}")
        world.enrolment(child, world.wednesdays, world.both)
        contact(world.both, child)
    with count_queries(len(few)):
        world.client.get(world.page)


# In a browser


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_in_a_browser(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Together()
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
    page.goto(f"/agents/familles/{world.both.family.pk}/")
    page.get_by_role("link", name="Séparer le foyer").click()
    check()
    page.get_by_role("group", name="Sacha Durand").get_by_label("Quitte le foyer").check()
    page.get_by_label("Nom du nouveau foyer").fill("Sacha Durand")
    page.get_by_label("Rue").fill("4 impasse du Lavoir")
    page.get_by_label("Code postal").fill("21999")
    page.get_by_label("Ville").fill("Arelle")
    page.get_by_label("Justifié par").fill("bail")
    leo = page.get_by_role("group", name="Léo Durand")
    leo.get_by_label("Où vit l’enfant").select_option("part dans le nouveau foyer")
    page.get_by_role("button", name="Vérifier").click()
    page.get_by_text("Nouveau foyer : Sacha Durand").wait_for()
    check()
    page.get_by_role("button", name="Corriger").click()
    assert page.get_by_label("Rue").input_value() == "4 impasse du Lavoir"
    page.get_by_role("button", name="Vérifier").click()
    page.get_by_role("button", name="Séparer le foyer").click()
    page.get_by_text("Le foyer est séparé").wait_for()
    assert set(Member.objects.filter(family__name="Sacha Durand").values_list("person__first_name")) == {
        ("Sacha",),
        ("Léo",),
    }
