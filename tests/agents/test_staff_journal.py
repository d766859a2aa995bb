"""« Journal des agents » on screen and as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.journal.services import record
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

HERE = "/agents/reglages/journal/"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def written(label: str = "Zoé Durand") -> Scenario:
    world = Scenario()
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    record(actor=director, verb="health.read", subject=Subject("person", 1, label), now=NOW)
    world.staff("guichet", Role.OFFICE)
    return world


def office(label: str = "Zoé Durand") -> Client:
    world = written(label)
    client = Client()
    client.force_login(world.staff("accueil", Role.OFFICE))
    return client


def test_the_page_tells_who_read_what() -> None:
    client = office()
    page = unescape(client.get(HERE).content.decode())
    assert "Fiche sanitaire lue : Zoé Durand" in page
    assert "Direction" in page
    assert "Rien ne correspond" in client.get(f"{HERE}?kind=reglages").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "agent_id=x",
        "agent_id=999",
        "kind=%3Cb%3E",
        "first=hier",
        "last=9999-12-31",
        "before=-1",
        "before=9e9",
        "family_number=%00",
    ],
)
def test_a_choice_that_means_nothing_is_told_and_breaks_nothing(query: str) -> None:
    client = office()
    assert client.get(f"{HERE}?{query}").status_code == 200


def test_the_file_never_holds_a_formula() -> None:
    client = office('=HYPERLINK("http://x")')
    answer = client.post(f"{HERE}export/", {"kind": "sante"})
    assert "attachment" in answer["Content-Disposition"]
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert ";=" not in rows[1]
    assert not rows[1].startswith("=")
    assert len(client.post(f"{HERE}export/", {"kind": "reglages"}).content.decode().splitlines()) == 2


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.django_db(transaction=True)
def test_in_a_browser(open_page: Any, axe: Any, width: int) -> None:
    written()
    page = open_page(width=width)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/agents/")
    page.goto(HERE)
    page.get_by_text("Choisir ce que je vois").click()
    page.get_by_label("Quoi").select_option("Lectures de santé et de revenus")
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_text("Fiche sanitaire lue").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
