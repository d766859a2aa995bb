"""Pages of a portal that was put back, opened as its people open them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from django.conf import settings

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.portal.access.stand_ins import client_of

LINK: Final = re.compile(r'href="(/[^"#]*)"')
"""To a page of ours."""

BEGINS: Final = settings.LOGIN_REDIRECT_URL
AWAY: Final = re.compile(r"/static/|/deconnexion/|\.(?:pdf|csv|xlsx|zip|ics)\b")
"""What is no page, or ends the visit."""

PARENTS: Final = 3


def pages_opened(at_most: int) -> Iterator[tuple[str, int]]:
    """Pages that administrators, offices, directors and parents reach by their links, by turns, each with its
    status; of no name, no number of a home. Reads alone, but for the sessions that it opens."""
    visits = [_visit(user) for user in _people()]
    opened = 0
    while visits and opened < at_most:
        for visit in list(visits):
            found = next(visit, None)
            if found is None:
                visits.remove(visit)
            elif opened < at_most:
                opened += 1
                yield found


def _people() -> list[User]:
    active = User.objects.filter(is_active=True, guest="")
    agents = [
        active.filter(posts__role=role, posts__suspended_at=None).order_by("pk").first() for role in Role
    ]
    parents = active.filter(person__memberships__kind="adult").order_by("-pk").distinct()[:PARENTS]
    return [one for one in [*agents, *parents] if one is not None]


def _visit(user: User) -> Iterator[tuple[str, int]]:
    client = client_of(user)
    client.raise_request_exception = False
    waiting, known = [BEGINS], {BEGINS}
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address, secure=settings.HTTPS)
        yield re.sub(r"\d+", "N", address.partition("?")[0]), answer.status_code
        found = [answer.headers["Location"]] if answer.has_header("Location") else []
        if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            found += map(html.unescape, LINK.findall(answer.content.decode()))
        for link in found:
            if link.startswith("/") and not AWAY.search(link) and link not in known:
                known.add(link)
                waiting.append(link)
