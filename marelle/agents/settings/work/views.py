"""« Travail de fond »: what the portal does by itself, when it last did it, what fails."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.work import words
from marelle.core.actor import Role
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.upkeep.rounds import jobs_seen
from marelle.flows.upkeep.worker import CODES


@require_safe
@staff_only(Role.ADMINISTRATOR)
def work(request: MarelleRequest) -> HttpResponse:
    jobs = jobs_seen(CODES, now=request.now)
    late = words.late_told(jobs, request.now)
    return render(request, "agents/work/work.html", {"late": late, "rows": [*map(words.job_row, jobs)]})
