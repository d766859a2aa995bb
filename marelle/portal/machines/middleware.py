"""Answers machines before anything else looks at who asks, and counts what is answered to people."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve

from marelle.core.metrics import counters

MACHINES: Final = "/sante/"
SAFE: Final = {"GET", "HEAD"}


class MachinesMiddleware:
    """A machine that may ask is answered at once: by whatever name of the host it asks, in http as well, and
    without a session. Others go on to the page of an address that there is not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response, self.counters = get_response, counters()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(MACHINES) and (answer := _answered(request)):
            return answer
        if self.counters is None:
            return self.get_response(request)
        started = perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        self.counters.request_count(
            method=request.method or "",
            area=match.app_name if match else "",
            status=response.status_code,
            seconds=perf_counter() - started,
        )
        return response


def _answered(request: HttpRequest) -> HttpResponseBase | None:
    if request.method not in SAFE:
        return None
    try:
        found = resolve(request.path_info)
        return found.func(request, *found.args, **found.kwargs)  # type: ignore[no-any-return]
    except Http404:
        return None
