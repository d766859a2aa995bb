"""Every route × every role has its expected answer; a route without a row fails.

The table is in `tests/roles`, by part of the portal.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from marelle.files.apart import alone
from tests.roles.answers import ROLES
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


def answers(world: World, sessions: list[str | None], address: str, method: str) -> str:
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


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_role_gets_its_answer(world, sessions, address, method):
    assert (method, address) in TABLE, "a new route: give it a row in tests/roles"
    assert answers(world, sessions, address, method) == TABLE[method, address]


def test_the_table_names_no_route_that_is_gone():
    assert {address for _method, address in TABLE} <= set(ADDRESSES)


def test_the_administration_is_for_accounts_marked_so(world):
    for role, user in world.users.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        assert client.get("/administration/").status_code == 302, role
