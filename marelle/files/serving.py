"""Answering with a private file. The caller has already checked who asks."""

from __future__ import annotations

import unicodedata
from typing import Final
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase

from marelle.files.models import StoredFile
from marelle.files.rules import Kind
from marelle.files.services import open_content

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Nothing runs and nothing is fetched. The styles are those of the browser's own reader around the file."""

SANDBOXED: Final = f"{POLICY}; sandbox"
"""Not for PDFs, which browsers do not show in a sandbox; nothing in them acts any more."""


def file_response(stored: StoredFile, *, download: bool = False, framed: bool = False) -> FileResponse:
    """The file, shown by the browser or downloaded; never read as a web page, and never kept by the browser.

    With `framed`, a page of ours may hold it in a frame: a PDF beside the decision on it.

    Raises Http404 when the storage has lost it.
    """
    try:
        content = open_content(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type=stored.kind)
    _guard(response, stored.name, Kind(stored.kind), download=download)
    if framed:
        policy = response["Content-Security-Policy"]
        response["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", "frame-ancestors 'self'"
        )
        response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def made_response(content: bytes, *, name: str) -> HttpResponse:
    """A PDF that Marelle made and keeps nowhere, to be downloaded."""
    response = HttpResponse(content, content_type=Kind.PDF.value)
    _guard(response, name, Kind.PDF, download=True)
    return response


def _guard(response: HttpResponseBase, name: str, kind: Kind, *, download: bool) -> None:
    response["Content-Disposition"] = disposition(name, download=download)
    response["Content-Security-Policy"] = POLICY if kind is Kind.PDF else SANDBOXED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"


def disposition(name: str, *, download: bool) -> str:
    """With the name twice: its true letters, and plain ones for what reads no others."""
    letters = unicodedata.normalize("NFKD", name.replace("’", "'").replace("œ", "oe"))
    plain = letters.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "").strip(". ")
    way = "attachment" if download else "inline"
    return f"{way}; filename=\"{plain or 'document'}\"; filename*=UTF-8''{quote(name, safe='')}"
