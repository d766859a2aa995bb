"""Writing to the homes that a piece of news is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from marelle.accounts.notices import Notice
from marelle.core.batches import in_batches
from marelle.core.french import day_long
from marelle.families.telling import addressees_of_homes, draft_to
from marelle.mail.services import queue_many
from marelle.messaging.models import NewsRecipient, NewsSending
from marelle.messaging.naming import contact_context

BATCH: Final = 100
"""Homes written to in one transaction."""

AT_ONCE: Final = 1_000
"""Homes written to in one round of the worker, so that its other work does not wait."""

OF: Final = ("family", "self")
"""What is locked: the home before its row, as by whoever writes about it."""

Way = NewsRecipient.Way


def news_told(*, now: datetime) -> int:
    """Write the mails of the news that agents have sent; for the worker. Returns how many homes were told.

    What was withdrawn meanwhile is told to nobody more.
    """
    waiting = NewsRecipient.objects.filter(way="", sending__news__withdrawn_at=None).order_by("pk")
    waiting = waiting.select_related("sending__news__structure", "family")
    return in_batches(waiting, lambda rows: _tell_batch(rows, now), of=OF, size=BATCH, at_most=AT_ONCE)


def _tell_batch(rows: list[NewsRecipient], now: datetime) -> None:
    for _sending, group in groupby(rows, key=attrgetter("sending_id")):
        _tell(list(group), now)


def _tell(rows: list[NewsRecipient], now: datetime) -> None:
    """The homes of one sending."""
    sending = rows[0].sending
    recipients = {row.family_id: row.pk for row in rows}
    notice = None if sending.urgent else Notice.NEWS
    told = dict(addressees_of_homes(list(recipients), notice=notice, letter=True, now=now))
    context = _context(sending)
    drafts = [draft_to(one, context, home, notice) for home, people in told.items() for one in people]
    mails = queue_many(kind="messaging/news", drafts=drafts, now=now) if drafts else []
    link = NewsRecipient.mails.through
    link._default_manager.bulk_create(
        link(newsrecipient_id=recipients[mail.family_id or 0], message_id=mail.pk) for mail in mails
    )
    ways: dict[Way, list[int]] = {}
    for home, recipient_id in recipients.items():
        ways.setdefault(way_of(one.email for one in told.get(home, ())), []).append(recipient_id)
    for way, ids in ways.items():
        NewsRecipient.objects.filter(pk__in=ids).update(way=way, told_at=now)


def way_of(addresses: Iterable[str]) -> Way:
    """How a home is told, from the addresses to write to; "" stands for a letter."""
    found = list(addresses)
    if not found:
        return Way.PORTAL
    return Way.MAIL if any(found) else Way.LETTER


def _context(sending: NewsSending) -> Mapping[str, Any]:
    news = sending.news
    return {
        "structure": news.structure.name,
        "authority_id": news.structure.authority_id,
        "title": news.title,
        "text": news.text,
        "day": day_long(news.day) if news.day else "",
        "urgent": sending.urgent,
        **contact_context(news.structure_id),
    }
