"""Gives each request its instant and its actor, and keeps what families read out of browsers' caches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from marelle.core.actor import Actor
from marelle.flows.actors import ACTING_FOR, actor_for

NOBODY = Actor(user_id=None, label="")


class MarelleRequest(HttpRequest):
    """What views receive: Django's request, plus `now` (when it arrived, aware) and `actor`."""

    now: datetime
    actor: Actor


class ActorMiddleware:
    """Sets `request.now` and `request.actor`; the actor is built when first read, at most once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: MarelleRequest) -> HttpResponse:
        request.now = timezone.now()
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[assignment]
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Pages of who is logged in are stored nowhere.

    On a shared computer, « précédent » after logging out would show them again. The cookie alone decides, so
    that it costs no query, and holds where an error keeps the session from being read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            patch_cache_control(response, private=True, no_store=True)
        return response


def _actor(request: MarelleRequest) -> Actor:
    if not request.user.is_authenticated:
        return NOBODY
    return actor_for(request.user, acting_for=request.session.get(ACTING_FOR))
