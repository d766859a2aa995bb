"""« Santé du portail »: what is looked at, what is to be seen to, what the portal last did by itself."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.vitals import words
from marelle.agents.settings.vitals.jobs import job_row
from marelle.core.actor import Role
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.vitals.reading import vitals


@require_safe
@staff_only(Role.ADMINISTRATOR)
def page(request: MarelleRequest) -> HttpResponse:
    found = vitals(now=request.now)
    context = {"points": words.points(found), "is_well": not found.signs, "jobs": [*map(job_row, found.jobs)]}
    return render(request, "agents/vitals/vitals.html", context)
