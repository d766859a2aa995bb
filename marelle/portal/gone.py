"""One answer for whoever sent a form while the home was erased, made one with another, or separated.

What is sent looks again under the lock of the home (`families.locks`): nothing of it was kept. What was typed
is shown, to be copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.families.locks import why_gone
from marelle.families.refusals import HomeGone
from marelle.flows.actors import ACTING_FOR, actor_for
from marelle.flows.middleware import NOBODY, MarelleRequest

SAYS: Final[dict[str, Promise]] = {
    "erased": _("Ce dossier vient d’être effacé : rien n’est enregistré."),
    "merged": _("Ce dossier vient d’être réuni à un autre : rien n’est enregistré. Merci de recommencer."),
    "apart": _("Ce foyer vient de changer : rien n’est enregistré. Reconnectez-vous, puis recommencez."),
}

NOT_WORDS: Final = ("csrf", "password", "seen")
"""How the names of fields begin that hold no words of the person who sent them."""


class HomeGoneMiddleware:
    """A view that finds its home gone says so by `HomeGone`; one that finds nothing left of what was sent, or
    that the database refuses, is asked whether that is why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: MarelleRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, HomeGone):
            return _answer(request, error.why)
        if request.method != "POST" or request.actor.family_id is None:
            return None
        if not isinstance(error, IntegrityError | ObjectDoesNotExist | Http404):
            return None
        why = why_gone(request.actor)
        return None if why is None else _answer(request, why)


def _answer(request: MarelleRequest, why: str) -> HttpResponse:
    """The page is made for who is there now: the home that the request began with has no name any more."""
    if request.actor.on_behalf_of:
        request.session.pop(ACTING_FOR, None)
        request.actor = actor_for(request.user) if request.user.is_authenticated else NOBODY
    elif why != "merged" and not request.actor.is_staff:
        request.actor = NOBODY
    context = {"says": SAYS[why], "typed": typed_words(request.POST)}
    return render(request, "portal/gone.html", context, status=409)


def typed_words(posted: QueryDict) -> list[str]:
    """What somebody wrote in words, each once: not what a form carries by itself, nor a choice."""
    found = (
        value.strip()
        for name, values in posted.lists()
        if not name.startswith(NOT_WORDS)
        for value in values
        if isinstance(value, str)
    )
    return list(dict.fromkeys(value for value in found if " " in value or "\n" in value))
