"""Reading the outbox."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from marelle.mail.models import Message, MessageQuerySet, MessageState


def recent(*, limit: int = 100) -> MessageQuerySet:
    """The latest mails and letters, newest first."""
    return Message.objects.order_by("-created_at", "-id")[:limit]


def counts_by_state() -> dict[str, int]:
    """How many mails and letters are in each state; one query."""
    return dict(Message.objects.order_by().values_list("state").annotate(Count("id")))


def letters_to_print() -> MessageQuerySet:
    return Message.objects.filter(state=MessageState.TO_PRINT).order_by("created_at", "id")


def late(*, now: datetime) -> MessageQuerySet:
    """Mails due and not gone, for whoever watches the server."""
    return Message.objects.due(now)
