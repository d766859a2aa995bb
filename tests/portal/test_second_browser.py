"""Passkeys in a real browser, with Chromium's own virtual authenticator."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.utils import timezone

from marelle.accounts.models import Passkey
from marelle.core.actor import SYSTEM, Role
from marelle.core.kept import kept_changed
from marelle.places.models import SecondRule
from marelle.places.posts.services import agent_let_in
from tests.accounts.people import PASSWORD, someone
from tests.scenario import PASSWORD as STAFF_PASSWORD
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNT = re.compile(r"^[^?]+/compte/$")
"""And not a page that leads there next: to leave that one would stop what it is sending."""

TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_telephone(page: Any) -> Any:
    """Give the browser an authenticator; returns what speaks to it, and its name."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    told = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})
    return cdp, told["authenticatorId"]


def logs_in(page: Any, name: str = "camille", password: str = PASSWORD) -> None:
    page.goto("/connexion/?next=/compte/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(name)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Je me connecte").click()


def leaves(page: Any) -> None:
    page.context.clear_cookies()
    page.goto("/connexion/?next=/compte/")


def test_a_passkey_opens_alone_and_after_the_password(
    open_page: Any, axe: Any, live_server: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = str(live_server)
    someone()
    page = open_page(width=390)
    cdp, telephone = with_telephone(page)
    logs_in(page)
    page.wait_for_url(ACCOUNT)
    page.goto("/compte/double-authentification/cles/ajouter/")
    assert axe(page) == []
    add = page.get_by_role("button", name="Ajouter la clé d’accès")
    add.click()
    assert not Passkey.objects.exists(), "a name is asked for first"
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    add.click()
    page.get_by_text("Votre clé d’accès est enregistrée.").wait_for()
    assert axe(page) == []
    leaves(page)
    page.get_by_role("link", name="Me connecter avec une clé d’accès").click()
    assert axe(page) == []
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.wait_for_url(ACCOUNT)
    leaves(page)
    logs_in(page)
    page.wait_for_url("**/connexion/code/*")
    assert axe(page) == []
    # A finger that is not its owner's.
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": False})
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.get_by_text("n’a pas été lue").wait_for()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": True})
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.wait_for_url(ACCOUNT)


def test_without_scripts_the_page_says_so(open_page: Any) -> None:
    page = open_page(width=390, javascript=False)
    page.goto("/connexion/cle/")
    assert page.get_by_text("ses scripts sont arrêtés").is_visible()
    assert not page.get_by_role("button", name="Utiliser ma clé d’accès").is_visible()


def test_an_agent_is_made_to_add_one_then_loses_it(open_page: Any, axe: Any) -> None:
    guichet = Scenario().staff("guichet", Role.OFFICE)
    SecondRule.objects.create(role=Role.OFFICE.value, since=timezone.localdate() - timedelta(days=1))
    kept_changed()
    page = open_page(width=390)

    def comes(code: str) -> None:
        leaves(page)
        logs_in(page, "guichet", STAFF_PASSWORD)
        page.wait_for_url("**/connexion/code/*")
        if code:
            page.get_by_label("Code", exact=True).fill(code)
            page.get_by_role("button", name="Je me connecte").click()

    logs_in(page, "guichet", STAFF_PASSWORD)
    page.wait_for_url("**/compte/double-authentification/")
    page.get_by_text("rien d’autre ne s’ouvre avant").wait_for()
    page.goto("/agents/")
    page.wait_for_url("**/compte/double-authentification/")
    assert axe(page) == []
    page.goto("/compte/double-authentification/application/")
    assert page.locator("#secret").evaluate(
        "one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight"
    ), "all of it is read"
    secret = pyotp.TOTP(page.locator("#secret").input_value().replace(" ", ""))
    page.get_by_label("Code", exact=True).fill(secret.now())
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/compte/double-authentification/codes/")
    codes = page.locator("code").all_inner_texts()
    assert len(codes) == 8
    page.goto("/agents/")
    assert page.url.endswith("/agents/")
    # The code that added it is taken no more: the next one, which clocks that differ show already.
    comes(secret.at(timezone.now() + timedelta(seconds=30)))
    page.wait_for_url(ACCOUNT)
    comes(codes[0])
    page.wait_for_url(ACCOUNT)
    comes(codes[0])
    page.get_by_text("n’est pas le bon").first.wait_for()
    assert axe(page) == []
    agent_let_in(actor=SYSTEM, user_id=guichet.pk, reason="Téléphone et codes perdus", now=timezone.now())
    comes("")
    page.get_by_text("Vous pouvez entrer une fois sans votre second facteur").wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="Entrer une fois").click()
    page.wait_for_url(ACCOUNT)
