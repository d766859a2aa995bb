"""Reading the outbox."""

from __future__ import annotations

from datetime import datetime

from marelle.mail.models import Message, MessageQuerySet, MessageState


def recent(*, limit: int = 100) -> MessageQuerySet:
    """The latest mails and letters, newest first."""
    return Message.objects.order_by("-created_at", "-id")[:limit]


def letters_to_print() -> MessageQuerySet:
    return Message.objects.filter(state=MessageState.TO_PRINT).order_by("created_at", "id")


def late(*, now: datetime) -> MessageQuerySet:
    """Mails due and not gone, for whoever watches the server."""
    return Message.objects.due(now)
