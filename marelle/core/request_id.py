"""The id of the request that is answered: by it the lines of the log, the mail of an error and the page that
somebody saw are of one event. Random: it says nothing of who asks."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from http import HTTPStatus
from typing import Final

from django.core.signals import request_finished
from django.http import HttpRequest
from django.http.response import HttpResponseBase

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""Empty outside of requests."""


def _forget(**_request: object) -> None:
    """Once all is over: Django writes of what was refused after the last middleware."""
    request_id.set("")


request_finished.connect(_forget, dispatch_uid="request_id")

BYTES: Final = 5
"""A trillion different ones: those of a log are told apart, and one may be read out over a telephone."""


class RequestIdMiddleware:
    """The outermost. Never believes an id that a browser sends; an error carries it for the proxy's log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = os.urandom(BYTES).hex()
        request_id.set(given)
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            response["X-Request-ID"] = given
        return response
