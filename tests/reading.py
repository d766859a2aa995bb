"""What a test reads of an answer."""

from __future__ import annotations

from django.http import HttpResponse


def text(response: HttpResponse) -> str:
    """The page as it was sent, with its tags."""
    return response.content.decode()
