"""The relais's mornings: an adult of the home comes with children, one place each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.selectors import children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.mornings.forms import VisitForm
from marelle.portal.mornings.words import card
from marelle.relay.labels import refusal_text
from marelle.relay.selectors import MorningLine, morning_lines, mornings_ahead, relays_of
from marelle.relay.visits import visit_book, visit_cancel, visit_mark
from marelle.ui.components import Choice, Filter

PER_PAGE = 12
RELAY = "relais"


@require_safe
def mornings(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    ahead = mornings_ahead(request.actor, now=request.now)
    relays = {str(pk): name for pk, name in relays_of(ahead).items()}
    chosen = request.GET.get(RELAY, "")
    rows = ahead.filter(activity__structure=int(chosen)) if chosen in relays else ahead
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lines, agent = morning_lines(request.actor, page.object_list), request.actor.on_behalf_of
    context = {
        "page_obj": page,
        "mornings": [card(line, agent=agent, now=request.now) for line in lines],
        "relays": _filter(relays, chosen) if len(relays) > 1 else None,
    }
    return render(request, "portal/mornings/mornings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: MarelleRequest, opening_id: int) -> HttpResponse:
    rows = mornings_ahead(request.actor, now=request.now).filter(pk=opening_id)
    lines = morning_lines(request.actor, rows)
    if not lines:
        raise Http404
    (line,) = lines
    form = VisitForm(
        request.POST if request.method == "POST" else None,
        children=children(request.actor, day=request.today),
        initial=_initial(request, line),
    )
    is_stale = False
    if request.method == "POST" and form.is_valid():
        try:
            visit_book(
                actor=request.actor,
                opening_id=opening_id,
                adult_name=form.cleaned_data["adult_name"],
                child_ids=[int(pk) for pk in form.cleaned_data["children"]],
                seen=form.cleaned_data["seen"],
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            form.add_error(None, refusal_text(refusal))
            form.show_again(visit_mark(line.visit))
            is_stale = True
        except Refusal as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            messages.success(request, _("C’est noté : le relais vous attend."))
            return redirect("mornings:mornings")
    context = {
        "form": form,
        "morning": card(line, agent=request.actor.on_behalf_of, now=request.now),
        "is_stale": is_stale,
    }
    return render(request, "portal/mornings/book.html", context)


@require_POST
def cancel(request: MarelleRequest, visit_id: int) -> HttpResponse:
    try:
        visit_cancel(actor=request.actor, visit_id=visit_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Votre venue est annulée : la place est rendue."))
    return redirect("mornings:mornings")


def _filter(relays: Mapping[str, str], chosen: str) -> Filter:
    choices = (Choice(pk, name, selected=pk == chosen) for pk, name in relays.items())
    return Filter(RELAY, _("Relais"), (Choice("", _("Tous")), *choices))


def _initial(request: MarelleRequest, line: MorningLine) -> dict[str, Any]:
    if line.visit is None:
        return {"adult_name": "" if request.actor.on_behalf_of else request.actor.label, "seen": ""}
    coming = [str(one.child_id) for one in line.visit.children.all() if one.child_id is not None]
    return {"adult_name": line.visit.adult_name, "children": coming, "seen": visit_mark(line.visit)}
