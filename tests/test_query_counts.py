"""No page of the agents asks the database more when other homes have more: its queries are counted twice.

Every address of the agents' side is asked for, then again once several homes more have in every table all
that the first one has. The addresses are those of the resolver: a new page is counted without being named.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from marelle.core.personal import declared
from marelle.demo.bench_queries import counting
from marelle.families.finding.index import index_rebuild
from marelle.files.apart import alone
from tests.full_house import FullHouse
from tests.roles.answers import ROLES
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES, TABLE
from tests.roles.world import NOW
from tests.scenario import Plain

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MORE = 10

BY = ("administrator", "director")
"""Who asks: whoever sees the most, and whoever sees what is its structure's alone."""

A_DAY = "jour=2026-12-03"
HERE = f"?structure=<id:structure_id>&{A_DAY}"
NURSERY = f"?structure=<id:nursery_id>&{A_DAY}"
LISTS = ("liste-du-jour", "feuille-de-sortie", "contacts-d-urgence")
FIGURES = "?structure=<id:structure_id>&annee=2026&de=9&a=8&par=commune"
ASKED = {
    "/agents/activites/<id:activity_id>/groupes/changer/": (
        "",
        f"?depuis=<id:group_id>&vers=<id:elders_id>&{A_DAY}",
    ),
    "/agents/chiffres/": (FIGURES, "?structure=toutes&annee=2026&de=9&a=8"),
    "/agents/chiffres/absences/": (FIGURES,),
    "/agents/chiffres/csv/": (FIGURES,),
    "/agents/documents/manquants/": ("", "?ou=<id:structure_id>"),
    "/agents/familles/": ("", "?q=Durand"),
    "/agents/familles/<id:kept_id>/reunir/": ("?q=Durand",),
    "/agents/inscriptions/nouvelle/": ("?activite=<id:direct_id>&nom=Zoé&naissance=2019-03-04",),
    "/agents/places/": (HERE, NURSERY),
    "/agents/places/jour/": (HERE, NURSERY),
    "/agents/places/personnel/": (HERE,),
    "/agents/presences/listes/": tuple(f"{HERE}&liste={kind}" for kind in LISTS),
    "/agents/presences/repas/": (HERE,),
    "/agents/sante/": ("?structure=<id:structure_id>",),
}
"""What is asked of a page that says little without it."""

HERE_ALONE = {
    "/agents/actualites/<id:news_id>/envoyer/": "of news of which nothing is sent",
    "/agents/presences/repas/fichier/": "of a structure that serves meals",
}
"""Pages that the table of roles has a redirection for, and this world a page."""

NO_HOMES = {"papers.Publication": "those are the structures’; files that lead to a home are not published"}

PAGES = [
    (role, address + asked)
    for address in ADDRESSES
    if address.startswith("/agents/")
    for role in BY
    if TABLE["GET", address].split()[ROLES.index(role)] == "200" or address in HERE_ALONE
    for asked in ASKED.get(address, (QUERY.get(address, ""),))
    if role == BY[0] or asked != NURSERY
]

Page = tuple[str, str]


class Seen:
    """What each page asked of the database, and how many rows each table had, before and after."""

    def __init__(self, world: FullHouse) -> None:
        self.clients = {role: _client(world, role) for role in BY}
        self.world = world
        self._pages(BY[:1])  # what is asked once in a process is asked here
        self.rows_before, self.before = self._rows(), self._pages()
        world.more_homes(MORE)
        index_rebuild(day=NOW.date())
        self.rows_after, self.after = self._rows(), self._pages()

    def _rows(self) -> dict[str, int]:
        return {one.model._meta.label: one.model._base_manager.count() for one in declared()}

    def _pages(self, roles: tuple[str, ...] = BY) -> dict[Page, tuple[int, list[str]]]:
        return {(role, page): self._asked(role, page) for role, page in PAGES if role in roles}

    def _asked(self, role: str, page: str) -> tuple[int, list[str]]:
        path = filled(page, self.world.values(page))
        with transaction.atomic(), counting() as statements:
            answer = self.clients[role].get(path)
            answer.getvalue()  # a file is closed once it is read
            transaction.set_rollback(True)
        return answer.status_code, statements


def _client(world: FullHouse, role: str) -> Client:
    user = world.users[role]
    assert user is not None
    client = Plain()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def seen(django_db_setup: None, django_db_blocker) -> Iterator[Seen]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        world = FullHouse()
        index_rebuild(day=NOW.date())
        yield Seen(world)
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def test_no_page_is_forgotten() -> None:
    """Every address that answers to a GET is counted for who may open it."""
    counted = {page.partition("?")[0] for _role, page in PAGES}
    sent = {address for address in ADDRESSES if "405" in TABLE["GET", address]}
    assert {address for address in ADDRESSES if address.startswith("/agents/")} - sent == counted


def test_each_home_more_has_a_row_in_every_table(seen: Seen) -> None:
    """Pages would be counted for nothing where a home has no row: give it one in `FullHouse`."""
    gained = {name: seen.rows_after[name] - rows for name, rows in seen.rows_before.items()}
    assert [name for name, rows in gained.items() if rows < MORE and name not in NO_HOMES] == []


@pytest.mark.parametrize(("role", "page"), PAGES)
def test_a_page_asks_no_more_when_others_have_more(seen: Seen, role: str, page: str) -> None:
    (status, before), (_status, after) = seen.before[role, page], seen.after[role, page]
    assert status == 200
    more = Counter(after) - Counter(before)
    assert len(after) == len(before), "\n".join(f"{n} × {statement}" for statement, n in more.items())
