"""A day opened by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from marelle.activities.exceptional import NotOpened, day_open, slots_of_day
from marelle.agents.activities.closings import fewer_pages, words
from marelle.agents.activities.closings.views import choose, days_form
from marelle.agents.guards import staff_only
from marelle.core.converters import id_read
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def opening(request: MarelleRequest) -> HttpResponse:
    asked = days_form(request, bound=True)
    if not asked.is_valid():
        return choose(request, asked)
    target = asked.target
    ticked = {pk for pk in map(id_read, request.POST.getlist("creneau")) if pk}
    if request.method == "POST":
        try:
            opened = day_open(
                actor=request.actor,
                structure_id=target.structure_id,
                day=target.first_day,
                slot_ids=ticked,
                now=request.now,
            )
        except NotOpened as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, words.opened_text(len(opened)))
            return redirect("agents_closings:closings")
    slots = slots_of_day(request.actor, target.structure_id, target.first_day)
    context = {**fewer_pages.head(asked), "groups": words.slot_groups(slots, ticked)}
    return render(request, "agents/closings/open.html", context)
