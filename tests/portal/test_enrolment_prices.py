"""The prices of an activity where a home asks for it, and where it is enrolled."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.incomes.rules import IncomeKind
from marelle.flows.actor.actors import ACTING_FOR
from marelle.pricing.amounts import Bracket, Brackets, Fixed
from marelle.pricing.facts import Trait, TraitKind
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, tzinfo=PARIS)
OUTSIDE = frozenset({Trait(TraitKind.OUTSIDE)})


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.the_commune.authorities.add(self.the_authority)
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin", "08:00", "12:00")
        self.enrolled = self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.holidays = self.activity("Vacances")
        self.day = self.slot(self.holidays, "Journée", "08:00", "18:00")
        self.detail = f"/inscriptions/{self.zoe.pk}/inscription/{self.enrolled.pk}/"
        self.ask = f"/inscriptions/{self.zoe.pk}/demander/{self.holidays.pk}/"

    def prices(self) -> None:
        for slot in (self.morning, self.day):
            self.tariff(slot, name=f"Prix {slot.name}", amount=BRACKETS)
        self.tariff(self.morning, name="Extérieurs", amount=Fixed(Decimal(9)), who=OUTSIDE)


BRACKETS = Brackets((Bracket(Decimal(0), Decimal(5)), Bracket(Decimal(600), Decimal(7))))


built = built_once(World, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> World:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world) -> Client:
    client = Client()
    client.force_login(world.durand.user)
    return client


def read(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def marked(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]*?) <span class="tag (?:ok|warn)">([^<]*)</span>', page)


def test_without_tariffs_nothing_is_said_of_prices(world, parent):
    for page in (world.detail, world.ask):
        assert "Les prix" not in read(parent, page)


def test_the_home_s_own_line_is_marked(world, parent):
    world.prices()
    world.quotient(world.durand, "590")
    for page, name in ((world.detail, "Prix Matin"), (world.ask, "Prix Journée")):
        text = read(parent, page)
        assert marked(text) == [("moins de 600", "votre tranche")]
        assert "Votre quotient de 590 est dans la tranche de 0 à 599,99." in text
        assert re.search(rf"<dt>{name}[^<]*</dt><dd>5,00 €</dd>", text)
        assert "Donner votre quotient" not in text


def test_without_a_known_quotient_it_reads_where_to_give_it(world, parent):
    world.prices()
    text = read(parent, world.detail)
    assert "le prix le plus élevé est compté" in text
    assert "Votre quotient n’est pas connu de la Communauté de communes du Val d’Arelle" in text
    assert 'href="/famille/foyer/"' in text
    assert marked(text) == [("600 et plus", "comptée pour vous")]


def test_who_lives_elsewhere_has_another_line(world, parent):
    world.prices()
    world.the_commune.authorities.clear()
    world.commune("Ici", world.the_authority)
    text = read(parent, world.detail)
    assert marked(text) == [("tous", "votre prix")]
    assert re.search(r"<dt>Extérieurs[^<]*</dt><dd>9,00 €</dd>", text)


def test_a_quotient_counts_from_its_day(world, parent):
    """One told this month counts from the next."""
    world.prices()
    world.quotient(world.durand, "590", since=date(2026, 11, 20))
    assert "n’est pas connu" in read(parent, world.detail)


def test_the_page_leads_to_the_simulation_where_there_is_one(world, parent):
    world.prices()
    address = f'href="/tarifs/simuler/{world.wednesdays.pk}/"'
    assert address in read(parent, world.detail)
    world.wednesdays.enrolment_mode = "none"
    world.wednesdays.save()
    assert address not in read(parent, world.detail)


@pytest.mark.parametrize(
    ("role", "elsewhere", "knows"),
    [(Role.OFFICE, False, True), (Role.OFFICE, True, False), (Role.ADMINISTRATOR, False, True)],
)
def test_in_the_name_of_a_home_who_reads_what_this_authority_knows_sees_the_line(
    world, role, elsewhere, knows
):
    world.prices()
    world.income(
        world.durand,
        IncomeKind.QUOTIENT,
        "590",
        since=date(2026, 9, 1),
        authority=world.the_authority,
    )
    user = world.staff("agent", role, authority=world.authority("Mairie") if elsewhere else None)
    client = Client()
    client.force_login(user)
    session = client.session
    session[ACTING_FOR] = world.durand.family.pk
    session.save()
    text = read(client, world.detail)
    assert "Toute la grille des prix" in text
    assert ("590" in text) is knows
    assert bool(marked(text)) is knows


def test_two_queries_more_and_no_other_for_many_tariffs(world, parent, count_queries):
    read(parent, world.detail)
    with count_queries() as without:
        read(parent, world.detail)
    world.prices()
    assert "Les prix" in read(parent, world.detail)
    with count_queries() as some:
        read(parent, world.detail)
    assert len(some) - len(without) <= 2
    for _ in range(5):
        world.prices()
    read(parent, world.detail)
    with count_queries() as many:
        read(parent, world.detail)
    assert len(many) == len(some)
