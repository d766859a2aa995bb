from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from marelle.accounts.models import User
from marelle.accounts.notices import Notice
from marelle.accounts.services import account_invite
from marelle.accounts.stopping import stop_address
from marelle.core.actor import Role
from tests.accounts.people import AGENT, PASSWORD, someone
from tests.scenario import PASSWORD as STAFF_PASSWORD
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

OPEN_TO_ALL = [
    "/connexion/",
    "/mot-de-passe/",
    "/mot-de-passe/envoye/",
    "/mot-de-passe/perdu/",
    "/activation/perdue/",
]
INSIDE = [
    "/compte/",
    "/compte/identifiant/",
    "/compte/adresse-mail/",
    "/compte/mot-de-passe/",
    "/compte/courriels/",
    "/compte/appareils/",
    "/compte/confirmer/",
    "/compte/double-authentification/",
    "/compte/double-authentification/application/",
    "/historique/",
]


def fits(page: Any) -> bool:
    """Whether nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_open_to_all_are_accessible(open_page: Any, axe: Any, width: int) -> None:
    page = open_page(width=width, forgive=("410",))
    for path in OPEN_TO_ALL:
        page.goto(path)
        assert axe(page) == [], path
        assert fits(page), path


@pytest.mark.parametrize("width", [320, 1280])
def test_a_kind_of_mail_is_stopped_by_a_button_without_a_login(open_page: Any, axe: Any, width: int) -> None:
    page = open_page(width=width)
    page.goto(urlsplit(stop_address(someone().pk, Notice.NEWS)).path)
    assert axe(page) == []
    page.get_by_role("button", name="Ne plus les recevoir").click()
    page.get_by_text("C’est fait").wait_for()
    assert axe(page) == []
    assert fits(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_the_account_are_accessible_errors_too(open_page: Any, axe: Any, width: int) -> None:
    someone()
    page = open_page(width=width, forgive=("404",))
    page.goto("/connexion/?next=/compte/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("camille")
    page.get_by_label("Mot de passe").fill("faux")
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("alert").wait_for()
    assert axe(page) == []
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url(re.compile(r"^[^?]+/compte/$"))
    for path in INSIDE:
        page.goto(path)
        assert axe(page) == [], path
        assert fits(page), path


@pytest.mark.parametrize("javascript", [True, False])
def test_a_first_connection_on_a_phone(open_page: Any, javascript: bool) -> None:
    sent = account_invite(actor=AGENT, label="Camille Durand", email="", now=timezone.now())
    page = open_page(width=390, javascript=javascript, forgive=("404",))
    page.goto(sent.path)
    page.get_by_label("Identifiant").fill("camille.d")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Le même mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="J’ouvre mon accès").click()
    page.wait_for_url("**/tableau-de-bord/")
    page.goto("/compte/")
    assert page.get_by_text("camille.d").is_visible()


@pytest.mark.parametrize("role", [None, Role.OFFICE])
def test_a_long_name_stays_within_the_top_of_a_page(open_page: Any, role: Role | None) -> None:
    world = Scenario()
    if role is None:
        user = world.home("Zola de la Très-Longue-Particule d’Argenteuil", "Bruno-Émile").user
    else:
        user = world.staff("guichet", role)
        User.objects.filter(pk=user.pk).update(display_name="Marie-Bénédicte de La Rochefoucauld-Montbel")
    page = open_page(width=769)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(user.identifier)
    page.get_by_label("Mot de passe").fill(STAFF_PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/tableau-de-bord/" if role is None else "**/agents/")
    assert fits(page)
    logo = page.locator(".top .logo")
    assert logo.evaluate("one => one.scrollWidth <= one.clientWidth"), "nor is it written over"
