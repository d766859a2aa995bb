"""The pages that the law asks for, filled from what the authorities have said of themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.selectors import authorities
from marelle.portal.legal import reporting, words


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


@require_safe
@login_not_required
def security_txt(request: MarelleRequest) -> HttpResponse:
    """Whom to tell of a weakness; nobody answers for a portal that names no contact."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    said = reporting.security_txt(
        contacts=settings.SECURITY_CONTACT,
        policy=settings.SECURITY_POLICY,
        canonical=settings.PUBLIC_URL + request.path if settings.HTTPS else "",
        now=request.now,
    )
    return HttpResponse(said, content_type="text/plain; charset=utf-8")
