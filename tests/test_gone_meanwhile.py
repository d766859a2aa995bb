"""Every form, sent from a page that was read before the home was erased, made one with another, or left by
who sends it: nothing of it is written, and whoever sent it is told.

The forms are those that the pages show, filled in as a person would: a new one is tried without being named.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import time_machine
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.families.scope import other_homes
from marelle.files.apart import alone
from marelle.flows.actor.actors import account_with_actor, actor_for
from marelle.portal.gone import HomeGoneMiddleware
from tests.forms import PageForm
from tests.full_house import FullHouse
from tests.gone import (
    another_adult,
    asks_nothing,
    erases,
    held_of,
    merges,
    nothing_needs,
    people_of,
    separates,
)
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW
from tests.scenario import Home
from tests.test_bad_forms import PAGES, forms_there, page, plausible, with_files

pytestmark = [pytest.mark.django_db, pytest.mark.once]

AGENTS = ("administrator", pytest.param("director", marks=pytest.mark.prove))
STAFF_PAGES = [address for address in ADDRESSES if address.startswith("/agents/")]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[FullHouse]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield FullHouse()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def forms_shown(world: FullHouse, client: Client, addresses: list[str]) -> list[PageForm]:
    """Each once: two forms alike but for their numbers are two."""
    found: dict[tuple[str, str], PageForm] = {}
    for address in addresses:
        for form in forms_there(client, page(world, address)):
            found.setdefault((form.action, form.shape), form)
    return list(found.values())


def sent_late(user_id: int, actor: Actor, form: PageForm) -> tuple[HttpResponse | None, Exception | None]:
    """What becomes of a request that has read who is asking, and whose home is gone when it writes."""
    data: dict[str, Any] = with_files(form, plausible(form))
    request = RequestFactory().post(form.action, data)
    user = account_with_actor(user_id)
    assert user is not None
    user.actor = actor
    request.user, request.actor, request.now = user, actor, NOW
    request.today = local(NOW).date()
    request.apart = other_homes(actor, request.today)
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    request._dont_enforce_csrf_checks = True
    match = resolve(form.action.partition("?")[0])
    try:
        answer = match.func(request, *match.args, **match.kwargs)
    except Exception as error:  # noqa: BLE001 - as Django does
        answer = HomeGoneMiddleware(lambda _request: HttpResponse()).process_exception(request, error)
        return answer, error
    return answer, None


@pytest.mark.parametrize("event", ["erased", "merged", "apart"])
def test_nothing_is_written_in_the_name_of_a_home_that_is_gone(world: FullHouse, event: str) -> None:
    with transaction.atomic():
        home, office = world.durand, actor_for(world.users["office"])
        another_adult(world, home)
        happens = prepared(world, event, office)
        client = Client()
        client.force_login(home.user)
        forms = forms_shown(world, client, [address for role, address in PAGES if role == "parent"])
        assert len(forms) > 40
        actor = home.actor
        people = people_of(home)
        happens()
        wrong = wrongs(home, people, home.user.pk, lambda: actor, forms)
        transaction.set_rollback(True)
    assert wrong == {}


@pytest.mark.parametrize("role", AGENTS)
def test_nothing_is_written_about_a_home_that_was_erased(world: FullHouse, role: str) -> None:
    with transaction.atomic():
        home, office = world.durand, actor_for(world.users["office"])
        user = world.users[role]
        assert user is not None
        client = Client()
        client.force_login(user)
        happens = prepared(world, "erased", office)
        forms = forms_shown(world, client, STAFF_PAGES)
        assert len(forms) > 40
        people = people_of(home)
        happens()
        wrong = wrongs(home, people, user.pk, lambda: actor_for(user), forms)
        transaction.set_rollback(True)
    assert wrong == {}


OF_MANY = {
    "billing.ExportedBill": "a file of many bills is cancelled whole, those of erased homes too",
    "billing.StrayPayment": "what came back is set aside whichever home it may be of",
}
"""Rows of accounts, which outlive their home."""


class Undone(Exception):
    pass


def prepared(world: FullHouse, event: str, office: Actor) -> Callable[[], object]:
    """What is about to happen to the home."""
    home = world.durand
    if event == "erased":
        carry_out = erases(office, home)
        return lambda: (nothing_needs(home), carry_out())
    asks_nothing(home)
    if event == "merged":
        return merges(office, home, world.home("Dupuis", "Camille"))
    return separates(office, home, home.adult)


def wrongs(
    home: Home, people: set[int], user_id: int, actor: Callable[[], Actor], forms: list[PageForm]
) -> dict[str, object]:
    """By the address of a form: what it left of the home, or how it broke."""
    before = held_of(home, people)
    found: dict[str, object] = {}
    for form in forms:
        with suppress(Undone), transaction.atomic():
            with CaptureQueriesContext(connection) as seen:
                answer, error = sent_late(user_id, actor(), form)
            if any(query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) for query in seen):
                after = held_of(home, people)
                changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
                changed -= set(OF_MANY)
                if changed:
                    found[form.action] = {name: (before.get(name), after.get(name)) for name in changed}
            if answer is None and not isinstance(error, Http404 | NotYours | PermissionDenied):
                found[form.action] = repr(error)
            raise Undone
    return found
