"""Whether a process and its database agree on what time it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone


def clock_off() -> timedelta | None:
    """By how much the clock of this process is ahead of the database's, below zero where it is behind; None
    on SQLite, which has none of its own. One query, and as exact as half the time that it takes."""
    if connection.vendor != "postgresql":
        return None
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
    return before + (timezone.now() - before) / 2 - told
