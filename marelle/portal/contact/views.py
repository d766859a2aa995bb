"""« Contactez la structure »: whom to write to or call."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.flows.middleware import MarelleRequest
from marelle.flows.reach import structures_of_children
from marelle.places.selectors import structures_to_reach


@require_safe
def contact(request: MarelleRequest) -> HttpResponse:
    ours = {row.pk for row in structures_of_children(request.actor, now=request.now).only("pk")}
    structures = structures_to_reach()
    context = {
        "ours": [card for card in structures if card.id in ours],
        "others": [card for card in structures if card.id not in ours],
    }
    return render(request, "portal/contact/contact.html", context)
