"""Bringing a file: read and kept aside, shown, then written by the worker batch by batch.

What there is to do is in the table: any worker goes on where another one stopped, a batch is written whole or
not at all, and what is here already is not written twice. Each batch looks again at what its lines would do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet

from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.core.tabular import FileUnreadable, Line, Problem
from marelle.families.imports.headings import titles_found
from marelle.families.imports.kept import (
    ImportNotReady,
    file_read,
    lines_below,
    queued_forget,
    read_keep,
    unstarted_drop,
)
from marelle.files.services import Upload, contents_forget
from marelle.flows.actor.actors import account_with_actor
from marelle.flows.models import MovingImport
from marelle.flows.moving import booked, bringing, counters, enrolled
from marelle.flows.moving.lines import Said, columns_missing, line_read
from marelle.flows.moving.plans import About, Fate, Plan, SumKey, Summed, sums_of
from marelle.flows.moving.subjects import SUBJECTS, Kind, Measure
from marelle.journal.services import record

MOST_LINES: Final = 50_000
BATCH: Final = 250
"""Lines in one transaction: a second of work, that a death of the worker undoes."""

ROUND_SECONDS: Final = 10.0
"""After which the worker sends mails and hands on places before it goes on."""

KEPT: Final = timedelta(days=2)
"""How long a file that was read waits to be written."""

REPORT_KEPT: Final = timedelta(days=30)
"""How long the lines that were left out may be downloaded."""

BROUGHT: Final = "moving.done"
REASON_LENGTH: Final = 300

State = MovingImport.State


class ReasonMissing(Refusal):
    """Places past the capacity are given for a reason."""

    def __init__(self) -> None:
        super().__init__("reason_missing")


@dataclass(frozen=True, slots=True)
class Report:
    """What the file would do now: its lines, what is left out by line, and the sums of both sides."""

    plan: Plan
    problems: tuple[Problem, ...]
    sums: tuple[Summed, ...]

    @property
    def past_capacity(self) -> int:
        """How many lines find no place."""
        return sum(one.code == booked.PAST_CAPACITY for one in self.problems)


def may_bring(actor: Actor) -> bool:
    """An administrator, or the office of an authority, of whose activities it then brings what there is."""
    return actor.is_administrator or bool(actor.authorities(Role.OFFICE))


def moving_prepare(*, actor: Actor, kind: Kind, upload: Upload, now: datetime) -> MovingImport:
    """Read a CSV or a spreadsheet apart and keep its lines aside; nothing of it is written.

    Raises NotYours, FileUnreadable, ImportNotReady ("missing_columns").
    """
    if not may_bring(actor):
        raise NotYours
    read = file_read(upload, most=MOST_LINES)
    at, columns = titles_found(read.lines, SUBJECTS[kind].columns)
    if missing := columns_missing(kind, columns):
        raise ImportNotReady("missing_columns", columns=missing)
    if at + 1 >= len(read.lines):
        raise FileUnreadable("no_rows")
    return MovingImport.objects.create(
        kind=kind.value,
        **read_keep(read, at),
        columns=columns,
        prepared_at=now,
        prepared_by=actor.label[:200],
        account_id=actor.user_id,
    )


def movings_of(actor: Actor) -> QuerySet[MovingImport]:
    """The actor's own, since they hold what colleagues may not read; all of them for an administrator."""
    if actor.is_administrator:
        return MovingImport.objects.all()
    return (
        MovingImport.objects.filter(account_id=actor.user_id or 0)
        if may_bring(actor)
        else (MovingImport.objects.none())
    )


def moving_found(actor: Actor, moving_id: int) -> MovingImport:
    """Raises NotYours."""
    row = movings_of(actor).filter(pk=moving_id).first()
    if row is None:
        raise NotYours
    return row


