"""Who is logged in, for as long as its role allows; who is not is led to the login page; a device in use is
seen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import get_user, middleware
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from marelle.accounts.hashing import TooManyHashes
from marelle.accounts.models import User
from marelle.flows.actor.actors import actor_for
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import network_told, origin_of
from marelle.places.second import second_wanted_of
from marelle.portal.access.ended import ended
from marelle.portal.access.entrance import entrance_keep
from marelle.portal.access.sessions import mark_keep, session_end, session_lives, session_used
from marelle.ui.views import too_busy

RETRY_AFTER = 5
"""Seconds: hundreds of passwords are looked at meanwhile."""

ADDS_A_SECOND = {
    "account:second",
    "account:authenticator",
    "account:authenticator_picture",
    "account:passkey_new",
    "account:again",
    "access:disconnection",
}
"""Routes that stay open to who has to add a second factor."""

REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""What is out of reach is not found."""

logger = logging.getLogger(__name__)


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's, but who has been in for longer than its role allows is nobody, on public pages too."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _who(cast("MarelleRequest", request)))  # type: ignore[assignment]


def _who(request: MarelleRequest) -> User | AnonymousUser:
    user = get_user(request)
    if not isinstance(user, User) or session_lives(request, user):
        return user
    # Ending the session reads whose it was.
    request.user = user
    session_end(request)
    return AnonymousUser()


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's, but a form sent after the session has ended is not lost (`ended`)."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[Any, Any],
    ) -> HttpResponseBase | None:
        elsewhere = super().process_view(request, view_func, view_args, view_kwargs)
        if elsewhere is None or request.method in {"GET", "HEAD"}:
            return elsewhere
        return ended(cast("MarelleRequest", request), view_func, login_url=self.get_login_url(view_func))


class SecondRequiredMiddleware:
    """An agent whose post needs a second factor, and who has none, opens only the pages that add one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: MarelleRequest, view: Callable[..., HttpResponseBase], *_arguments: object
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        if request.user.has_second or (match is not None and match.view_name in ADDS_A_SECOND):
            return None
        since = second_wanted_of(actor_for(request.user))
        if since is None or request.today < since:
            return None
        if request.method not in {"GET", "HEAD"}:
            messages.warning(request, _("Rien n’a été enregistré : ajoutez la double authentification."))
        return redirect("account:second")


class BusyMiddleware:
    """Whoever gives a password while too many others do is asked to come back in a few seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return too_busy(request, retry_after=RETRY_AFTER) if isinstance(error, TooManyHashes) else None


class DeviceMiddleware:
    """Notes, coarsely, when a session and its device were last used, and lets a browser carry whom it knows,
    and that it is an agent's.

    A page that reads no session costs nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: MarelleRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed:
            try:
                session_used(request)
            except DatabaseError as error:
                # The answer is made, and true: it does not become an error for a date.
                logger.warning("When a device was seen could not be noted: %s", error)
        if request.mark:
            mark_keep(response, request.mark)
        entrance_keep(request, response)
        return response


class RefusedMiddleware:
    """Says in the log who was refused what, for who looks for an account that tries addresses of others.

    Pages of everybody are left out: their addresses hold the secrets of links.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: MarelleRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code not in REFUSED or match is None:
            return response
        if getattr(match.func, "login_required", True) and request.user.is_authenticated:
            logger.warning(
                "Refused to account %s at %s: %s %s %s",
                request.user.pk,
                network_told(origin_of(request).address),
                int(response.status_code),
                request.method,
                request.path,
            )
        return response
