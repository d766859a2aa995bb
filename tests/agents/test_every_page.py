"""Every page of the agents' side has its own name; in a real browser it is quiet and never too wide.

Whether it is accessible, `tests/test_pages.py` asks of every page of both sides.

The addresses come from the resolver: a new page is walked as soon as it is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.implicit import for_good
from tests.roles.answers import ROLES
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES, TABLE
from tests.roles.world import NOW, World

pytestmark = pytest.mark.once

WIDE, NARROW, PHONE = 1280, 768, 390
HEIGHT = 900
SEERS = ("administrator", "office", "director", "animator")

TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Walked:
    """An address that answers with a page, and the session of who may open it."""

    route: str
    address: str
    session: str
    html: str


def pages(world: World) -> Iterator[Walked]:
    clients = {role: Client() for role in SEERS}
    for role, client in clients.items():
        user = world.users[role]
        assert user is not None
        client.force_login(user)
    for route in ADDRESSES:
        if not route.startswith("/agents/"):
            continue
        answers = dict(zip(ROLES, TABLE["GET", route].split(), strict=True))
        role = next((role for role in SEERS if answers[role] == "200"), None)
        if role is None:
            continue
        address = filled(route + QUERY.get(route, ""), world.ids)
        answer = clients[role].get(address)
        content = answer.getvalue()  # a file is closed once it is read
        if answer.headers["Content-Type"].startswith("text/html"):
            yield Walked(route, address, clients[role].session.session_key, content.decode())


@pytest.mark.django_db
def test_every_page_has_its_own_name_and_enter_does_nothing_for_good(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=True)
    named: dict[str, str] = {}
    wrong = []
    walked = list(pages(World()))
    for one in walked:
        found = TITLE.search(one.html)
        title = found[1].strip() if found else ""
        if (other := named.setdefault(title, one.route)) != one.route:
            wrong.append(f"{one.route}: named « {title} », like {other}")
        if (many := len(re.findall(r"<h1\b", one.html))) != 1:
            wrong.append(f"{one.route}: {many} h1")
        if "--------" in one.html:
            wrong.append(f"{one.route}: a choice of dashes")
        wrong += [f"Enter: {said}" for said in for_good(one.address, one.html)]
    assert len(walked) > 100
    assert wrong == [], "\n".join(wrong)


def hooks(html: str) -> set[str]:
    """What scripts of a page may take hold of: those it loads, and the attributes that they look for."""
    return set(re.findall(r'<script[^>]* src="([^"]+)"', html)) | set(re.findall(r" (data-[a-z-]+)", html))


def each_hook(walked: Iterable[Walked]) -> Iterator[Walked]:
    """The pages that have a hook which none before them had: the others do what these do."""
    known: set[str] = set()
    for one in walked:
        if not hooks(one.html) <= known:
            known |= hooks(one.html)
            yield one


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "which", [each_hook, pytest.param(list, marks=pytest.mark.prove)], ids=["each_hook", "all"]
)
def test_every_page_is_quiet_and_fits(
    open_page: Any, live_server: Any, time_machine: Any, which: Callable[[Iterable[Walked]], Iterable[Walked]]
) -> None:
    time_machine.move_to(NOW, tick=True)
    page = open_page(width=WIDE, height=HEIGHT, forgive=("/favicon.ico",))  # of a mail, shown as it is
    (watched,) = open_page.watched
    wrong: list[str] = []
    looked = list(which(pages(World())))
    assert len(looked) > 10
    for one in looked:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": one.session, "url": str(live_server)}
        page.context.add_cookies([cookie])
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        page.goto(one.address)
        found = []
        for width in (WIDE, NARROW, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if page.evaluate(TOO_WIDE):
                found.append(f"wider than {width}")
        found += watched.left()
        watched.problems.clear()
        wrong += [f"{one.route}: {line}" for line in found]
    assert wrong == [], "\n".join(wrong)
