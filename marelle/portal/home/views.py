"""The public page: what the portal is for, and whom to ask."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.simulating.selectors import simulable
from marelle.places.models import StructureKind
from marelle.places.selectors import structures_to_reach
from marelle.shell.context import home_of


@require_safe
@login_not_required
def home(request: MarelleRequest) -> HttpResponse:
    structures = structures_to_reach()
    context = {
        "relays": [card for card in structures if card.kind is StructureKind.RELAY],
        "structures": [card for card in structures if card.kind is not StructureKind.RELAY],
        "simulates": simulable(request.today).exists(),
        "inside_url": home_of(request.actor) if request.actor.user_id is not None else "",
    }
    return render(request, "portal/home/home.html", context)
