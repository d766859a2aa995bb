from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import User
from marelle.accounts.services import account_invite
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.accounts.people import AGENT, OTHER_PASSWORD, PASSWORD, someone

pytestmark = pytest.mark.django_db

WRONG = "ne vont pas ensemble"


def post_login(client: Client, name: str = "camille", password: str = PASSWORD, **more: str):
    return client.post("/connexion/", {"identifier": name, "password": password, **more})


def is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def test_in_and_out(client: Client) -> None:
    someone()
    client.get("/connexion/")
    response = post_login(client)
    assert (response.status_code, response["Location"]) == (302, "/tableau-de-bord/")
    assert is_in(client)
    assert client.get("/deconnexion/").status_code == 405
    assert is_in(client)
    assert client.post("/deconnexion/")["Location"] == "/connexion/"
    assert not is_in(client)
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "connection.opened",
        "connection.closed",
    ]


def test_the_key_of_the_session_changes_at_login(client: Client) -> None:
    someone()
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    post_login(client)
    assert client.session.session_key != before


def test_unknown_and_wrong_read_the_same(client: Client) -> None:
    someone()
    pages = []
    for name in ("camille", "perrine"):
        response = post_login(client, name, "wrong")
        assert response.status_code == 200
        body = response.content.decode().replace(name, "NAME")
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body))
    assert WRONG in pages[0]
    assert pages[0] == pages[1]


def test_the_password_is_not_sent_back(client: Client) -> None:
    someone()
    assert "unlikely words" not in post_login(client, password="unlikely words").content.decode()


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/historique/", "/historique/"),
        ("https://evil.example/", "/tableau-de-bord/"),
        ("//evil.example/", "/tableau-de-bord/"),
        ("javascript:alert(1)", "/tableau-de-bord/"),
        ("9999", "/tableau-de-bord/"),
    ],
)
def test_next_stays_here(client: Client, wanted: str, reached: str) -> None:
    someone()
    assert post_login(client, next=wanted)["Location"] == reached


def test_who_is_in_is_sent_home(client: Client) -> None:
    client.force_login(someone())
    assert client.get("/connexion/?next=/connexion/")["Location"] == "/tableau-de-bord/"


def test_the_eleventh_attempt_gets_a_429_that_says_when(client: Client) -> None:
    someone()
    for _number in range(10):
        assert post_login(client, password="wrong").status_code == 200
    response = post_login(client)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 15 * 60 + 1
    assert "réessayez à partir de" in response.content.decode()


@pytest.mark.parametrize("proxies", [0, 1])
def test_the_address_of_a_proxy_is_nobodys(client: Client, settings: Any, proxies: int) -> None:
    """None was told of, or it says not for whom it asks: one visitor would lock everybody out."""
    settings.HTTPS, settings.TRUSTED_PROXIES = True, proxies
    someone()
    proxied = Client(REMOTE_ADDR="127.0.0.1")
    for number in range(51):
        assert post_login(proxied, f"name{number}", "wrong").status_code == 200
    assert post_login(proxied).status_code == 302
    assert not Entry.objects.exclude(address=None).exists()


def strangers_try() -> None:
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    for _number in range(11):
        post_login(stranger, password="wrong")
    shut = post_login(stranger)
    assert shut.status_code == 429
    assert 'href="/mot-de-passe/"' in shut.content.decode(), "the way that stays open is told"


@pytest.mark.parametrize("left", ["/deconnexion/", "its session has run out"])
def test_a_device_that_has_logged_in_before_gets_in_while_strangers_try(client: Client, left: str) -> None:
    someone()
    post_login(client)
    if left == "/deconnexion/":
        client.post(left)
    else:
        del client.cookies["marelle"]
    strangers_try()
    assert post_login(Client()).status_code == 429
    assert post_login(client).status_code == 302
    assert client.cookies["marelle-appareil"]["httponly"]


