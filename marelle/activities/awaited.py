"""When the waiting room opens because somebody named an opening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import close_old_connections, connection

from marelle.activities.models import AwaitedOpening

AROUND: Final = timedelta(hours=3)
"""Openings this near the present time are told."""


def number_next() -> int:
    """The next number of the waiting room, of all machines that share the database: one statement, in no
    transaction. PostgreSQL alone."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('room_number')")
            return int(cursor.fetchone()[0])
    finally:
        close_old_connections()


def awaited_instants(now: float) -> list[float]:
    """Those of all activities, in seconds since 1970, in order. For a thread of its own: gives its connection
    back."""
    at = datetime.fromtimestamp(now, UTC)
    try:
        found = AwaitedOpening.objects.filter(at__gt=at - AROUND, at__lt=at + AROUND)
        return sorted({row.timestamp() for row in found.values_list("at", flat=True)})
    finally:
        connection.close()
