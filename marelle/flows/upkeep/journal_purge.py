"""What was written goes: connections, readings and mails after a year, requests and decisions later."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from marelle.core.clock import local, months_after
from marelle.flows.journal.staff import READINGS
from marelle.journal.services import entries_purge, origins_forget
from marelle.mail.services import messages_purge
from marelle.places.delays import months_kept

LOGS_OF_ACCESS: Final = (
    "connection.opened",
    "connection.failed",
    "connection.limited",
    "connection.closed",
    "password.asked",
    "acting.started",
    *sorted(READINGS),
)
"""Who came in and who read what, as opposed to what was asked, changed or decided."""


def connections_purged(*, now: datetime) -> int:
    """Delete the logs of access past the time that the authority chose, and the addresses and devices of the
    rest. Returns how many entries."""
    before = months_before(now, months_kept()["connections"])
    gone = entries_purge(before=before, verbs=LOGS_OF_ACCESS, now=now)
    return gone + origins_forget(before=before)


def acts_purged(*, now: datetime) -> int:
    """Delete all other acts past theirs. Returns how many."""
    return entries_purge(before=months_before(now, months_kept()["acts"]), now=now)


def mails_purged(*, now: datetime) -> int:
    """Delete the mails and letters past the time that the authority chose. Returns how many."""
    return messages_purge(before=months_before(now, months_kept()["mails"]))


def months_before(now: datetime, months: int) -> datetime:
    """The same day of the month, or its last one, `months` earlier, in Paris."""
    there = local(now)
    return datetime.combine(months_after(there.date(), -months), there.timetz())
