"""The gauges of an activity as one grid: its slots by day, its groups, and what each cell draws on."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.activities.models import Activity, Gauge
from marelle.activities.services import drawable, draws_held, kept_by
from marelle.activities.services.draws import DrawsRefused
from marelle.agents.activities import draw_words as words
from marelle.agents.activities.forms.draws import DrawsForm, field_name
from marelle.agents.guards import staff_only
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.openings import activity_draws_set, slots_booked
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def draws(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = kept_by(request.actor, Activity).select_related("structure").filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    day = request.today
    slots = list(activity.slots.order_by("order", "pk"))
    columns = words.columns(activity.groups.order_by("min_age_months", "pk"))
    held, booked = draws_held([slot.pk for slot in slots]), slots_booked(activity, now=request.now)
    drawn = frozenset[int]().union(*held.values())
    asked = frozenset(request.GET.getlist("jauge"))
    every = {gauge.pk: gauge for gauge in drawable(request.actor, activity)}
    gauges = words.offered(every, activity, drawn, asked)
    form = DrawsForm(
        request.POST if request.method == "POST" else None,
        cells=words.cells(slots, columns),
        choices=[(pk, words.choice(gauge, activity, day)) for pk, gauge in gauges.items()],
        held=held,
        kept=booked,
    )
    if form.is_valid():
        try:
            activity_draws_set(
                actor=request.actor, activity_id=activity_id, changes=form.changes(), now=request.now
            )
        except DrawsRefused as refusal:
            _refuse(form, refusal, every)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_activities:draws", activity_id)
    elif form.is_bound:
        form.show_again({})
    context = {
        "activity": activity,
        "form": form,
        "columns": columns,
        "grid": words.grid(slots, columns, gauges, held, booked, form=form, day=day),
        "any_kept": bool(booked),
        "all_kept": all(not form.is_shown(cell) for cell in form.cells),
        "capacities": words.capacities(request.actor, [gauges[pk] for pk in gauges if pk in drawn], day),
        "others": [(pk, words.choice(every[pk], activity, day)) for pk in every if pk not in gauges],
        "asked": [pk for pk in gauges if str(pk) in asked],
        "no_gauge": not every,
    }
    return render(request, "agents/activities/draws.html", context)


def _refuse(form: DrawsForm, refusal: Refusal, gauges: Mapping[int, Gauge]) -> None:
    refused = refusal.data["refused"]
    for cell, why in refused.items():
        form.add_error(field_name(cell), words.refusal_text(why, gauges))
    changed = {cell: why.data["held"]["gauges"] for cell, why in refused.items() if "held" in why.data}
    form.show_again(changed)
