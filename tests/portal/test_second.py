"""« Double authentification », and the second page of a connection."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from marelle.accounts.models import Authenticator, User
from marelle.core.actor import Role
from marelle.core.french import instant_long_year
from marelle.core.kept import kept_changed
from marelle.journal.models import Entry
from marelle.places.models import SecondRule
from tests.accounts.people import NOW, OTHER_PASSWORD, PASSWORD, someone
from tests.passkeys import Telephone
from tests.scenario import PASSWORD as STAFF_PASSWORD
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

SECOND = "/compte/double-authentification/"
APPLICATION = f"{SECOND}application/"
CODE = "/connexion/code/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW)
    return time_machine


@pytest.fixture
def camille() -> User:
    return someone()


def logs_in(client: Client, **more: str):
    return client.post("/connexion/", {"identifier": "camille", "password": PASSWORD, **more})


def secret_of(page) -> str:
    return re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page.content.decode())[1].replace(" ", "")


def armed(client: Client) -> tuple[str, list[str]]:
    """Adds an application as a person does. Returns its secret and the recovery codes."""
    logs_in(client)
    secret = secret_of(client.get(APPLICATION))
    done = client.post(APPLICATION, {"code": pyotp.TOTP(secret).at(NOW)}, follow=True)
    return secret, re.findall(r"<code>([a-z2-9 ]+)</code>", done.content.decode())


def is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def test_an_application_is_added_and_asked_for(camille, client, clock) -> None:
    secret, codes = armed(client)
    assert len(codes) == 8
    assert client.get(f"{SECOND}codes/")["Location"] == SECOND, "shown once"
    assert "Activée" in client.get("/compte/").content.decode()
    page = client.get(SECOND).content.decode()
    assert "Il vous en reste 8" in page
    assert f"Ajoutée le {instant_long_year(NOW)}." in page
    clock.shift(timedelta(hours=1))
    other = Client()
    assert logs_in(other, next="/historique/")["Location"] == f"{CODE}?next=%2Fhistorique%2F"
    assert not is_in(other)
    key = other.session.session_key
    wrong = other.post(CODE, {"code": "12", "next": "/historique/"})
    assert "n’est pas le bon" in wrong.content.decode()
    assert not is_in(other)
    right = {"code": pyotp.TOTP(secret).now(), "next": "/historique/"}
    assert other.post(CODE, right)["Location"] == "/historique/"
    assert is_in(other)
    assert other.session.session_key != key
    assert "waiting" not in other.session


def test_the_picture_holds_the_secret_of_the_page(camille, client) -> None:
    logs_in(client)
    page = client.get(APPLICATION)
    # Nobody takes a picture of a telephone with itself.
    assert re.search(rf'href="otpauth://totp/[^"]*secret={secret_of(page)}', page.content.decode())
    picture = client.get(f"{APPLICATION}image.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]
    assert picture.content == client.get(f"{APPLICATION}image.svg").content
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("wait", [timedelta(minutes=11), None])
def test_the_second_page_leads_back_to_the_first(camille, client, clock, wait) -> None:
    secret, _codes = armed(client)
    other = Client()
    if wait is not None:
        logs_in(other)
        clock.shift(wait)
    answer = other.post(CODE, {"code": pyotp.TOTP(secret).at(NOW + (wait or timedelta(minutes=1)))})
    assert answer["Location"] == "/connexion/"
    assert not is_in(other)


def test_too_many_codes_are_refused_with_the_hour(camille, client, clock, settings) -> None:
    settings.ATTEMPTS_PER_ACCOUNT = 2
    armed(client)
    clock.shift(timedelta(hours=1))
    other = Client()
    logs_in(other)
    for _try in range(2):
        other.post(CODE, {"code": "000000"})
    assert other.post(CODE, {"code": "000000"}).status_code == 429


def test_what_binds_asks_again_after_some_minutes(camille, client, clock) -> None:
    logs_in(client)
    clock.shift(timedelta(minutes=11))
    again = "/compte/confirmer/?next=%2Fcompte%2Fdouble-authentification%2Fapplication%2F"
    assert client.get(APPLICATION)["Location"] == again
    assert client.post(APPLICATION, {"code": "000000"})["Location"] == again
    assert "Rien n’a été enregistré" in client.get(again).content.decode()
    wrong = client.post("/compte/confirmer/", {"present": OTHER_PASSWORD, "next": APPLICATION})
    assert "pas votre mot de passe" in wrong.content.decode()
    before = client.session.session_key
    asked = client.post("/compte/confirmer/", {"present": PASSWORD, "next": APPLICATION})
    assert asked["Location"] == APPLICATION
    assert client.get(APPLICATION).status_code == 200
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()
    assert [one.session_key for one in camille.devices.all()] == [client.session.session_key]


def test_with_a_second_factor_the_code_is_what_is_asked_again(camille, client, clock) -> None:
    _secret, codes = armed(client)
    clock.shift(timedelta(minutes=11))
    assert client.post(f"{APPLICATION}retirer/")["Location"].startswith("/compte/confirmer/")
    assert Authenticator.objects.exists()
    page = client.get("/compte/confirmer/").content.decode()
    assert 'name="code"' in page
    assert 'name="present"' not in page
    client.post("/compte/confirmer/", {"code": codes[0]})
    client.post(f"{SECOND}codes/")
    assert Entry.objects.filter(verb="second.codes_made").exists()
    client.post(f"{APPLICATION}retirer/")
    assert not Authenticator.objects.exists()
    assert "Demander aussi un code" in client.get("/compte/").content.decode()


def test_one_who_asks_again_stays_here(camille, client) -> None:
    logs_in(client)
    away = {"present": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/compte/confirmer/", away)["Location"] == "/compte/"


LET_IN = "Vous pouvez entrer une fois"


class TestAgents:
    @pytest.fixture
    def guichet(self) -> User:
        return Scenario().staff("guichet", Role.OFFICE)

    def rule(self, days: int) -> None:
        SecondRule.objects.create(role="office", since=NOW.date() + timedelta(days=days))
        kept_changed()

    @pytest.mark.usefixtures("guichet")
    def test_before_the_day_each_login_says_so_and_all_opens(self, client) -> None:
        self.rule(2)
        answer = client.post(
            "/connexion/", {"identifier": "guichet", "password": STAFF_PASSWORD}, follow=True
        )
        assert "votre poste demande la double authentification" in answer.content.decode()
        assert client.get("/agents/").status_code == 200
        assert "à partir du" in client.get(SECOND).content.decode()

    @pytest.mark.usefixtures("guichet")
    def test_from_the_day_on_nothing_opens_but_what_adds_one(self, client) -> None:
        self.rule(0)
        client.post("/connexion/", {"identifier": "guichet", "password": STAFF_PASSWORD})
        for path in ("/agents/", "/agents/familles/", "/compte/", "/tableau-de-bord/", "/administration/"):
            assert client.get(path)["Location"] == SECOND, path
        assert client.post("/compte/courriels/", {})["Location"] == SECOND
        assert "Rien n’a été enregistré" in client.get(SECOND).content.decode()
        secret = secret_of(client.get(APPLICATION))
        client.post(APPLICATION, {"code": pyotp.TOTP(secret).at(NOW)})
        assert client.get("/agents/").status_code == 200

    @pytest.mark.usefixtures("camille")
    def test_a_parent_is_asked_for_nothing(self, client) -> None:
        self.rule(0)
        logs_in(client)
        assert is_in(client)

    def test_a_lost_telephone_is_recovered_by_a_colleague(self, guichet, client, clock) -> None:
        world = Scenario()
        durand = world.home("Durand", "Camille")
        parent = Client()
        parent.post("/connexion/", {"identifier": durand.user.identifier, "password": STAFF_PASSWORD})
        secret = secret_of(parent.get(APPLICATION))
        parent.post(APPLICATION, {"code": pyotp.TOTP(secret).at(NOW)})
        clock.shift(timedelta(hours=1))
        client.force_login(guichet)
        family = f"/agents/familles/{durand.family.pk}/"
        there = f"{family[:-1]}/laisser-entrer/{durand.adult.pk}/"
        assert there in client.get(family).content.decode()
        assert "obligatoire" in client.post(there, {"reason": " "}).content.decode()
        assert client.post(there, {"reason": "Téléphone volé"})["Location"] == family
        lost = Client()
        lost.post("/connexion/", {"identifier": durand.user.identifier, "password": STAFF_PASSWORD})
        assert LET_IN in lost.get(CODE).content.decode()
        assert lost.post(CODE, {"let_in": "1"})["Location"] == "/tableau-de-bord/"
        lost.post(f"{APPLICATION}retirer/")
        assert not Authenticator.objects.exists()

    @pytest.mark.usefixtures("camille")
    def test_who_is_let_in_by_nobody_does_not_enter_so(self, client) -> None:
        armed(client)
        other = Client()
        logs_in(other)
        other.post(CODE, {"let_in": "1"})
        assert not is_in(other)


GRAVE = [
    ("post", "/compte/donnees/telecharger/"),
    ("get", "/compte/effacement/"),
    ("get", "/agents/reglages/agents/inviter/"),
    ("get", "/agents/reglages/agents/9/"),
    ("post", "/agents/reglages/agents/9/suspendre/"),
    ("post", "/agents/reglages/agents/9/rendre/"),
    ("post", "/agents/reglages/agents/9/inviter/"),
    ("get", "/agents/reglages/agents/9/laisser-entrer/"),
    ("get", "/agents/reglages/double-authentification/"),
    ("get", "/agents/reglages/double-authentification/durees/"),
    ("get", "/agents/familles/9/laisser-entrer/9/"),
    ("get", "/agents/familles/9/reunir/8/verifier/"),
    ("get", "/agents/familles/9/separer/"),
    ("post", "/agents/effacements/9/effacer/"),
    ("get", "/agents/factures/tresorerie/9/"),
    ("get", "/agents/presences/tablettes/"),
    ("post", "/agents/presences/tablettes/ajouter/"),
    ("post", "/agents/presences/tablettes/9/code/"),
    ("post", "/agents/presences/tablettes/9/retirer/"),
]


def test_what_is_grave_asks_again_after_some_minutes(client, clock) -> None:
    client.force_login(Scenario().staff("admin", Role.ADMINISTRATOR))
    clock.shift(timedelta(minutes=11))
    open_still = [
        (method, path)
        for method, path in GRAVE
        if not getattr(client, method)(path).headers.get("Location", "").startswith("/compte/confirmer/")
    ]
    assert open_still == []
    client.post("/compte/confirmer/", {"present": STAFF_PASSWORD})
    assert client.get("/agents/presences/tablettes/").status_code == 200


@pytest.mark.usefixtures("camille")
def test_the_password_is_not_enough_where_the_account_has_more(client, clock) -> None:
    _secret, codes = armed(client)
    clock.shift(timedelta(minutes=11))
    for path in ("identifiant", "adresse-mail", "mot-de-passe"):
        there = f"/compte/{path}/"
        assert client.get(there)["Location"].startswith("/compte/confirmer/"), path
        assert client.post(there, {"present": PASSWORD})["Location"].startswith("/compte/confirmer/")
    client.post("/compte/confirmer/", {"code": codes[0]})
    assert client.get("/compte/mot-de-passe/").status_code == 200


def test_a_remembered_browser_shows_the_password_alone_until_taken_back(camille, client, clock) -> None:
    secret, _codes = armed(client)
    clock.shift(timedelta(hours=1))
    other = Client()
    logs_in(other)
    other.post(CODE, {"code": pyotp.TOTP(secret).now(), "remember": "on"})
    assert other.cookies["marelle-confiance"]["httponly"]
    other.post("/deconnexion/")
    assert logs_in(other)["Location"] == "/tableau-de-bord/"
    assert other.get(APPLICATION)["Location"].startswith("/compte/confirmer/"), "not before what is grave"
    browser = camille.browsers.get()
    assert "Appareils de confiance" in other.get("/compte/appareils/").content.decode()
    other.post(f"/compte/appareils/confiance/{browser.pk}/retirer/")
    other.post("/deconnexion/")
    assert logs_in(other)["Location"] == f"{CODE}"


def test_what_a_passkey_signed_serves_once(camille, client) -> None:
    logs_in(client)
    telephone, adding = Telephone(), f"{SECOND}cles/ajouter/"
    asked = client.get(adding).context["options"]
    client.post(adding, {"label": "Téléphone", "passkey": telephone.makes(asked)})
    again = "/compte/confirmer/"
    asked = client.get(again).context["asked"].options
    signed = {"passkey": telephone.signs(asked, handle=str(camille.pk))}
    assert client.post(again, signed).status_code == 302
    assert "n’ouvre pas de compte ici" in client.post(again, signed).content.decode()
