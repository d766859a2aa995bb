"""One answer for whoever opens a file that nobody may open: not scanned yet, or destroyed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marelle.files.rules import FileHeld, Scan


class HeldMiddleware:
    """Whatever the view: `files.services` opens no such file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, FileHeld):
            return None
        gone = error.code == Scan.INFECTED
        status = HTTPStatus.GONE if gone else HTTPStatus.CONFLICT
        return render(request, "portal/held.html", {"gone": gone}, status=status)
