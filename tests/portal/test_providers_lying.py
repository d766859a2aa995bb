"""A provider that lies, is slow, is down or answers HTML: the page says so, the other way in is there, and
nothing is written."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from marelle.accounts.models import Attempt, Authenticator, Identity
from marelle.accounts.oidc import exchange, fetching
from marelle.accounts.oidc.providers import Provider
from marelle.core import fetching as core_fetching
from marelle.core.sealed import seal
from marelle.journal.models import Entry
from tests.accounts.people import NOW, someone
from tests.liar import KEYS, SUBJECT, Liar, as_json, forged, lying, tls_server

pytestmark = pytest.mark.django_db

DOOR = "/connexion/avec/franceconnect/"
OTHERWISE = 'href="/connexion/"'


@pytest.fixture
def told() -> Iterator[tuple[Liar, Provider]]:
    with lying() as both:
        yield both


@pytest.fixture
def liar(told, settings, time_machine) -> Liar:
    time_machine.move_to(NOW)
    exchange._kept.clear()  # of a server before it, at the same port
    liar, provider = told
    settings.IDENTITY_PROVIDERS = (provider,)
    liar.clock = lambda: datetime.now(UTC)
    return liar


@pytest.fixture(autouse=True)
def camille(liar):
    user = someone()
    Identity.objects.create(user=user, issuer=liar.issuer, subject=SUBJECT, since=NOW)
    return user


def leaves(client: Client, liar: Liar) -> dict[str, list[str]]:
    """What the browser is sent away with, which the provider keeps."""
    asked = parse_qs(urlsplit(client.get(DOOR)["Location"]).query)
    (liar.nonce,) = asked["nonce"]
    return asked


def comes(client: Client, liar: Liar, **more: str) -> Any:
    asked = leaves(client, liar)
    return client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0], **more})


def is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def refused(answer: Any, client: Client, status: int, words: str) -> None:
    """The page says why, the other way in is there, nobody is in and nothing is written."""
    page = answer.content.decode()
    assert (answer.status_code, words in page) == (status, True), page
    assert OTHERWISE in page
    assert "Rien n’a été enregistré" in page
    assert not is_in(client)
    assert not Entry.objects.filter(verb="connection.opened").exists()
    assert Identity.objects.get().used_at is None


def lies(answer: Any, client: Client) -> None:
    refused(answer, client, 502, "ne répond pas comme nous")


def test_one_that_tells_the_truth_opens(liar, client) -> None:
    """The control of all that follows."""
    assert comes(client, liar)["Location"] == "/tableau-de-bord/"
    assert is_in(client)
    (sent,) = (form for path, form in liar.asked if path.endswith("/token"))
    assert sent["client_secret"] == ["s" * 40]
    assert sent["code"] == ["c"]
    assert "code_verifier" not in sent, "it does not say that it takes one"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://ailleurs.example"},
        {"iss": None},
        {"aud": "autre"},
        {"aud": ["marelle", "autre"]},
        {"aud": None},
        {"azp": "autre"},
        {"nonce": "x" * 43},
        {"nonce": None},
        {"acr": "eidas0"},
        {"acr": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 12},
        {"sub": "x" * 256},
        {"exp": None},
        {"exp": "demain"},
        {"exp": True},
        {"exp": 1e300},
        {"iat": None},
        {"at_hash": "x"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_visit(liar, client, claims) -> None:
    liar.claims = claims
    lies(comes(client, liar), client)


def test_several_audiences_are_taken_where_the_token_is_ours(liar, client) -> None:
    liar.claims = {"aud": ["autre", "marelle"], "azp": "marelle"}
    comes(client, liar)
    assert is_in(client)


@pytest.mark.parametrize(("minutes", "opens"), [(-1, True), (1, True), (-4, False), (4, False)])
def test_clocks_differ_by_two_minutes_at_most(liar, client, minutes, opens) -> None:
    liar.clock = lambda: datetime.now(UTC) + timedelta(minutes=minutes)
    answer = comes(client, liar)
    if opens:
        assert is_in(client)
    else:
        lies(answer, client)


@pytest.mark.parametrize(
    "kind",
    [
        "another key of the same name",
        "a key that is not published",
        "nobody",
        "nobody, of a known key",
        "our secret",
        "its public key as a secret",
        "the key of another algorithm",
        "a signature cut off",
        "claims that were changed",
        "no token",
        "no JSON",
        "a list",
        "numbers",
        "a list for a name",
    ],
)
def test_a_token_signed_by(liar, client, kind) -> None:
    def token() -> Any:
        return as_json({"access_token": "a", "token_type": "Bearer", "id_token": forged(liar, kind)})

    liar.says["token"] = token
    lies(comes(client, liar), client)


@pytest.mark.parametrize(
    "user",
    [
        {"sub": "somebody else"},
        {"sub": None},
        {"iss": "https://ailleurs.example"},
        {"aud": "autre"},
        {"exp": 5},
    ],
    ids=str,
)
def test_what_is_told_of_somebody_else(liar, client, user) -> None:
    liar.user = user
    lies(comes(client, liar), client)


def test_what_is_told_and_not_signed_or_by_another(liar, client) -> None:
    liar.says["userinfo"] = lambda: as_json({"sub": SUBJECT})
    lies(comes(client, liar), client)
    liar.says.clear()
    liar.signs_user = (KEYS["other"], {"alg": "RS256", "kid": "rsa"})
    lies(comes(client, liar), client)


def test_of_an_issuer_that_need_not_sign_a_plain_answer_is_taken(liar, client, settings) -> None:
    (provider,) = settings.IDENTITY_PROVIDERS
    settings.IDENTITY_PROVIDERS = (
        Provider(
            provider.key,
            "Ville",
            provider.audience,
            *(provider.issuer, provider.client_id, provider.client_secret),
            scope="openid",
        ),
    )
    liar.says["userinfo"] = lambda: as_json({"sub": "autre"})
    lies(comes(client, liar), client)
    liar.says["userinfo"] = lambda: as_json({"sub": SUBJECT})
    comes(client, liar)
    assert is_in(client)


def test_an_answer_that_names_another_issuer(liar, client) -> None:
    lies(comes(client, liar, iss="https://ailleurs.example"), client)
    comes(client, liar, iss=liar.issuer)
    assert is_in(client)


def test_one_that_names_itself_always_does(liar, client) -> None:
    liar.configuration = {"authorization_response_iss_parameter_supported": True}
    lies(comes(client, liar), client)
    comes(client, liar, iss=liar.issuer)
    assert is_in(client)


def test_what_was_sent_to_one_provider_does_not_come_back_by_another(liar, client, settings) -> None:
    """The mix-up: two providers, one of which passes on what it was given."""
    (first,) = settings.IDENTITY_PROVIDERS
    with lying() as (_other, second):
        other = Provider("proconnect", "ProConnect", second.audience, second.issuer, "a", "b", "openid")
        settings.IDENTITY_PROVIDERS = (first, other)
        asked = leaves(client, liar)
        answer = client.get("/connexion/avec/proconnect/retour/", {"code": "c", "state": asked["state"][0]})
        refused(answer, client, 410, "n’est plus attendu")
        again = client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]})
        assert again.status_code == 410, "and is worth nothing any more"
    assert not [path for path, _form in liar.asked if path.endswith("/token")]


def test_a_state_of_nobody_asks_the_provider_for_nothing(liar, client) -> None:
    leaves(client, liar)
    before = len(liar.asked)
    for state in ("", "x" * 43, "é"):
        refused(client.get(f"{DOOR}retour/", {"code": "c", "state": state}), client, 410, "plus attendu")
    assert len(liar.asked) == before


HTML = (200, "text/html", b"<!doctype html><title>Maintenance</title>")
TOO_LONG = (200, "application/json", b'{"access_token": "' + b"a" * 5_000_000 + b'"}')


@pytest.mark.parametrize("where", ["openid-configuration", "jwks", "token", "userinfo"])
@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        (HTML, 502, "ne répond pas comme"),
        (TOO_LONG, 502, "ne répond pas comme"),
        ((200, "application/json", b"[1]"), 502, "ne répond pas comme"),
        ((200, "application/json", b"{"), 502, "ne répond pas comme"),
        ((200, "application/json", b"[" * 100_000), 502, "ne répond pas comme"),
        ((302, "application/json", b"http://127.0.0.1:9/"), 502, "ne répond pas comme"),
        ((404, "application/json", b"{}"), 502, "ne répond pas comme"),
        ((500, "text/html", b""), 503, "ne répond pas"),
        ((429, "application/json", b"{}"), 503, "ne répond pas"),
    ],
    ids=["html", "5 MB", "list", "broken", "deep", "elsewhere", "gone", "error", "too many"],
)
def test_an_answer_that_is_none(liar, client, where, said, status, words) -> None:
    liar.says[where] = lambda: said
    answer = client.get(DOOR) if where == "openid-configuration" else comes(client, liar)
    refused(answer, client, status, words)


def test_an_answer_that_is_right_but_never_ends(liar, client) -> None:
    said = liar._configuration()
    liar.says["openid-configuration"] = lambda: (*said[:2], said[2] + b" " * 5_000_000)
    lies(client.get(DOOR), client)


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://ailleurs.example"},
        {"token_endpoint": None},
        {"token_endpoint": "ftp://127.0.0.1/"},
        {"jwks_uri": "http://[::1"},
        {"userinfo_endpoint": "http://a\r\nX: y/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"code_challenge_methods_supported": "S256"},
    ],
    ids=str,
)
def test_a_configuration_that_leads_elsewhere(liar, client, configuration) -> None:
    liar.configuration = configuration
    lies(client.get(DOOR), client)


def test_a_code_that_it_takes_no_more(liar, client) -> None:
    liar.says["token"] = lambda: as_json({"error": "invalid_grant"}, 400)
    refused(comes(client, liar), client, 410, "a déjà servi")
    liar.says["token"] = lambda: as_json({"error": "invalid_client"}, 401)
    refused(comes(client, liar), client, 503, "ne répond pas")


def test_one_that_is_down(liar, client, settings) -> None:
    with lying() as (_gone, provider):
        settings.IDENTITY_PROVIDERS = (provider,)
        asked = parse_qs(urlsplit(client.get(DOOR)["Location"]).query)
    back = client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]})
    refused(back, client, 503, "ne répond pas")
    exchange._kept.clear()
    refused(client.get(DOOR), client, 503, "ne répond pas")
    assert "Mot de passe" in client.get("/connexion/").content.decode()


@pytest.mark.parametrize("where", ["openid-configuration", "token"])
@pytest.mark.parametrize("how", ["silent", "a sign at a time"])
def test_one_that_is_slow_is_cut(liar, client, monkeypatch, where, how) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    over = threading.Event()

    def said() -> Any:
        if how == "silent":
            over.wait(5)
            return HTML
        return 200, "drip", b"{" + b" " * 200

    asked = None if where == "openid-configuration" else leaves(client, liar)
    liar.says[where] = said
    began = time.monotonic()
    if asked is None:
        answer = client.get(DOOR)
    else:
        answer = client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]})
    took = time.monotonic() - began
    over.set()
    refused(answer, client, 503, "trop de temps")
    assert took < 3


@pytest.mark.parametrize("speaks", ["nothing", "to whom it knows", "to all"])
def test_over_https_the_certificate_counts_and_a_greeting_may_be_cut(
    told, client, settings, monkeypatch, tmp_path, speaks
) -> None:
    (provider,) = settings.IDENTITY_PROVIDERS
    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    with tls_server(tmp_path, greets=speaks != "nothing") as (port, certificate):
        issuer = f"https://localhost:{port}"
        settings.IDENTITY_PROVIDERS = (replace(provider, issuer=issuer),)
        if speaks == "to all":
            known = ssl.create_default_context(cafile=str(certificate))
            monkeypatch.setattr(core_fetching, "trusted", lambda: known)
        answer = client.get(DOOR)
    words = {"nothing": "trop de temps", "to whom it knows": "ne répond pas", "to all": "ne répond pas comme"}
    refused(answer, client, 502 if speaks == "to all" else 503, words[speaks])


def test_few_wait_for_it_at_once_and_who_has_a_password_waits_for_nobody(liar, client, monkeypatch) -> None:
    leaves(client, liar)
    monkeypatch.setattr(fetching, "_turns", threading.BoundedSemaphore(1))
    with fetching.turn():
        busy = client.get(DOOR)
        assert busy.status_code == 503
        assert "réessayez dans quelques secondes" in busy.content.decode()
        assert client.get("/connexion/").status_code == 200
    assert client.get(DOOR).status_code == 302


def test_the_turn_is_given_back_whatever_happens(liar, client, monkeypatch) -> None:
    monkeypatch.setattr(fetching, "_turns", threading.BoundedSemaphore(1))
    liar.says["token"] = lambda: HTML
    for _time in range(3):
        assert comes(client, liar).status_code == 502


def test_keys_that_rotate(liar, client, time_machine) -> None:
    comes(client, liar)
    client.post("/deconnexion/")
    liar.published = [KEYS["new"], KEYS["ec"]]
    liar.signs = (KEYS["new"], {"alg": "RS256", "kid": "new"})
    looked = [path for path, _form in liar.asked if path.endswith("/jwks")]
    assert len(looked) == 1
    assert comes(client, liar).status_code == 502, "looked for some seconds ago"
    time_machine.shift(timedelta(seconds=30))
    comes(client, liar)
    assert is_in(client)
    client.post("/deconnexion/")
    # The former one is not published any more: it signs nothing an hour later, and nothing now.
    liar.signs = (KEYS["rsa"], {"alg": "RS256", "kid": "rsa"})
    assert comes(client, liar).status_code == 502


def test_a_key_that_cannot_be_read_takes_no_other_away(liar, client) -> None:
    good = [key.as_dict(private=False) for key in liar.published]
    bad = [
        {"kty": "RSA", "kid": "x"},
        {"kty": "oct", "k": "AAAA", "kid": "rsa"},
        5,
        {"kty": "EC", "crv": "?"},
    ]
    liar.says["jwks"] = lambda: as_json({"keys": [*bad, *good]})
    comes(client, liar)
    assert is_in(client)


def test_a_token_without_a_name_of_its_key(liar, client) -> None:
    liar.signs = (KEYS["rsa"], {"alg": "RS256"})
    liar.signs_user = (KEYS["ec"], {"alg": "ES256"})
    comes(client, liar)
    assert is_in(client), "there is one of each kind"
    client.post("/deconnexion/")


def test_lies_are_counted_by_network(liar, client, settings) -> None:
    settings.ATTEMPTS_PER_ADDRESS = 2
    liar.claims = {"nonce": "x"}
    for _time in range(2):
        assert comes(client, liar).status_code == 502
    assert comes(client, liar).status_code == 429
    assert Attempt.objects.filter(kind="provider").count() == 2
    Attempt.objects.all().delete()
    liar.says["token"] = lambda: (500, "text/html", b"")
    for _time in range(3):
        assert comes(client, liar).status_code == 503, "that it is down is nobody's fault"


def test_a_logout_is_one_here_whatever_it_does(liar, client) -> None:
    comes(client, liar)
    exchange._kept.clear()
    liar.says["openid-configuration"] = lambda: HTML
    out = client.post("/deconnexion/")
    assert not is_in(client)
    page = client.get(out["Location"])
    assert "ne répond pas" in page.content.decode()
    assert "Refresh" not in page
    with suppress(KeyError):
        del liar.says["openid-configuration"]
    assert client.get(out["Location"])["Refresh"].startswith("1; url=")


def test_who_starts_again_after_a_failure_goes_on_with_what_it_was_doing(liar, client, camille) -> None:
    client.force_login(camille)
    liar.says["token"] = lambda: HTML
    left = client.get(DOOR, {"pour": "confirmer", "next": "/compte/codes/"})["Location"]
    state = parse_qs(urlsplit(left).query)["state"][0]
    page = client.get(f"{DOOR}retour/", {"code": "c", "state": state}).content.decode()
    assert f'href="{DOOR}?pour=confirmer&amp;next=%2Fcompte%2Fcodes%2F"' in page


def test_several_factors_shown_there_are_no_second_of_a_parent(liar, client, camille) -> None:
    Authenticator.objects.create(user=camille, secret=seal("A" * 32), last_step=0, added_at=NOW)
    liar.claims = {"amr": ["pwd", "mfa"]}
    assert comes(client, liar)["Location"] == "/connexion/code/"
    assert not is_in(client)


@pytest.mark.parametrize(("since", "confirmed"), [(-30, False), (0, True), (None, False)])
def test_who_confirms_shows_itself_anew(liar, client, since, confirmed) -> None:
    comes(client, liar)
    liar.claims = {"auth_time": None if since is None else liar.now + 60 * since}
    left = client.get(DOOR, {"pour": "confirmer", "next": "/historique/"})["Location"]
    asked = parse_qs(urlsplit(left).query)
    (liar.nonce,) = asked["nonce"]
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    back = client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]})
    assert (back["Location"] == "/historique/") is confirmed


@pytest.mark.parametrize(("since", "asks"), [(-11, True), (0, False), (1, False), (None, True)])
def test_who_comes_in_has_shown_itself_when_the_provider_says_so(liar, client, since, asks) -> None:
    liar.configuration = {"claims_parameter_supported": True}
    liar.claims = {"auth_time": None if since is None else liar.now + 60 * since}
    assert "auth_time" in leaves(client, liar)["claims"][0]
    comes(client, liar)
    assert is_in(client)
    answer = client.get("/compte/double-authentification/application/")
    assert (answer.status_code == 302 and answer["Location"].startswith("/compte/confirmer/")) is asks


def test_what_was_sent_by_one_account_is_not_taken_by_another(liar, client, camille) -> None:
    client.force_login(camille)
    left = client.get(DOOR, {"pour": "relier"})["Location"]
    asked = parse_qs(urlsplit(left).query)
    session = client.session
    session["left"] = [{**session["left"][0], "user_id": camille.pk + 1}]
    session.save()
    back = client.get(f"{DOOR}retour/", {"code": "c", "state": asked["state"][0]}, follow=True)
    assert "Vous êtes déjà connecté" in back.content.decode()


def test_names_that_are_none_are_not_kept(liar, client) -> None:
    liar.user = {"given_name": ["x"], "family_name": "a\nb", "birthdate": "1982-00-00", "email": 5}
    comes(client, liar)
    assert is_in(client), "a linked identity opens by its subject alone"
