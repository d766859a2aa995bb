"""« Créer une famille »: one screen; a family alike is told before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marelle.agents.families.opening_forms import ADULT, CHILD, HOME, OpeningForm
from marelle.agents.guards import staff_only
from marelle.agents.ways import home_ways
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.core.phones import phone_text
from marelle.core.refusals import Refusal
from marelle.families.file.labels import refusal_text
from marelle.families.finding.twins import Likely, likely_homes
from marelle.flows.actor.acting import OwnHome
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.identities.arrivals import arrival
from marelle.flows.models import Arrival
from marelle.flows.office.opening import HomesAlike, NewHome, home_open
from marelle.relay.selectors import demand
from marelle.relay.services import care_file

DEMAND: Final = "demande"
"""In an address: the demand of childcare whose asker the file is for."""

VISIT: Final = "visite"
"""In an address: the first visit of who has no file yet."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def new(request: MarelleRequest) -> HttpResponse:
    day = request.today
    visit_id = id_read(request.GET.get(VISIT, ""))
    visit = arrival(request.actor, visit_id) if visit_id is not None else None
    given = _visited(visit) if visit else _asked(request.actor, id_read(request.GET.get(DEMAND, "")))
    form = OpeningForm(request.POST if request.method == "POST" else None, day=day, given=given)
    likely: Likely | None = None
    if form.is_valid():
        home = form.home()
        family_id = _created(request, form, home)
        if family_id is not None:
            if visit is not None:
                return redirect("agents_arrivals:arrival", visit.pk)
            _filed(request, family_id)
            return redirect("agents_families:family", family_id)
        found = likely_homes(home.adults, home.children, day=day)
        if found.seen:
            form.warn(found)
            likely = found
    homes = _alike(request, likely) if likely else []
    return render(request, "agents/families/new.html", {"form": form, "likely": likely, "homes": homes})


def _alike(request: MarelleRequest, likely: Likely) -> list[tuple[str, str, str]]:
    """The homes that look the same, with where the name of each leads, and whom of its children."""
    homes = {child.family.pk for child in likely.known} | {home.pk for home in likely.homes}
    ways = home_ways(request, homes)
    found = [(child.family, str(child.person)) for child in likely.known]
    found += [(home, "") for home in likely.homes]
    return [(str(home), ways.get(home.pk, ""), child) for home, child in found]


def _asked(actor: Actor, demand_id: int | None) -> Mapping[str, Mapping[str, Any]]:
    """What a demand of childcare told, where one led here: its asker has no file yet."""
    row = demand(actor, demand_id) if demand_id is not None else None
    if row is None or row.family_id is not None:
        return {}
    first_name, _space, last_name = row.asker_name.partition(" ")
    return {
        f"{ADULT}1": {
            "first_name": first_name,
            "last_name": last_name,
            "phone": phone_text(row.phone),
            "email": row.email,
        },
        f"{CHILD}1": {
            "first_name": row.child_first_name or (_("Bébé") if row.expected_on else ""),
            "birth_date": row.birth_date,
            "expected_on": row.expected_on,
        },
    }


def _visited(visit: Arrival) -> Mapping[str, Mapping[str, Any]]:
    """What a first visit told. It is linked to its file in a moment, and needs no invitation."""
    adult = {
        "first_name": visit.given_names.partition(" ")[0],
        "last_name": visit.usage_name or visit.birth_name,
        "phone": phone_text(visit.phone),
        "email": visit.email,
    }
    return {f"{ADULT}1": adult, HOME: {"invite": False}}


def _filed(request: MarelleRequest, family_id: int) -> None:
    """The demand that led here is that home's, unless a colleague has filed it meanwhile."""
    demand_id = id_read(request.GET.get(DEMAND, ""))
    if demand_id is None:
        return
    with suppress(Refusal):
        care_file(actor=request.actor, request_id=demand_id, family_id=family_id, now=request.now)


def _created(request: MarelleRequest, form: OpeningForm, home: NewHome) -> int | None:
    """The new home's id; None when homes are alike, or with the reason of the refusal in the form."""
    try:
        opened = home_open(actor=request.actor, home=home, seen=request.POST.get("vu", ""), now=request.now)
    except HomesAlike:
        return None
    except OwnHome:
        form.home_form.add_error(None, _("C’est votre propre enfant : un autre agent doit s’en occuper."))
        return None
    except Refusal as refusal:
        form.home_form.add_error(None, refusal_text(refusal))
        return None
    sent = len(opened.invitations)
    told = _("Le dossier %(number)s est créé.") % {"number": opened.number}
    if sent:
        count = ngettext("%(n)d invitation est partie.", "%(n)d invitations sont parties.", sent) % {
            "n": sent
        }
        told = f"{told} {count}"
    messages.success(request, told)
    return opened.family_id
