"""« Réglages »: the index of what the authority chooses, and the table of the fields of families' files."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.cards import opened
from marelle.agents.settings.forms import PoliciesForm
from marelle.agents.settings.states import states
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.file.policies import may_set_policies, policies, policies_set
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def index(request: MarelleRequest) -> HttpResponse:
    groups = opened(request.actor)
    said = states(request.actor, {one.route for _label, group in groups for one in group}, request.now)
    found = [(label, [(one, said.get(one.route, "")) for one in group]) for label, group in groups]
    return render(request, "agents/settings/index.html", {"groups": found})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def fields(request: MarelleRequest) -> HttpResponse:
    if not may_set_policies(request.actor):
        raise PermissionDenied
    form = PoliciesForm(request.POST if request.method == "POST" else None, chosen=policies())
    if form.is_valid() and _is_set(request, form):
        return redirect("agents_settings:fields")
    return render(request, "agents/settings/fields.html", {"form": form, "sections": form.sections()})


def _is_set(request: MarelleRequest, form: PoliciesForm) -> bool:
    try:
        changed = policies_set(actor=request.actor, chosen=form.chosen(), seen=form.shown(), now=request.now)
    except ChangedMeanwhile as refusal:
        form.refuse_stale(refusal)
        return False
    except Refusal:
        messages.warning(request, _("Un de ces choix n’est pas possible : rouvrez la page."))
        return False
    told = ngettext("%d règle changée.", "%d règles changées.", len(changed)) % len(changed)
    messages.success(request, told if changed else _("Rien n’avait changé."))
    return True
