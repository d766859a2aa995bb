"""« Délais de conservation »: how long what is written stays."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marelle.agents.guards import staff_only
from marelle.agents.settings.delays.forms import DelaysForm
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.delays import delays_set, months_kept
from marelle.places.look import may_set_look


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def delays(request: MarelleRequest) -> HttpResponse:
    if not may_set_look(request.actor):
        raise PermissionDenied
    form = DelaysForm(request.POST if request.method == "POST" else None, months=months_kept())
    if form.is_valid():
        try:
            changed = delays_set(
                actor=request.actor, months=form.months(), seen=form.shown(), now=request.now
            )
        except ChangedMeanwhile as refusal:
            form.refuse_stale(refusal)
        else:
            told = ngettext("%d délai changé.", "%d délais changés.", len(changed)) % len(changed)
            messages.success(request, told if changed else _("Rien n’a changé."))
            return redirect("agents_delays:delays")
    return render(request, "agents/delays/delays.html", {"form": form})
