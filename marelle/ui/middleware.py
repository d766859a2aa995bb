"""What Django answers with nothing on the screen, given the house's page."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from marelle.ui.views import method_not_allowed


class MethodNotAllowedMiddleware:
    """An address that only takes forms, typed by hand or reached again after a login, says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        return method_not_allowed(request, allow=response["Allow"])
