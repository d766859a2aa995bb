"""The pages that the law asks for, filled from what the authorities have said of themselves."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.selectors import authorities
from marelle.portal.legal import words


@require_safe
@login_not_required
def accessibility(request: MarelleRequest) -> HttpResponse:
    context = {"statement": words.statement(authorities())}
    return render(request, "portal/legal/accessibility.html", context)


@require_safe
@login_not_required
def personal_data(request: MarelleRequest) -> HttpResponse:
    context = {
        "controllers": words.controllers(authorities()),
        "kept": words.kept(),
        "cookies": words.cookies(),
    }
    return render(request, "portal/legal/personal_data.html", context)


@require_safe
@login_not_required
def notices(request: MarelleRequest) -> HttpResponse:
    return render(request, "portal/legal/notices.html", {"notices": words.notices(authorities())})
