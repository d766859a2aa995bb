"""Asking who is logged in to show again who it is, before what is grave."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.accounts.passkeys import Challenge, Signed
from marelle.accounts.recognised import Factor, Recognised, is_recognised, strongest
from marelle.flows.actor.middleware import MarelleRequest
from marelle.ui.views import SAFE, page_of_form

OPENED: Final = "opened"
"""Session key: of which account, when and by what the session was opened."""

RECOGNISED: Final = "recognised"
"""Session key: the same, of when its owner was recognised again."""

CHALLENGE: Final = "challenge"
"""Session key: what the browser is asked to sign by a passkey, and since when."""

CHALLENGED_FOR: Final = timedelta(minutes=5)

Rest = ParamSpec("Rest")
View = Callable[Concatenate[MarelleRequest, Rest], HttpResponseBase]


def opened_keep(request: MarelleRequest, shown: Recognised) -> None:
    """Remember in this session by what it was opened."""
    request.session[OPENED] = _kept(shown)


def recognised_keep(request: MarelleRequest, shown: Recognised) -> None:
    """Remember in this session that its owner has just been recognised again; a logout forgets it."""
    request.session[RECOGNISED] = _kept(shown)


def recognised_of(request: MarelleRequest) -> Recognised | None:
    """What this session remembers of it, however long ago; `is_recognised` says whether it still counts."""
    return _read(request.session.get(RECOGNISED))


def challenge_keep(request: MarelleRequest, challenge: Challenge) -> str:
    """Remember what the browser is asked to sign, in place of what it was asked before. Returns it for the
    page, as JSON."""
    request.session[CHALLENGE] = [dict(challenge.state), request.now.isoformat()]
    return json.dumps(dict(challenge.options))


def challenge_answered(request: MarelleRequest) -> Signed:
    """What the browser answered, to what it was asked last: that is asked no more, whatever comes of it."""
    state, since = request.session.pop(CHALLENGE, None) or (None, "")
    is_late = state is None or request.now >= datetime.fromisoformat(since) + CHALLENGED_FOR
    return Signed(None if is_late else state, request.POST.get("passkey", ""))


def is_shown_lately(request: MarelleRequest) -> bool:
    return shown_lately(request) is not None


def shown_lately(request: MarelleRequest) -> Recognised | None:
    """That its owner has shown the strongest factor of the account lately, by coming in or again since;
    None where it has not."""
    user = request.user
    if not user.is_authenticated:
        return None
    wanted = strongest(has_second=user.has_second)
    for shown in map(_read, (request.session.get(RECOGNISED), request.session.get(OPENED))):
        if is_recognised(shown, user_id=user.pk, wanted=wanted, now=request.now):
            return shown
    return None


def recognised_first(view: View[Rest]) -> View[Rest]:
    """A view that opens to who has just shown who it is; others are asked, and come back to it.

    A form sent too late comes back to its own page, and says that nothing was saved.
    """

    @wraps(view)
    def asked(request: MarelleRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_shown_lately(request) else _ask(request)

    return asked


def second_first(view: View[Rest]) -> View[Rest]:
    """The same of an account that has a second factor, for a view whose form asks the others for their
    password."""

    @wraps(view)
    def asked(request: MarelleRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        is_asked = request.user.is_authenticated and request.user.has_second
        return _ask(request) if is_asked and not is_shown_lately(request) else view(request, *args, **kwargs)

    return asked


def _ask(request: MarelleRequest) -> HttpResponseBase:
    there = request.get_full_path()
    if request.method not in SAFE:
        there = page_of_form(request)
        messages.warning(request, _("Rien n’a été enregistré : confirmez que c’est vous, puis recommencez."))
    return redirect(reverse("account:again", query={"next": there}))


def _kept(shown: Recognised) -> list[object]:
    return [shown.user_id, shown.at.isoformat(), sorted(shown.by)]


def _read(found: Any) -> Recognised | None:
    if not found:
        return None
    user_id, at, by = found
    return Recognised(user_id, datetime.fromisoformat(at), frozenset(map(Factor, by)))
