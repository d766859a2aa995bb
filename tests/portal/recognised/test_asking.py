"""« Mon quotient » by FranceConnect: a certified provider of npm gives the token, a server that speaks API
Particulier looks it up there. Nobody else's identity asks for anything, and the token is kept nowhere."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import Identity
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.families.caf.agreements import agreement_identity
from marelle.families.caf.rules import SCOPES, What
from marelle.families.models import CafAgreement, ChangeRequest, Income
from marelle.flows.incomes.caf import agreements_asked
from tests.particulier import RESOURCES, TOKEN, Fake, resources
from tests.portal.recognised.visit import (
    BORN,
    BY_STATUS,
    BY_TOKEN,
    LEAVES,
    PAGE,
    RESOURCES_BY_STATUS,
    RESOURCES_BY_TOKEN,
    agrees,
    asks,
    linked,
    paths,
    text,
)
from tests.portal.test_providers import FAMILIES, back_with, comes
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db


def test_off_until_the_operator_says_so(dubois, fake, settings) -> None:
    client = linked(dubois)
    settings.API_PARTICULIER = fake.api
    client.get(PAGE)  # says that it is linked, once
    page = text(client.get(PAGE))
    assert "FranceConnect" not in page
    assert 'name="birth_name"' in page
    assert client.post(PAGE, {"fc-seen": "x", "fc-agreed": "on"}).status_code == 200
    assert not CafAgreement.objects.exists()
    assert client.get(LEAVES).status_code == 404
    settings.API_PARTICULIER = None
    assert client.get(LEAVES).status_code == 404


def test_a_parent_agrees_goes_through_franceconnect_and_an_agent_decides(world, dubois, fake, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    world.quotient(dubois, "734.00")
    client = linked(dubois)
    shown = text(client.get(PAGE))
    assert client.get(LEAVES).status_code == 404, "nobody leaves for it before agreeing"
    row = agrees(client)
    for line in row.wording.split("\n"):
        assert line.replace("\xa0", " ") in shown, "kept as it was read, to the letter"
    assert "autorisation d’une minute" in row.wording
    assert (row.identity, row.due_at, row.certified) == (None, None, False)
    assert "Continuer avec FranceConnect" in text(client.get(PAGE))
    assert agreements_asked(now=timezone.now() + timedelta(minutes=1)) == 0
    assert fake.asked == []

    page = asks(client)
    assert "La CAF ou la MSA a répondu. Un agent vérifie la réponse" in page
    assert "900" not in page
    ((path, query, token),) = fake.asked
    assert (path, query) == (BY_TOKEN, {})
    assert token != TOKEN
    row.refresh_from_db()
    assert row.certified
    assert agreement_identity(row) == BORN
    change = ChangeRequest.objects.get(state="open", kind="caf")
    office = Client()
    office.force_login(world.staff("guichet", Role.OFFICE))
    decided = f"/agents/modifications/{change.pk}/"
    page = text(office.get(decided))
    for said in ("734,00 €", "900,00 €", "DUBOIS Angela Claire Louise", "d’après FranceConnect"):
        assert said in page
    assert [str(one.told.amount) for one in Income.objects.all()] == ["734.00"], "as long as nobody accepts"
    (form,) = [card.form for card in office.get(decided).context["cards"] if card.form]
    told = {bound.html_name: bound.value() or "" for bound in form}
    office.post(decided, {**told, f"{change.pk}-answer": "accept"})
    assert "900" in str([one.told.amount for one in Income.objects.all()])
    assert_kept_nowhere(token, client, caplog)


def assert_kept_nowhere(token: str, client: Client, caplog: Any) -> None:
    assert token not in caplog.text
    assert token not in str(dict(client.session))
    assert not [one for one in Session.objects.all() if token in str(one.get_decoded())]
    dumped = StringIO()
    call_command("dumpdata", verbosity=0, stdout=dumped)
    assert "caf_quotient" in dumped.getvalue()
    assert token not in dumped.getvalue()


def test_the_scope_is_asked_for_that_alone(dubois, fake) -> None:
    client = linked(dubois)
    agrees(client)

    def scopes(client: Client, **query: str) -> list[str]:
        return parse_qs(urlsplit(client.get(FAMILIES, query)["Location"]).query)["scope"][0].split()

    assert scopes(client, pour="quotient") == ["openid", "profile", "birth", "email", SCOPES[What.QUOTIENT]]
    assert not set(SCOPES.values()) & set(scopes(client, pour="relier"))
    assert not set(SCOPES.values()) & set(scopes(client, pour="confirmer"))
    assert not set(SCOPES.values()) & set(scopes(Client()))


def test_who_is_not_linked_links_it_and_comes_back_to_the_page(dubois, fake) -> None:
    client = Client()
    client.force_login(dubois.user)
    recognised = client.get(PAGE).context["recognised"]
    assert recognised.form is None
    assert client.get(LEAVES).status_code == 404
    left = back_with(client, "angela", recognised.link_url)
    there = client.get(left)
    assert there["Location"] == f"/compte/identites/relier/?next={PAGE.replace('/', '%2F')}"
    back = client.post(there["Location"])
    assert back["Location"] == PAGE
    assert client.get(PAGE).context["recognised"].form is not None
    assert fake.asked == []
    assert not CafAgreement.objects.exists()


def test_a_link_leads_nowhere_else(dubois, fake) -> None:
    client = Client()
    client.force_login(dubois.user)
    comes(client, "angela", pour="relier")
    out = client.post("/compte/identites/relier/?next=https://ailleurs.example/")
    assert out["Location"] == "/compte/identites/"


def test_another_than_the_one_of_the_account_asks_for_nothing(dubois, fake) -> None:
    client = linked(dubois)
    row = agrees(client)
    assert "Ce n’est pas l’identité FranceConnect de votre compte" in asks(client, "inconnu")
    row.refresh_from_db()
    assert (row.identity, row.certified, fake.asked) == (None, False, [])
    # An identity that was taken away is nobody's.
    Identity.objects.update(ended_at=timezone.now())
    assert client.get(LEAVES).status_code == 404


def test_what_comes_back_twice_by_hand_or_elsewhere_asks_for_nothing(world, dubois, fake) -> None:
    client = linked(dubois)
    row = agrees(client)
    typed = client.get(f"{FAMILIES}retour/", {"state": "x" * 43, "code": "y" * 43}, follow=True)
    assert "Vous êtes déjà connecté" in text(typed)
    back = back_with(client, "angela", FAMILIES, pour="quotient")
    assert Client().get(back).status_code == 410
    other = world.home("Petit", "Karim")
    thief = Client()
    thief.force_login(other.user)
    assert "Vous êtes déjà connecté" in text(thief.get(back, follow=True))
    assert fake.asked == []
    # Another session of the browser: whoever left is not who is here now.
    kept = client.session["left"]
    client.force_login(other.user)
    session = client.session
    session["left"] = kept
    session.save()
    assert "Vous êtes déjà connecté" in text(client.get(back, follow=True))
    row.refresh_from_db()
    assert (row.identity, fake.asked) == (None, [])

    client = linked(dubois)
    first = back_with(client, "angela", FAMILIES, pour="quotient")
    client.get(first)
    assert len(fake.asked) == 1
    assert "Vous êtes déjà connecté" in text(client.get(first, follow=True))
    # The state of another visit, with a code that has served: of whom the nonce is not.
    query = parse_qs(urlsplit(client.get(LEAVES)["Location"]).query)
    used = parse_qs(urlsplit(first).query)["code"][0]
    again = {"state": query["state"][0], "code": used, "iss": Identity.objects.get().issuer}
    assert "a déjà servi. Rien n’a été demandé" in text(client.get(f"{FAMILIES}retour/", again, follow=True))
    assert len(fake.asked) == 1


def test_an_agent_in_the_name_of_a_home_is_not_offered_it(world, dubois, fake) -> None:
    client = linked(dubois)
    row = agrees(client)
    office = Client()
    office.force_login(world.staff("guichet", Role.OFFICE))
    incomes = f"/agents/familles/{dubois.family.pk}/revenus/"
    page = text(office.get(incomes))
    assert "la personne n’est pas encore passée par FranceConnect" in page
    assert f"{incomes}caf/{row.pk}/" not in page
    asked = office.post(f"{incomes}caf/{row.pk}/", follow=True)
    assert "cet accord attend que FranceConnect dise qui le donne" in text(asked)
    office.post(f"/agents/familles/{dubois.family.pk}/agir/")
    page = office.get(PAGE)
    assert page.context["recognised"] is None
    assert "Continuer avec FranceConnect" not in text(page)
    assert office.get(LEAVES).status_code == 404
    again = client.post(f"{PAGE}{row.pk}/redemander/", follow=True)
    assert "cet accord attend que FranceConnect dise qui le donne" in text(again)
    assert fake.asked == []


def a_creche(world: Scenario, home: Home, fake: Fake) -> None:
    baby = world.child(home, "Milo")
    world.enrolment(baby, world.activity("Multi-accueil", kind="childcare"), home)
    day = local(timezone.now()).date()
    fake.replies["DUBOIS", RESOURCES] = resources(40923, day.year - 2)
    fake.replies["LEFEBVRE", RESOURCES] = resources(41000, day.year - 2)


def test_for_a_creche_its_resources_are_asked_by_the_civil_status(world, dubois, fake) -> None:
    a_creche(world, dubois, fake)
    client = linked(dubois)
    row = agrees(client)
    assert "dès maintenant pour la crèche si FranceConnect n’autorise pas la demande" in row.wording
    asks(client)
    assert paths(fake) == [BY_TOKEN, RESOURCES_BY_STATUS]
    assert ChangeRequest.objects.filter(state="open", kind="caf").count() == 2


def test_or_by_franceconnect_where_the_operator_has_that_too(world, dubois, fake, settings) -> None:
    settings.API_PARTICULIER = replace(fake.switched_on, resources_too=True)
    client = linked(dubois)
    agrees(client)
    left = parse_qs(urlsplit(client.get(LEAVES)["Location"]).query)["scope"][0]
    assert SCOPES[What.RESOURCES] not in left, "nobody is in a crèche"
    a_creche(world, dubois, fake)
    left = parse_qs(urlsplit(client.get(LEAVES)["Location"]).query)["scope"][0]
    assert SCOPES[What.RESOURCES] not in left, "nor has anybody agreed to that"
    client.post(f"{PAGE}{CafAgreement.objects.get().pk}/retirer/")
    agrees(client)
    assert SCOPES[What.RESOURCES] in client.get(LEAVES)["Location"]
    asks(client)
    assert paths(fake) == [BY_TOKEN, RESOURCES_BY_TOKEN]
    assert [query for _path, query, _bearer in fake.asked] == [{}, {}]
    assert len({bearer for _path, _query, bearer in fake.asked} - {TOKEN}) == 1
    assert ChangeRequest.objects.filter(state="open", kind="caf").count() == 2
    due = CafAgreement.objects.get(ended_at=None).due_at
    assert due is not None
    fake.asked.clear()
    assert agreements_asked(now=due + timedelta(minutes=1)) == 1
    assert paths(fake) == [BY_STATUS, RESOURCES_BY_STATUS], "a token cannot wait for January"


def test_resources_that_franceconnect_does_not_open_are_asked_by_the_civil_status(
    world, dubois, fake, settings, caplog
) -> None:
    settings.API_PARTICULIER = replace(fake.switched_on, resources_too=True)
    a_creche(world, dubois, fake)
    client = linked(dubois, "à demi")
    agrees(client)
    asks(client, "à demi")
    assert paths(fake) == [BY_TOKEN, RESOURCES_BY_STATUS]
    assert f"without the scope {SCOPES[What.RESOURCES]}" in caplog.text


def test_a_logout_here_is_one_there_for_who_came_in_by_a_password(dubois, fake) -> None:
    client = linked(dubois)
    agrees(client)
    asks(client)
    assert client.post("/deconnexion/")["Location"] == f"{FAMILIES}sortie/"


def test_it_is_asked_again_in_january_by_what_franceconnect_told(dubois, fake) -> None:
    client = linked(dubois)
    row = agrees(client)
    asks(client)
    row.refresh_from_db()
    assert isinstance(row.due_at, datetime)
    assert (local(row.due_at).month, local(row.due_at).day) == (1, 10)
    assert agreements_asked(now=row.due_at + timedelta(minutes=1)) == 1
    assert paths(fake) == [BY_TOKEN, BY_STATUS]
    assert fake.asked[-1][2] == TOKEN
