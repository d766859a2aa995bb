"""An account with posts never opens a file of its own family's other home: a colleague does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.db import transaction
from django.db.models import QuerySet
from django.test import Client

from marelle.agents.cases import case_url
from marelle.cases.models import Case, CaseState
from marelle.core.actor import Role
from marelle.files.apart import alone
from marelle.flows.actor.actors import actor_for
from marelle.flows.desk.cases import Wanted, next_case
from marelle.places.models import Post
from tests.apart import PRIVATE, Apart
from tests.roles.sent import POSTED, QUERY, filled
from tests.roles.world import NOW
from tests.scenario import Home, Plain
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
        apart = Apart()
        apart.searchable()
        yield apart
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@contextmanager
def posted(world: Apart, role: Role) -> Iterator[Client]:
    """The other parent of the child, who works at the office, or directs the structure where it comes."""
    user = world.other_home.user
    scope = {"authority": world.the_authority} if role is Role.OFFICE else {"structure": world.the_structure}
    with transaction.atomic():
        Post.objects.create(user=user, role=role.value, **scope)
        client = Plain()
        client.force_login(user)
        yield client
        transaction.set_rollback(True)


@pytest.fixture(params=ROLES, ids=str)
def parent(request, world: Apart) -> Iterator[Client]:
    with posted(world, request.param) as client:
        yield client


@pytest.fixture(params=[ROLES[0], pytest.param(ROLES[1], marks=pytest.mark.prove)], ids=str)
def walker(request, world: Apart) -> Iterator[Client]:
    """One role through every page, both by `make prove`: which homes are closed to it hangs on neither."""
    with posted(world, request.param) as client:
        yield client


def test_no_address_of_its_work_tells_it_anything(world: Apart, walker: Client) -> None:
    leaks = {}
    for address in OF_STAFF:
        path = filled(address + QUERY.get(address, ""), world.values(address))
        for method in ("GET", "POST"):
            visit = Visit(walker, method, path, POSTED.get(address, {}) if method == "POST" else {})
            if found := told(visit.text, SECRETS):
                leaks[f"{method} {address}"] = found
    assert not leaks, chr(10).join(f"LEAK {key} {value}" for key, value in leaks.items())


def test_no_page_that_links_lead_to_tells_it_anything(world: Apart, walker: Client) -> None:
    leaks = {
        path: found
        for path, visit in pages_of(walker, *starts_of("office"))
        if not path.startswith(SAMPLES) and (found := told(visit.text, SECRETS))
    }
    assert not leaks, chr(10).join(f"LEAK {key} {value}" for key, value in leaks.items())


def test_it_is_told_that_a_colleague_does(world: Apart, parent: Client) -> None:
    closed = parent.get(f"/agents/familles/{world.durand.family.pk}/")
    assert closed.status_code == 403
    assert "dans l’autre foyer de votre enfant" in closed.content.decode()
    assert parent.get(f"/agents/familles/{world.other_home.family.pk}/").status_code in {200, 404}


LISTS = (
    "/agents/",
    "/agents/documents/",
    "/agents/courriers/",
    "/agents/familles/?q=Durand",
    "/agents/?q=Durand",
)


def cases_of(home: Home) -> QuerySet[Case]:
    return Case.objects.filter(state=CaseState.OPEN, family_id=home.family.pk)


def names(world: Apart, client: Client) -> dict[str, list[str]]:
    """What the lists say of the home: its adult, the number of its file, an address of one of its cases."""
    home = world.durand
    said = [str(home.adult), home.family.number, *(case_url(case) for case in cases_of(home))]
    return {
        address: found
        for address in LISTS
        if (found := [word for word in said if word in client.get(address).content.decode()])
    }


def test_no_list_of_its_work_names_it(world: Apart, parent: Client) -> None:
    assert names(world, parent) == {}
    desk = parent.get("/agents/").content.decode()
    assert "L’autre foyer de votre enfant" in desk
    assert "un collègue s’en occupe" in desk


def test_the_lists_name_it_to_a_colleague(world: Apart) -> None:
    """Or nobody would be named above."""
    client = Client()
    client.force_login(world.users["office"])
    assert names(world, client).keys() == set(LISTS)


def test_what_a_colleague_has_just_decided_of_it_is_not_its_to_undo(world: Apart, parent: Client) -> None:
    colleague = Client()
    colleague.force_login(world.users["office"])
    case = cases_of(world.durand).filter(kind="enrolment")[0]
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=CaseState.ACCEPTED, decided_at=NOW, decided_by="Guichet")
        shown = [one.get(f"/agents/?fait={case.pk}").content.decode() for one in (colleague, parent)]
        transaction.set_rollback(True)
    assert [case.label in page for page in shown] == [True, False]


@pytest.mark.usefixtures("parent")
def test_what_follows_a_decision_is_not_of_it(world: Apart) -> None:
    actor = actor_for(world.other_home.user)
    first, others = cases_of(world.durand)[0], {world.durand.family.pk}
    following = next_case(actor, Wanted(), after=first)
    assert following is not None
    assert following.family_id in others
    following = next_case(actor, Wanted(), after=first, but_homes=others)
    assert following is None or following.family_id not in others


@pytest.mark.parametrize("role", ["office", "director"])
def test_a_colleague_opens_it(world: Apart, role: str) -> None:
    """Or what is closed above is closed to all."""
    client = Client()
    user = world.users[role]
    assert user is not None
    client.force_login(user)
    assert PRIVATE["street"] in client.get(f"/agents/familles/{world.durand.family.pk}/").content.decode()
