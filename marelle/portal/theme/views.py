"""The colours and the logo of the authority, as files that browsers keep: a change has another address."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.look_rules import ACCENT, MAIN, style_sheet
from marelle.places.selectors import portal_look, publisher

KEPT = "public, max-age=31536000, immutable"


@require_safe
@login_not_required
def colours(request: MarelleRequest, revision: int) -> HttpResponse:  # noqa: ARG001
    found = publisher()
    sheet = style_sheet(found.main or MAIN, found.accent or ACCENT)
    return _kept(HttpResponse(sheet, content_type="text/css; charset=utf-8"), revision, found.revision)


@require_safe
@login_not_required
def logo(request: MarelleRequest, revision: int) -> HttpResponse:  # noqa: ARG001
    look = portal_look()
    if look is None or not look.logo:
        raise Http404
    return _kept(HttpResponse(bytes(look.logo), content_type=look.logo_kind), revision, look.revision)


def _kept(response: HttpResponse, asked: int, current: int) -> HttpResponse:
    """Kept for good under its own revision alone: an old address fixes nothing new there."""
    response["Cache-Control"] = KEPT if asked == current else "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
