"""Coming in by FranceConnect and ProConnect: a certified provider of npm, configured as each of the two."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import Authenticator, Identity
from marelle.accounts.oidc.providers import Provider
from marelle.core.actor import Role
from marelle.core.sealed import seal
from marelle.families.models import Person
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.provider import ANGELA, FRANCECONNECT, PROCONNECT, Visitor, running
from tests.scenario import PASSWORD, Home, Scenario

pytestmark = pytest.mark.django_db

PORTAL = "http://localhost:8000"
FAMILIES = "/connexion/avec/franceconnect/"
AGENTS = "/connexion/avec/proconnect/"
SIRET = "21210054800018"
PEOPLE = {
    "angela": ANGELA,
    "pressée": ANGELA,
    "mariée": {**ANGELA, "family_name": "MARTIN", "preferred_username": "DUBOIS"},
    "inconnu": {**ANGELA, "given_name": "Bruno", "family_name": "Zola", "birthdate": "1970-01-01"},
}
STAFF = {
    "line": {"email": "Guichet@arelle.example", "uid": "1", "siret": SIRET, "usual_name": "Roy"},
    "ailleurs": {"email": "guichet@arelle.example", "uid": "2", "siret": "21210054800026"},
    "nobody": {"email": "nobody@arelle.example", "uid": "3", "siret": SIRET},
}


@pytest.fixture(scope="module")
def franceconnect() -> Iterator[Provider]:
    with running(FRANCECONNECT, PEOPLE, prefix="FRANCECONNECT", portal=PORTAL) as provider:
        yield provider


@pytest.fixture(scope="module")
def proconnect() -> Iterator[Provider]:
    with running(PROCONNECT, STAFF, prefix="PROCONNECT", portal=PORTAL) as provider:
        yield provider


@pytest.fixture
def families(franceconnect: Provider, settings) -> Provider:
    settings.IDENTITY_PROVIDERS = (franceconnect,)
    settings.PUBLIC_URL = PORTAL
    return franceconnect


@pytest.fixture
def agents(proconnect: Provider, settings) -> Provider:
    settings.IDENTITY_PROVIDERS = (proconnect,)
    settings.PUBLIC_URL = PORTAL
    return proconnect


@pytest.fixture
def world() -> Scenario:
    return Scenario()


@pytest.fixture
def dubois(world: Scenario) -> Home:
    home = world.home("Dubois", "Angela")
    Person.objects.filter(pk=home.adult.pk).update(birth_date=date(1982, 8, 24), civility="mrs")
    home.adult.refresh_from_db()
    home.user.email = "angela@famille.example"
    home.user.save()
    return home


def back_with(client: Client, who: str, door: str = FAMILIES, **query: str) -> str:
    """The way back here of somebody who went through the provider, not taken yet."""
    left = client.get(door, query)
    assert left.status_code == 302, left.content.decode()
    parts = urlsplit(Visitor().comes_back(left["Location"], who))
    return f"{parts.path}?{parts.query}"


def comes(client: Client, who: str, door: str = FAMILIES, **query: str):
    return client.get(back_with(client, who, door, **query))


def is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def linked(client: Client, home: Home) -> None:
    """The parent links FranceConnect from its own account."""
    client.force_login(home.user)
    assert comes(client, "angela", pour="relier")["Location"] == "/compte/identites/relier/"
    client.post("/compte/identites/relier/")
    client.post("/deconnexion/")


def test_a_parent_links_its_account_then_comes_in_by_it(families, dubois, client) -> None:
    client.force_login(dubois.user)
    assert "FranceConnect" in client.get("/compte/").content.decode()
    assert "Relier FranceConnect" in client.get("/compte/identites/").content.decode()
    assert comes(client, "angela", pour="relier")["Location"] == "/compte/identites/relier/"
    assert not Identity.objects.exists(), "who was recognised is shown first"
    shown = client.get("/compte/identites/relier/").content.decode()
    assert "Angela Claire Louise" in shown
    assert "DUBOIS" in shown
    client.post("/compte/identites/relier/")
    held = Identity.objects.get()
    assert (held.user, held.issuer) == (dubois.user, families.issuer)
    assert Message.objects.get(kind="accounts/identity_linked").to == dubois.user.email
    assert Entry.objects.get(verb="identity.linked").subject_label == "FranceConnect"
    assert client.post("/compte/identites/relier/")["Location"] == "/compte/identites/", "once"

    other = Client()
    came = comes(other, "angela", next="/historique/")
    assert came["Location"] == "/historique/"
    assert is_in(other)
    held.refresh_from_db()
    assert held.used_at is not None
    opened = Entry.objects.filter(verb="connection.opened").latest("pk")
    assert opened.actor_user_id == dubois.user.pk
    assert opened.data == {"by": ["identity"]}


def test_what_is_asked_of_the_provider(families, proconnect, settings, client) -> None:
    asked = parse_qs(urlsplit(client.get(FAMILIES)["Location"]).query)
    assert asked["acr_values"] == ["eidas1"]
    assert asked["redirect_uri"] == [f"{PORTAL}{FAMILIES}retour/"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 32
    assert len(asked["nonce"][0]) >= 32
    assert asked["state"] != parse_qs(urlsplit(client.get(FAMILIES)["Location"]).query)["state"]
    settings.IDENTITY_PROVIDERS = (proconnect,)
    asked = parse_qs(urlsplit(client.get(AGENTS)["Location"]).query)
    assert '"amr"' in asked["claims"][0]
    assert "acr_values" not in asked


def test_what_comes_back_counts_once_in_its_own_browser_and_soon(
    families, dubois, client, time_machine
) -> None:
    linked(client, dubois)
    back = back_with(client, "angela")
    elsewhere = Client()
    strange = elsewhere.get(back)
    assert strange.status_code == 410
    assert "n’est plus attendu" in strange.content.decode()
    assert "Je me connecte autrement" in strange.content.decode()
    assert client.get(back).status_code == 302
    assert is_in(client)
    again = client.get(back, follow=True)
    assert "Vous êtes déjà connecté" in again.content.decode()
    client.post("/deconnexion/")
    assert client.get(back).status_code == 410
    late = back_with(client, "angela")
    time_machine.move_to(timezone.now() + timedelta(seconds=601))
    assert client.get(late).status_code == 410
    assert not is_in(client)


def test_a_code_that_was_used_or_has_expired_opens_nothing(families, dubois, client) -> None:
    linked(client, dubois)
    used = parse_qs(urlsplit(back_with(client, "angela")).query)["code"][0]
    # Somebody else has been quicker with it.
    first = back_with(client, "angela")
    code = parse_qs(urlsplit(first).query)["code"][0]
    assert client.get(first).status_code == 302
    client.post("/deconnexion/")
    state = parse_qs(urlsplit(client.get(FAMILIES)["Location"]).query)["state"][0]
    refused = client.get(f"{FAMILIES}retour/", {"code": code, "state": state, "iss": families.issuer})
    assert refused.status_code == 410
    assert "a déjà servi" in refused.content.decode()
    # One that is another visit's, though it is good: it is for whoever can show what that one kept.
    state = parse_qs(urlsplit(client.get(FAMILIES)["Location"]).query)["state"][0]
    refused = client.get(f"{FAMILIES}retour/", {"code": used, "state": state, "iss": families.issuer})
    assert refused.status_code == 410
    late = back_with(client, "pressée")
    time.sleep(1.2)
    assert client.get(late).status_code == 410
    assert not is_in(client)


def test_who_goes_away_there_reads_that_nothing_is_done(families, dubois, client) -> None:
    left = comes(client, "personne")
    assert left.status_code == 200
    page = left.content.decode()
    assert "ne vous a pas reconnu" in page
    assert 'href="/connexion/"' in page
    assert not Identity.objects.exists()


def test_the_second_factor_is_asked_after_it(families, dubois, client) -> None:
    linked(client, dubois)
    secret = pyotp.random_base32()
    Authenticator.objects.create(
        user=dubois.user, secret=seal(secret), last_step=0, added_at=dubois.user.created_at
    )
    came = comes(client, "angela", next="/historique/")
    assert came["Location"] == "/connexion/code/?next=%2Fhistorique%2F"
    assert not is_in(client)
    assert "FranceConnect vous a reconnu" in client.get("/connexion/code/").content.decode()
    client.post("/connexion/code/", {"code": pyotp.TOTP(secret).now()})
    assert is_in(client)
    assert client.post("/deconnexion/")["Location"] == f"{FAMILIES}sortie/", "out there as well"


def test_a_logout_here_is_one_there_too(families, dubois, client) -> None:
    linked(client, dubois)
    visitor = Visitor()
    there = client.get(FAMILIES)["Location"]
    parts = urlsplit(visitor.comes_back(there, "angela"))
    client.get(f"{parts.path}?{parts.query}")
    assert is_in(client)
    out = client.post("/deconnexion/")
    assert out["Location"] == f"{FAMILIES}sortie/"
    assert not is_in(client), "here first, whatever follows"
    page = client.get(out["Location"])
    assert "Votre espace est fermé ici." in page.content.decode()
    address = page["Refresh"].partition("url=")[2]
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(families.issuer)
    assert asked["post_logout_redirect_uri"] == [f"{PORTAL}{FAMILIES}sortie/"]
    assert len(asked["id_token_hint"][0]) > 100
    status, _location, body = visitor._get(address)
    assert status == 200
    assert "op.logoutForm" in body, "the provider takes the hint and the address"
    end = client.get(f"{FAMILIES}sortie/", {"state": asked["state"][0]}, follow=True)
    assert "Vous êtes aussi déconnecté chez FranceConnect" in end.content.decode()
    assert client.get(f"{FAMILIES}sortie/")["Location"] == "/connexion/"


def test_somebody_else_is_not_linked_to_an_account(families, dubois, client) -> None:
    client.force_login(dubois.user)
    comes(client, "inconnu", pour="relier")
    page = client.post("/compte/identites/relier/", follow=True).content.decode()
    assert "n’est pas celle de votre dossier" in page
    comes(client, "mariée", pour="relier")
    client.post("/compte/identites/relier/")
    assert Identity.objects.count() == 1, "another name of the same person is for its owner to say"


def test_an_identity_opens_one_account_and_an_account_has_one(families, world, dubois, client) -> None:
    linked(client, dubois)
    twin = world.home("Dubois", "Angela")
    client.force_login(twin.user)
    comes(client, "angela", pour="relier")
    page = client.post("/compte/identites/relier/", follow=True).content.decode()
    assert "ouvre déjà un autre compte" in page
    client.force_login(dubois.user)
    comes(client, "mariée", pour="relier")
    page = client.post("/compte/identites/relier/", follow=True).content.decode()
    assert "déjà à une autre identité" in page
    assert Identity.objects.get().user == dubois.user


def test_it_is_taken_away_but_not_where_nothing_else_opens(families, dubois, client) -> None:
    linked(client, dubois)
    client.force_login(dubois.user)
    held = Identity.objects.get()
    dubois.user.set_unusable_password()
    dubois.user.save()
    client.force_login(dubois.user)
    gone = f"/compte/identites/{held.pk}/retirer/"
    assert "choisissez d’abord un mot de passe" in client.post(gone, follow=True).content.decode()
    dubois.user.set_password(PASSWORD)
    dubois.user.save()
    client.force_login(dubois.user)
    client.post(gone)
    assert not Identity.objects.exists()
    assert Message.objects.filter(kind="accounts/identity_unlinked").count() == 1
    assert client.post(gone).status_code == 404


def test_an_account_without_a_password_shows_by_it_who_it_is_and_chooses_one(
    families, dubois, client, time_machine
) -> None:
    linked(client, dubois)
    dubois.user.set_unusable_password()
    dubois.user.save()
    comes(client, "angela")
    assert "Choisir un mot de passe" in client.get("/compte/").content.decode()
    assert client.get("/compte/identifiant/")["Location"] == "/compte/mot-de-passe/"
    began = timezone.now()
    time_machine.move_to(began + timedelta(minutes=11))
    asked = client.get("/compte/mot-de-passe/")
    assert asked["Location"] == "/compte/confirmer/?next=%2Fcompte%2Fmot-de-passe%2F"
    page = client.get(asked["Location"]).content.decode()
    assert "S’identifier avec FranceConnect" in page
    assert "Votre mot de passe actuel" not in page
    time_machine.move_to(began + timedelta(seconds=9))
    query = {"pour": "confirmer", "next": "/compte/mot-de-passe/"}
    assert parse_qs(urlsplit(client.get(FAMILIES, query)["Location"]).query)["prompt"] == ["login"]
    wrong = comes(client, "inconnu", **query)
    assert wrong["Location"].startswith("/compte/confirmer/")
    right = comes(client, "angela", **query)
    assert right["Location"] == "/compte/mot-de-passe/"
    new = "un goûter sous le tilleul"
    client.post("/compte/mot-de-passe/", {"password": new, "repeated": new})
    dubois.user.refresh_from_db()
    assert dubois.user.check_password(new)
    assert is_in(client)


def test_a_closed_account_is_not_opened(families, dubois, client) -> None:
    linked(client, dubois)
    dubois.user.is_active = False
    dubois.user.save()
    refused = comes(client, "angela")
    assert refused.status_code == 403
    assert "est fermé" in refused.content.decode()
    assert not is_in(client)


def test_the_ways_in_are_shown_where_there_are_some(families, proconnect, settings, client) -> None:
    page = client.get("/connexion/?next=/historique/").content.decode()
    assert f'{FAMILIES}?next=%2Fhistorique%2F"' in page
    assert "Mot de passe" in page
    assert "ProConnect" not in page
    assert client.get(AGENTS).status_code == 404
    settings.IDENTITY_PROVIDERS = (proconnect,)
    page = client.get("/connexion/").content.decode()
    assert "S’identifier avec ProConnect" in page
    assert "FranceConnect" not in page
    settings.IDENTITY_PROVIDERS = ()
    assert "connexion/avec" not in client.get("/connexion/").content.decode()


@pytest.fixture
def line(world: Scenario):
    world.the_authority.siret = SIRET
    world.the_authority.save()
    user = world.staff("guichet", Role.OFFICE)
    user.email = "guichet@arelle.example"
    user.save()
    return user


def test_an_agent_comes_in_by_its_mail_and_its_establishment(agents, line, client) -> None:
    came = comes(client, "line", AGENTS)
    assert came["Location"] == "/agents/"
    assert Identity.objects.get().user == line
    assert client.get("/agents/").status_code == 200
    client.post("/deconnexion/")
    assert comes(client, "line", AGENTS)["Location"] == "/agents/", "and again"


@pytest.mark.parametrize(
    ("who", "words"), [("ailleurs", "vous ne travaillez pas dans"), ("nobody", "aucun compte d’agent")]
)
def test_who_is_no_agent_here_comes_in_by_nothing(agents, line, client, who, words) -> None:
    refused = comes(client, who, AGENTS)
    assert refused.status_code == 403
    assert words in refused.content.decode()
    assert not Identity.objects.exists()
    assert not is_in(client)


def test_a_parent_is_no_agent_and_two_agents_of_one_address_are_nobody(agents, world, line, client) -> None:
    twin = world.staff("mairie", Role.OFFICE)
    twin.email = line.email
    twin.save()
    assert "plusieurs l’ont" in comes(client, "line", AGENTS).content.decode()
    twin.posts.all().delete()
    assert comes(client, "line", AGENTS)["Location"] == "/agents/"
    client.post("/deconnexion/")
    # Its posts are taken back, or the establishment is another one's: the link alone opens nothing.
    world.the_authority.siret = ""
    world.the_authority.save()
    assert comes(client, "line", AGENTS).status_code == 403
    world.the_authority.siret = SIRET
    world.the_authority.save()
    line.posts.all().delete()
    assert comes(client, "line", AGENTS).status_code == 403
    assert not is_in(client)


def test_several_factors_shown_there_stand_for_the_second_of_an_agent(agents, line, client) -> None:
    Authenticator.objects.create(
        user=line, secret=seal(pyotp.random_base32()), last_step=0, added_at=line.created_at
    )
    assert comes(client, "line", AGENTS)["Location"] == "/agents/"
    assert is_in(client)
    # Not before what is grave.
    assert client.get("/compte/double-authentification/application/")["Location"].startswith(
        "/compte/confirmer/"
    )
