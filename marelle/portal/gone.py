"""One answer for whoever sent a form while the home was erased, made one with another, or separated.

What is sent looks again under the lock of the home (`families.locks`): nothing of it was kept. What was typed
is shown, to be copied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.refusals import NotYours
from marelle.families.fields import BY_CODE, Kind
from marelle.families.locks import why_gone
from marelle.families.refusals import HomeGone
from marelle.flows.actor.actors import ACTING_FOR, actor_for
from marelle.flows.actor.middleware import NOBODY, MarelleRequest

SAYS: Final[dict[str, Promise]] = {
    "erased": _("Ce dossier vient d’être effacé : rien n’est enregistré."),
    "merged": _("Ce dossier vient d’être réuni à un autre : rien n’est enregistré. Merci de recommencer."),
    "apart": _("Ce foyer vient de changer : rien n’est enregistré. Reconnectez-vous, puis recommencez."),
}

NOT_WORDS: Final = ("csrf", "password", "robot", "seen")
"""How the names of fields begin that hold no words of the person who sent them."""

PICKED: Final = (Kind.CHOICE, Kind.BIRTH, Kind.TERM)
PICKED_PARTS: Final = ("since", "school", "level")
"""Of the fields of a family's file, the kinds and the parts that nobody writes."""

_CODE: Final = re.compile(r"[a-z0-9_.:,-]*")
"""What a choice or an id is, which no form says."""


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
        if not isinstance(error, IntegrityError | ObjectDoesNotExist | Http404 | NotYours):
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
    """What somebody wrote, each once: not what a form carries by itself, nor a choice, nor a password."""
    found = (
        value.strip()
        for name, values in posted.lists()
        for value in values
        if isinstance(value, str) and _is_typed(name, value.strip())
    )
    return list(dict.fromkeys(value for value in found if value))


def _is_typed(name: str, value: str) -> bool:
    """By the forms that have such a field. Of a name that none has, or some for words and some for a choice,
    by the look of the value."""
    if name.startswith(NOT_WORDS):
        return False
    before, _dash, last = name.rpartition("-")
    of_file = BY_CODE.get(before.replace("-", ".", 1))
    if of_file is not None:
        return of_file.kind not in PICKED and last not in PICKED_PARTS
    written, other = _names()
    if last in written and last in other:
        return not _CODE.fullmatch(value)
    if last in written or last in other:
        return last in written
    return " " in value or "\n" in value


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """The names of the fields in which one writes, in every form of the pages, and of all others."""
    resolve("/")  # The forms come with the addresses.
    written, other = set[str](), set[str]()
    for form in _forms(forms.BaseForm):
        for name, field in getattr(form, "base_fields", {}).items():
            is_written = isinstance(field, forms.CharField) and isinstance(
                field.widget, forms.TextInput | forms.EmailInput | forms.Textarea
            )
            (written if is_written else other).add(name)
    return frozenset(written), frozenset(other)


def _forms(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for form in kind.__subclasses__():
        if form.__module__.startswith("marelle."):
            yield form
        yield from _forms(form)
