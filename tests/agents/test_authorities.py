"""« Collectivité et mentions légales »: what the office writes, and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.places.models import Authority
from tests.agents.village import seen
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

GOOD = {
    "email": "accueil@arelle.example",
    "phone": "0353012000",
    "address": "2 place du Lavoir 🏛",
    "siret": "200 000 107 00017",
    "publication_director": "<b>La présidente</b>",
    "accessibility_rate": "72",
    "incomes_count": "its_date",
    "teen_age": "12",
    "accessibility_audited_on": "2026-10-01",
}


@pytest.fixture
def office(client: Client) -> tuple[Client, Authority, str]:
    world = Scenario()
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client, world.the_authority, f"/agents/reglages/collectivite/{world.the_authority.pk}/"


def test_what_is_written_is_kept_and_shown_to_all(office: tuple[Client, Authority, str]) -> None:
    client, authority, address = office
    answer = client.post(address, {**GOOD, "seen": seen(client.get(address))}, follow=True)
    assert "C’est enregistré." in answer.content.decode()
    authority.refresh_from_db()
    assert (authority.phone, authority.siret) == ("03 53 01 20 00", "20000010700017")
    assert (authority.incomes_count, authority.teen_age) == ("its_date", 12)
    public = Client().get("/mentions-legales/").content.decode()
    assert "&lt;b&gt;La présidente&lt;/b&gt;" in public
    again = client.post(address, {**GOOD, "seen": seen(client.get(address))}, follow=True).content.decode()
    assert "Rien n’a changé." in again


def test_the_day_of_an_audit_is_that_of_the_town_after_midnight(
    office: tuple[Client, Authority, str], time_machine: Any
) -> None:
    client, _authority, address = office
    time_machine.move_to(datetime(2026, 11, 26, 0, 30, tzinfo=PARIS), tick=False)
    shown = seen(client.get(address))
    client.post(address, {**GOOD, "accessibility_audited_on": "2026-11-26", "seen": shown})
    assert Authority.objects.get().accessibility_audited_on == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email": "accueil"}, "adresse"),
        ({"phone": "zéro trois"}, "n’est pas un téléphone"),
        ({"siret": "123"}, "14 chiffres"),
        ({"siret": "200 000 107 00018"}, "dont une clé"),
        ({"address": "a" * 201}, "200"),
        ({"accessibility_rate": "101"}, "100"),
        ({"accessibility_rate": ""}, "vont ensemble"),
        ({"accessibility_audited_on": "1850-01-01"}, "ne peut pas être celle d’un audit"),
        ({"accessibility_audited_on": "2999-01-01"}, "ne peut pas être celle d’un audit"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    office: tuple[Client, Authority, str], wrong: dict[str, Any], told: str
) -> None:
    client, authority, address = office
    answer = client.post(address, {**GOOD, **wrong})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert told in text
    assert "accueil" in text
    authority.refresh_from_db()
    assert authority.siret == ""


def test_the_administrator_chooses_among_all(client: Client) -> None:
    world = Scenario()
    names = [world.the_authority.name, world.authority("Mairie d’Arelle").name]
    client.force_login(world.staff("admin", Role.ADMINISTRATOR))
    text = client.get("/agents/reglages/collectivite/").content.decode()
    assert all(name in text for name in names)
    assert "Collectivité et mentions légales" in client.get("/agents/reglages/").content.decode()
