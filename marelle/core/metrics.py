"""What each web process counts for who watches the portal; nothing where no `MONITORING_TOKEN` is given.

prometheus_client is imported only where it is used: it takes 40 ms of each start. Under gunicorn each process
writes to files of its own, which whoever answers adds up (`PROMETHEUS_MULTIPROC_DIR`, serving.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from django.conf import settings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds between which latencies are counted."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
"""Others are counted together: a stranger may invent any."""


class Counters(NamedTuple):
    """`registry` holds these alone, as far as this process counted."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    refused: Counter

    def request_count(self, *, method: str, area: str, status: int, seconds: float) -> None:
        """`area` names a part of the portal, "" where an address leads nowhere."""
        self.requests.labels(method if method in METHODS else "other", area, status).inc()
        self.seconds.labels(area).observe(seconds)


@lru_cache(maxsize=1)
def counters() -> Counters | None:
    if not settings.MONITORING_TOKEN:
        return None
    from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415

    own = CollectorRegistry()
    return Counters(
        own,
        Counter("marelle_requests", "Requests answered", ["method", "area", "status"], registry=own),
        Histogram(
            "marelle_request_seconds", "How long answers took", ["area"], registry=own, buckets=SECONDS
        ),
        Counter("marelle_saves_refused", "Cells of a save refused, by reason", ["reason"], registry=own),
    )


def saves_refused(reasons: Iterable[str]) -> None:
    """Codes of a save's refusals, one for each cell, or for the whole."""
    if found := counters():
        for reason in reasons:
            found.refused.labels(reason).inc()
