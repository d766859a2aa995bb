"""What goes wrong on the way through FranceConnect: its words, its trace, and nothing half done."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from marelle.families.models import CafAgreement, ChangeRequest, Family
from marelle.flows.incomes.caf import A_DAY, agreements_asked
from tests.particulier import NOT_FOUND, Reply, quotient, wrong
from tests.portal.recognised.visit import (
    BY_STATUS,
    BY_TOKEN,
    LEAVES,
    PAGE,
    PEOPLE,
    agrees,
    asks,
    linked,
    paths,
    text,
)
from tests.portal.test_providers import FAMILIES, PORTAL, back_with
from tests.provider import FRANCECONNECT, running
from tests.scenario import Home

pytestmark = pytest.mark.django_db


def test_a_token_that_has_expired_is_told_and_it_is_asked_again_by_the_civil_status(
    dubois, fake, caplog
) -> None:
    client = linked(dubois, "lente")
    row = agrees(client)
    known = fake.granted

    def late(token: str) -> Any:
        time.sleep(1.2)
        return known(token)

    fake.granted = late
    assert "que pendant une minute, et elle est passée" in asks(client, "lente")
    row.refresh_from_db()
    assert row.certified
    assert f"expired. status 401, code 50002, by FranceConnect (agreement {row.pk})" in caplog.text
    assert "DUBOIS" not in caplog.text
    now = timezone.now()
    assert agreements_asked(now=now + timedelta(minutes=50)) == 0
    assert agreements_asked(now=now + timedelta(minutes=61)) == 1
    assert paths(fake) == [BY_TOKEN, BY_STATUS]
    assert ChangeRequest.objects.get(kind="caf").state == "open"


def test_a_token_without_the_scope_is_not_used(dubois, fake, caplog) -> None:
    client = linked(dubois, "réticente")
    row = agrees(client)
    page = asks(client, "réticente")
    assert "FranceConnect ne nous permet pas de demander votre quotient" in page
    assert "without the scope cnaf_quotient_familial" in caplog.text
    row.refresh_from_db()
    assert (row.identity, fake.asked) == (None, [])


def test_a_portal_that_may_not_ask_for_the_scope_says_so(dubois, fake, settings, caplog) -> None:
    allowed = "openid profile birth email"
    with running(FRANCECONNECT, PEOPLE, prefix="FRANCECONNECT", portal=PORTAL, allowed=allowed) as provider:
        settings.IDENTITY_PROVIDERS = (provider,)
        client = linked(dubois)
        agrees(client)
        left = client.get(LEAVES)["Location"]
        parts = urlsplit(refused_at(left))
        page = text(client.get(f"{parts.path}?{parts.query}", follow=True))
    assert "FranceConnect ne nous permet pas de demander cela" in page
    assert "Rien n’a été demandé" in page
    assert "FranceConnect: scope. invalid_scope" in caplog.text
    assert fake.asked == []


def refused_at(address: str) -> str:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}")
    found = connection.getresponse().getheader("Location") or ""
    connection.close()
    return found


@pytest.mark.parametrize(
    ("reply", "words", "trace"),
    [
        (NOT_FOUND, "n’ont trouvé personne de cet état civil", ""),
        (wrong(403, "00100"), "le service en est averti", "rights. status 403, code 00100, by FranceConnect"),
        (wrong(401, "50003"), "le service en est averti", "rights. status 401, code 50003, by FranceConnect"),
        (wrong(401, "99502"), "et elle est passée", "expired. status 401, code 99502, by FranceConnect"),
        (wrong(502, "37999"), "ne répond pas en ce moment", "down. status 502"),
        (wrong(504, "01504"), "met trop de temps", "slow. status 504"),
        (quotient("900", 2026, 10), "par sécurité, nous ne l’avons pas prise", "lies. valeur is none"),
    ],
    ids=lambda found: found if isinstance(found, str) else "",
)
def test_each_trouble_has_its_words_and_its_trace(
    dubois, fake, caplog, reply: Reply, words: str, trace: str
) -> None:
    client = linked(dubois)
    row = agrees(client)
    fake.says = lambda: reply
    page = asks(client)
    assert words in page
    assert "Redemander avec FranceConnect" in page
    assert trace in caplog.text
    ((_path, _query, token),) = fake.asked
    assert token not in caplog.text
    assert not ChangeRequest.objects.exists()
    row.refresh_from_db()
    assert row.certified


def test_after_too_many_a_token_asks_for_nothing_either(world, dubois, fake) -> None:
    client = linked(dubois)
    row = agrees(client)
    fake.says = lambda: wrong(429, "00429", **{"Retry-After": "1800"})
    assert "attend son tour" in asks(client)
    fake.says = None
    fake.asked.clear()
    assert "attend son tour" in asks(client)
    assert fake.asked == []
    now = timezone.now()
    assert agreements_asked(now=now + timedelta(minutes=29)) == 0
    assert agreements_asked(now=now + timedelta(minutes=31)) == 1
    assert paths(fake) == [BY_STATUS]
    row.refresh_from_db()
    assert row.outcome == "answered"


def test_who_goes_away_there_or_finds_nobody_there_reads_it_on_its_page(
    dubois, fake, settings, issuer, monkeypatch
) -> None:
    client = linked(dubois)
    agrees(client)
    page = asks(client, "personne")
    assert "FranceConnect ne vous a pas reconnu. Rien n’a été demandé" in page
    assert "Continuer avec FranceConnect" in page
    monkeypatch.setattr("marelle.accounts.oidc.exchange._kept", {})
    monkeypatch.setattr("marelle.accounts.oidc.fetching.SECONDS", 0.0)
    page = text(client.get(LEAVES, follow=True))
    assert "met trop de temps à répondre. Rien n’a été demandé" in page
    assert fake.asked == []


def change_nothing(_client: Client, _home: Home, _settings: Any) -> None:
    """The control."""


def take_back(client: Client, _home: Home, _settings: Any) -> None:
    client.post(f"{PAGE}{CafAgreement.objects.get().pk}/retirer/")


def type_it(client: Client, _home: Home, _settings: Any) -> None:
    form = client.get(PAGE).context["form"]
    typed = {
        "birth_name": "AUTRE",
        "first_names": "A",
        "birth_date": "1982-12-27",
        "sex": "F",
        "place": "08480",
    }
    CafAgreement.objects.update(ended_at=timezone.now())
    client.post(PAGE, {**typed, "agreed": "on", "seen": form["seen"].value()})


def switch_off(_client: Client, _home: Home, settings: Any) -> None:
    settings.API_PARTICULIER = None


def take_back_and_switch_off(client: Client, home: Home, settings: Any) -> None:
    take_back(client, home, settings)
    switch_off(client, home, settings)


def leave_the_portal(_client: Client, home: Home, _settings: Any) -> None:
    Family.objects.filter(pk=home.family.pk).update(left_on=date(2020, 1, 1))


@pytest.mark.parametrize(
    "meanwhile",
    [change_nothing, take_back, type_it, switch_off, take_back_and_switch_off, leave_the_portal],
    ids=lambda one: one.__name__,
)
def test_what_changed_while_somebody_was_there(
    dubois, fake, settings, meanwhile: Callable[[Client, Home, Any], None]
) -> None:
    client = linked(dubois)
    agrees(client)
    back = back_with(client, "angela", FAMILIES, pour="quotient")
    meanwhile(client, dubois, settings)
    fake.asked.clear()
    page = text(client.get(back, follow=True))
    if meanwhile is change_nothing:
        assert paths(fake) == [BY_TOKEN]
    else:
        assert fake.asked == []
        assert ("Rien n’a été demandé" in page) or ("Votre foyer n’est plus suivi ici" in page)
        assert not CafAgreement.objects.filter(certified=True).exists()


def test_a_home_asks_so_a_few_times_a_day_too(dubois, fake) -> None:
    client = linked(dubois)
    row = agrees(client)
    for _one in range(A_DAY):
        asks(client)
        CafAgreement.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    assert len(fake.asked) == A_DAY
    row.refresh_from_db()
    due = row.due_at
    assert "recommencez demain" in asks(client)
    assert len(fake.asked) == A_DAY
    row.refresh_from_db()
    assert row.due_at == due, "nor a moment later, by the worker"


def test_who_knows_the_year_of_its_birth_alone_gives_its_attestation(dubois, fake) -> None:
    client = linked(dubois, "sans jour")
    agrees(client)
    assert "ne dit pas toute votre naissance" in asks(client, "sans jour")
    assert fake.asked == []
