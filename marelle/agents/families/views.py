"""« Familles »: find one, open its file, and work in its name on its own screens."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.families import words
from marelle.agents.guards import staff_only
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.flows.acting import FOUND_AT_MOST, MayNotAct, OwnHome, acting_start, families_found
from marelle.flows.actors import ACTING_FOR, MAY_ACT
from marelle.flows.dossiers import dossier
from marelle.flows.middleware import MarelleRequest

QUERY_LENGTH = 100


@require_safe
@staff_only(*MAY_ACT)
def search(request: MarelleRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()[:QUERY_LENGTH]
    found = families_found(request.actor, query, day=local(request.now).date())
    context = {"query": query, "found": found, "many": len(found) == FOUND_AT_MOST}
    return render(request, "agents/families/search.html", context)


@require_safe
@staff_only(*MAY_ACT)
def family(request: MarelleRequest, family_id: int) -> HttpResponse:
    found = dossier(request.actor, family_id, now=request.now)
    if found is None:
        raise Http404
    context = {
        "family": found.family,
        "residence": found.residence,
        "adults": words.adult_rows(found),
        "children": words.child_rows(found, local(request.now).date()),
        "is_own": found.is_own,
        "left_on": day_plain(found.family.left_on) if found.family.left_on else "",
    }
    return render(request, "agents/families/family.html", context)


@require_POST
@staff_only(*MAY_ACT)
def act_for(request: MarelleRequest, family_id: int) -> HttpResponse:
    try:
        family = acting_start(actor=request.actor, family_id=family_id, now=request.now)
    except MayNotAct as refusal:
        raise Http404 from refusal
    except OwnHome:
        messages.warning(request, _("C’est votre propre famille : un autre agent doit s’en occuper."))
        return redirect("agents_families:search")
    request.session[ACTING_FOR] = family.pk
    return redirect("/tableau-de-bord/")


@require_POST
@staff_only(*MAY_ACT)
def stop_acting(request: MarelleRequest) -> HttpResponse:
    request.session.pop(ACTING_FOR, None)
    messages.success(request, _("Vous n’agissez plus au nom d’une famille."))
    return redirect("agents_families:search")
