"""« Repas »: a week of meals of a structure, its adults and picnics, its order for the kitchen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.lists.meals import forms, words
from marelle.agents.lists.meals.asked import PAGE, WeekAsked
from marelle.core.refusals import Refusal
from marelle.files.listings import PDF, listing_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.meals.labels import refused_text
from marelle.meals.selectors import sittings
from marelle.meals.services import Typed, extras_save, meals_order
from marelle.places.models import Structure
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def week(request: MarelleRequest) -> HttpResponse:
    asked = WeekAsked.of(request)
    if asked.structure is None:
        return render(request, "agents/lists/meals.html", {"asked": asked})
    if request.method != "POST":
        return _table(request, asked, asked.structure, {})
    sent = {name: str(value) for name, value in request.POST.items()}
    held = sittings(asked.structure.pk, first=asked.first, last=asked.last)
    typed, wrong = forms.typed_of(sent, held, request.today)
    if wrong:
        messages.warning(request, _("Rien n’est enregistré : un nombre de 0 à 999 est attendu, ou rien."))
        return _table(request, asked, asked.structure, sent, wrong)
    try:
        told = _done(request, asked.structure, typed, sent.get(forms.ORDER))
    except Refusal as refusal:
        messages.warning(request, refused_text(refusal))
        return _table(request, asked, asked.structure, sent)
    messages.success(request, told)
    return redirect(reverse(PAGE) + asked.query)


def _done(request: MarelleRequest, structure: Structure, typed: list[Typed], order: str | None) -> str:
    actor, now = request.actor, request.now
    if order is None:
        extras_save(actor=actor, structure_id=structure.pk, typed=typed, now=now)
        return _("Les adultes et les pique-niques sont enregistrés.")
    keys = forms.ordered_of(order, [one.key for one in typed])
    made = meals_order(actor=actor, structure_id=structure.pk, typed=typed, keys=keys, now=now)
    told = ngettext("%(n)d service est commandé.", "%(n)d services sont commandés.", len(made))
    return told % {"n": len(made)}


def _table(
    request: MarelleRequest,
    asked: WeekAsked,
    structure: Structure,
    sent: dict[str, str],
    wrong: frozenset[str] = frozenset(),
) -> HttpResponse:
    """`sent` is what was typed, when it is shown again."""
    held = sittings(structure.pk, first=asked.first, last=asked.last)
    context: dict[str, Any] = {
        "asked": asked,
        "bar": asked.toolbar(),
        "filters": asked.filters(),
        "files": asked.files(),
        "week": words.week(held, asked.today, sent, wrong),
    }
    return render(request, "agents/lists/meals.html", context)


@require_safe
@staff_only(*DECIDERS)
def file(request: MarelleRequest) -> HttpResponse:
    asked = WeekAsked.of(request)
    if asked.structure is None:
        return redirect(reverse(PAGE))
    held = sittings(asked.structure.pk, first=asked.first, last=asked.last)
    listing = words.listing(asked.structure, held, asked.first, asked.last, request.now)
    return listing_response(listing, request.GET.get("format", PDF), now=request.now)