def moving_report(actor: Actor, row: MovingImport, *, now: datetime) -> Report:
    """What the file would do now; writes nothing. Raises FileUnreadable, "forgotten"."""
    saids, problems = _read(row, lines_below(row))
    kind, day = Kind(row.kind), local(now).date()
    plan = _plan(actor, kind, saids, day, now)
    wrong = sorted((*problems, *plan.problems), key=lambda one: int(one.where))
    return Report(plan, tuple(wrong), sums_of(kind, saids, plan, HERE[kind]))


def moving_start(
    *, actor: Actor, moving_id: int, past_capacity: bool, reason: str, now: datetime
) -> MovingImport:
    """Hand the file to the worker; one that was started is answered as it is. `past_capacity`: places that
    lack are given all the same, for the `reason`.

    Raises NotYours, ReasonMissing, FileUnreadable.
    """
    row = moving_found(actor, moving_id)
    if row.state != State.PREPARED:
        return row
    reason = reason.strip()[:REASON_LENGTH]
    if past_capacity and not reason:
        raise ReasonMissing
    # Read before the lock: a large file takes seconds, and its batches look again at each line.
    sums = [_stored(one) for one in moving_report(actor, row, now=now).sums]
    with transaction.atomic():
        found = MovingImport.objects.select_for_update(no_key=True).filter(pk=moving_id).first()
        if found is None:
            raise NotYours
        if found.state == State.PREPARED:
            found.sums, found.past_capacity = sums, past_capacity
            found.reason = reason if past_capacity else ""
            found.account_id, found.queued_at, found.state = actor.user_id, now, State.QUEUED
            found.save()
    return found


@transaction.atomic
def moving_drop(*, actor: Actor, moving_id: int) -> bool:
    """Forget a file that was not started; False when it was. Raises NotYours."""
    return unstarted_drop(MovingImport.objects.all(), moving_found(actor, moving_id))


def movings_advance(*, now: datetime) -> int:
    """Write lines of the files that were started, batch by batch, for a while. Returns how many lines."""
    started, written = monotonic(), 0
    for moving_id in MovingImport.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        row = MovingImport.objects.get(pk=moving_id)
        actor = _actor(row)
        try:
            lines = lines_below(row)
        except FileUnreadable:
            lines = None
        if lines is None or actor is None:
            _give_up(moving_id, now)
            continue
        while monotonic() - started < ROUND_SECONDS:
            done = _batch(moving_id, actor, lines, now)
            written += done
            if not done:
                break
    return written


def _actor(row: MovingImport) -> Actor | None:
    """Who started it, as it stands now; None for who may no more."""
    user = account_with_actor(row.account_id or 0)
    if user is None or not user.is_active or user.actor is None or not may_bring(user.actor):
        return None
    return user.actor


def movings_forget(*, now: datetime) -> int:
    """Delete what was read and never started, and the lines that were left out of what is long done."""
    return queued_forget(MovingImport.objects.all(), now, kept=KEPT, report_kept=REPORT_KEPT)


def sums_now(row: MovingImport) -> tuple[Summed, ...]:
    """Of a file that was started: its sums, beside what is here now."""
    keys = [_key(stored) for stored in row.sums]
    here = HERE[Kind(row.kind)](keys)
    return tuple(
        Summed(*key, stored["in_file"], stored["before"], here.get(key, 0))
        for key, stored in zip(keys, row.sums, strict=True)
    )


def problems_listed(actor: Actor, row: MovingImport, *, now: datetime) -> list[list[Any]]:
    """What is left out by line, with the cells of the line. Raises FileUnreadable, "forgotten"."""
    if row.state != State.PREPARED:
        return list(row.problems)
    return _with_cells(moving_report(actor, row, now=now).problems, lines_below(row))


HERE: Final = {
    Kind.ENROLMENTS: enrolled.here,
    Kind.BOOKINGS: bringing.here,
    Kind.CARDS: counters.cards_here,
    Kind.SUBSCRIPTIONS: counters.subscriptions_here,
}


