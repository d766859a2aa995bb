"""« Les règles »: until when, how much, and what an absence is, where the home's children are enrolled."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.activities.told import rules_told
from marelle.enrolments.selectors import activities_of_home
from marelle.flows.actor.middleware import MarelleRequest


@require_safe
def house_rules(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    offered = activities_of_home(request.actor, day=request.today)
    told = [rules_told(facts, request.today) for facts in offered]
    return render(request, "portal/house_rules/house_rules.html", {"told": told})
