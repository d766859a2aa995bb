"""« Délais de conservation »: how long what is written stays."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marelle.agents.guards import staff_only
from marelle.agents.settings.delays.forms import DelaysForm
from marelle.agents.settings.delays.words import last_text
from marelle.agents.settings.setting import setting_answer
from marelle.core.actor import Role
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.upkeep.delays import delays_seen
from marelle.places.delays import delays_set, months_kept
from marelle.places.look import may_set_look


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def delays(request: MarelleRequest) -> HttpResponse:
    if not may_set_look(request.actor):
        raise PermissionDenied
    last = {code: last_text(row) for code, row in delays_seen().items()}
    form = DelaysForm(request.POST if request.method == "POST" else None, months=months_kept(), last=last)
    return setting_answer(
        request,
        "agents/delays/delays.html",
        form,
        lambda: len(
            delays_set(actor=request.actor, months=form.months(), seen=form.shown(), now=request.now)
        ),
        lambda count: ngettext("%d délai changé.", "%d délais changés.", count) % count,
    )
