"""Gives each request its instant and its actor, and keeps what families read out of browsers' caches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from marelle.accounts.rules import network_of
from marelle.core.actor import Actor, Guest
from marelle.core.clock import local
from marelle.core.kept import revision_once
from marelle.families.scope import other_homes
from marelle.files.turns import sender
from marelle.flows.actor.actors import ACTING_FOR, actor_for
from marelle.journal.origin import origin_of

NOBODY = Actor(user_id=None, label="")
STAFF_SIDE: Final = "/agents/"


class MarelleRequest(HttpRequest):
    """What views receive: Django's request, plus `now` (when it arrived, aware), `today` (its day here), and
    `actor`.

    `apart` are the homes where a child of the actor's lives without it: no query for who is no parent, and
    one for the whole request. `mark` is what the browser is to carry of the accounts that it knows, "" to
    leave it as it is. `speaks_to` is the kind of guest who is about to come in, set by the page that knows
    it.
    """

    now: datetime
    today: date
    actor: Actor
    apart: frozenset[int]
    mark: str
    speaks_to: Guest | None


class ActorMiddleware:
    """Sets `request.now`, its day and `request.actor`; the actor is built when first read, at most once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: MarelleRequest) -> HttpResponse:
        request.now, request.mark, request.speaks_to = timezone.now(), "", None
        request.today = local(request.now).date()
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[assignment]
        request.apart = SimpleLazyObject(  # type: ignore[assignment]
            lambda: other_homes(request.actor, request.today)
        )
        before = sender.set(lambda: _sender(request))
        try:
            with revision_once():
                return self.get_response(request)
        finally:
            sender.reset(before)


def _sender(request: MarelleRequest) -> str:
    """Whose files are read, for `files.turns`."""
    if request.user.is_authenticated:
        return f"account {request.user.pk}"
    return f"network {network_of(origin_of(request).address)}"


class PrivatePagesMiddleware:
    """Pages of who is logged in are stored nowhere.

    On a shared computer, « précédent » after logging out would show them again. The cookie alone decides, so
    that it costs no query, and holds where an error keeps the session from being read. What says that it is
    public, a picture of everybody's pages, is left to the browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_public = "public" in response.get("Cache-Control", "")
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not is_public:
            patch_cache_control(response, private=True, no_store=True)
        return response


def family_side_actor(request: MarelleRequest) -> Actor:
    """Who is there on the family's screens: an agent works there in the name of the home that it opened."""
    if not request.user.is_authenticated:
        return NOBODY
    return actor_for(request.user, acting_for=request.session.get(ACTING_FOR))


def _actor(request: MarelleRequest) -> Actor:
    """On its own screens an agent is itself, whatever home it has open: it decides nothing in its name."""
    if request.path_info.startswith(STAFF_SIDE) and request.user.is_authenticated:
        return actor_for(request.user)
    return family_side_actor(request)
