"""The OpenID Connect issuer of a town (Keycloak…): for its agents, or for families."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from marelle.accounts.models import Identity, User
from marelle.accounts.oidc import exchange
from marelle.accounts.oidc.providers import Provider, providers_read
from marelle.core.actor import Role
from marelle.core.environment import Environment
from tests.liar import CLIENT, SUBJECT, Liar, as_json, lying
from tests.provider import ANGELA
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

DOOR = "/connexion/avec/ville/"


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    with lying() as (liar, _provider):
        yield liar


@pytest.fixture
def town(liar: Liar, settings: Any) -> Liar:
    settings.IDENTITY_PROVIDERS = (read(liar),)
    exchange._kept.clear()
    liar.configuration = {
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["plain", "S256"],
    }
    liar.asked.clear()
    tells(liar, email="Direction@arelle.example", email_verified=True)
    return liar


def read(liar: Liar, **more: str) -> Provider:
    environment = {
        "OIDC_ISSUER": liar.issuer,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": "s" * 40,
        "OIDC_NAME": "Mon Arelle",
        **more,
    }
    (provider,) = providers_read(Environment(environment))
    return provider


def tells(liar: Liar, **user: object) -> None:
    liar.says["userinfo"] = lambda: as_json({"sub": SUBJECT, **user})


@pytest.fixture
def agent() -> User:
    user = Scenario().staff("direction", Role.DIRECTOR)
    user.email = "direction@arelle.example"
    user.save()
    return user


def comes(client: Client, liar: Liar) -> Any:
    asked = parse_qs(urlsplit(client.get(DOOR)["Location"]).query)
    (liar.nonce,) = asked["nonce"]
    return client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]})


def test_an_agent_comes_in_by_an_address_that_it_has_verified(town, agent, client) -> None:
    assert "S’identifier avec Mon Arelle" in client.get("/connexion/").content.decode()
    assert comes(client, town)["Location"] == "/agents/"
    assert Identity.objects.get().user == agent
    (sent,) = (form for path, form in town.asked if path.endswith("/token"))
    assert "client_secret" not in sent, "it takes it in a header alone"
    assert len(sent["code_verifier"][0]) >= 43


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_it_does_not_say_to_have_verified_is_anybodys(town, agent, client, verified) -> None:
    tells(town, email="direction@arelle.example", email_verified=verified)
    refused = comes(client, town)
    assert refused.status_code == 403
    assert "aucun compte d’agent" in refused.content.decode()
    assert f'href="{DOOR}sortie/"' in refused.content.decode(), "it is logged in there"
    assert "session/end" in client.get(f"{DOOR}sortie/")["Refresh"]
    assert not Identity.objects.exists()


def test_one_for_families_that_tells_no_birth_links_nobody_by_itself(town, client, settings) -> None:
    settings.IDENTITY_PROVIDERS = (read(town, OIDC_FOR="families"),)
    world = Scenario()
    home = world.home("Dubois", "Angela")
    tells(town, given_name="Angela", family_name="Dubois", email=home.adult.email, email_verified=True)
    assert comes(client, town)["Location"] == "/connexion/premiere-visite/"
    assert "Mon Arelle vous a reconnu" in client.get("/connexion/premiere-visite/").content.decode()
    assert not Identity.objects.exists()


def test_one_for_families_is_not_believed_of_birth_and_names_an_account(town, client, settings) -> None:
    """What somebody types of itself at the town's issuer opens no home."""
    settings.IDENTITY_PROVIDERS = (read(town, OIDC_FOR="families"),)
    home = Scenario().home("Dubois", "Angela")
    home.adult.birth_date, home.adult.civility = date(1982, 8, 24), "mrs"
    home.adult.save()
    tells(town, **ANGELA, email_verified=True, preferred_username="adubois")
    assert comes(client, town)["Location"] == "/connexion/premiere-visite/"
    assert not Identity.objects.exists()
    page = client.get("/connexion/premiere-visite/").content.decode()
    assert "DUBOIS" in page
    assert "adubois" not in page


def test_another_subject_of_an_agent_reads_what_to_do_first(town, agent, client) -> None:
    Identity.objects.create(user=agent, issuer=town.issuer, subject="autre", since=agent.created_at)
    refused = comes(client, town)
    assert refused.status_code == 403
    assert "Ne plus relier" in refused.content.decode()
