"""One answer where the key of what is sealed is missing: nothing is kept in the clear instead, nor made up.

Pages that can show the rest of themselves do; a form whose view can say it beside its fields does. This is
for all others: what was typed is shown, to be copied, and the operator reads why in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marelle.core.sealed import CannotOpen, CannotSeal
from marelle.portal.gone import typed_words


class KeylessMiddleware:
    """Also where a view had no words for the refusal: that is what its own error came of."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        came_of: BaseException | None = error
        while came_of is not None and not isinstance(came_of, CannotOpen | CannotSeal):
            came_of = came_of.__context__
        if came_of is None:
            return None
        context = {"sent": request.method == "POST", "typed": typed_words(request.POST)}
        return render(request, "portal/keyless.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
