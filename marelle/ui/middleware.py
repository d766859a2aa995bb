"""What Django answers with nothing on the screen, given the house's page; what an error page must know."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.db import connection
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from marelle.core.fate import Written
from marelle.core.refusals import NotYours
from marelle.ui.views import SAFE, method_not_allowed


class WrittenMiddleware:
    """Follows what a form writes, for the page that answers when something breaks.

    It stands outside of what keeps sessions, which is written last.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in SAFE:
            return self.get_response(request)
        written = Written()
        request.written = written  # type: ignore[attr-defined]  # read by `ui.views` alone
        with connection.execute_wrapper(written):
            return self.get_response(request)


class NotYoursMiddleware:
    """Out of reach is not found, whatever the service: a stranger reads what a row that is none gives."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> None:
        if isinstance(error, NotYours):
            raise Http404 from error


class MethodNotAllowedMiddleware:
    """An address that only takes forms, typed by hand or reached again after a login, says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        return method_not_allowed(request, allow=response["Allow"])