def test_a_first_connection_and_a_changed_password_make_a_device_known(client: Client) -> None:
    sent = account_invite(actor=AGENT, label="Camille Durand", email="", now=timezone.now())
    client.post(sent.path, {"identifier": "camille", "password": PASSWORD, "repeated": PASSWORD})
    new = {"present": PASSWORD, "password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    strangers_try()
    assert client.post("/compte/mot-de-passe/", new)["Location"] == "/compte/"
    client.post("/deconnexion/")
    strangers_try()
    assert post_login(client, password=OTHER_PASSWORD).status_code == 302


def test_a_new_password_by_mail_gets_in_while_strangers_try_and_ask(client: Client) -> None:
    someone()
    strangers_try()
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    for _number in range(12):
        stranger.post("/mot-de-passe/", {"name": "camille"})
    assert client.post("/mot-de-passe/", {"name": "camille"})["Location"] == "/mot-de-passe/envoye/"
    found = re.search(r"http://[^/]+(/mot-de-passe/[\w-]+/)", Message.objects.latest("pk").text)
    assert found
    client.post(found[1], {"password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD})
    strangers_try()
    assert post_login(client, password=OTHER_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    "path", ["/compte/", "/compte/mot-de-passe/", "/compte/identifiant/", "/historique/"]
)
def test_outsiders_are_sent_to_the_login_page(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/connexion/?next={path}"


def test_first_connection(client: Client) -> None:
    sent = account_invite(actor=AGENT, label="Camille Durand", email="c@example.org", now=timezone.now())
    assert "Bienvenue, Camille Durand" in client.get(sent.path).content.decode()
    short = {"identifier": "camille", "password": "court", "repeated": "court"}
    assert "12 caractères" in client.post(sent.path, short).content.decode()
    common = {"identifier": "camille", "password": "camille durand", "repeated": "camille durand"}
    assert client.post(sent.path, common).status_code == 200
    differing = {"identifier": "camille", "password": PASSWORD, "repeated": OTHER_PASSWORD}
    assert "pas les mêmes" in client.post(sent.path, differing).content.decode()
    good = {"identifier": "camille", "password": PASSWORD, "repeated": PASSWORD}
    assert client.post(sent.path, good)["Location"] == "/tableau-de-bord/"
    assert is_in(client)
    again = Client().get(sent.path)
    assert again.status_code == 410
    assert "déjà servi" in again.content.decode()
    unknown = Client().get("/activation/inconnu/")
    assert unknown.status_code == 410
    assert "Contactez l’une des structures" in unknown.content.decode()


def test_a_taken_identifier_says_so_and_keeps_what_was_typed(client: Client) -> None:
    someone()
    sent = account_invite(actor=AGENT, label="Camille", email="", now=timezone.now())
    data = {"identifier": "Camille", "password": PASSWORD, "repeated": PASSWORD}
    body = client.post(sent.path, data).content.decode()
    assert "déjà pris" in body
    assert 'value="Camille"' in body


def test_forgotten_password_from_end_to_end(client: Client) -> None:
    someone()
    other_device = Client()
    post_login(other_device)
    answers = [client.post("/mot-de-passe/", {"name": name}) for name in ("camille", "personne")]
    assert {answer["Location"] for answer in answers} == {"/mot-de-passe/envoye/"}
    assert client.get("/mot-de-passe/envoye/").status_code == 200
    found = re.search(r"http://[^/]+(/mot-de-passe/[\w-]+/)", Message.objects.get().text)
    assert found
    assert "camille" in client.get(found[1]).content.decode()
    response = client.post(found[1], {"password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD})
    assert response["Location"] == "/connexion/"
    assert not is_in(other_device)
    assert post_login(client).status_code == 200
    assert post_login(client, password=OTHER_PASSWORD).status_code == 302
    assert client.get(found[1]).status_code == 410


def test_changing_the_password_closes_the_other_sessions_only(client: Client) -> None:
    someone()
    other_device = Client()
    post_login(client)
    post_login(other_device)
    data = {"present": PASSWORD, "password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    assert client.post("/compte/mot-de-passe/", data)["Location"] == "/compte/"
    assert is_in(client)
    assert not is_in(other_device)


def test_a_wrong_present_password_is_said(client: Client) -> None:
    client.force_login(someone())
    data = {"present": "wrong", "identifier": "c.durand"}
    body = client.post("/compte/identifiant/", data).content.decode()
    assert "pas votre mot de passe actuel" in body
    assert 'value="c.durand"' in body


def test_a_new_address_is_confirmed_by_a_button_only(client: Client) -> None:
    camille = someone()
    client.force_login(camille)
    client.post("/compte/adresse-mail/", {"email": "new@example.org", "present": PASSWORD})
    found = re.search(r"http://[^/]+(/compte/adresse-mail/[\w-]+/)", Message.objects.get().text)
    assert found
    assert Client().get(found[1]).status_code == 200
    camille.refresh_from_db()
    assert camille.email == "camille@example.org"
    Client().post(found[1])
    camille.refresh_from_db()
    assert camille.email == "new@example.org"
    assert Client().get(found[1]).status_code == 410


def test_the_history_is_in_words(client: Client) -> None:
    someone()
    post_login(client, password="wrong")
    post_login(client)
    body = client.get("/historique/").content.decode()
    assert "Connexion refusée : mot de passe incorrect" in body
    assert "vous" in body
    other = Client()
    other.force_login(someone("sacha"))
    assert "Connexion refusée" not in other.get("/historique/").content.decode()


def test_the_administration_has_no_login_page_of_its_own(client: Client) -> None:
    someone()
    for method in (client.get, client.post):
        response = method("/administration/login/?next=/administration/")
        assert response["Location"] == "/connexion/?next=/administration/"
    client.force_login(someone("sacha"))
    assert client.get("/administration/", follow=False)["Location"].startswith("/administration/login/")


def test_who_runs_the_server_lands_on_the_administration(client: Client) -> None:
    User.objects.create_superuser("racine", PASSWORD, display_name="Racine")
    answer = post_login(client, "racine")
    assert answer.headers["Location"] == "/administration/"


def test_who_is_refused_a_page_is_said_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    user = someone()
    client.get("/reservations/1/")
    client.get("/compte/adresse-mail/un-secret/")
    post_login(client)
    for address in ("/agents/familles/", "/nulle-part/", "/compte/", "/compte/adresse-mail/un-secret/"):
        client.get(address, REMOTE_ADDR="203.0.113.9")
    client.post("/compte/calendrier/", REMOTE_ADDR="203.0.113.9")
    said = [one.getMessage() for one in caplog.records if one.name == "marelle.portal.access.middleware"]
    assert said == [
        f"Refused to account {user.pk} at 203.0.113.0/24: 403 GET /agents/familles/",
        f"Refused to account {user.pk} at 203.0.113.0/24: 404 POST /compte/calendrier/",
    ]
