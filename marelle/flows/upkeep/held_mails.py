"""Mails that waited when a backup was made that was put back since: an operator lets them leave or drops
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, Max, Min

from marelle.core.actor import SYSTEM
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.mail.models import MessageQuerySet, MessageState
from marelle.mail.selectors import held

SETTLED: Final = "outbox.settled"


@dataclass(frozen=True, slots=True)
class HeldKind:
    """Mails of one kind: how many, and when the first and the last of them were to leave."""

    kind: str
    count: int
    first: datetime
    last: datetime


def mails_held(*, after: datetime | None = None) -> Sequence[HeldKind]:
    """Those that were to leave after an instant, of any where it is None; by kind."""
    rows = _held(after).order_by("kind").values_list("kind")
    told = rows.annotate(count=Count("pk"), first=Min("not_before"), last=Max("not_before"))
    return [HeldKind(*row) for row in told]


@transaction.atomic
def mails_release(*, after: datetime | None = None, now: datetime) -> int:
    """Let them leave, each no sooner than it was to. Returns how many."""
    count = _held(after).update(state=MessageState.QUEUED, next_attempt_at=now)
    _note(count, now, sent=True)
    return count


@transaction.atomic
def mails_drop(*, after: datetime | None = None, now: datetime) -> int:
    """They stay, marked as taken back, for as long as mails do. Returns how many."""
    count = _held(after).update(state=MessageState.REVOKED)
    _note(count, now, sent=False)
    return count


def _held(after: datetime | None) -> MessageQuerySet:
    return held() if after is None else held().filter(not_before__gt=after)


def _note(count: int, now: datetime, *, sent: bool) -> None:
    if count:
        data = {"count": count, "sent": sent}
        record(actor=SYSTEM, verb=SETTLED, subject=Subject("outbox", None), data=data, now=now)
