"""« Simuler un prix » on screen: for everybody, with its calculation, and with nothing kept."""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from marelle.core.clock import PARIS
from marelle.pricing.amounts import Bracket, Brackets, Effort, EffortBound, EffortRate, Fixed
from marelle.pricing.facts import Trait, TraitKind
from marelle.pricing.models import ResourceBound
from marelle.pricing.tariffs import Hours, Started
from tests.pricing.sheets import START
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, tzinfo=PARIS)
LIST = "/tarifs/simuler/"
OUTSIDE = frozenset({Trait(TraitKind.OUTSIDE)})


def brackets(*rows: tuple[int, str]) -> Brackets:
    return Brackets(tuple(Bracket(Decimal(since), Decimal(price)) for since, price in rows))


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.the_commune.authorities.add(self.the_authority)
        self.elsewhere = self.commune("Loin")
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin", "08:00", "12:00")
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30")
        self.openings(self.wednesdays, date(2026, 11, 1), date(2027, 1, 31))
        self.tariff(self.morning, name="Demi-journée", amount=brackets((0, "5"), (565, "6"), (716, "8")))
        self.tariff(self.meal, name="Repas", amount=Fixed(Decimal("3.15")))
        self.tariff(self.meal, name="Extérieurs", amount=Fixed(Decimal("4.15")), who=OUTSIDE)
        self.page = f"{LIST}{self.wednesdays.pk}/"

    def box(self, child: int, slot) -> str:
        return f"e{child}-2-{slot.pk}"

    def typed(self, *boxes: str, **fields: str) -> dict[str, object]:
        told = {"month": "2026-12", "commune": str(self.the_commune.pk), "quotient": ""}
        return told | {"wishes": list(boxes)} | fields


