"""« Tarifs » of an activity: what its slots cost, today and from each day on which it changes."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.activities.models import Activity
from marelle.activities.services import kept_by
from marelle.agents.activities import tariff_words as words
from marelle.agents.guards import staff_only
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def tariffs(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = kept_by(request.actor, Activity).select_related("structure").filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    context = {"activity": activity, "page": words.page(activity, request.today)}
    return render(request, "agents/activities/tariffs.html", context)
