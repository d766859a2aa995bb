"""One page for each kind of row: shown, looked at, saved, from nothing or in the place of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from marelle.activities.models import Activity
from marelle.agents.activities import tariff_words
from marelle.agents.activities.forms.edit import show_anew
from marelle.agents.activities.prices.billed_words import ended_lines
from marelle.agents.activities.prices.forms.common import Place, RowForm
from marelle.core.converters import id_read
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.tariffs import GridRow, grid_set
from marelle.pricing.about import Row, Seen
from marelle.pricing.refusals import TariffRefused

Change = tuple[Row, Row | None]
"""A row, and the one that it takes the place of."""


@dataclass(frozen=True, slots=True)
class Making:
    """`known`: what may be replaced, by id. `told` and `doubts` are those of what is typed."""

    title: str | Promise
    place: Place
    back: str
    back_name: str
    known: Mapping[int, Row]
    make: Callable[[Any, Row | None], RowForm]
    told: Callable[[Row], list[str]]
    doubts: Callable[[Sequence[Change]], list[str]]
    activity: Activity | None
    """Whose pages are around; None for what an authority has once."""
    lead: str


def page(request: MarelleRequest, making: Making) -> HttpResponse:
    """The form, with what it would say where that was asked for."""
    old = _old(request, making)
    form = making.make(request.POST if request.method == "POST" else None, old)
    typed = [(row, old) for row in form.rows()] if form.is_bound and form.is_valid() else []
    if typed and "enregistrer" in request.POST and _is_saved(request, form, making, typed):
        return redirect(making.back)
    context = {
        "activity": making.activity,
        "lead": making.lead,
        "form": form,
        "title": making.title,
        "back": making.back,
        "back_name": making.back_name,
        "old": old,
        "told": [line for row, _old in typed for line in making.told(row)],
        "doubts": making.doubts(typed) if typed else [],
    }
    return render(request, form.template, context)


def _old(request: MarelleRequest, making: Making) -> Row | None:
    """What is asked to be replaced. One that has gone since the page was shown is told of when saving."""
    asked = request.GET.get("remplace")
    if asked is None:
        return None
    old = making.known.get(id_read(asked) or 0)
    is_new = request.method == "POST" and request.POST.get("seen", "") != making.place.seen.version
    if old is None and not is_new:
        raise Http404
    return old


def _is_saved(request: MarelleRequest, form: RowForm, making: Making, typed: Sequence[Change]) -> bool:
    doubts = making.doubts(typed)
    try:
        grid_set(
            actor=request.actor,
            authority_id=making.place.authority_id,
            rows=[GridRow(row, old.id if old else None) for row, old in typed],
            seen=seen_of(making.place, form.cleaned_data["seen"]),
            now=request.now,
        )
    except ChangedMeanwhile as refusal:
        stale(form, refusal, request.today)
        return False
    except TariffRefused as refusal:
        form.add_error(tariff_words.FIELDS.get(refusal.code), tariff_words.refusal_text(refusal))
        return False
    messages.success(request, _("C’est enregistré\u00a0: les jours d’avant gardent leur prix."))
    for line in doubts:
        messages.warning(request, line)
    return True


def tell_ended(request: MarelleRequest, place: Place, rows: Sequence[Row], until: date) -> None:
    messages.success(request, _("C’est enregistré\u00a0: cela prend fin ce jour-là."))
    for line in ended_lines(place.authority_id, rows, until):
        messages.warning(request, line)


def seen_of(place: Place, version: str) -> Seen:
    """What the page that was sent showed of the same slots or product."""
    return Seen(version, place.seen.slots, place.seen.product)


def stale(form: Any, refusal: ChangedMeanwhile, day: date) -> None:
    """Tell what another changed since; what was typed stays, and may be sent again."""
    form.add_error(None, tariff_words.meanwhile_text(refusal, day))
    show_anew(form, "seen", refusal.data["held"]["version"])
