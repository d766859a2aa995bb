"""« Tarifs » of an activity: what its slots cost, and the form that makes or changes a grid of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.models import Activity
from marelle.activities.services import kept_by
from marelle.agents.activities import tariff_words as words
from marelle.agents.activities.forms import tariffs as forms
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.forms.tariffs import Line, TariffForm
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.converters import id_read
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.tariffs import GridRow, grid_end, grid_set
from marelle.places.scope import DECIDERS, is_office_of
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.tariffs import Sets, Tariff

KEPT = ("colle", "since", "until", "voted_number", "voted_on")
"""What is typed once for all rows, beside whom it is for."""


@require_safe
@staff_only(*DECIDERS)
def tariffs(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = kept_by(request.actor, Activity).select_related("structure").filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    writes = is_office_of(request.actor, activity.structure.authority_id)
    context = {
        "activity": activity,
        "page": words.page(activity, request.today),
        "writes": writes,
        "today": request.today.isoformat(),
    }
    return render(request, "agents/activities/tariffs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def tariff_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    """A grid from nothing, or from those that `remplace` names, which end the day before it begins."""
    activity = _office_activity(request, activity_id)
    slots = words.priced_slots(activity)
    known = words.changeable_of(activity, request.today)
    form = _form(request, activity, slots, known)
    if form.is_bound and form.is_valid() and _is_saved(request, form, activity, known):
        messages.success(request, _("C’est enregistré\u00a0: ce qui est déjà compté ne change pas."))
        return redirect("agents_activities:tariffs", activity_id)
    return render(request, "agents/activities/tariff.html", {"activity": activity, "form": form})


@require_POST
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def tariff_ended(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = _office_activity(request, activity_id)
    asked = {pk for pk in map(id_read, request.POST.getlist("tarif")) if pk}
    if not asked <= set(words.changeable_of(activity, request.today)):
        raise Http404
    if not asked:
        messages.error(request, _("Choisissez ce qui prend fin."))
        return redirect("agents_activities:tariffs", activity_id)
    try:
        until = DayField().clean(request.POST.get("dernier-jour"))
        grid_end(
            actor=request.actor,
            authority_id=activity.structure.authority_id,
            tariff_ids=asked,
            until=until,
            now=request.now,
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except TariffRefused as refusal:
        messages.error(request, words.refusal_text(refusal))
    else:
        messages.success(request, _("C’est enregistré\u00a0: ces tarifs prennent fin."))
    return redirect("agents_activities:tariffs", activity_id)


def _office_activity(request: MarelleRequest, activity_id: int) -> Activity:
    activity = kept_by(request.actor, Activity).select_related("structure").filter(pk=activity_id).first()
    if activity is None or not is_office_of(request.actor, activity.structure.authority_id):
        raise Http404
    return activity


def _form(
    request: MarelleRequest, activity: Activity, slots: Mapping[int, str], known: Mapping[int, Tariff]
) -> TariffForm:
    if request.method != "POST":
        asked = [id_read(text) for text in request.GET.getlist("remplace")]
        if any(pk not in known for pk in asked):
            raise Http404
        rows = [known[pk] for pk in asked if pk]
        since = max(request.today, activity.first_day)
        kept = words.begun(rows[0]) if rows else {}
        return TariffForm(None, slots=slots, filled=words.filled(rows), kept={**kept, "since": since})
    filled, more = forms.typed(request.POST), "formule" in request.POST
    if "enregistrer" in request.POST:
        return TariffForm(request.POST, slots=slots, filled=filled, kept={})
    kept = {name: request.POST.get(name, "") for name in KEPT} | {"who": request.POST.getlist("who")}
    if "remplir" in request.POST:
        wanted = forms.pasted(kept["colle"], filled)
        told = forms.too_large(wanted)
        if told:
            messages.error(request, told)
        else:
            filled, kept["colle"] = wanted, ""
    return TariffForm(None, slots=slots, filled=filled, kept=kept, one_more=more)


def _is_saved(
    request: MarelleRequest, form: TariffForm, activity: Activity, known: Mapping[int, Tariff]
) -> bool:
    try:
        grid_set(
            actor=request.actor,
            authority_id=activity.structure.authority_id,
            rows=[_row(form, line, known) for line in form.lines()],
            now=request.now,
        )
    except TariffRefused as refusal:
        form.add_error(words.FIELDS.get(refusal.code), words.refusal_text(refusal))
        return False
    return True


def _row(form: TariffForm, line: Line, known: Mapping[int, Tariff]) -> GridRow:
    """What the form does not show of a tariff that ends (hours, days, codes) stays in the one that begins."""
    said: dict[str, Any] = {
        "name": line.name,
        "since": form.cleaned_data["since"],
        "until": form.cleaned_data["until"],
        "amount": line.amount,
        "who": form.traits(),
        "voted": form.voted(),
    }
    old = known.get(line.replaces) if line.replaces else None
    if old is None:
        if line.replaces:
            raise TariffRefused("replaced")
        return GridRow(Tariff(id=0, what=Sets(line.sets), **said))
    started = old.what.started if isinstance(old.what, Sets) else None
    return GridRow(replace(old, what=Sets(line.sets, started), **said), line.replaces)
