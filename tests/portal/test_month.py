"""« Ce que coûte le mois »: the estimate of a home, line by line, that the bill will follow."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from marelle.core.clock import PARIS
from marelle.flows.bills.sharing import MonthShared
from marelle.flows.bills.sharing_words import total_text
from marelle.places.models import Authority
from tests.flows.prices.priced import WEDNESDAYS, Priced
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 10, 10, 0, tzinfo=PARIS)
FIRST, SECOND, THIRD = WEDNESDAYS


@pytest.fixture
def world():
    with time_machine.travel(NOW, tick=False):
        yield Priced("wednesdays siblings")


def text(answer) -> str:
    assert answer.status_code == 200
    main = answer.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def month(client: Client, world: Priced, home, query: str = "") -> str:
    client.force_login(home.user)
    return text(client.get(f"/factures/mois/{query}"))


def test_each_line_with_its_days_its_sum_and_why(world: Priced, client: Client):
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe, leo = world.enrols(home, "Zoé", date(2016, 5, 14)), world.enrols(home, "Léo")
    for day in WEDNESDAYS:
        world.books(zoe, day, MORNING, MEAL)
    world.books(leo, FIRST, MORNING)
    page = month(client, world, home)
    assert "Ce que coûte novembre 2026" in page
    assert ": 27,45 €" in page, "3 × 7.50, and 4.95 for the second child"
    assert "3 × 7,50 € : les 4, 18 et 25" in page
    assert page.index("Zoé · Mercredis : 22,50 €") < page.index("Léo · Mercredis : 4,95 €")
    assert page.count("Pourquoi ce prix ?") == 2
    assert "Votre quotient de 400" in page
    assert "En tout" not in page, "one authority alone"


def test_the_total_is_that_of_the_bills_and_of_the_dashboard(world: Priced, client: Client):
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe = world.enrols(home, "Zoé")
    world.books(zoe, FIRST, MORNING)
    world.books(zoe, date(2026, 12, 2), MORNING, MEAL, AFTERNOON)
    assert ": 5,50 €" in month(client, world, home)
    assert ": 11,00 €" in month(client, world, home, "?mois=2026-12")
    assert "Novembre 2026 : 5,50 € d’après ce qui est réservé" in text(client.get("/factures/"))
    assert "novembre : 5,50 € à ce jour" in text(client.get("/tableau-de-bord/"))


@pytest.mark.parametrize(
    "query", ["", "?mois=", "?mois=2026-13", "?mois=9999-01", "?mois=2026-11-04", "?mois=x"]
)
def test_a_month_that_makes_no_sense_is_this_one(world: Priced, client: Client, query: str):
    assert "Ce que coûte novembre 2026" in month(client, world, world.home("Roy"), query)


def test_what_has_no_price_is_said(world: Priced, client: Client):
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    world.books(zoe, FIRST, MEAL)
    world.books(zoe, SECOND, MEAL)
    page = month(client, world, home)
    assert "Repas, les 4 et 18 : pas encore de prix, rien n’est compté." in page
    assert "0,00 €" not in page, "nothing is counted: it is not free"


def test_where_nothing_has_a_tariff_nothing_is_estimated(client: Client):
    with time_machine.travel(NOW, tick=False):
        world = Priced()
        home = world.home("Roy")
        world.books(world.enrols(home, "Zoé"), FIRST, MORNING)
        assert "Aucun prix à montrer" in month(client, world, home)
        assert "d’après ce qui est réservé" not in text(client.get("/factures/"))


def test_nothing_booked_is_said(world: Priced, client: Client):
    assert "Rien n’est réservé ce mois-là" in month(client, world, world.home("Roy"))


def test_another_home_reads_nothing_of_it(world: Priced, client: Client):
    first, second = world.home("Roy"), world.home("Blanc")
    zoe = world.enrols(first, "Zoé")
    world.shared(zoe, first, second)
    world.books(zoe, FIRST, MORNING)
    assert "8,00 €" in month(client, world, first)
    assert "Rien n’est réservé" in month(client, world, second)


def test_authorities_are_apart(world: Priced, client: Client):
    village = world.authority("Mairie d’Arelle")
    canteen = world.activity("Cantine", kind="canteen", structure=world.structure("École", authority=village))
    world.slot(canteen, "Repas", "12:00", "14:00", pk=5)
    world.tariffs("crèche", village.pk)
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    world.enrolment(zoe, canteen, home)
    world.books(zoe, FIRST, MORNING)
    world.books(zoe, FIRST, canteen.slots.get())
    page = month(client, world, home)
    names = list(Authority.objects.values_list("name", flat=True))
    assert all(name in page for name in names)
    assert "En tout :" in page


def test_of_the_total_what_is_left_to_the_home_is_told():
    aside = MonthShared("A", (("CCAS", Decimal("7.84")),), Decimal("52.84"), waived=Decimal("1.00"))
    assert total_text(Decimal("78.68"), [], to_home=True) == "78,68\u00a0€"
    told = total_text(Decimal("78.68"), [aside], to_home=True)
    assert told == "78,68\u00a0€, dont 69,84\u00a0€ pour votre foyer"


def test_the_most_of_a_week_is_of_no_day_alone(client: Client):
    with time_machine.travel(NOW, tick=False):
        world = Priced("most")
        home = world.home("Roy")
        zoe = world.enrols(home, "Zoé")
        for day in range(2, 7):
            world.books(zoe, date(2026, 11, day), MEAL)
        page = month(client, world, home)
        assert "semaine du 2 au 8 novembre 2026" in page
        assert "le 8" not in page
