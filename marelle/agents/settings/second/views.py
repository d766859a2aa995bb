"""« Double authentification exigée »: of which role, from which day; and how long sessions live."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marelle.agents.guards import staff_only
from marelle.agents.settings.second.forms import LivesForm, RulesForm
from marelle.agents.settings.setting import setting_answer
from marelle.core.actor import Role
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
    return setting_answer(
        request,
        "agents/second/rules.html",
        form,
        lambda: second_rules_set(actor=request.actor, since=form.since(), seen=form.shown(), now=request.now),
        lambda count: ngettext("%d date changée.", "%d dates changées.", count) % count,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR)
@recognised_first
def lives(request: MarelleRequest) -> HttpResponse:
    form = LivesForm(request.POST if request.method == "POST" else None, lives=lives_held())
    return setting_answer(
        request,
        "agents/second/lives.html",
        form,
        lambda: lives_set(actor=request.actor, chosen=form.lives(), seen=form.shown(), now=request.now),
        lambda count: ngettext("%d durée changée.", "%d durées changées.", count) % count,
    )