built = built_once(World, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> World:
    time_machine.move_to(NOW)
    return deepcopy(built)


def text(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def bare(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_an_activity_is_chosen_then_its_month_is_counted(world, client):
    assert world.page in text(client.get(LIST))
    answer = client.post(world.page, world.typed(world.box(1, world.morning), quotient="590"))
    told = bare(text(answer))
    assert "En décembre 2026 30,00 €" in told
    assert "Matin · Demi-journée 30,00 € 5 jours × 6,00 € · les 2, 9, 16, 23 et 30" in told
    assert "Votre quotient de 590 est dans la tranche de 565 à 715,99." in told
    assert "L’aîné" not in told


def test_each_child_has_its_lines_and_its_sum(world, client):
    boxes = [world.box(1, world.morning), world.box(1, world.meal), world.box(3, world.meal)]
    told = bare(text(client.post(world.page, world.typed(*boxes))))
    assert "En décembre 2026 71,50 €" in told
    assert "Premier enfant, l’aîné 55,75 €" in told
    assert "Deuxième enfant 15,75 €" in told
    assert "Votre quotient n’est pas connu : le prix le plus élevé est compté." in told


def test_where_one_lives_changes_the_price(world, client):
    meal = world.typed(world.box(1, world.meal))
    assert "15,75 €" in text(client.post(world.page, meal))
    assert "20,75 €" in text(client.post(world.page, meal | {"commune": str(world.elsewhere.pk)}))
    assert "20,75 €" in text(client.post(world.page, meal | {"commune": "0"}))


def test_what_is_typed_stays_and_nothing_else_keeps_it(world, client, caplog):
    before = _rows()
    with caplog.at_level(logging.DEBUG):
        answer = client.post(world.page, world.typed(world.box(1, world.morning), quotient="612,34"))
    assert 'value="612,34"' in text(answer)
    assert '<option value="2026-12" selected>' in text(answer)
    assert "612" not in caplog.text
    assert _rows() == before
    assert not Session.objects.exists()
    assert "sessionid" not in client.cookies
    assert "no-store" in answer["Cache-Control"]
    assert 'value="612,34"' not in text(client.get(world.page))


def _rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def test_an_address_holds_no_income(world, client):
    """What comes by GET would be in the log of a server: it is not read."""
    page = text(client.get(world.page, {"quotient": "590", "wishes": world.box(1, world.morning)}))
    assert "590" not in page
    assert "En décembre" not in page


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("quotient", "beaucoup", "Donnez un nombre, par exemple 734 ou 734,50."),
        ("quotient", "-1", "Donnez un nombre entre 0 et 99 999,99 €."),
        ("quotient", "1000000", "Donnez un nombre entre 0 et 99 999,99 €."),
        ("month", "2031-01", "Choisissez un mois de la liste."),
        ("commune", "", "Choisissez votre commune : le prix en dépend."),
        ("commune", "99999", "Choisissez une commune de la liste."),
        ("commune", "x", "Choisissez une commune de la liste."),
        ("wishes", [], "Cochez au moins un créneau, pour un enfant au moins."),
        ("wishes", ["e1-3-1"], "Un des créneaux cochés n’est pas proposé ce jour-là."),
        ("wishes", ["e9-2-1"], "Un des créneaux cochés n’est pas proposé ce jour-là."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world, client, field, typed, told):
    ticked = world.box(1, world.morning)
    page = text(client.post(world.page, world.typed(ticked) | {field: typed}))
    assert told in page
    assert "En décembre 2026" not in bare(page)
    if field != "wishes":
        assert f'value="{ticked}" checked' in page


def test_what_changes_no_price_is_not_asked(world, client):
    after = world.activity("Périscolaire")
    evening = world.slot(after, "Soir", "16:30", "18:30", weekdays=[0, 1])
    world.openings(after, date(2026, 12, 1), date(2026, 12, 31))
    world.tariff(evening, amount=Fixed(Decimal("0.50")), started=Started(Hours.SEEN))
    page = text(client.get(f"{LIST}{after.pk}/"))
    assert 'name="quotient"' not in page
    assert 'name="commune"' not in page
    assert 'name="resources"' not in page
    assert "tout le créneau (2 h)" in page
    typed = {"month": "2026-12", "wishes": [f"e1-0-{evening.pk}"]}
    assert "4 × 0,50 €" in text(client.post(f"{LIST}{after.pk}/", typed))
    short = typed | {f"e1-duree-{evening.pk}": "30"}
    assert "1 × 0,50 €" in text(client.post(f"{LIST}{after.pk}/", short))
    wrong = typed | {f"e2-duree-{evening.pk}": "31"}
    assert "Choisissez une durée de la liste." in text(client.post(f"{LIST}{after.pk}/", wrong))


def test_resources_are_asked_where_they_count(world, client):
    nursery = world.activity("Crèche")
    care = world.slot(nursery, "Accueil", "08:00", "18:00", weekdays=[0])
    world.openings(nursery, date(2026, 12, 1), date(2026, 12, 31))
    bound = EffortBound(START, Decimal("814.62"), Decimal(8500))
    ResourceBound.objects.create(
        authority=world.the_authority, since=START, floor=bound.floor, ceiling=bound.ceiling
    )
    rates = (EffortRate(1, Decimal("0.0619")), EffortRate(2, Decimal("0.0516")))
    world.tariff(care, amount=Effort(rates, (bound,)), started=Started(Hours.BOOKED, 30, 60))
    page = f"{LIST}{nursery.pk}/"
    typed = {"month": "2026-12", "wishes": [f"e1-0-{care.pk}"], "resources": "3000", "dependants": "2"}
    told = text(client.post(page, typed | {"aeeh": "0"}))
    assert "Vos ressources de 3 000,00 € par mois × 0,0516 % pour 2 enfants à charge." in told
    assert "10 × 1,55 €" in told
    refused = text(client.post(page, typed | {"dependants": "0", "aeeh": "x"}))
    assert "1 au moins" in refused
    assert "Donnez un nombre entier" in refused


def test_what_has_no_price_is_told_once(world, client):
    snack = world.slot(world.wednesdays, "Goûter", "16:00", "17:00")
    world.opening(snack, date(2026, 12, 2))
    told = bare(text(client.post(world.page, world.typed(world.box(1, snack), world.box(2, snack)))))
    assert told.count("Goûter : aucun tarif ne donne de prix ce jour-là.") == 1


def test_days_that_are_not_open_are_said_so(world, client):
    world.wednesdays.openings.filter(slot=world.meal, day__year=2026, day__month=12).update(state="closed")
    told = text(client.post(world.page, world.typed(world.box(1, world.meal))))
    assert "Aucun des jours cochés n’est ouvert ce mois-là." in told


def test_without_open_days_the_page_says_so_and_takes_nothing(world, client):
    world.wednesdays.openings.update(state="closed")
    page = text(client.get(world.page))
    assert "ne sont pas encore connus" in page
    assert "CALCULER" not in page
    assert client.post(world.page, world.typed(world.box(1, world.meal))).status_code == 200


def test_what_has_no_tariff_is_not_there(world, client):
    other = world.activity("Sans tarif")
    world.slot(other, "Soir")
    assert client.get(f"{LIST}{other.pk}/").status_code == 404
    assert "Sans tarif" not in text(client.get(LIST))


def test_pages_lead_there_where_something_can_be_counted(world, client):
    durand = world.home("Durand", "Camille")
    parent = Client()
    parent.force_login(durand.user)
    led = [(client, "/"), (parent, "/inscriptions/")]
    assert all(f'href="{LIST}"' in text(who.get(page)) for who, page in led)
    world.wednesdays.enrolment_mode = "none"
    world.wednesdays.save()
    assert not any(f'href="{LIST}"' in text(who.get(page)) for who, page in led)
    assert "Aucun prix ne se calcule encore ici" in text(client.get(LIST))


def test_the_commune_of_who_is_logged_in_is_chosen_already(world, client):
    durand = world.home("Durand", "Camille")
    client.force_login(durand.user)
    page = text(client.get(world.page))
    assert f'<option value="{world.the_commune.pk}" selected>' in page


def test_queries_are_as_many_whatever_is_ticked(world, client, count_queries):
    client.post(world.page, world.typed(world.box(1, world.meal)))
    with count_queries() as few:
        client.post(world.page, world.typed(world.box(1, world.meal)))
    every = [world.box(n, slot) for n in (1, 2, 3, 4) for slot in (world.meal, world.morning)]
    with count_queries() as many:
        client.post(world.page, world.typed(*every))
    assert len(many) == len(few)
