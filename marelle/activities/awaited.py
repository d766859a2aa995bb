"""When the waiting room opens because somebody named an opening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from marelle.activities.models import AwaitedOpening

AROUND: Final = timedelta(hours=3)
"""Openings this near the present time are told."""


def awaited_instants(now: float) -> list[float]:
    """Those of all activities, in seconds since 1970, in order. For a thread of its own: gives its connection
    back."""
    at = datetime.fromtimestamp(now, UTC)
    try:
        found = AwaitedOpening.objects.filter(at__gt=at - AROUND, at__lt=at + AROUND)
        return sorted({row.timestamp() for row in found.values_list("at", flat=True)})
    finally:
        connection.close()
