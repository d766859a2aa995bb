"""What the background work notes of its rounds, and when one of its jobs is late."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from marelle.flows.models import JobRound

PERIOD: Final = timedelta(minutes=5)
"""How often each job has its turn at the least: a cron that runs the worker every five minutes is enough."""

LATE: Final = 3 * PERIOD
"""A job that has not gone well for longer is told to the administrator."""

BACKUP: Final = "backup"
DRILL: Final = "drill"
BY_A_TIMER: Final = (BACKUP, DRILL)
"""Jobs that the machine begins, each night, and not the worker."""

OLD: Final = timedelta(days=2)
"""One of these that has not gone well for longer is told too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job in one round; `failure` is the name of an error, "" where it went well."""

    job: str
    began_at: datetime
    took: timedelta
    done: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as its last round left it: `last` is None before its first."""

    job: str
    last: JobRound | None
    is_late: bool


def rounds_note(outcomes: Iterable[Outcome], *, clock_off: timedelta | None = None) -> None:
    """Keep the last round of each job; three statements at most. A job that failed keeps when it last went
    well, one that had nothing to do what it last did. `clock_off`: of the process that did them."""
    groups: dict[tuple[str, ...], list[JobRound]] = {}
    for one in outcomes:
        row = JobRound(job=one.job, began_at=one.began_at, took=one.took, failure=one.failure[:100])
        row.clock_off, ended = clock_off, one.began_at + one.took
        said: tuple[str, ...] = ("began_at", "took", "failure", "clock_off")
        if not one.failure:
            row.well_at, said = ended, (*said, "well_at")
        if one.done:
            row.done, row.did_at, said = one.done, ended, (*said, "done", "did_at")
        groups.setdefault(said, []).append(row)
    with transaction.atomic():
        for said, rows in groups.items():
            JobRound.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["job"], update_fields=said
            )


def jobs_seen(jobs: Collection[str], *, now: datetime) -> list[Seen]:
    """Each of these jobs, in their order; one query."""
    rows = {row.job: row for row in JobRound.objects.filter(job__in=jobs)}
    return [Seen(job, rows.get(job), _is_late(job, rows.get(job), now)) for job in jobs]


def is_late(last: JobRound | None, now: datetime, *, after: timedelta = LATE) -> bool:
    """One that never went well is late too: nobody has started the worker, or it fails from the start."""
    return last is None or last.well_at is None or now - last.well_at > after


def _is_late(job: str, last: JobRound | None, now: datetime) -> bool:
    """Of what a timer begins, one that was never asked for is not: not everybody has it tried (`drill`)."""
    if job in BY_A_TIMER:
        return last is not None and is_late(last, now, after=OLD)
    return is_late(last, now)
