"""The names of people lead somewhere in every list of the agents' side: where they may open, nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from itertools import chain

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.families.finding.index import index_rebuild
from marelle.families.models import Family, Member
from marelle.families.scope import other_homes
from marelle.files.apart import alone
from marelle.flows.actor.actors import actor_for
from marelle.flows.office.search import homes_readable
from marelle.places.models import Post
from tests.full_house import FullHouse
from tests.roles.answers import ROLES
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES, TABLE
from tests.roles.world import NOW
from tests.scenario import Plain
from tests.test_query_counts import ASKED

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROWS = re.compile(r'<(ul|ol) class="rows[ "].*?</\1>', re.DOTALL)
LIST = re.compile(ROWS.pattern + r'|<ul class="q".*?</ul>|<table.*?</table>', re.DOTALL)
ROW = re.compile(r"<(li|tr)\b[^>]*>(.*?)</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
WAY = re.compile(r'href="(/agents/[^"#]*)')

LET_BE = {
    "/agents/familles/<id:family_id>/": "where its people are",
    "/agents/familles/<id:family_id>/revenus/": "adults of the home, whose page it comes from",
    "/agents/presences/tablettes/": "agents, whom `test_colleagues_lead_to_their_posts` looks at",
}

ADMINISTRATOR = pytest.param("administrator", marks=pytest.mark.prove)
"""Who opens what the office does."""

ITS_PARENT = "parent at work"
"""A director whose child lives in another home too."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[FullHouse]:
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        made = FullHouse()
        index_rebuild(day=NOW.date())
        Post.objects.create(user=made.other_home.user, role=Role.DIRECTOR.value, structure=made.the_structure)
        made.users[ITS_PARENT] = made.other_home.user
        yield made
        transaction.set_rollback(True)


def user_of(world: FullHouse, role: str) -> User:
    user = world.users[role]
    assert user is not None
    return user


def open_names(world: FullHouse, role: str) -> set[str]:
    """The names, both ways round, of the people whose page the account may open."""
    actor = actor_for(user_of(world, role))
    everybody = frozenset(Family.objects.values_list("pk", flat=True))
    homes = homes_readable(actor, everybody, day=NOW.date()) - other_homes(actor, NOW.date())
    people = Member.objects.filter(family__in=homes).values_list("person__first_name", "person__last_name")
    return set(chain.from_iterable((f"{first} {last}", f"{last} {first}") for first, last in people))


Pages = Mapping[str, Sequence[tuple[str, str]]]
"""By role, the pages that the account opens, each with its HTML."""


class Opened(dict[str, list[tuple[str, str]]]):
    """Those of each role, opened when they are first asked for."""

    def __init__(self, world: FullHouse) -> None:
        self.world = world

    def __missing__(self, role: str) -> list[tuple[str, str]]:
        self[role] = list(opened(self.world, role))
        return self[role]


@pytest.fixture(scope="module")
def pages(world: FullHouse) -> Pages:
    return Opened(world)


def opened(world: FullHouse, role: str) -> Iterator[tuple[str, str]]:
    client = Client()
    client.force_login(user_of(world, role))
    place = ROLES.index("director" if role == ITS_PARENT else role)
    for address in ADDRESSES:
        if not address.startswith("/agents/") or TABLE["GET", address].split()[place] != "200":
            continue
        for asked in ASKED.get(address, (QUERY.get(address, ""),)):
            page = address + asked
            with transaction.atomic():
                answer = client.get(filled(page, world.values(page)))
                content = answer.getvalue()  # a file is closed once it is read
                transaction.set_rollback(True)
            if answer.headers["Content-Type"].startswith("text/html"):
                yield page, content.decode()


def rows(pages: Sequence[tuple[str, str]], lists: re.Pattern[str] = LIST) -> Iterator[tuple[str, str, str]]:
    """The page, the HTML and the words of each row of each list."""
    for page, html in pages:
        for found in lists.finditer(html):
            for row in ROW.finditer(found[0]):
                yield page, row[2], " ".join(TAG.sub(" ", row[2]).split())


@pytest.mark.parametrize("role", [ADMINISTRATOR, "office", "director"])
def test_every_row_that_names_somebody_leads_somewhere(world: FullHouse, pages: Pages, role: str) -> None:
    names, named = open_names(world, role), 0
    nowhere = []
    for page, row, words in rows(pages[role]):
        if page not in LET_BE and any(name in words for name in names):
            named += 1
            if "href=" not in row:
                nowhere.append(f"{page}: {words[:80]}")
    assert nowhere == [], "\n".join(nowhere)
    assert named > 20


@pytest.mark.parametrize(
    "role",
    [ADMINISTRATOR, "office", pytest.param("director", marks=pytest.mark.prove), ITS_PARENT, "animator"],
)
def test_no_row_leads_where_it_is_closed(world: FullHouse, pages: Pages, role: str) -> None:
    ways = {way: page for page, row, _words in rows(pages[role]) for way in WAY.findall(row)}
    client = Plain()
    client.force_login(user_of(world, role))
    closed = []
    for way, page in ways.items():
        with transaction.atomic():
            answer = client.get(unescape(way))
            answer.getvalue()
            transaction.set_rollback(True)
        if answer.status_code not in {200, 302}:
            closed.append(f"{answer.status_code} {way}, from {page}")
    assert closed == [], "\n".join(closed)
    assert ways


@pytest.mark.parametrize("role", [ADMINISTRATOR, "director"])
def test_a_row_with_one_link_is_that_link_as_a_whole(pages: Pages, role: str) -> None:
    """Where nothing else is to be pressed in the row of a list."""
    narrow = [
        f"{page}: {words[:80]}"
        for page, row, words in rows(pages[role], ROWS)
        if page not in LET_BE
        and row.count("href=") == 1
        and not re.search(r'href="tel:|<label|class="(whole|btn)', row)
    ]
    assert narrow == [], "\n".join(narrow)


def led(world: FullHouse, role: str, page: str) -> set[int]:
    """The accounts to whose posts a page leads."""
    client = Client()
    client.force_login(user_of(world, role))
    html = client.get(page).content.decode()
    return {int(pk) for pk in re.findall(r'href="/agents/reglages/agents/(\d+)/"', html)}


def test_colleagues_lead_to_their_posts(world: FullHouse) -> None:
    """Those for whom the agent answers; a director’s equal is named alone."""
    animator, director = user_of(world, "animator").pk, user_of(world, "director").pk
    assert led(world, "administrator", "/agents/presences/tablettes/") >= {animator, director}
    of_director = led(world, "director", "/agents/presences/tablettes/")
    assert animator in of_director
    assert director not in of_director
    assert led(world, "administrator", "/agents/reglages/journal/")
