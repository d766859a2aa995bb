"""The relais's mornings: who comes, a childminder entered, the list to print."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.models import Opening
from marelle.agents.guards import staff_only
from marelle.agents.relay.mornings.forms import ChildminderVisitForm
from marelle.agents.ways import home_ways
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, join_and
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS
from marelle.relay import visits
from marelle.relay.labels import refusal_text
from marelle.relay.models import Visit
from marelle.relay.selectors import MorningSeats, mornings_listed, mornings_to_run
from marelle.relay.selectors import childminders as read_childminders

AHEAD = timedelta(days=60)


@require_safe
@staff_only(*DECIDERS)
def mornings(request: MarelleRequest) -> HttpResponse:
    today = request.today
    rows = mornings_listed(request.actor, first=today, last=today + AHEAD)
    return render(request, "agents/mornings/mornings.html", {"mornings": [_line(row) for row in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def morning(request: MarelleRequest, opening_id: int) -> HttpResponse:
    opening = _found(request, opening_id)
    form = ChildminderVisitForm(
        request.POST if request.method == "POST" else None,
        childminders=read_childminders(request.actor).filter(
            authority=opening.activity.structure.authority_id
        ),
    )
    if request.method == "POST" and form.is_valid():
        try:
            visits.visit_enter(
                actor=request.actor,
                opening_id=opening_id,
                childminder_id=form.cleaned_data["childminder"].pk,
                brought=form.cleaned_data["children"],
                now=request.now,
            )
        except Refusal as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            messages.success(request, _("Venue notée."))
            return redirect("agents_mornings:morning", opening_id)
    return render(request, "agents/mornings/morning.html", {"form": form, **_card(request, opening)})


@require_POST
@staff_only(*DECIDERS)
def cancel(request: MarelleRequest, visit_id: int) -> HttpResponse:
    try:
        visit = visits.visit_cancel(actor=request.actor, visit_id=visit_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_mornings:mornings")
    messages.success(request, _("Venue annulée : les places sont rendues."))
    return redirect("agents_mornings:morning", visit.opening_id)


def _found(request: MarelleRequest, opening_id: int) -> Opening:
    today = request.today
    rows = mornings_to_run(request.actor, first=today - AHEAD, last=today + AHEAD)
    row = rows.filter(pk=opening_id).first()
    if row is None:
        raise Http404
    return row


def _line(row: MorningSeats) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": day_long(row.day).capitalize(),
        "hours": hours_text(local(row.starts_at).time(), local(row.ends_at).time()),
        "place": f"{row.structure} · {row.name}",
        "seats": row.seats,
        "capacity": row.capacity,
        "is_open": row.is_open,
    }


def _card(request: MarelleRequest, opening: Opening) -> dict[str, Any]:
    coming: list[Visit] = opening.live_visits  # type: ignore[attr-defined]
    ways = home_ways(request, {visit.family_id for visit in coming if visit.family_id})
    capacity = min((quota.capacity for quota in opening.quotas.all()), default=0)
    return {
        "id": opening.pk,
        "title": day_long(opening.day).capitalize(),
        "hours": hours_text(local(opening.starts_at).time(), local(opening.ends_at).time()),
        "place": f"{opening.activity.structure.name} · {opening.title or opening.slot.name}",
        "seats": sum(visit.seats for visit in coming),
        "capacity": capacity,
        "is_open": opening.state == Opening.State.OPEN,
        "visits": [
            {
                "id": visit.pk,
                "adult": visit.adult_name,
                "url": ways.get(visit.family_id or 0, ""),
                "who": str(visit.childminder or visit.family),
                "is_childminder": visit.childminder_id is not None,
                "children": join_and([child.first_name for child in visit.children.all()]),
            }
            for visit in coming
        ],
    }
