"""An exchange of a home with a file joined, and news: what the table of roles needs."""

from __future__ import annotations

from datetime import datetime

from marelle.accounts.models import User
from marelle.flows.actors import actor_for
from marelle.journal.origin import Origin
from marelle.messaging.models import Attachment
from marelle.messaging.publishing import Words, news_write
from marelle.messaging.services import Recipient, thread_open
from marelle.messaging.writing import Letter
from marelle.places.models import Structure
from tests.messaging.uploads import a_picture
from tests.scenario import Home


def exchange_rows(home: Home, structure: Structure, director: User, now: datetime) -> dict[str, object]:
    """The ids of the exchange, of its file and of a piece of news of the structure."""
    thread = thread_open(
        actor=home.actor,
        recipient=Recipient(structure.pk),
        subject="Chaussures",
        letter=Letter("Où sont-elles ?", [a_picture()]),
        origin=Origin(),
        now=now,
    )
    words = Words(structure.pk, None, "Fête", "Samedi.", None)
    news = news_write(actor=actor_for(director), words=words, publish=True, now=now)
    return {"thread_id": thread.pk, "attachment_id": Attachment.objects.get().pk, "news_id": news.pk}
