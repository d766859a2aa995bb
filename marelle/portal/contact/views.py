"""« Contactez la structure »: whom to write to or call."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.core.clock import local
from marelle.enrolments.selectors import live_enrolments
from marelle.families.selectors import children
from marelle.flows.middleware import MarelleRequest
from marelle.places.selectors import structures_to_reach


@require_safe
def contact(request: MarelleRequest) -> HttpResponse:
    day = local(request.now).date()
    child_ids = [child.id for child in children(request.actor, day=day)]
    ours = live_enrolments(request.actor, child_ids, day=day).structure_ids
    structures = structures_to_reach()
    context = {
        "ours": [card for card in structures if card.id in ours],
        "others": [card for card in structures if card.id not in ours],
    }
    return render(request, "portal/contact/contact.html", context)
