"""When a mail that failed is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
"""How long to wait after the first failure, the second, and so on: some two days in all."""

CLAIM = timedelta(minutes=15)
"""How long one worker alone holds a mail. Longer than a whole batch of `BATCH` slow mails."""

BATCH = 20


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failed tries (1 or more); None when it is time to give up."""
    if attempts > len(WAITS):
        return None
    return now + WAITS[attempts - 1]
