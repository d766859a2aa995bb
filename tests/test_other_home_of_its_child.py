"""An account with posts never opens a file of its own family's other home: a colleague does."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from marelle.core.actor import Role
from marelle.files.apart import alone
from marelle.places.models import Post
from tests.apart import PRIVATE, Apart
from tests.roles.sent import POSTED, QUERY, filled
from tests.roles.world import NOW
from tests.test_outsiders import ROWS, Visit, pages_of, starts_of, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROLES = (Role.OFFICE, Role.DIRECTOR)
SECRETS = {name: marker for name, marker in PRIVATE.items() if name not in {"allowed for a day", "who comes"}}
"""But a name that another home has too, and who comes to a morning of the relais: a list of the day."""

SAMPLES = "/agents/courriels/"
"""Mails with invented data."""

OF_STAFF = [address for address in ROWS if address.startswith("/agents/")]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[Apart]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield Apart()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(params=ROLES, ids=str)
def parent(request, world: Apart) -> Iterator[Client]:
    """The other parent of the child, who works at the office, or directs the structure where it comes."""
    user = world.other_home.user
    office = request.param is Role.OFFICE
    scope = {"authority": world.the_authority} if office else {"structure": world.the_structure}
    with transaction.atomic():
        Post.objects.create(user=user, role=request.param.value, **scope)
        client = Client(raise_request_exception=False)
        client.force_login(user)
        yield client
        transaction.set_rollback(True)


def test_no_address_of_its_work_tells_it_anything(world: Apart, parent: Client) -> None:
    leaks = {}
    for address in OF_STAFF:
        path = filled(address + QUERY.get(address, ""), world.values(address))
        for method in ("GET", "POST"):
            visit = Visit(parent, method, path, POSTED.get(address, {}) if method == "POST" else {})
            if found := told(visit.text, SECRETS):
                leaks[f"{method} {address}"] = found
    assert not leaks, chr(10).join(f"LEAK {key} {value}" for key, value in leaks.items())


def test_no_page_that_links_lead_to_tells_it_anything(world: Apart, parent: Client) -> None:
    leaks = {
        path: found
        for path, visit in pages_of(parent, *starts_of("office"))
        if not path.startswith(SAMPLES) and (found := told(visit.text, SECRETS))
    }
    assert not leaks, chr(10).join(f"LEAK {key} {value}" for key, value in leaks.items())


def test_it_is_told_that_a_colleague_does(world: Apart, parent: Client) -> None:
    closed = parent.get(f"/agents/familles/{world.durand.family.pk}/")
    assert closed.status_code == 403
    assert "dans l’autre foyer de votre enfant" in closed.content.decode()
    assert parent.get(f"/agents/familles/{world.other_home.family.pk}/").status_code in {200, 404}


@pytest.mark.parametrize("role", ["office", "director"])
def test_a_colleague_opens_it(world: Apart, role: str) -> None:
    """Or what is closed above is closed to all."""
    client = Client()
    user = world.users[role]
    assert user is not None
    client.force_login(user)
    assert PRIVATE["street"] in client.get(f"/agents/familles/{world.durand.family.pk}/").content.decode()
