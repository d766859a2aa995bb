"""An agent in a family's name: whatever form it sends there is in the home's history, as done by the agent.

The forms are those that the pages show, filled in as a person would: a new one is tried without being named.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from marelle.accounts.models import User
from marelle.files.apart import alone
from marelle.flows.journal.sentences import sentence
from marelle.journal.models import Entry
from tests.apart import Apart
from tests.forms import form_with
from tests.roles.world import NOW
from tests.test_bad_forms import PAGES, forms_there, gives_a_file, page, plausible, posted, with_files

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NOT_FOR_THE_HOME = ("/agents/familles/terminer/",)
"""The bar's button: it leads back to the agent's own screens."""

OF_A_TELEPHONE = (
    "/compte/double-authentification/application/",
    "/compte/double-authentification/cles/ajouter/",
)
"""Forms that want what a telephone alone says: wrong, they come back (`tests/portal/test_second.py`)."""

ITS_OWN_ACCOUNT = ("/compte/",)
"""Forms about the account that is connected: the agent's, whatever home it has open."""

CONFIRMED = "/sante/pai/envoyer/"
"""A file that the agent cannot see is there: it is told so, and sends again."""

OF_THE_HOME = [address for role, address in PAGES if role == "parent"]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[Apart]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield Apart()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def agent(world: Apart) -> User:
    found = world.users["office"]
    assert found is not None
    return found


@pytest.fixture
def acting(db: None, world: Apart, agent: User) -> Client:
    """One for each test, whose end undoes what a page did to the session, not the cookie it gave."""
    client = Client()
    client.force_login(agent)
    client.post(f"/agents/familles/{world.durand.family.pk}/agir/")
    return client


def history(client: Client) -> str:
    """What the home reads of what was done, each act as the agent's."""
    return unescape(client.get("/historique/").content.decode())


def test_what_an_agent_decides_on_its_own_screens_is_not_in_the_family_s_name(
    world: Apart, acting: Client
) -> None:
    """Whatever home it has open; the bar goes on saying which."""
    with transaction.atomic():
        address = f"/agents/inscriptions/{world.request.pk}/"
        assert "Vous agissez au nom de la famille" in acting.get(address).content.decode()
        acting.post(f"{address}refuser/", {"reason": "Complet."})
        entry = Entry.objects.get(verb="enrolment.refused", subject_id=world.request.pk)
        transaction.set_rollback(True)
    assert (entry.family_id, entry.on_behalf) == (world.durand.family.pk, False)


@pytest.mark.parametrize("address", OF_THE_HOME)
def test_what_an_agent_sends_for_a_home_is_in_its_history_as_the_agents(
    world: Apart, acting: Client, agent: User, address: str
) -> None:
    for form in forms_there(acting, page(world, address)):
        if form.action in (*NOT_FOR_THE_HOME, *OF_A_TELEPHONE):
            continue
        with transaction.atomic():
            before = Entry.objects.count()
            answer, written = posted(acting, form, with_files(form, plausible(form)))
            if form.action.endswith(CONFIRMED) and answer.status_code == 200:
                asked = form_with(answer.content.decode(), "file")
                answer, written = posted(acting, asked, with_files(asked, plausible(asked)))
            entries = list(Entry.objects.order_by("-pk")[: Entry.objects.count() - before])
            shown = history(acting)
            transaction.set_rollback(True)
        assert answer.status_code == 302 or gives_a_file(answer), form.action
        assert bool(entries) is bool(written), form.action
        for entry in entries:
            assert (entry.actor_user_id, entry.actor_label) == (agent.pk, str(agent)), form.action
            of_the_account = form.action.startswith(ITS_OWN_ACCOUNT)
            assert entry.on_behalf is not of_the_account, form.action
            assert entry.family_id == (None if of_the_account else world.durand.family.pk), form.action
            if not of_the_account:
                assert sentence(entry.verb, entry.subject_label) in shown, form.action
