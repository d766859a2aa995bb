"""What the offices are told of what they share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from marelle.core.actor import Actor, Role
from marelle.mail.services import queue
from marelle.places.models import Authority, Calendar, Post

CALENDAR_READ: Final = "activities/calendar_read"


def tell_calendar_read(
    *, actor: Actor, calendar: Calendar, school_year: int, authorities: Iterable[Authority], now: datetime
) -> None:
    """To each authority whose activities follow the calendar too; to the agents of its office, where it has
    no address of its own."""
    for authority in authorities:
        agents = Post.objects.held().filter(role=Role.OFFICE.value, authority=authority, user__is_active=True)
        mails = {authority.email} - {""} or set(agents.values_list("user__email", flat=True)) - {""}
        context = {
            "authority_id": authority.pk,
            "calendar": calendar.name,
            "year": f"{school_year}-{school_year + 1}",
            "agent": actor.label,
        }
        for mail in sorted(mails):
            queue(kind=CALENDAR_READ, to=mail, context=context, now=now)
