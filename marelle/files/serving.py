"""Answering with a private file. The caller has already checked who asks."""

from __future__ import annotations

from django.http import FileResponse, Http404

from marelle.files.models import StoredFile
from marelle.files.services import open_content


def file_response(stored: StoredFile, *, download: bool = False) -> FileResponse:
    """The file, shown in the page or downloaded; never read as a web page, and never kept by the browser."""
    try:
        content = open_content(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, as_attachment=download, filename=stored.name, content_type=stored.kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
