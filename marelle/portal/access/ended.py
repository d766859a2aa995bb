"""The answer to a form that comes after the session has ended."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from marelle.accounts.known import KNOWN_COOKIE, last_known
from marelle.accounts.models import User
from marelle.flows.actor.actors import account_with_actor, actor_for
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.access.sessions import mark_of
from marelle.portal.gone import typed_words
from marelle.shell.unsent import unsent_keep
from marelle.ui.views import page_of_form

CAME_IN_BY = {settings.SESSION_COOKIE_NAME, KNOWN_COOKIE}
"""Cookies of a browser by which somebody has come in."""


def ended(
    request: MarelleRequest, view: Callable[..., Any], *, login_url: str | None = None
) -> HttpResponseBase:
    """Nothing is done, and the login leads back. Where the page of the form can show it filled in, it is kept
    for whom it was of. Elsewhere what was written is shown, to be copied, to who had been in by that browser;
    the way back is the form's own page, since the address that it was posted to may have no page to show."""
    if getattr(view, "shows_unsent", False):
        owner = _owner(request)
        if owner is not None and unsent_keep(request, owner):
            messages.warning(
                request,
                _(
                    "Vous étiez déconnecté\u00a0: rien n’est encore envoyé. Connectez-vous\u00a0: "
                    "vous retrouverez ce que vous aviez coché ou écrit."
                ),
            )
            return redirect_to_login(request.get_full_path(), login_url)
    there = redirect_to_login(page_of_form(request), login_url)
    typed = typed_words(request.POST) if has_come_in(request) else []
    if typed:
        context = {"typed": typed, "login_url": there.url}
        return render(request, "portal/ended.html", context, status=HTTPStatus.FORBIDDEN)
    messages.warning(
        request,
        _(
            "Vous étiez déconnecté\u00a0: rien n’a été enregistré. Connectez-vous, vous retrouverez la page, "
            "puis recommencez."
        ),
    )
    return there


def has_come_in(request: MarelleRequest) -> bool:
    """Whether somebody has, by this browser."""
    return bool(CAME_IN_BY & request.COOKIES.keys())


def _owner(request: MarelleRequest) -> User | None:
    """Whose the form is: who came in last by this browser, since a login makes forms shown before it stale.

    None for agents: which home they had open went with their session.
    """
    user_id = last_known(mark_of(request))
    user = None if user_id is None else account_with_actor(user_id)
    return None if user is None or not user.is_active or actor_for(user).powers else user
