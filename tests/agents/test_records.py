"""What agents note in a file: each form says what is held, and of two at once the second is told."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import CustodyPeriod, Family, Person, Residence, Schooling
from marelle.journal.models import Entry
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
TODAY = "2026-11-25"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        Person.objects.filter(pk=self.zoe.pk).update(diet="no_pork")
        self.tilleuls, self.lilas = self.school("Les Tilleuls"), self.school("Les Lilas")
        self.nadege, self.omar = (self._agent(name) for name in ("nadege", "omar"))
        self.page = f"/agents/familles/{self.durand.family.pk}/"

    def _agent(self, name: str) -> Client:
        client = Client()
        client.force_login(self.staff(name, Role.OFFICE))
        return client


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return Village()


def text(answer) -> str:
    return unescape(answer.content.decode()).replace("\xa0", " ").replace("\u202f", " ")


def seen(answer) -> str:
    found = re.search(r'name="seen" value="(\w+)"', text(answer))
    assert found
    return found[1]


def address(street: str) -> dict[str, str]:
    where = {"street": street, "postal_code": "21999", "city": "Arelle"}
    return {**where, "since": TODAY, "source": "facture"}


def school(world: Village, number: int) -> dict[str, str]:
    chosen = (world.tilleuls, world.lilas)[number]
    return {"school": str(chosen.pk), "level": ("CE1", "CE2")[number], "teacher": ""}


FORMS = {
    "adresse/": (lambda _w, n: address(("1 rue Haute", "2 rue Basse")[n]), ("1 rue Haute", "2 rue Basse")),
    "ecole/{zoe}/": (school, ("Les Tilleuls, CE1", "Les Lilas, CE2")),
    "garde/{zoe}/": (
        lambda _w, n: {"pattern": f"{('odd', 'even')[n]} same_as_weeks", "since": TODAY},
        ("semaines impaires", "semaines paires"),
    ),
    "depart/": (lambda _w, n: {"left_on": f"2026-12-0{n + 1}"}, ("1er décembre 2026", "2 décembre 2026")),
}


@pytest.mark.parametrize("path", FORMS)
def test_of_two_agents_on_one_file_the_second_reads_what_the_first_did(world, path):
    sent, told = FORMS[path]
    page = world.page + path.format(zoe=world.zoe.pk)
    first, second = seen(world.nadege.get(page)), seen(world.omar.get(page))
    assert world.nadege.post(page, {**sent(world, 0), "seen": first}).status_code == 302
    written = Entry.objects.count()
    late = text(world.omar.post(page, {**sent(world, 1), "seen": second}))
    assert "Nadege a modifié ceci" in late
    assert told[0] in late
    assert Entry.objects.count() == written
    assert "Noté aujourd’hui" in late
    # What was typed is still there, and may be sent over what the first one noted.
    again = {**sent(world, 1), "seen": re.findall(r'name="seen" value="(\w+)"', late)[0]}
    assert world.omar.post(page, again).status_code == 302
    assert told[1] in text(world.omar.get(page))


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("forged", ["", "x" * 32])
def test_a_form_that_says_nothing_of_what_it_showed_overwrites_nothing(world, path, forged):
    sent, _told = FORMS[path]
    page = world.page + path.format(zoe=world.zoe.pk)
    world.nadege.post(page, {**sent(world, 0), "seen": seen(world.nadege.get(page))})
    assert world.omar.post(page, {**sent(world, 1), "seen": forged}).status_code == 200
    assert Residence.objects.filter(street="2 rue Basse").count() == 0
    assert not Schooling.objects.filter(school=world.lilas).exists()
    assert not CustodyPeriod.objects.filter(weeks="even").exists()
    assert not Family.objects.filter(left_on=date(2026, 12, 2)).exists()


def test_a_form_that_corrects_begins_with_what_is_held(world):
    Schooling.objects.create(child=world.zoe, school=world.lilas, school_year=2026, level="CE2", teacher="Y")
    page = text(world.nadege.get(f"{world.page}ecole/{world.zoe.pk}/"))
    assert f'<option value="{world.lilas.pk}" selected>' in page
    assert '<option value="CE2" selected>' in page


def test_the_page_of_the_home_says_school_meals_and_weeks(world):
    Schooling.objects.create(
        child=world.zoe, school=world.lilas, school_year=2026, level="CE2", teacher="Mme P"
    )
    Schooling.objects.create(child=world.zoe, school=world.tilleuls, school_year=2027, level="CM1")
    member = world.zoe.memberships.get()
    CustodyPeriod.objects.create(
        member=member, weeks="even", holidays="same_as_weeks", since=date(2026, 9, 1)
    )
    page = text(world.nadege.get(world.page))
    assert "Les Lilas, CE2" in page
    assert not re.search(r"\bCM1\b", page)
    assert "Repas : sans porc" in page
    assert "semaines paires, vacances comprises, depuis le 1er septembre 2026" in page
