"""Reading the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Count

from marelle.core.kept import Kept
from marelle.core.rehearsal import is_rehearsal
from marelle.mail.models import Message, MessageQuerySet, MessageState, Wording
from marelle.mail.rules import OVERDUE, WAITING
from marelle.mail.wording import Words


def recent(*, limit: int = 100) -> MessageQuerySet:
    """The latest mails and letters, newest first, without what they say."""
    return Message.objects.defer("text", "html", "attached").order_by("-created_at", "-id")[:limit]


def counts_by_state() -> dict[str, int]:
    """How many mails and letters are in each state; one query."""
    return dict(Message.objects.order_by().values_list("state").annotate(Count("id")))


def letters_to_print() -> MessageQuerySet:
    return Message.objects.filter(state=MessageState.TO_PRINT).order_by("created_at", "id")


def overdue(*, now: datetime) -> MessageQuerySet:
    """Mails that should have left two days ago, tried in vain or by nobody; none where nothing sends them,
    nor of a rehearsal."""
    return _to_leave_by(now - OVERDUE)


def waiting(*, now: datetime) -> MessageQuerySet:
    """The same, an hour ago."""
    return _to_leave_by(now - WAITING)


def _to_leave_by(at: datetime) -> MessageQuerySet:
    leaves = settings.MAIL_IS_SENT and not is_rehearsal()
    return queue().filter(not_before__lte=at) if leaves else Message.objects.none()


def held() -> MessageQuerySet:
    """Mails that an operator lets go, or not: `MessageState.HELD`."""
    return Message.objects.filter(state=MessageState.HELD)


def queue() -> MessageQuerySet:
    """Mails that are to leave, now or later."""
    return Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])


@Kept
def wordings() -> Mapping[tuple[int, str], Words]:
    """The words of all authorities, by authority and kind."""
    rows = Wording.objects.values_list("authority_id", "kind", "subject", "before", "after")
    return {(authority_id, kind): Words(*texts) for authority_id, kind, *texts in rows}


def words_of(authority_id: int, kind: str) -> Words:
    """As they are now, for who is about to change them; one query."""
    row = Wording.objects.filter(authority_id=authority_id, kind=kind).first()
    return Words(row.subject, row.before, row.after) if row else Words()


def kinds_worded(authority_ids: Collection[int]) -> frozenset[str]:
    """The kinds that one of these authorities has worded; one query."""
    rows = Wording.objects.filter(authority_id__in=authority_ids)
    return frozenset(rows.values_list("kind", flat=True))
