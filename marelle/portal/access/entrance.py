"""The agents' entrance beside the waiting room: a signed cookie that their own pages give."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpResponse

from marelle.flows.actor.middleware import MarelleRequest
from marelle.room.tickets import ENTRANCE_COOKIE, ENTRANCE_LIFE, entrance_age, entrance_written, keys

AGENTS: Final = "/agents/"
RENEWED_AFTER: Final = ENTRANCE_LIFE / 2
"""Seconds."""


def entrance_keep(request: MarelleRequest, response: HttpResponse) -> None:
    """Let the browser of an agent who has come in to its pages carry it, also to the login page of tomorrow.

    A post that ends leaves it for a month: it opens nothing, and saves its bearer a wait.
    """
    if not request.path.startswith(AGENTS) or not request.user.is_authenticated:
        return
    if not request.actor.is_staff:
        return
    now = request.now.timestamp()
    age = entrance_age(request.COOKIES.get(ENTRANCE_COOKIE, ""), keys(), now=now)
    if age is not None and age < RENEWED_AFTER:
        return
    response.set_cookie(
        ENTRANCE_COOKIE,
        entrance_written(request.user.pk, keys(), now=now),
        max_age=ENTRANCE_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
