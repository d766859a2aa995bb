"""The legal pages: public, filled, honest about what is missing, and linked from everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Page

from marelle.core.actor import Role
from marelle.core.personal import declared
from marelle.places.models import Authority
from marelle.portal.legal import words
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

PAGES = ("/accessibilite/", "/donnees-personnelles/", "/mentions-legales/")


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code in {200, 404, 403}
    return answer.content.decode()


@pytest.fixture
def world() -> Scenario:
    """Two authorities: the first has said everything, the second nothing but its name."""
    world = Scenario()
    Authority.objects.filter(pk=world.the_authority.pk).update(
        address="2 place du Lavoir",
        phone="03 53 01 20 00",
        siret="20000000000001",
        publication_director="Mme la présidente",
        host_name="Hébergeur d’Arelle",
        host_address="1 rue des Serveurs",
        host_phone="03 53 01 20 09",
        dpo_name="Le délégué",
        dpo_email="donnees@arelle.example",
    )
    assert world.the_structure
    world.structure("Restaurant scolaire", kind="canteen", authority=world.authority("Mairie d’Arelle"))
    return world


def test_the_notices_name_publisher_host_and_both_authorities(client: Client, world: Scenario) -> None:
    text = text_of(client, "/mentions-legales/")
    for told in ("2 place du Lavoir", "20000000000001", "Mme la présidente", "Hébergeur d’Arelle", "AGPL"):
        assert told in text
    assert text.index("Communauté de communes") < text.index("Aussi sur ce site") < text.rindex("Mairie")
    assert "Restaurant scolaire" in text
    assert "non renseigné à ce jour" in text


def test_each_authority_answers_for_its_data(client: Client, world: Scenario, count_queries) -> None:
    client.get("/")
    with count_queries(4):
        text = text_of(client, "/donnees-personnelles/")
    assert "Le délégué, donnees@arelle.example" in text
    assert "non renseigné à ce jour" in text
    assert "mission d’intérêt public" in text
    assert "10 ans au moins, parce que la loi l’impose" in text
    assert "jusqu’à la fin de la dernière inscription" in text
    for cookie in ("marelle", "csrftoken"):
        assert f"<dt>{cookie}</dt>" in text


def test_before_anybody_has_said_anything_the_pages_say_so(client: Client) -> None:
    assert "n’est pas encore renseignée" in text_of(client, "/mentions-legales/")
    assert "n’est pas encore renseignée" in text_of(client, "/donnees-personnelles/")
    assert "non conforme" in text_of(client, "/accessibilite/")


def test_without_an_audit_the_portal_is_declared_not_accessible(client: Client, world: Scenario) -> None:
    text = text_of(client, "/accessibilite/")
    assert "<b>non conforme</b>" in text
    assert "Aucun audit n’a encore été fait" in text
    assert "Défenseur des droits" in text
    assert "Déclaration établie le 28 novembre 2026" in text
    assert "par une personne formée" in text
    Authority.objects.filter(pk=world.the_authority.pk).update(
        accessibility_rate=72, accessibility_audited_on=date(2026, 10, 1)
    )
    text = text_of(client, "/accessibilite/")
    assert "<b>partiellement conforme</b>" in text
    assert "par une personne formée" not in text
    assert "L’audit du 1er octobre 2026 a trouvé que 72 % des critères" in text


def test_every_page_leads_to_them_and_says_the_state(client: Client, world: Scenario) -> None:
    home, office = world.home("Durand"), world.staff("guichet", Role.OFFICE)
    for user, addresses in (
        (None, ("/", "/connexion/", "/nulle-part/", *PAGES)),
        (home.user, ("/tableau-de-bord/", "/agents/", "/nulle-part/")),
        (office, ("/agents/", "/compte/")),
    ):
        if user:
            client.force_login(user)
        for address in addresses:
            text = text_of(client, address)
            assert all(f'<a href="{page}">' in text for page in PAGES), address
            assert "Accessibilité : non conforme" in text, address
    assert all(f'<a href="{page}">' in render_to_string("ui/500.html") for page in PAGES)


def test_every_kind_of_data_has_its_word() -> None:
    apps = {d.model._meta.app_label for d in declared() if d.model._meta.label not in words.KEPT_OF_MODEL}
    assert apps <= set(words.KEPT_OF_APP), "give it a word in KEPT_OF_APP"
    assert set(words.KEPT_OF_MODEL) <= {d.model._meta.label for d in declared()}


@pytest.mark.parametrize(
    ("code", "months", "text"),
    [
        ("health", 0, "jusqu’à la fin de la dernière inscription"),
        ("health", 18, "18 mois après la fin de la dernière inscription"),
        ("mails", 12, "12 mois après leur date"),
        ("acts", 24, "2 ans après leur date"),
        ("papers", 12, "12 mois après le jour où ils ne comptent plus"),
        ("outsiders", 12, "12 mois après le dernier message, ou une fois la demande ou l’accès clos"),
    ],
)
def test_durations(code: str, months: int, text: str) -> None:
    assert words.delay_text(code, months) == text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser(
    width: int, open_page: Callable[..., Page], axe: Callable[[Page], list[str]], world: Scenario
) -> None:
    page = open_page(width=width)
    for address in PAGES:
        page.goto(address)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
