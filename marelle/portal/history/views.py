"""« Historique de mes actions »."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.journal.history import home_history
from marelle.portal.history.filters import EVERYTHING, selects, wanted
from marelle.portal.history.lines import lines


@require_http_methods(["GET"])
def history(request: MarelleRequest) -> HttpResponse:
    chosen = wanted(request.GET.dict())
    page = home_history(
        request.actor,
        page=request.GET.get("page"),
        verbs=chosen.verbs,
        since=chosen.since(request.now),
        day=request.today,
    )
    context = {
        "page_obj": page,
        "lines": lines(page.object_list, actor=request.actor),
        "filters": selects(chosen),
        "filtered": chosen != EVERYTHING,
        "is_guest": request.actor.guest is not None,
    }
    return render(request, "history/history.html", context)
