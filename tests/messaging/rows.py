"""An exchange of a home with a file joined, news sent to it, an answer kept ready: for the table of roles."""

from __future__ import annotations

from datetime import datetime

from marelle.files.services import file_make
from marelle.messaging.models import (
    Attachment,
    Message,
    News,
    NewsRecipient,
    NewsSending,
    ReplyTemplate,
    Thread,
)
from marelle.places.models import Structure
from tests.scenario import Home


def exchange_rows(home: Home, structure: Structure, now: datetime) -> dict[str, object]:
    """The ids of the exchange, its file, a piece of news of the structure, sent, and its reply template."""
    thread = Thread.objects.create(
        structure=structure,
        family=home.family,
        subject="Chaussures",
        opened_at=now,
        last_at=now,
        family_wrote_at=now,
    )
    message = Message.objects.create(thread=thread, from_staff=False, author="Camille", text="Où ?", at=now)
    stored = file_make(
        actor=home.actor, content=b"%PDF-1.7", name="a.pdf", pages=1, family_id=home.family.pk, now=now
    )
    joined = Attachment.objects.create(message=message, file=stored)
    news = News.objects.create(
        structure=structure, title="Fête", text="Samedi.", written_at=now, published_at=now, by="Line"
    )
    sending = NewsSending.objects.create(news=news, by_mail=True, homes=1, asked_at=now, asked_by="Line")
    NewsRecipient.objects.create(sending=sending, family=home.family)
    reply = ReplyTemplate.objects.create(
        authority=structure.authority,
        structure=structure,
        title=f"Perdu {thread.pk}",
        text="Oui.",
        by="Line",
        changed_at=now,
    )
    return {"thread_id": thread.pk, "attachment_id": joined.pk, "news_id": news.pk, "reply_id": reply.pk}
