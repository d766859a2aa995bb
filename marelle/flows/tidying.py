"""What is kept only for a while goes after it: attempts to log in, sessions that have ended, sendings that
were counted."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session

from marelle.accounts.services.attempts import attempts_purge
from marelle.robots.services import robots_purge


def tidied(*, now: datetime) -> int:
    """Delete what no longer counts at `now`. Returns how many rows went."""
    ended = Session.objects.filter(expire_date__lte=now)
    # Read first: on SQLite a delete waits for the write lock even where there is nothing to delete.
    sessions = ended.delete()[0] if ended.exists() else 0
    return sessions + attempts_purge(now=now) + robots_purge(now=now)
