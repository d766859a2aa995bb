"""A first visit by an identity provider: what the visitor reads, and what the office does with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import Identity
from marelle.accounts.oidc import exchange
from marelle.core.actor import Role
from marelle.families.models import Person
from marelle.flows.models import Arrival
from tests.liar import SUBJECT, Liar, lying
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

DOOR = "/connexion/avec/franceconnect/"
VISIT = "/connexion/premiere-visite/"
LETTER = {"has_file": "no", "email": "angela@example.org", "phone": "", "words": "Mère de Zoé"}


@pytest.fixture(scope="module")
def told() -> Iterator[Liar]:
    with lying() as (liar, liar.provider):
        yield liar


@pytest.fixture
def liar(told, settings) -> Liar:
    exchange._kept.clear()
    settings.IDENTITY_PROVIDERS = (told.provider,)
    told.user, told.claims = {}, {}
    return told


@pytest.fixture
def world() -> Scenario:
    world = Scenario()
    assert world.the_authority
    return world


@pytest.fixture
def dubois(world) -> Home:
    home = world.home("Dubois", "Angela")
    Person.objects.filter(pk=home.adult.pk).update(birth_date=date(1982, 8, 24), civility="mrs")
    return home


@pytest.fixture
def office(world) -> Client:
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def comes(client: Client, liar: Liar, **user: str):
    """Angela Dubois, but for what `user` says, who has just been recognised."""
    liar.user = user
    asked = parse_qs(urlsplit(client.get(DOOR)["Location"]).query)
    (liar.nonce,) = asked["nonce"]
    return client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]})


def is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def text(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def test_who_is_known_finds_its_home_at_once(liar, dubois, client) -> None:
    Person.objects.filter(pk=dubois.adult.pk).update(account=None)
    assert comes(client, liar)["Location"] == "/tableau-de-bord/"
    assert "Angela" in text(client.get("/compte/"))
    assert client.get("/famille/").status_code == 200
    assert not Arrival.objects.exists()


def test_who_is_in_doubt_asks_the_office_which_links(liar, dubois, client, office) -> None:
    key = client.session.session_key
    assert comes(client, liar, family_name="MARTIN")["Location"] == VISIT
    assert client.session.session_key != key
    assert not is_in(client)
    page = text(client.get(VISIT))
    assert "MARTIN" in page
    assert dubois.family.number not in page, "nothing is told of who may be near"
    assert 'value="angela@example.org"' in page
    wrong = client.post(VISIT, {**LETTER, "has_file": "", "email": "angela"})
    assert "Mère de Zoé" in text(wrong), "nothing typed is lost"
    assert not Arrival.objects.exists()
    client.post(VISIT, LETTER)
    row = Arrival.objects.get()
    assert "Votre demande est partie" in text(client.get(VISIT))
    assert client.post(VISIT, LETTER).status_code == 200, "once"
    assert comes(client, liar, family_name="MARTIN")["Location"] == VISIT, "it waits"

    where = f"/agents/premieres-visites/{row.pk}/"
    assert "Angela Claire Louise MARTIN" in text(office.get("/agents/"))
    page = text(office.get(where))
    for said in ("MARTIN", "Dubois : différent", "Angela : identique", "75107", "Mère de Zoé"):
        assert said in page
    assert f'name="person" value="{dubois.adult.pk}" required>' in page
    assert "Choisissez d’abord" in text(office.post(f"{where}relier/", follow=True))
    office.post(f"{where}relier/", {"person": dubois.adult.pk})
    assert Identity.objects.get().user == dubois.user
    assert client.get(VISIT)["Location"] == DOOR, "nothing is asked again of who is known"
    page = text(office.get(where))
    assert "Guichet a déjà accepté cette demande" in page
    assert "MARTIN" not in page.split('<section class="in">')[1]
    assert comes(client, liar, family_name="MARTIN")["Location"] == "/tableau-de-bord/"


def test_who_has_no_file_gets_one_and_is_linked_to_it(liar, world, client, office) -> None:
    comes(client, liar)
    client.post(VISIT, LETTER)
    row = Arrival.objects.get()
    where = f"/agents/premieres-visites/{row.pk}/"
    page = text(office.get(where))
    assert "Personne n’a deux" in page
    assert "Non, je n’ai pas de dossier" in page
    new = f"/agents/familles/nouvelle/?visite={row.pk}"
    assert new in page
    form = text(office.get(new))
    assert 'value="Angela"' in form
    assert 'value="DUBOIS"' in form
    created = office.post(new, {"adulte1-first_name": "Angela", "adulte1-last_name": "Dubois"})
    assert created["Location"] == where
    person = Person.objects.get()
    page = text(office.get(where))
    assert "n’est jamais entré" in page
    assert "Aucun dossier n’a le numéro" in text(office.get(where, {"dossier": "F99999"}))
    office.post(f"{where}relier/", {"person": person.pk})
    assert comes(client, liar)["Location"] == "/tableau-de-bord/"
    assert is_in(client)


def test_the_answer_is_read_at_the_next_visit_and_one_may_ask_again(liar, client, office) -> None:
    comes(client, liar)
    client.post(VISIT, LETTER)
    where = f"/agents/premieres-visites/{Arrival.objects.get().pk}/"
    assert "form-errors" not in text(office.get(where))
    assert office.post(where, {"reason": ""}).status_code == 200
    office.post(where, {"reason": "Passez nous voir avec une pièce d’identité."})
    comes(client, liar)
    page = text(client.get(VISIT))
    assert "Passez nous voir avec une pièce d’identité." in page
    client.post(VISIT, LETTER)
    assert "Votre demande est partie" in text(client.get(VISIT))
    assert "Passez nous voir" not in text(client.get(VISIT))


def test_the_year_is_said_of_what_was_linked_long_ago(liar, dubois, client, office) -> None:
    since = datetime(2024, 3, 4, 9, tzinfo=UTC)
    Identity.objects.create(user=dubois.user, issuer=liar.issuer, subject="of old", since=since)
    comes(client, liar, family_name="MARTIN")
    client.post(VISIT, LETTER)
    page = text(office.get(f"/agents/premieres-visites/{Arrival.objects.get().pk}/"))
    assert "ouvre ce compte depuis le lundi 4 mars 2024 à 10" in page
    client.force_login(dubois.user)
    assert "Relié le lundi 4 mars 2024 à 10" in text(client.get("/compte/identites/"))


def test_without_somebody_recognised_or_too_late_there_is_no_such_page(liar, client, time_machine) -> None:
    assert client.get(VISIT)["Location"] == "/connexion/"
    comes(client, liar)
    assert client.get(VISIT).status_code == 200
    assert Client().get(VISIT).status_code == 302
    time_machine.move_to(timezone.now() + timedelta(minutes=31))
    late = client.post(VISIT, LETTER)
    assert late["Location"] == "/connexion/"
    assert not Arrival.objects.exists()


def test_who_has_a_post_too_is_told_to_link_it_itself(liar, world, dubois, client) -> None:
    agent = world.staff("parent", Role.OFFICE)
    Person.objects.filter(pk=dubois.adult.pk).update(account=agent)
    refused = comes(client, liar)
    assert refused.status_code == 403
    assert "vous avez aussi un poste" in text(refused)
    assert not is_in(client)


@pytest.mark.parametrize("asked", [False, True])
def test_who_goes_away_is_forgotten_here_and_led_to_where_it_logs_out(liar, client, asked) -> None:
    comes(client, liar)
    if asked:
        client.post(VISIT, LETTER)
    assert 'name="otherwise"' in text(client.get(VISIT))
    away = client.post(VISIT, {"otherwise": "1"})
    assert away["Location"] == f"{DOOR}sortie/"
    out = client.get(away["Location"])
    assert "Vous n’êtes pas connecté ici. Nous vous menons à FranceConnect" in text(out)
    assert "espace est fermé" not in text(out), "none was open"
    assert "aussi" not in text(out)
    (state,) = parse_qs(urlsplit(out["Refresh"]).query)["state"]
    assert "Vous êtes déconnecté chez FranceConnect." in text(
        client.get(away["Location"], {"state": state}, follow=True)
    )
    assert client.get(VISIT)["Location"] == "/connexion/"
    assert Arrival.objects.exists() is asked


def test_who_is_not_who_was_recognised_is_led_to_where_that_one_logs_out(liar, dubois, client) -> None:
    Identity.objects.create(user=dubois.user, issuer=liar.issuer, subject=SUBJECT, since=timezone.now())
    liar.claims = {"auth_time": liar.now}
    comes(client, liar)
    asked = parse_qs(urlsplit(client.get(DOOR, {"pour": "relier"})["Location"]).query)
    (liar.nonce,) = asked["nonce"]
    client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]})
    page = "/compte/identites/relier/"
    assert 'name="not_me"' in text(client.get(page))
    away = client.post(page, {"not_me": "1"})
    assert away["Location"] == f"{DOOR}sortie/"
    out = client.get(away["Location"])
    assert "Rien n’est relié. Nous vous menons à FranceConnect" in text(out)
    assert "aussi" not in text(out), "the account stays open here"
    assert "session/end" in out["Refresh"]
    assert is_in(client)
    assert client.post(page)["Location"] == "/compte/identites/"
