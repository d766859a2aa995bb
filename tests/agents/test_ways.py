"""Whoever begins at the desk gets everywhere its post may go by links alone, and no link is closed to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import resolve

from marelle.files.apart import alone
from tests.roles.answers import ROLES
from tests.roles.table import TABLE
from tests.roles.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LINK = re.compile(r'href="(/agents/[^"#]*)')

DESK, FOUND = "/agents/", "/agents/familles/?q=durand"

UNLINKED = {
    "/agents/factures/comptabilite/<id:authority_id>/cantine-1-euro/fichier/": "a meal that is billed",
    "/agents/factures/tresor/mois/<id:bill_run_id>/avoirs/": "a month of which credit notes wait for a file",
    "/agents/factures/payeurs/<id:payer_id>/acces/<id:access_id>/effacer/": "an access that has ended",
    "/agents/fermetures/jour/": "the form of « Ouvertures et fermetures »",
    "/agents/fermetures/ouvrir/": "the same form",
    "/agents/fermetures/places/": "the same form",
    "/agents/familles/<id:family_id>/laisser-entrer/<id:adult_id>/": "an adult who has a second factor",
    "/agents/reglages/agents/<id:colleague_id>/laisser-entrer/": "an agent who has one",
    "/agents/familles/<id:kept_id>/reunir/<id:left_id>/": "the search of « Réunir », which is a form",
    "/agents/familles/<id:kept_id>/reunir/<id:left_id>/verifier/": "the form of the page before",
    "/agents/familles/importer/<id:import_id>/rapport/": "an import that has lines to mend",
    "/agents/familles/reprise/<id:moving_id>/": "a file of another software, for who sent it",
    "/agents/familles/reprise/<id:moving_id>/rapport/": "one that has lines left out",
    "/agents/familles/revenus/<id:sheet_id>/": "a table of incomes, for who sent it",
    "/agents/documents/manquants/relances/<id:reminder_id>/": "where a reminder leads once it is asked for",
    "/agents/actualites/<id:news_id>/envoyer/": "news that are shown and were not sent",
    "/agents/activites/<id:activity_id>/sorties/ajouter/": "an activity that has outings",
    "/agents/inscriptions/<id:accepted_id>/cartes/": "an activity that is booked by cards",
    "/agents/inscriptions/<id:accepted_id>/groupe/": "an activity that has groups",
    "/agents/matinees/assistantes-maternelles/<id:childminder_id>/acces/<id:minder_access_id>/effacer/": (
        "an access that has ended"
    ),
    "/agents/matinees/assistantes-maternelles/<id:childminder_id>/effacer/": "one who comes no more",
    "/agents/reglages/foyers-sans-nouvelles/bordereau/": "homes to confirm of which nobody hears",
    "/agents/reservations/places/<id:waited_id>/": "a place that waits for an agent",
    "/agents/places/personnel/jour/": "a structure that receives children on given days",
    "/agents/places/personnel/registre/": "the same structure",
    "/agents/presences/code/": "the door of a structure where the agent stands",
    "/agents/presences/enfant/<id:child_id>/": "a child who is expected today",
    "/agents/presences/repas/fichier/": "a week with a meal to order",
}
"""Pages to which no link of this world leads, and what does; `test_every_page` opens them."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        made = World()
        made.searchable()
        yield made
        transaction.set_rollback(True)


def opened_by(role: str) -> set[str]:
    place = ROLES.index(role)
    return {
        address
        for (method, address), answers in TABLE.items()
        if method == "GET" and address.startswith("/agents/") and answers.split()[place] in {"200", "302"}
    }


def walked(client: Client, starts: Iterable[str]) -> tuple[set[str], list[str]]:
    """The routes that links lead to, and the links that are closed.

    Of an address with a question, one of each kind is opened: the same filter with another value is the same
    page.
    """
    todo = [(start, "") for start in starts]
    seen: set[tuple[str, frozenset[str]]] = set()
    found: set[str] = set()
    closed: list[str] = []
    while todo:
        link, origin = todo.pop()
        parts = urlsplit(link)
        kind = (parts.path, frozenset(name for name, _value in parse_qsl(parts.query)))
        if kind in seen:
            continue
        seen.add(kind)
        answer = client.get(link)
        content = answer.getvalue()
        found.add("/" + resolve(parts.path).route)
        if answer.status_code not in {200, 302}:
            closed.append(f"{answer.status_code} {link}, from {origin}")
        elif answer.status_code == 302:
            todo.append((answer["Location"], link))
        elif answer["Content-Type"].startswith("text/html"):
            todo += [(unescape(way), link) for way in LINK.findall(content.decode())]
    return found, closed


ALIKE = [pytest.param(role, marks=pytest.mark.prove) for role in ("director", "other_office")]


@pytest.mark.parametrize("role", ["animator", *ALIKE, "administrator"])
def test_links_lead_everywhere_and_nowhere_closed(world: World, role: str) -> None:
    client = Client()
    user = world.users[role]
    assert user is not None
    with transaction.atomic():
        client.force_login(user)
        found, closed = walked(client, [DESK] if role == "animator" else [DESK, FOUND])
        transaction.set_rollback(True)
    assert closed == [], "\n".join(closed)
    assert opened_by(role) - found - set(UNLINKED) == set()
