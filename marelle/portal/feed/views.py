"""A secret address in, a calendar out. Who holds the address needs no login: a program reads it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from marelle.flows.actor.feed import feed_actor, feed_lines
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.feed.ical import calendar, etag


@login_not_required
@require_safe
def feed(request: MarelleRequest, token: str) -> HttpResponse:
    actor = feed_actor(token)
    if actor is None:
        raise Http404
    lines = feed_lines(actor, now=request.now)
    tag = etag(lines)
    response: HttpResponse
    # A server in between that compresses an answer makes its tag a weak one.
    known = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    if tag in known or "*" in known:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(calendar(lines), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="reservations.ics"'
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response
