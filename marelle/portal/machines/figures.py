"""The figures of the portal, in the text format of Prometheus."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from django.db import DatabaseError
from django.db.models import Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from marelle.cases.selectors import open_cases
from marelle.core.metrics import counters
from marelle.flows.upkeep.rounds import Seen
from marelle.flows.vitals.reading import disks, vitals
from marelle.mail.selectors import queue, waiting
from marelle.room.layout import ledger_path, seen

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"


def exposed() -> tuple[bytes, str]:
    """What all processes of this machine counted, and what the tables say now: some twelve queries. Where
    the database is away, the first alone, and that it is."""
    registry = CollectorRegistry()
    if os.environ.get(SHARED):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    elif own := counters():
        registry.register(Once(list(own.registry.collect())))
    registry.register(Once(list(_read(timezone.now()))))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class Once(Collector):
    """What was read, once."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        return self.families


def _read(now: datetime) -> Iterator[Metric]:
    up = True
    try:
        yield from list(_of_the_tables(now))
    except DatabaseError:
        up = False
    yield from _of_the_room(now)
    yield _gauge("marelle_database_up", "Whether the database answers", up)
    yield _labelled(
        "marelle_disk_free_bytes",
        "What is free on the disk of a folder",
        "folder",
        ((disk.setting, disk.free) for disk in disks()),
    )


def _of_the_room(now: datetime) -> Iterator[Metric]:
    """Of this machine; nothing where nobody has come yet."""
    found = seen(ledger_path(), now=now.timestamp())
    if found is not None:
        yield _gauge("marelle_room_open", "Whether who comes goes through the waiting room", found.is_open)
        yield _gauge("marelle_room_waiting", "Visitors who wait", found.waiting)
        yield _gauge("marelle_room_inside", "Visitors let in who asked for something lately", found.inside)
        yield CounterMetricFamily("marelle_room_let_in", "Visitors let in", value=found.let_in)


def _of_the_tables(now: datetime) -> Iterator[Metric]:
    yield _gauge("marelle_mails_queued", "What the outbox is to send, now or later", queue().count())
    late = waiting(now=now).aggregate(first=Min("not_before"))["first"]
    yield _gauge("marelle_mails_late_seconds", "How late the first of it is", _age(late, now))
    cases = open_cases(everywhere=True)
    yield _gauge("marelle_cases_open", "Decisions that wait for an agent", cases.count())
    first = cases.order_by().aggregate(first=Min("opened_at"))["first"]
    yield _gauge("marelle_case_oldest_seconds", "Age of the one that has waited longest", _age(first, now))
    found = vitals(now=now)
    signs = {sign.kind for sign in found.signs}
    yield _labelled(
        "marelle_to_see_to",
        "What the page of its state says is to be seen to",
        "kind",
        ((kind.value, kind in signs) for kind in found.kinds),
    )
    yield from _of_the_jobs(found.jobs)


class _Last(NamedTuple):
    job: str
    began_at: float
    well_at: float
    took: float
    failed: bool


def _of_the_jobs(jobs: Iterable[Seen]) -> Iterator[Metric]:
    """Of those that had a round; of one that never went well, the instant is 0."""
    last = [
        _Last(
            seen.job,
            seen.last.began_at.timestamp(),
            seen.last.well_at.timestamp() if seen.last.well_at else 0.0,
            seen.last.took.total_seconds(),
            bool(seen.last.failure),
        )
        for seen in jobs
        if seen.last
    ]
    told = (
        ("marelle_job_began_timestamp_seconds", "When its last round began", "began_at"),
        ("marelle_job_well_timestamp_seconds", "When a round last went well", "well_at"),
        ("marelle_job_took_seconds", "How long its last round took", "took"),
        ("marelle_job_failed", "Whether its last round failed", "failed"),
    )
    for name, words, field in told:
        yield _labelled(name, words, "job", ((one.job, getattr(one, field)) for one in last))


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _labelled(name: str, words: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for one, value in values:
        family.add_metric([one], float(value))
    return family
