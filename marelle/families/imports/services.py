"""Importing families: a file is read and kept aside, its columns matched, then the worker writes it.

What there is to do is in the table: any worker goes on where another one stopped, a batch of homes is written
whole or not at all, and the same file again finds its homes there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet

from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.core.tabular import FileUnreadable, Line, Problem
from marelle.families.file.writing import commune_named
from marelle.families.imports.choosing import (
    FAMILIES,
    columns_known,
    schools_there,
    words_frozen,
    words_kept,
    words_now,
)
from marelle.families.imports.drafts import Draft, cells_kept, columns_missing, drafted
from marelle.families.imports.kept import (
    ImportNotReady,
    file_keep,
    import_found,
    import_locked,
    lines_below,
    queued_forget,
    unstarted_drop,
)
from marelle.families.imports.planning import Known, known_homes
from marelle.families.imports.words import Unknown, unknown_words
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.models import FamilyImport, Income, Residence, Schooling
from marelle.families.models.incomes import sealed_of
from marelle.families.scope import keeps_files
from marelle.families.services import NewFamily, families_create
from marelle.files.services import Upload, contents_forget
from marelle.journal.services import record
from marelle.places.locks import portal_locked
from marelle.places.models import School

MOST_LINES: Final = 20_000
BATCH: Final = 100
"""Homes in one transaction: a second of work, that a death of the worker undoes."""

ROUND_SECONDS: Final = 10.0
"""After which the worker sends mails and hands on places before it goes on."""

KEPT: Final = timedelta(days=1)
"""How long a file that was read waits to be imported."""

REPORT_KEPT: Final = timedelta(days=30)
"""How long the lines that were wrong may be downloaded."""

SOURCE: Final = "fichier importé"
IMPORTED: Final = "family.imported"

State = FamilyImport.State


@dataclass(frozen=True, slots=True)
class Report:
    """What the import would do now: homes to create, those that are there, and what is wrong by line. `asked`
    are the words of which an agent says what they are."""

    new: tuple[Draft, ...]
    known: tuple[Known, ...]
    problems: tuple[Problem, ...]
    asked: tuple[Unknown, ...]


def import_prepare(*, actor: Actor, upload: Upload, now: datetime) -> FamilyImport:
    """Read a CSV or a spreadsheet and keep its lines aside; nothing of it is imported.

    Columns are guessed from their headings. Raises `NotYours` for who keeps no files, FileUnreadable.
    """
    if not keeps_files(actor):
        raise NotYours
    kept = file_keep(upload, most=MOST_LINES)
    return FamilyImport.objects.create(
        **kept,
        columns=columns_known(kept["headings"], FAMILIES),
        words=words_kept(),
        prepared_at=now,
        prepared_by=actor.label[:200],
        account_id=actor.user_id,
    )


def imports_of(actor: Actor) -> QuerySet[FamilyImport]:
    """All of them, the latest first, for who keeps files."""
    return FamilyImport.objects.all() if keeps_files(actor) else FamilyImport.objects.none()


def same_before(row: FamilyImport) -> FamilyImport | None:
    """The last import done of this very file, if any."""
    return FamilyImport.objects.filter(sha256=row.sha256, state=State.DONE).exclude(pk=row.pk).first()


def import_report(row: FamilyImport, *, now: datetime) -> Report:
    """What the import would do now; writes nothing. Raises FileUnreadable, "forgotten"."""
    day = local(now).date()
    lines, words = lines_below(row), words_now(row)
    drafts, problems = drafted(lines, row.columns, day=day, words=words)
    new, known = known_homes(drafts, day=day)
    return Report(new, known, problems, unknown_words(lines, row.columns, words))


def problems_listed(row: FamilyImport, *, now: datetime) -> list[list[Any]]:
    """What is wrong by line, with the line: what was kept at the start, else what would be kept now.

    Raises FileUnreadable, "forgotten".
    """
    if row.state != State.PREPARED:
        return list(row.problems)
    return _with_lines(import_report(row, now=now).problems, lines_below(row), row.columns)


@transaction.atomic
def import_start(*, actor: Actor, import_id: int, all_or_none: bool, now: datetime) -> FamilyImport:
    """Hand the import to the worker. `all_or_none`: nothing is written as long as a line is wrong.

    One that was started is answered as it is, so that a second click changes nothing. Raises `NotYours`,
    `ImportNotReady`, FileUnreadable.
    """
    row = import_locked(actor, import_id)
    if row.state != State.PREPARED:
        return row
    if missing := columns_missing(row.columns):
        raise ImportNotReady("missing_columns", columns=missing)
    lines = lines_below(row)
    words = words_now(row)
    row.schools, row.words = dict(words.schools), schools_there(words.said)
    drafts, problems = drafted(lines, row.columns, day=local(now).date(), words=words_frozen(row))
    row.problems = _with_lines(problems, lines, row.columns)
    row.homes = len(drafts)
    row.counts = {"wrong": len({one.where for one in problems})}
    row.all_or_none, row.queued_at, row.state = all_or_none, now, State.QUEUED
    if all_or_none and problems:
        _finish(row, State.REFUSED, now)
    row.save()
    return row


@transaction.atomic
def import_drop(*, actor: Actor, import_id: int) -> bool:
    """Forget a file that was not started; False when it was. Raises `NotYours`."""
    return unstarted_drop(FamilyImport.objects.all(), import_found(actor, import_id))


def imports_advance(*, now: datetime) -> int:
    """Write homes of the imports that were started, batch by batch, for a while. Returns how many homes."""
    started, written = monotonic(), 0
    for import_id in FamilyImport.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        row = FamilyImport.objects.get(pk=import_id)
        try:
            lines = lines_below(row)
        except FileUnreadable:
            _give_up(import_id, now)
            continue
        day = local(row.queued_at or now).date()
        drafts, _problems = drafted(lines, row.columns, day=day, words=words_frozen(row))
        while monotonic() - started < ROUND_SECONDS:
            done = _batch(import_id, drafts, now)
            written += done
            if not done:
                break
    return written


def imports_forget(*, now: datetime) -> int:
    """Delete what was read and never started, and the lines that were wrong of what is long done."""
    return queued_forget(FamilyImport.objects.all(), now, kept=KEPT, report_kept=REPORT_KEPT)


@transaction.atomic
def _batch(import_id: int, drafts: Sequence[Draft], now: datetime) -> int:
    """The next homes of an import, whole or not at all; 0 once it is done, or while another worker has it."""
    # Two imports never look at the same moment for who is there: the second sees what the first wrote.
    portal_locked()
    rows = FamilyImport.objects.filter(pk=import_id, state=State.QUEUED)
    row = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()
    if row is None:
        return 0
    part = drafts[row.done_homes : row.done_homes + BATCH]
    if part:
        new, known = known_homes(part, day=local(now).date())
        actor = Actor(row.account_id, row.prepared_by, powers=frozenset({Power(Role.OFFICE)}))
        _write(actor, new, now)
        for name, count in (("created", len(new)), ("present", len(known))):
            row.counts[name] = row.counts.get(name, 0) + count
        row.done_homes += len(part)
    if row.done_homes >= len(drafts):
        _finish(row, State.DONE, now)
    row.save()
    return len(part)


def _write(actor: Actor, drafts: Sequence[Draft], now: datetime) -> None:
    """The homes with what the file says of them, each statement for all."""
    if not drafts:
        return
    day = local(now).date()
    homes = [
        NewFamily(draft.name, draft.adults, draft.children, draft.reference, draft.caf_number)
        for draft in drafts
    ]
    created = families_create(actor=actor, homes=homes, since=day, now=now)
    communes: dict[tuple[str, str], int | None] = {}
    residences, incomes, schoolings = [], [], []
    schools = set(School.objects.values_list("pk", flat=True))
    for draft, family in zip(drafts, created, strict=True):
        if draft.address is not None:
            where = (draft.address["city"], draft.address["postal_code"])
            if where not in communes:
                communes[where] = commune_named(*where)
            residences.append(
                Residence(
                    family_id=family.family_id,
                    street=draft.address["street"],
                    postal_code=draft.address["postal_code"],
                    city=draft.address["city"],
                    commune_id=communes[where],
                    since=day,
                    source=SOURCE,
                )
            )
        if draft.quotient is not None:
            told = sealed_of(Told(IncomeStatus.DECLARED, draft.quotient))
            of_home = {"family_id": family.family_id, "kind": IncomeKind.QUOTIENT, **told}
            incomes.append(Income(**of_home, since=day, source=SOURCE))
        schoolings += [
            Schooling(child_id=child_id, **asdict(child.pupil))
            for child, child_id in zip(draft.children, family.children, strict=True)
            if child.pupil is not None and child.pupil.school_id in schools
        ]
    Residence.objects.bulk_create(residences)
    Income.objects.bulk_create(incomes)
    Schooling.objects.bulk_create(schoolings)


@transaction.atomic
def _give_up(import_id: int, now: datetime) -> None:
    """The lines are lost: what was written stays, and the file can be imported again."""
    rows = FamilyImport.objects.filter(pk=import_id, state=State.QUEUED)
    for row in rows.select_for_update():
        _finish(row, State.REFUSED, now)
        row.save()


def _finish(row: FamilyImport, state: str, now: datetime) -> None:
    row.state, row.done_at = state, now
    row.words = {}
    contents_forget([row.key])
    row.key = ""
    record(
        actor=Actor(row.account_id, row.prepared_by),
        verb=IMPORTED,
        subject=Subject("family_import", row.pk, row.file_name),
        data=row.counts,
        now=now,
    )


def _with_lines(
    problems: Sequence[Problem], lines: Sequence[Line], columns: Mapping[str, int]
) -> list[list[Any]]:
    by_number = {line.number: line for line in lines}
    return [
        [int(one.where), one.code, one.data, cells_kept(by_number[int(one.where)], columns)]
        for one in problems
    ]
