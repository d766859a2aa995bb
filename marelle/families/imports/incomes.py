"""Incomes that enter by a spreadsheet: read and sealed at once, then written whole as they were shown."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.sealed import opened, seal
from marelle.core.subject import Subject
from marelle.core.tabular import FileUnreadable, Line
from marelle.families.imports.headings import titles_found
from marelle.families.imports.income_lines import (
    COLUMNS,
    Defaults,
    IncomeLine,
    columns_missing,
    line_read,
)
from marelle.families.imports.income_plan import Change, Plan, Planned, planned
from marelle.families.imports.kept import ImportNotReady, file_read
from marelle.families.incomes.rules import IncomeStatus, WrongIncome
from marelle.families.incomes.services import CORRECTED, NOTED
from marelle.families.locks import homes_locked
from marelle.families.models import Income, IncomeImport, Member
from marelle.families.models.incomes import sealed_of
from marelle.families.refusals import NotAllowed
from marelle.families.scope import other_homes
from marelle.families.selectors import current
from marelle.families.services import KEEPERS
from marelle.files.services import Upload
from marelle.journal.services import Act, record_many
from marelle.places.scope import is_office_of

MOST_LINES: Final = 5_000
BATCH: Final = 200
KEPT: Final = timedelta(days=1)
"""How long a file that was read waits to be confirmed."""

State = IncomeImport.State


class IncomesMoved(Refusal):
    """Nothing was written: a home, or an income, is no more what was shown."""

    def __init__(self) -> None:
        super().__init__("incomes_moved")


def incomes_prepare(*, actor: Actor, upload: Upload, defaults: Defaults, now: datetime) -> IncomeImport:
    """Read a CSV or a spreadsheet apart, and seal its lines; nothing of it is written.

    Raises NotAllowed for who writes in no file, WrongIncome of another authority, FileUnreadable,
    ImportNotReady ("missing_columns"), CannotSeal.
    """
    if not any(power.role in KEEPERS for power in actor.powers):
        raise NotAllowed("keeps_no_files")
    if defaults.authority_id is not None and not is_office_of(actor, defaults.authority_id):
        raise WrongIncome("other_authority", "authority")
    read = file_read(upload, most=MOST_LINES)
    at, columns = titles_found(read.lines, COLUMNS)
    if missing := columns_missing(columns):
        raise ImportNotReady("missing_columns", columns=missing)
    if at + 1 >= len(read.lines):
        raise FileUnreadable("no_rows")
    kept = json.dumps([(line.number, line.cells) for line in read.lines[at:]])
    return IncomeImport.objects.create(
        file_name=read.name,
        lines=seal(kept),
        authority_id=defaults.authority_id,
        status=defaults.status,
        since=defaults.since,
        until=defaults.until,
        source=defaults.source,
        prepared_at=now,
        prepared_by=actor.label[:200],
        account_id=actor.user_id,
    )


def incomes_import(actor: Actor, import_id: int) -> IncomeImport:
    """One of the actor's own, since it holds what others may not read; any for an administrator. Raises
    NotYours."""
    rows = IncomeImport.objects.filter(pk=import_id)
    row = (rows if actor.is_administrator else rows.filter(account_id=actor.user_id or 0)).first()
    if row is None or not any(power.role in KEEPERS for power in actor.powers):
        raise NotYours
    return row


def incomes_plan(actor: Actor, row: IncomeImport, *, now: datetime) -> Plan:
    """What confirming it would do now; writes nothing. Raises CannotOpen, FileUnreadable ("forgotten")."""
    day = local(now).date()
    lines = _lines(row)
    _at, columns = titles_found(lines[:1], COLUMNS)
    status = IncomeStatus(row.status)
    defaults = Defaults(status, row.since, row.source, row.until, row.authority_id)
    read: list[IncomeLine] = []
    problems = []
    for line in lines[1:]:
        found, wrong = line_read(line, columns, defaults, day)
        problems += wrong
        read += [found] if found is not None else []
    own = other_homes(actor, day)
    if actor.person_id is not None:
        mine = Member.objects.filter(current(day), person_id=actor.person_id)
        own |= frozenset(mine.values_list("family_id", flat=True))
    return planned(read, problems, own=own, day=day)


@transaction.atomic
def incomes_write(*, actor: Actor, import_id: int, seen: str, now: datetime) -> IncomeImport:
    """Write what was shown (`seen`), whole or not at all; lines that are wrong are left out, as was shown.

    One that is done is answered as it is. Raises NotYours, IncomesMoved, CannotOpen, CannotSeal,
    FileUnreadable.
    """
    incomes_import(actor, import_id)
    row = IncomeImport.objects.select_for_update(no_key=True).filter(pk=import_id).first()
    if row is None:
        raise NotYours
    if row.state == State.DONE:
        return row
    first = incomes_plan(actor, row, now=now)
    homes_locked({one.family_id for one in first.planned})
    plan = incomes_plan(actor, row, now=now)
    if plan.mark != seen:
        raise IncomesMoved
    _write(actor, plan, now)
    row.counts = {change.value: len(plan.of(change)) for change in Change}
    row.counts["wrong"] = len({one.where for one in plan.problems})
    row.state, row.done_at, row.lines = State.DONE, now, None
    row.save()
    return row


def _write(actor: Actor, plan: Plan, now: datetime) -> None:
    """The rows of the plan, each statement for many."""
    new = [_row(one) for one in plan.of(Change.NEW)]
    replaced = [_row(one) for one in plan.of(Change.REPLACED)]
    Income.objects.bulk_create(new, batch_size=BATCH)
    columns = ("status", "amount", "source", "until")
    Income.objects.bulk_update(replaced, columns, batch_size=BATCH)
    acts = [
        Act(verb, Subject("income", row.pk, row.get_kind_display()), family_id=row.family_id)
        for verb, rows in ((NOTED, new), (CORRECTED, replaced))
        for row in rows
    ]
    record_many(actor=actor, acts=acts, now=now)


def _row(one: Planned) -> Income:
    income = one.income
    row = one.row or Income(
        family_id=one.family_id,
        kind=income.kind,
        since=income.since,
        authority_id=income.authority_id,
    )
    sealed = sealed_of(income.told)
    row.status, row.amount = sealed["status"], sealed["amount"]
    row.source, row.until = income.source, income.until
    return row


@transaction.atomic
def incomes_drop(*, actor: Actor, import_id: int) -> None:
    """Forget a file that was read. Raises NotYours."""
    incomes_import(actor, import_id)
    IncomeImport.objects.filter(pk=import_id, state=State.PREPARED).delete()


def incomes_forget(*, now: datetime) -> int:
    """Delete those that nobody confirmed. Read first: a delete waits for SQLite's write lock."""
    stale = IncomeImport.objects.filter(state=State.PREPARED, prepared_at__lte=now - KEPT)
    ids = list(stale.values_list("pk", flat=True))
    return IncomeImport.objects.filter(pk__in=ids, state=State.PREPARED).delete()[0] if ids else 0


def _lines(row: IncomeImport) -> list[Line]:
    if row.lines is None:
        raise FileUnreadable("forgotten")
    return [Line(number, tuple(cells)) for number, cells in json.loads(opened(row.lines))]
