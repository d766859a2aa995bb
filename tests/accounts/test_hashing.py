"""What a password costs, and how many are looked at together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.hashers import Argon2PasswordHasher, BasePasswordHasher, MD5PasswordHasher
from django.test import Client

from marelle.accounts import hashing
from marelle.accounts.hashing import SPARED, Hashes, TooManyHashes
from marelle.accounts.models import Attempt, User
from marelle.accounts.services import connection_open
from tests.accounts.people import HOME, NOW, OTHER_PASSWORD, PASSWORD, someone


@pytest.fixture(autouse=True)
def _real(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "marelle.accounts.hashing.Argon2",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]


@contextmanager
def rush() -> Iterator[None]:
    """Somebody else's password is being looked at, and nobody may wait."""
    hashes = Hashes(waiting=0)
    with pytest.MonkeyPatch.context() as patched, hashes.turn():
        patched.setattr(hashing, "HASHES", hashes)
        yield


@pytest.mark.django_db
def test_the_parameters_are_those_of_the_sheet() -> None:
    assert someone().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.django_db
@pytest.mark.parametrize("hasher", [MD5PasswordHasher, Argon2PasswordHasher])
def test_a_hash_made_otherwise_is_renewed_at_login(hasher: type[BasePasswordHasher]) -> None:
    camille = someone()
    User.objects.update(password=hasher().encode(PASSWORD, "unselassezlong"))
    connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW)
    camille.refresh_from_db()
    assert camille.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert camille.check_password(PASSWORD)


def test_one_hash_at_a_time_and_no_more_behind_it_than_may_wait() -> None:
    hashes, inside, seen = Hashes(waiting=3), [], []

    def run() -> None:
        with hashes.turn():
            inside.append(1)
            seen.append(len(inside))
            sleep(0.02)
            inside.pop()

    with hashes.turn():
        waiting = [threading.Thread(target=run) for _number in range(3)]
        for thread in waiting:
            thread.start()
        while hashes._places._value:
            sleep(0.001)
        assert not seen
        with pytest.raises(TooManyHashes), hashes.turn():
            pytest.fail("one too many")
    for thread in waiting:
        thread.join()
    assert seen == [1, 1, 1]
    with hashes.turn():
        pass


def test_a_hash_that_ends_badly_gives_its_place_back() -> None:
    hashes = Hashes(waiting=0)
    with pytest.raises(ZeroDivisionError), hashes.turn():
        raise ZeroDivisionError
    with hashes.turn():
        pass


def test_threads_are_spared_for_who_is_logged_in() -> None:
    assert hashing.HASHES._places._initial_value == configured.WEB_THREADS - SPARED


@pytest.mark.django_db
def test_who_comes_in_a_rush_is_asked_to_try_again_and_keeps_what_was_typed(client: Client) -> None:
    someone()
    with rush():
        answer = client.post("/connexion/", {"identifier": "camille", "password": PASSWORD})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Trop de personnes se connectent à la fois" in page
    assert 'value="camille"' in page
    assert not Attempt.objects.exists(), "nobody looked at it: it does not count"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/compte/mot-de-passe/", {"password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}),
        ("/compte/identifiant/", {"identifier": "sacha"}),
        ("/compte/adresse-mail/", {"email": "sacha@example.org"}),
    ],
)
def test_who_gives_a_password_again_in_a_rush_is_told_that_nothing_was_kept(
    client: Client, path: str, more: dict[str, str]
) -> None:
    camille = someone()
    before = User.objects.values().get()
    client.force_login(camille)
    with rush():
        answer = client.post(path, {"present": PASSWORD, **more})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
    assert "Rien n’a été enregistré" in answer.content.decode()
    assert {**User.objects.values().get(), "last_login": None} == {**before, "last_login": None}
    assert not Attempt.objects.exists()
