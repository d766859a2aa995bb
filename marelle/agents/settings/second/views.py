"""« Double authentification exigée »: of which role, from which day."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marelle.agents.guards import staff_only
from marelle.agents.settings.second.forms import LivesForm, RulesForm
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.lives import lives as lives_held
from marelle.places.lives import lives_set
from marelle.places.second import second_rules, second_rules_set
from marelle.shell.again import recognised_first


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR)
@recognised_first
def rules(request: MarelleRequest) -> HttpResponse:
    form = RulesForm(request.POST if request.method == "POST" else None, rules=second_rules())
    if form.is_valid():
        try:
            count = second_rules_set(
                actor=request.actor, since=form.since(), seen=form.shown(), now=request.now
            )
        except ChangedMeanwhile as refusal:
            form.refuse_stale(refusal)
        else:
            told = ngettext("%d date changée.", "%d dates changées.", count) % count
            messages.success(request, told if count else _("Rien n’a changé."))
            return redirect("agents_second:rules")
    return render(request, "agents/second/rules.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR)
@recognised_first
def lives(request: MarelleRequest) -> HttpResponse:
    form = LivesForm(request.POST if request.method == "POST" else None, lives=lives_held())
    if form.is_valid():
        try:
            count = lives_set(actor=request.actor, chosen=form.lives(), seen=form.shown(), now=request.now)
        except ChangedMeanwhile as refusal:
            form.refuse_stale(refusal)
        else:
            told = ngettext("%d durée changée.", "%d durées changées.", count) % count
            messages.success(request, told if count else _("Rien n’a changé."))
            return redirect("agents_second:lives")
    return render(request, "agents/second/lives.html", {"form": form})
