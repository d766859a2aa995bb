"""Who sees of a child's health, on every page of the agents' side: each is read with its sheet, and without.

A page that differs shows something of health, were it a word or a colour; a new page is tried without being
named.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator

import pytest
import time_machine
from django.apps import apps
from django.db import transaction
from django.test import Client

from marelle.families.models import HealthSheet, Vaccination
from marelle.files.apart import alone
from tests.apart import OF_THE_CHILD, Apart
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW
from tests.test_outsiders import Visit, pages_of, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STAFF_SIDE = [address for address in ADDRESSES if address.startswith("/agents/")]
THE_HOME = {
    "/agents/absences/0/",
    "/agents/appels/0/",
    "/agents/ecarts/0/",
    "/agents/fins/0/",
    "/agents/messages/0/",
    "/agents/reservations/absences/0/",
    "/agents/reservations/seules/0/",
}
"""Cases whose page says, with the home, what its children's safety asks."""
THAT_THERE_IS_SOMETHING = {
    *THE_HOME,
    "/agents/contestations/0/",
    "/agents/modifications/0/",
    "/agents/effacements/0/",
    "/agents/guichet/0/",
    "/agents/inscriptions/0/",
    "/agents/reservations/demandes/0/",
    "/agents/sante/",
    "/agents/sante/0/",
}
THE_SHEET = {
    "/agents/presences/listes/",
    "/agents/presences/listes/fichier/",
    "/agents/sante/0/",
    "/agents/sante/0/pai/",
}
SIGNS = {
    "director": {
        *THE_HOME,
        "/agents/inscriptions/0/",
        "/agents/places/jour/",
        "/agents/presences/",
        "/agents/presences/enfant/0/",
        "/agents/reservations/demandes/0/",
        "/agents/sante/",
    },
    "animator": {"/agents/presences/", "/agents/presences/enfant/0/", "/agents/sante/"},
}
WORDS_OF_HEALTH = {"pai", "allergie", "allergies", "grave", "traitement", "traitements", "vaccin", "vaccins"}

MADE_AS_THE_CSV = re.compile(r"/listes/fichier/.*format=(pdf|xlsx)")
"""Cannot be read here: `tests/agents/test_lists.py` holds that they say what the CSV says."""

SECRET = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b')
"""What differs each time that a page is shown: its token, and the identifiers of the ticks it may send."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[Apart]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        found = Apart()
        HealthSheet.objects.update(is_severe=True, pai=True)
        yield found
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def health_pages(world: Apart, role: str) -> dict[str, tuple[Visit, set[str]]]:
    """Of the pages of the agents' side, by links and by address, those that say something of health.

    Each with the words that it would not say without.
    """
    user = world.users[role]
    assert user is not None
    client = Client(raise_request_exception=False)
    client.force_login(user)
    addresses = (filled(address + QUERY.get(address, ""), world.values(address)) for address in STAFF_SIDE)
    seen = {
        path: visit
        for path, visit in pages_of(client, "/agents/", *addresses, alike=1)
        if visit.status == 200 and not MADE_AS_THE_CSV.search(path)
    }
    with transaction.atomic():
        gone = Vaccination.objects.all().delete()[1] | HealthSheet.objects.all().delete()[1]
        tables = [apps.get_model(label)._meta.db_table for label in gone]
        without = {
            path: shown(Visit(client, "GET", path)) for path, visit in seen.items() if visit.asks_of(tables)
        }
        transaction.set_rollback(True)
    return {
        path: (seen[path], words(shown(seen[path])) - words(text))
        for path, text in without.items()
        if shown(seen[path]) != text
    }


def shown(visit: Visit) -> str:
    return SECRET.sub("", visit.text)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def shapes(paths: Iterable[str]) -> set[str]:
    return {re.sub(r"[0-9]+", "0", path.partition("?")[0]) for path in paths}


def readings(visit: Visit) -> list[str]:
    """What the visit wrote down as read."""
    return re.findall(r"'(health\.\w+)'", " ".join(visit.written))


@pytest.mark.parametrize("role", ["other_director", "other_animator", "other_office"])
def test_nothing_to_another_structure_or_authority(world: Apart, role: str) -> None:
    assert health_pages(world, role) == {}


@pytest.mark.parametrize("role", ["office", "administrator"])
def test_the_office_learns_that_there_is_something_and_never_what(world: Apart, role: str) -> None:
    found = health_pages(world, role)
    assert shapes(found) == THAT_THERE_IS_SOMETHING
    for path, (visit, more) in found.items():
        assert told(visit.text, OF_THE_CHILD) == [], path
        assert more & WORDS_OF_HEALTH == set(), path
        assert readings(visit) == [], path


@pytest.mark.parametrize("role", ["director", "animator"])
def test_the_team_reads_and_each_reading_is_written_down(world: Apart, role: str) -> None:
    found = health_pages(world, role)
    assert shapes(found) == SIGNS[role] | THE_SHEET
    for path, (visit, more) in found.items():
        assert readings(visit), path
        is_sheet = shapes([path]) <= THE_SHEET
        assert bool(told(visit.text, OF_THE_CHILD)) is is_sheet, path
        assert is_sheet or more & WORDS_OF_HEALTH, path
