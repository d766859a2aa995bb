"""The list of the pupils of a school: read and kept aside, then written at once as it was shown.

No file is made of a pupil whom the portal does not know: the office finds it in what is put aside, for a
month.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.imports.choosing import (
    Layout,
    columns_known,
    columns_put,
    heading_put,
    words_kept,
    words_put,
)
from marelle.families.imports.kept import ImportNotReady, file_keep
from marelle.families.imports.pupil_lines import COLUMNS, columns_missing, places_guessed
from marelle.families.imports.pupil_matches import NOBODY, Child, Fate, Found, Plan, last_day
from marelle.families.imports.words import Kind
from marelle.families.locks import people_locked
from marelle.families.models import PupilList, Schooling
from marelle.families.rules import listed_year
from marelle.files.services import Upload, contents_forget
from marelle.flows.actor.acting import may_act
from marelle.flows.year.promoting import schools_in_charge
from marelle.flows.year.pupils.report import list_found, list_report, list_words_asked, years_open
from marelle.journal.services import Act, record_many
from marelle.places.models import School
from marelle.places.rules import school_year_days

MOST_LINES: Final = 5_000
KEPT: Final = timedelta(days=1)
"""How long a list that was read waits to be confirmed."""

ASIDE_KEPT: Final = timedelta(days=30)
"""How long the office may look up the pupils of whom nothing was written."""

PUPILS: Final = Layout("pupil_column", COLUMNS, places_guessed, columns_missing)

State = PupilList.State


class ListMoved(Refusal):
    """Nothing was written. `code`: "moved" (a child, or its class, is no more what was shown), "left_on" (the
    last day of who left is not of that year nor of the one before)."""


def list_prepare(*, actor: Actor, upload: Upload, now: datetime) -> PupilList:
    """Read a CSV or a spreadsheet and keep its lines aside; nothing of it is written. Columns are guessed.

    Raises `NotYours` for who has no school, FileUnreadable.
    """
    day = local(now).date()
    schools = list(schools_in_charge(actor, day=day).order_by("pk")[:2]) if may_act(actor) else []
    if not schools:
        raise NotYours
    kept = file_keep(upload, most=MOST_LINES)
    return PupilList.objects.create(
        **kept,
        columns=columns_known(kept["headings"], PUPILS),
        words=words_kept(),
        school_year=listed_year(day),
        school=schools[0] if len(schools) == 1 else None,
        prepared_at=now,
        prepared_by=actor.label[:200],
        account_id=actor.user_id,
    )


@transaction.atomic
def list_heading_set(*, actor: Actor, list_id: int, at: int, now: datetime) -> PupilList:
    """Say which line holds the headings. Raises `NotYours`, `ImportNotReady`, FileUnreadable."""
    row = _prepared(actor, list_id, now)
    heading_put(row, at, PUPILS)
    return row


@transaction.atomic
def list_columns_set(
    *,
    actor: Actor,
    list_id: int,
    school_year: int,
    school_id: int | None,
    columns: Mapping[str, int],
    now: datetime,
) -> PupilList:
    """Say of which year the list is, of which school where its lines name none, and which column is which.

    Raises `NotYours`, `ImportNotReady`.
    """
    row, day = _prepared(actor, list_id, now), local(now).date()
    school = schools_in_charge(actor, day=day).filter(pk=school_id).first() if school_id is not None else None
    if school_year not in years_open(day) or (school_id is not None and school is None):
        raise NotYours
    if school is None and "school" not in columns:
        raise ImportNotReady("missing_school")
    columns_put(row, columns, PUPILS)
    row.school, row.school_year, row.answers = school, school_year, {}
    row.save(update_fields=["school", "school_year", "answers"])
    return row


@transaction.atomic
def list_words_set(
    *, actor: Actor, list_id: int, said: Mapping[tuple[Kind, str], str], now: datetime
) -> PupilList:
    """Say what words are. Raises `NotYours`, `ImportNotReady`, FileUnreadable."""
    row = _prepared(actor, list_id, now)
    schools = schools_in_charge(actor, day=local(now).date()).values_list("pk", flat=True)
    words_put(row, said, list_words_asked(row), schools)
    return row


@transaction.atomic
def list_answers_set(
    *, actor: Actor, list_id: int, answers: Mapping[int, int | None], now: datetime
) -> PupilList:
    """Say who the pupils of some lines are: a child that each may be, `NOBODY`, or None to say it no more.

    Raises `NotYours`, also for another child or line; `ImportNotReady`, FileUnreadable.
    """
    row = _prepared(actor, list_id, now)
    asked = {one.listed.line: one for one in list_report(actor, row, now=now).plan.asked}
    held = dict(row.answers)
    for line, answer in answers.items():
        ids = {child.id for child in asked[line].children} if line in asked else ()
        if line not in asked or (answer not in (None, NOBODY) and answer not in ids):
            raise NotYours
        held.pop(str(line), None)
        if answer is not None:
            held[str(line)] = answer
    row.answers = held
    row.save(update_fields=["answers"])
    return row


@transaction.atomic
def list_write(
    *,
    actor: Actor,
    list_id: int,
    seen: str,
    changed: Collection[int],
    left: Collection[int],
    left_on: date | None,
    now: datetime,
) -> PupilList:
    """Write the classes of the list: those that were not noted, and of the children `changed` those that
    differ; the children `left` have left their school on `left_on`. All as it was shown (`seen`), or nothing.

    A list that is done is answered as it is. Raises `NotYours`, `ListMoved`, FileUnreadable.
    """
    row = _locked(actor, list_id, now)
    if row.state == State.DONE:
        return row
    first = list_report(actor, row, now=now).plan
    schools = {one.listed.school_id for one in first.found}
    list(School.objects.select_for_update(no_key=True).filter(pk__in=schools).order_by("pk"))
    concerned = [one.child.id for one in first.found] + [one.child.id for one in first.leavers]
    people_locked(concerned)
    # Whoever notes a class by hand holds the home, not the child: its row is held against it.
    years = (row.school_year - 1, row.school_year)
    held = Schooling.objects.filter(child__in=concerned, school_year__in=years)
    list(held.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    report = list_report(actor, row, now=now)
    if report.mark != seen:
        raise ListMoved("moved")
    plan = report.plan
    leavers = [one for one in plan.leavers if one.child.id in left]
    begins, ends = school_year_days(row.school_year - 1)[0], school_year_days(row.school_year)[1]
    if leavers and (left_on is None or not begins <= left_on <= ends):
        raise ListMoved("left_on")
    written = [one for one in plan.found if one.is_written]
    differs = [one for one in plan.of(Fate.CHANGED) if one.child.id in changed]
    ended = {one.row.id: last_day(one, left_on) for one in leavers if left_on is not None}
    _write(row, written, differs, plan.of(Fate.SAME), ended)
    row.counts = {
        "noted": len(written),
        "changed": len(differs),
        "same": len(plan.of(Fate.SAME)),
        "left": len(leavers),
        "unknown": len(plan.unknown),
        "unanswered": sum(one.answer is None for one in plan.asked),
        "own": len(plan.of(Fate.OWN)),
        "wrong": len({one.where for one in report.problems}),
    }
    row.aside = _aside(plan)
    contents_forget([row.key])
    row.state, row.done_at, row.key, row.words, row.answers = State.DONE, now, "", {}, {}
    row.save()
    _tell(actor, row, [*written, *differs], [one.child for one in leavers], now)
    return row


@transaction.atomic
def list_drop(*, actor: Actor, list_id: int, now: datetime) -> bool:
    """Forget a list that was not confirmed, or what was put aside, at the actor's schools, of one that was.

    Whether it was not confirmed. Raises `NotYours`.
    """
    row = _locked(actor, list_id, now)
    if row.state == State.DONE:
        mine = _schools_of(actor, now)
        row.aside = [one for one in row.aside if one["school_id"] not in mine]
        row.save(update_fields=["aside"])
        return False
    contents_forget([row.key])
    row.delete()
    return True


def aside_listed(actor: Actor, row: PupilList, *, now: datetime) -> list[dict[str, Any]]:
    """The pupils of whom nothing is written: as they were put aside, else as they would be now.

    A list may name schools of which another office answers: each reads the pupils of its own. Raises
    FileUnreadable, "forgotten".
    """
    if row.state != State.DONE:
        return _aside(list_report(actor, row, now=now).plan)
    mine = _schools_of(actor, now)
    return [one for one in row.aside if one["school_id"] in mine]


def lists_forget(*, now: datetime) -> int:
    """Delete the lists that nobody confirmed, and what was put aside of those that are long done.

    Read first: on SQLite a delete waits for the write lock even where there is nothing to delete.
    """
    stale = PupilList.objects.filter(state=State.PREPARED, prepared_at__lte=now - KEPT)
    old = PupilList.objects.filter(done_at__lte=now - ASIDE_KEPT).exclude(aside=[])
    rows = list(stale.values_list("pk", "key"))
    if not rows and not old.exists():
        return 0
    with transaction.atomic():
        count = stale.filter(pk__in=[pk for pk, _key in rows]).delete()[0]
        contents_forget([key for _pk, key in rows])
        return count + old.update(aside=[])


def _schools_of(actor: Actor, now: datetime) -> frozenset[int]:
    return frozenset(schools_in_charge(actor, day=local(now).date()).values_list("pk", flat=True))


def _locked(actor: Actor, list_id: int, now: datetime) -> PupilList:
    list_found(actor, list_id, day=local(now).date())
    row = PupilList.objects.select_for_update(no_key=True).filter(pk=list_id).first()
    if row is None:
        raise NotYours
    return row


def _prepared(actor: Actor, list_id: int, now: datetime) -> PupilList:
    row = _locked(actor, list_id, now)
    if row.state != State.PREPARED:
        raise ImportNotReady("already_started")
    return row


def _write(
    row: PupilList,
    written: Iterable[Found],
    differs: Iterable[Found],
    same: Iterable[Found],
    ended: Mapping[int, date],
) -> None:
    """The rows of the classes, in a number of statements that does not grow with them. Raises `ListMoved`."""
    new = [
        Schooling(
            child_id=one.child.id,
            school_id=one.listed.school_id,
            school_year=row.school_year,
            level=one.listed.level,
            teacher=one.teacher,
        )
        for one in written
    ]
    try:
        with transaction.atomic():
            Schooling.objects.bulk_create(new)
    except IntegrityError as error:  # somebody noted one of them at this moment
        raise ListMoved("moved") from error
    changes = {one.child.now.id: one for one in differs if one.child.now is not None}
    # What a « passage de classe » noted and the list says too is no more to be taken back with it.
    settled = [
        one.child.now.id for one in same if one.child.now is not None and one.child.now.made_by_promotion
    ]
    ids = [*changes, *settled, *ended]
    rows = list(Schooling.objects.filter(pk__in=ids))
    for held in rows:
        held.corrected = held.corrected or held.pk not in ended
        held.until = ended.get(held.pk)
        if held.pk in changes:
            one = changes[held.pk]
            held.school_id, held.level, held.teacher = one.listed.school_id, one.listed.level, one.teacher
    Schooling.objects.bulk_update(rows, ["school", "level", "teacher", "corrected", "until"])


def _aside(plan: Plan) -> list[dict[str, Any]]:
    """The pupils of whom nothing is written, with why: `unknown`, or `unanswered`."""
    found = [("unknown", one) for one in plan.unknown]
    found += [("unanswered", one.listed) for one in plan.asked if one.answer is None]
    return [{"why": why, **asdict(one), "birth_date": one.birth_date.isoformat()} for why, one in found]


def _tell(actor: Actor, row: PupilList, noted: Iterable[Found], left: Iterable[Child], now: datetime) -> None:
    acts = [Act("pupils.listed", Subject("pupil_list", row.pk, row.file_name), data=row.counts)]
    told = [("schooling.listed", one.child) for one in noted] + [("schooling.ended", one) for one in left]
    acts += [
        Act(verb, Subject("person", child.id), family_id=family_id)
        for verb, child in told
        for family_id in child.family_ids
    ]
    record_many(actor=actor, acts=acts, now=now)
