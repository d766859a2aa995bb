"""« Les règles »: until when, how much, and what an absence is, where the home's children are enrolled."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.activities.effects import openings_of_month
from marelle.activities.month import month_after, month_asked
from marelle.activities.month_told import month_told
from marelle.activities.selectors import kept_drawn
from marelle.activities.told import rules_told
from marelle.enrolments.selectors import activities_of_home
from marelle.flows.actor.middleware import MarelleRequest


@require_safe
def house_rules(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    offered = activities_of_home(request.actor, day=request.today)
    drawn = kept_drawn(offered)
    told = [rules_told(facts, request.today, drawn) for facts in offered]
    return render(request, "portal/house_rules/house_rules.html", {"told": told})


@require_safe
def month(request: MarelleRequest, ruled_id: int) -> HttpResponse:
    """Each last minute of a month of one of them, to print."""
    if request.actor.family_id is None:
        raise Http404
    offered = activities_of_home(request.actor, day=request.today)
    facts = next((one for one in offered if one.id == ruled_id), None)
    if facts is None:
        raise Http404
    first = month_asked(request.GET.get("mois", ""), month_after(request.today), facts)
    told = month_told(facts, openings_of_month(ruled_id, first), first)
    return render(request, "portal/house_rules/month.html", {"month": told})
