"""What goes after each delay that the authority chose, and what each of them did last."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from marelle.flows.home.dormant import dormants_erased
from marelle.flows.models import JobRound
from marelle.flows.upkeep.health_purge import health_purged
from marelle.flows.upkeep.journal_purge import acts_purged, connections_purged, mails_purged
from marelle.flows.upkeep.leftovers_purge import papers_purged, strangers_purged, workers_purged
from marelle.flows.upkeep.rounds import Outcome, rounds_note

logger = logging.getLogger(__name__)

PURGES: Final[Mapping[str, Callable[..., int]]] = {
    "connections": connections_purged,
    "acts": acts_purged,
    "health": health_purged,
    "dormant": dormants_erased,
    "papers": papers_purged,
    "outsiders": strangers_purged,
    "staff": workers_purged,
    "mails": mails_purged,
}
"""By delay of `places.delays`."""

JOBS: Final = {code: f"delay:{code}" for code in PURGES}
"""By delay, under which name its rounds are noted."""


def delays_followed(*, now: datetime) -> int:
    """Purge what is past each delay, and note it. Returns how many rows went. One that fails keeps none of
    the others from it."""
    outcomes = [_outcome(code, purge, now) for code, purge in PURGES.items()]
    rounds_note(outcomes)
    failed = [one.job for one in outcomes if one.failure]
    if failed:
        raise RuntimeError(", ".join(failed))
    return sum(one.done for one in outcomes)


def delays_seen() -> dict[str, JobRound]:
    """The last round of each delay that had one; one query."""
    rows = {row.job: row for row in JobRound.objects.filter(job__in=JOBS.values())}
    return {code: rows[job] for code, job in JOBS.items() if job in rows}


def _outcome(code: str, purge: Callable[..., int], now: datetime) -> Outcome:
    started, done, failure = monotonic(), 0, ""
    try:
        done = purge(now=now)
    except Exception as error:
        logger.exception("What is past its delay could not be deleted (%s)", code)
        failure = type(error).__name__
    return Outcome(JOBS[code], now, timedelta(seconds=monotonic() - started), done, failure)
