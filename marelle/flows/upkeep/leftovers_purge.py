"""Papers that nobody needs any more, what came from who has no file, guests who come in no more and who
works in a structure no more go after the authority's delay."""

from __future__ import annotations

from datetime import datetime

from marelle.activities.services.staff_register import members_purge
from marelle.billing.guests import guests_purge
from marelle.flows.identities.arrivals import arrivals_purge
from marelle.flows.upkeep.journal_purge import months_before
from marelle.messaging.services import outsiders_purge
from marelle.papers.services import papers_purge
from marelle.places.delays import months_kept
from marelle.relay.childminders import childminders_purge
from marelle.relay.services import demands_purge


def papers_purged(*, now: datetime) -> int:
    """Papers that count no more. Returns how many."""
    return papers_purge(before=months_before(now, months_kept()["papers"]), now=now)


def strangers_purged(*, now: datetime) -> int:
    """Messages, childcare demands and first visits of who has no home here; guests and childminders who left.
    Returns how many."""
    before = months_before(now, months_kept()["outsiders"])
    gone = outsiders_purge(before=before, now=now) + arrivals_purge(before=before, now=now)
    gone += guests_purge(before=before, now=now) + childminders_purge(before=before, now=now)
    return gone + demands_purge(before=before, now=now)


def workers_purged(*, now: datetime) -> int:
    """Who worked in a structure. Returns how many."""
    return members_purge(before=months_before(now, months_kept()["staff"]).date(), now=now)
