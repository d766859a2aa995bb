"""Every route × every role has its expected answer; a route without a row fails.

The table is in `tests/roles`, by part of the portal. On PostgreSQL, of who is let in alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from marelle.files.apart import alone
from tests.roles.answers import GUESTS, ROLES
from tests.roles.sent import POSTED, QUERY, filled
from tests.roles.table import ADDRESSES, TABLE
from tests.roles.world import NOW, World
from tests.scenario import session_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    """One for the whole table: each request is undone."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def sessions(world: World) -> list[str | None]:
    """One a role, None for nobody's."""
    users = (world.users[role] for role in ROLES)
    return [user and session_of(user) for user in users]


REFUSALS = {"in", "403", "404", "405"}
ASKED = [
    (method, address)
    for method in ("GET", "POST")
    for address in ADDRESSES
    if connection.vendor == "sqlite" or not REFUSALS.issuperset(TABLE.get((method, address), "").split())
]


def asked(expected: str) -> list[bool]:
    """Of each role, whether it asks."""
    return [connection.vendor == "sqlite" or answer not in REFUSALS for answer in expected.split()]


def answers(world: World, sessions: Iterable[str | None], address: str, method: str) -> str:
    """The row of the table as it is: each role starts from the same rows and the same session."""
    found = []
    path = filled(address + QUERY.get(address, ""), world.ids)
    for session in sessions:
        with transaction.atomic():
            client = visitor(session)
            send = client.get if method == "GET" else client.post
            answer = send(path, POSTED.get(address, {}) if method == "POST" else {})
            answer.getvalue()  # a file is closed once it is read
            location = answer.headers.get("Location", "")
            found.append("in" if location.startswith("/connexion/?next=") else str(answer.status_code))
            transaction.set_rollback(True)
    return " ".join(found)


@pytest.mark.parametrize(("method", "address"), ASKED)
def test_each_role_gets_its_answer(world, sessions, address, method):
    assert (method, address) in TABLE, "a new route: give it a row in tests/roles"
    expected = TABLE[method, address]
    who = asked(expected)
    assert answers(world, compress(sessions, who), address, method) == " ".join(
        compress(expected.split(), who)
    )


def test_the_table_names_no_route_that_is_gone():
    assert {address for _method, address in TABLE} <= set(ADDRESSES)


def test_the_administration_is_for_accounts_marked_so(world):
    for role, user in world.users.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        expected = 404 if role in GUESTS else 302
        assert client.get("/administration/").status_code == expected, role
