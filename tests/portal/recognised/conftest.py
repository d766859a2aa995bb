from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from marelle.accounts.oidc.providers import Provider
from marelle.core.clock import local
from marelle.families.models import Person
from tests.particulier import QUOTIENT, Fake, particulier, quotient
from tests.portal.recognised.visit import PEOPLE
from tests.portal.test_providers import PORTAL
from tests.provider import FRANCECONNECT, running, scopes_of
from tests.scenario import Home, Scenario


@pytest.fixture(scope="module")
def issuer() -> Iterator[Provider]:
    with running(FRANCECONNECT, PEOPLE, prefix="FRANCECONNECT", portal=PORTAL) as provider:
        yield provider


@pytest.fixture(scope="module")
def server() -> Iterator[Fake]:
    with particulier() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake, issuer: Provider, settings: Any) -> Fake:
    """The State's API, once the operator has switched FranceConnect on."""
    day = local(timezone.now()).date()
    server.says = None
    server.asked.clear()
    server.granted = lambda token: scopes_of(issuer, token)
    server.replies["LEFEBVRE", QUOTIENT] = quotient(900, day.year, day.month)
    server.people["DUBOIS"] = {
        "nomNaissance": ["DUBOIS"],
        "prenoms[]": ["Angela", "Claire", "Louise"],
        "anneeDateNaissance": ["1982"],
        "moisDateNaissance": ["8"],
        "jourDateNaissance": ["24"],
        "sexeEtatCivil": ["F"],
        "codeCogInseePaysNaissance": ["99100"],
        "codeCogInseeCommuneNaissance": ["75107"],
    }
    server.replies["DUBOIS", QUOTIENT] = quotient(910, day.year, day.month)
    settings.IDENTITY_PROVIDERS = (issuer,)
    settings.PUBLIC_URL = PORTAL
    settings.API_PARTICULIER = server.switched_on
    return server


@pytest.fixture
def world() -> Scenario:
    return Scenario()


@pytest.fixture
def dubois(world: Scenario, fake: Fake) -> Home:
    """Angela, who comes in by FranceConnect already, with a child enrolled."""
    home = world.home("Dubois", "Angela")
    Person.objects.filter(pk=home.adult.pk).update(birth_date=date(1982, 8, 24), civility="mrs")
    home.adult.refresh_from_db()
    world.enrolment(world.child(home, "Zoé"), world.activity("Mercredis"), home)
    return home
