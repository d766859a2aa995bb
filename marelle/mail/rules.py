"""When a mail that failed is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
"""How long to wait after the first failure, the second, and so on: some two days in all."""

LONGEST = timedelta(minutes=3)
"""How long a server may take over one mail: then its line is cut, and the mail tried again later."""

CLAIM = timedelta(minutes=5)
"""How long one worker alone holds a mail, from when it takes it. Longer than `LONGEST`."""

SLOW = timedelta(seconds=30)
"""A mail that has been leaving for longer is with a server in trouble: nobody else asks it meanwhile."""

ROUND = timedelta(minutes=1)
"""After so long the worker sees to its other work before it goes on sending."""

OVERDUE = timedelta(days=2)
"""How late a mail is told to the administrator: by then nobody tries it again, or nobody tries at all."""

WAITING = timedelta(hours=1)
"""How late a mail is told to who runs the server: nobody tries it, or the server takes none."""

BATCH = 20


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failed tries (1 or more); None when it is time to give up."""
    if attempts > len(WAITS):
        return None
    return now + WAITS[attempts - 1]
