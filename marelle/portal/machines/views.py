"""Answers for machines, in a word. Who may not ask gets the page of an address that there is not."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marelle.portal.machines.readiness import lacking

FORWARDED: Final = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
"""One of these is on what a proxy hands on, be it on this machine."""

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponse]


def asked_by_machine(*, from_here: bool) -> Callable[[View], View]:
    """Who brings the token may ask; `from_here`, whoever is on this machine too."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if not (has_token(request) or (from_here and is_from_here(request))):
                raise Http404
            response = view(request)
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    return decorate


def has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").encode()
    wanted = f"Bearer {settings.MONITORING_TOKEN}".encode()
    return bool(settings.MONITORING_TOKEN) and hmac.compare_digest(given, wanted)


def is_from_here(request: HttpRequest) -> bool:
    """From this very machine, and not by a proxy that runs on it."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


@login_not_required
@require_safe
@asked_by_machine(from_here=True)
def alive(_request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing else: a database that is away is not mended by a restart."""
    return _word("vivant")


@login_not_required
@require_safe
@asked_by_machine(from_here=True)
def ready(_request: HttpRequest) -> HttpResponse:
    """Database and folder of files are there, and migrations are applied: else 503, and which are not."""
    missing = lacking()
    if not missing:
        return _word("prêt")
    logger.warning("Not ready: %s", ", ".join(missing))
    response = _word(f"pas prêt\u00a0: {', '.join(missing)}", HTTPStatus.SERVICE_UNAVAILABLE)
    response._has_been_logged = True  # type: ignore[attr-defined]  # by Django as an error: it is an answer
    return response


@login_not_required
@require_safe
@asked_by_machine(from_here=False)
def metrics(_request: HttpRequest) -> HttpResponse:
    """For Prometheus, in its text format."""
    # It brings prometheus_client, which only who asks for figures needs.
    from marelle.portal.machines.figures import exposed  # noqa: PLC0415

    content, kind = exposed()
    return HttpResponse(content, content_type=kind)


def _word(text: str, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)
