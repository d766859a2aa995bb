"""How much a form may send: past it nothing is read, and the page says so."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

from marelle.files.rules import MAX_TOTAL_BYTES


class BoundedUploadHandler(MemoryFileUploadHandler):
    """The first of the handlers: refuses a request by the size that it announces."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's own name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Raises RequestDataTooBig, answered 413 by `ui.views.bad_request`."""
        if content_length > MAX_TOTAL_BYTES:
            raise RequestDataTooBig("More than MAX_TOTAL_BYTES in one form.")
        super().handle_raw_input(input_data, META, content_length, boundary, encoding)
