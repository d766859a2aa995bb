"""Every route, asked for what cannot exist and sent what makes no sense: an answer, never a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils.http import urlencode

from marelle.core.actor import Role
from marelle.files.apart import alone
from tests.scenario import Scenario, session_of, visitor
from tests.test_routes import ROUTES

pytestmark = pytest.mark.django_db

ADDRESSES = sorted({address for address, _route in ROUTES if not address.startswith("/administration/")})
IDS = ("0", "9" * 18)
"""What is not a number of a row is no address: tests/core/test_converters.py."""
TEXTS = ("a", "é" * 300, "%00", "%27%3B--")
GARBAGE = {
    "q": "\0' OR 1=1 --",
    "page": "-1",
    "c": ["1.1", "x", "9" * 40],
    "seen": "1.1 \0 2",
    "starts_on": "2026-02-30",
    "ends_on": "hier",
    "wishes": ["2-999999999999999999999", "9-1", "x"],
    "comment": "\0" * 5 + "é" * 20_000,
    "reason": "",
    "group": "9" * 30,
    "identifier": "\0",
    "password": "\0" * 5_000,
    "jusquau": "99999-01-01",
    "rythme": "\0",
    "enfant": "9" * 30,
    "date": "\0",
    "activite": "9" * 30,
    "activity": "9" * 30,
    "nom": "\0",
    "naissance": "0000-00-00",
    "derogation": "\0" * 400,
    "attente": "1.1 25:00 26:00",
    "next": "//ailleurs.example/",
}
REFUSED, FORBIDDEN = 405, 403
"""A method that no page answers to, whoever asks; and who has no business there, by whatever address."""
ASKED = urlencode(GARBAGE, doseq=True)
SENT = encode_multipart(BOUNDARY, GARBAGE)
"""Written once: the client would write them for each request, which took a fifth of the time."""


def filled(address: str, number: str, text: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda m: number if m[1] in {"int", "id"} else text, address)


@pytest.fixture(scope="module")
def sessions(django_db_setup: None, django_db_blocker) -> Iterator[list[str | None]]:
    """The home's and an administrator's, and nobody's; each request is undone.

    The last asks the same questions with the same garbage: what a database says of it, the first hear.
    """
    with django_db_blocker.unblock(), transaction.atomic(), alone():
        yield opened()
        transaction.set_rollback(True)


def opened() -> list[str | None]:
    world = Scenario()
    home = world.home("Durand", "Camille")
    child = world.child(home, "Zoé")
    activity = world.activity()
    world.slot(activity, capacity=3)
    world.rule(activity)
    world.enrolment(child, activity, home, state="requested")
    administrator = world.staff("administrator", Role.ADMINISTRATOR)
    found = [session_of(home.user), session_of(administrator)]
    return found if connection.vendor == "postgresql" else [*found, None]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_breaks(sessions: list[str | None], address: str) -> None:
    arguments = [(number, TEXTS[0]) for number in IDS] + [("1", text) for text in TEXTS]
    paths = sorted({filled(address, number, text) for number, text in arguments})
    for method in ("GET", "POST"):
        for session in sessions:
            if REFUSED in tried(session, method, paths):
                break


def tried(session: str | None, method: str, paths: Sequence[str]) -> Iterator[int]:
    """The statuses of the answers, until somebody is stopped at the door, before an argument is read."""
    for path in paths:
        with transaction.atomic():
            answer = asked(visitor(session), method, path)
            transaction.set_rollback(True)
        if answer.streaming:
            answer.getvalue()  # read to its end, which closes the file behind it
        assert answer.status_code < 500, (path, answer.status_code)
        location = answer.get("Location", "")
        assert "ailleurs.example" not in location.split("?")[0]
        yield answer.status_code
        if answer.status_code == FORBIDDEN or location.startswith("/connexion/?next="):
            return
        if session is None and answer.status_code == 400:  # that way leads to no door
            return


def asked(client: Client, method: str, path: str) -> Any:
    if method == "GET":
        return client.get(path, QUERY_STRING=ASKED)
    return client.generic("POST", path, SENT, MULTIPART_CONTENT)