def _plan(actor: Actor, kind: Kind, saids: Sequence[Said], day: date, now: datetime) -> Plan:
    match kind:
        case Kind.ENROLMENTS:
            return enrolled.plan(actor, saids, day=day)
        case Kind.BOOKINGS:
            return booked.plan(actor, saids, past_capacity=False, day=day, now=now)
        case Kind.CARDS:
            return counters.cards_plan(actor, saids, day=day)
        case Kind.SUBSCRIPTIONS:
            return counters.subscriptions_plan(actor, saids, day=day)


def _write(actor: Actor, row: MovingImport, saids: Sequence[Said], now: datetime) -> Plan:
    day = local(now).date()
    match Kind(row.kind):
        case Kind.ENROLMENTS:
            return enrolled.write(actor, saids, day=day, now=now)
        case Kind.BOOKINGS:
            return bringing.write(
                actor, saids, reason=row.reason, past_capacity=row.past_capacity, day=day, now=now
            )
        case Kind.CARDS:
            return counters.cards_write(actor, saids, day=day, now=now)
        case Kind.SUBSCRIPTIONS:
            return counters.subscriptions_write(actor, saids, day=day, now=now)


@transaction.atomic
def _batch(moving_id: int, actor: Actor, lines: Sequence[Line], now: datetime) -> int:
    """The next lines of a file, whole or not at all; 0 once it is done, or while another worker has it."""
    rows = MovingImport.objects.filter(pk=moving_id, state=State.QUEUED)
    row = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()
    if row is None:
        return 0
    part = lines[row.done_lines : row.done_lines + BATCH]
    if part:
        saids, problems = _read(row, part)
        plan = _write(actor, row, saids, now)
        wrong = sorted((*problems, *plan.problems), key=lambda one: int(one.where))
        row.problems += _with_cells(wrong, part)
        counts = Counter(row.counts)
        counts.update({fate.value: len(plan.of(fate)) for fate in Fate})
        counts["wrong"] += len({one.where for one in wrong})
        row.counts = dict(counts)
        row.done_lines += len(part)
    if row.done_lines >= len(lines):
        _finish(row, State.DONE, now)
    row.save()
    return len(part)


@transaction.atomic
def _give_up(moving_id: int, now: datetime) -> None:
    """The lines are lost, or who started it may no more: what was written stays, and the file can be sent
    again."""
    for row in MovingImport.objects.filter(pk=moving_id, state=State.QUEUED).select_for_update():
        _finish(row, State.REFUSED, now)
        row.save()


def _finish(row: MovingImport, state: str, now: datetime) -> None:
    row.state, row.done_at = state, now
    contents_forget([row.key])
    row.key = ""
    subject = Subject("moving_import", row.pk, row.file_name)
    by = Actor(row.account_id, row.prepared_by)
    record(actor=by, verb=BROUGHT, subject=subject, data=row.counts, now=now)


def _read(row: MovingImport, lines: Sequence[Line]) -> tuple[list[Said], list[Problem]]:
    saids: list[Said] = []
    problems: list[Problem] = []
    for line in lines:
        said, wrong = line_read(line, row.columns, Kind(row.kind))
        problems += wrong
        if said is not None:
            saids.append(said)
    return saids, problems


def _with_cells(problems: Sequence[Problem], lines: Sequence[Line]) -> list[list[Any]]:
    by_number = {line.number: line for line in lines}
    return [[int(one.where), one.code, one.data, list(by_number[int(one.where)].cells)] for one in problems]


def _stored(one: Summed) -> dict[str, Any]:
    return {
        "about": one.about.id,
        "label": one.about.label,
        "month": None if one.month is None else one.month.isoformat(),
        "measure": one.measure.value,
        "in_file": one.in_file,
        "before": one.before,
    }


def _key(stored: dict[str, Any]) -> SumKey:
    month = None if stored["month"] is None else date.fromisoformat(stored["month"])
    return About(stored["about"], stored["label"]), month, Measure(stored["measure"])
