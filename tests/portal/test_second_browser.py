"""Passkeys in a real browser, with Chromium's own virtual authenticator."""

from __future__ import annotations

from typing import Any

import pytest

from marelle.accounts.models import Passkey
from tests.accounts.people import PASSWORD, someone

pytestmark = pytest.mark.django_db(transaction=True)

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


def logs_in(page: Any) -> None:
    page.goto("/connexion/?next=/compte/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("camille")
    page.get_by_label("Mot de passe").fill(PASSWORD)
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
    page.wait_for_url("**/compte/")
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
    page.wait_for_url("**/compte/")
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
    page.wait_for_url("**/compte/")


def test_without_scripts_the_page_says_so(open_page: Any) -> None:
    page = open_page(width=390, javascript=False)
    page.goto("/connexion/cle/")
    assert page.get_by_text("ses scripts sont arrêtés").is_visible()
    assert not page.get_by_role("button", name="Utiliser ma clé d’accès").is_visible()
