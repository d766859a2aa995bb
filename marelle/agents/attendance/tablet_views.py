"""« Tablettes »: those of a door, let in and taken out by who answers for it; each agent's own code."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.attendance.words import refused_text
from marelle.agents.guards import staff_only
from marelle.agents.places.asked import managed
from marelle.agents.ways import colleague_ways
from marelle.attendance import selectors
from marelle.attendance.models import Pin
from marelle.attendance.tablets import pin_forget, pin_set, tablet_code, tablet_enrol, tablet_revoke
from marelle.core.converters import id_read
from marelle.core.refusals import No, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS
from marelle.shell.again import recognised_first

PAGE = "agents_attendance:tablets"


@require_safe
@staff_only(*DECIDERS)
@recognised_first
def tablets(request: MarelleRequest) -> HttpResponse:
    return _page(request)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def enrol(request: MarelleRequest) -> HttpResponse:
    """A tablet is named, then its code is shown, once: a page read again does not tell it."""
    name = request.POST.get("name", "")
    structure_id = id_read(request.POST.get("structure", "")) or 0
    try:
        tablet, _secret = tablet_enrol(
            actor=request.actor, structure_id=structure_id, name=name, now=request.now
        )
    except Refusal as refusal:
        return _page(request, error=refused_text(refusal), name=name, structure_id=structure_id)
    return _code(request, tablet.pk)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def code(request: MarelleRequest, tablet_id: int) -> HttpResponse:
    return _code(request, tablet_id)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def revoke(request: MarelleRequest, tablet_id: int) -> HttpResponse:
    tablet = tablet_revoke(actor=request.actor, tablet_id=tablet_id, now=request.now)
    messages.success(request, _("La tablette « %(name)s » est retirée.") % {"name": tablet.name})
    return redirect(PAGE)


@require_POST
@staff_only(*DECIDERS)
def forget(request: MarelleRequest, mate_id: int) -> HttpResponse:
    pin_forget(actor=request.actor, account_id=mate_id, now=request.now)
    messages.success(request, _("Le code est effacé : cette personne en choisit un autre."))
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def own_pin(request: MarelleRequest) -> HttpResponse:
    """« Mon code »: four to six digits, typed twice."""
    error = ""
    if request.method == "POST":
        pin = request.POST.get("pin", "")
        if pin != request.POST.get("again", ""):
            error = _("Les deux codes ne sont pas les mêmes.")
        else:
            try:
                pin_set(actor=request.actor, pin=pin, now=request.now)
            except No as refusal:
                error = refused_text(refusal)
            else:
                messages.success(request, _("Votre code est enregistré."))
                return redirect("agents_attendance:sheet")
    has_one = Pin.objects.filter(account_id=request.actor.user_id).exists()
    return render(request, "agents/attendance/pin.html", {"error": error, "has_one": has_one})


def _code(request: MarelleRequest, tablet_id: int) -> HttpResponse:
    tablet, shown = tablet_code(actor=request.actor, tablet_id=tablet_id, now=request.now)
    address = request.build_absolute_uri("/porte/")
    context = {"tablet": tablet, "code": f"{shown[:4]} {shown[4:]}", "address": address}
    return render(request, "agents/attendance/code.html", context)


def _page(request: MarelleRequest, **typed: Any) -> HttpResponse:
    structures = tuple(managed(request.actor))
    teams = selectors.teams([one.pk for one in structures])
    ways = colleague_ways(request, {holder.account_id for team in teams.values() for holder in team})
    context = {
        "structures": structures,
        "tablets": selectors.tablets(request.actor),
        "teams": [
            (one, [(holder, ways.get(holder.account_id, "")) for holder in teams[one.pk]])
            for one in structures
            if teams[one.pk]
        ],
        "name": "",
        **typed,
    }
    return render(request, "agents/attendance/tablets.html", context)
