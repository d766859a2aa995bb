"""Every page of the agents' side in a real browser: quiet, never too wide, with its own name.

Whether it is accessible, `tests/test_pages.py` asks of every page of both sides.

The addresses come from the resolver: a new page is walked as soon as it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
PARTS = 4
"""The walk is cut in as many tests, so that those who run them at once share it."""


def pages(world: World, routes: Sequence[str] = ADDRESSES) -> Iterator[tuple[str, str, str, str, str]]:
    """Each address that answers with a page: its route, itself, the session of who may open it, its title,
    its HTML."""
    clients = {role: Client() for role in SEERS}
    for role, client in clients.items():
        user = world.users[role]
        assert user is not None
        client.force_login(user)
    for route in routes:
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
            html = content.decode()
            title = TITLE.search(html)
            yield route, address, clients[role].session.session_key, title[1].strip() if title else "", html


@pytest.mark.django_db
def test_every_page_has_its_own_name_and_enter_does_nothing_for_good(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=True)
    named: dict[str, str] = {}
    wrong = []
    walked = list(pages(World()))
    for route, address, _session, title, html in walked:
        if (other := named.setdefault(title, route)) != route:
            wrong.append(f"{route}: named « {title} », like {other}")
        wrong += [f"Enter: {said}" for said in for_good(address, html)]
    assert len(walked) > 100
    assert wrong == [], "\n".join(wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_quiet_and_fits(open_page: Any, live_server: Any, time_machine: Any, part: int) -> None:
    time_machine.move_to(NOW, tick=True)
    page = open_page(width=WIDE, height=HEIGHT, forgive=("/favicon.ico",))  # of a mail, shown as it is
    (watched,) = open_page.watched
    wrong: list[str] = []
    for route, address, session, _title, _html in list(pages(World(), ADDRESSES[part::PARTS])):
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server)}
        page.context.add_cookies([cookie])
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        page.goto(address)
        found = [f"{page.locator('h1').count()} h1"] if page.locator("h1").count() != 1 else []
        if "--------" in page.content():
            found.append("a choice of dashes")
        for width in (WIDE, NARROW, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if page.evaluate(TOO_WIDE):
                found.append(f"wider than {width}")
        found += watched.left()
        watched.problems.clear()
        wrong += [f"{route}: {line}" for line in found]
    assert wrong == [], "\n".join(wrong)
