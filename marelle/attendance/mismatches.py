"""Mismatches: noted once for a child on an opening, answered by the home, settled by the structure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from marelle.attendance.mismatch_mails import tell_settled
from marelle.attendance.mismatch_rules import CORRECTIONS, may_answer, may_correct
from marelle.attendance.models import Mismatch
from marelle.attendance.outcomes import COUNTING
from marelle.attendance.reading import Batch, Draft
from marelle.attendance.refusals import CannotAnswer, CannotCorrect, WordsMissing
from marelle.attendance.rules import Alert
from marelle.attendance.services import tick_undo, ticks_receive
from marelle.bookings.models import Attendance
from marelle.bookings.saving.locks import children_locked, lock
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import OwnFile, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import day_long
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.scope import is_own_file
from marelle.families.selectors import bookable_people
from marelle.journal.services import Act, record, record_many
from marelle.mail.services import held_mails
from marelle.places.scope import check_decides, in_charge, may_decide
from marelle.places.undoing import decision_undo

KIND, SUBJECT = "mismatch", "mismatch"
ANSWERED, TOLD, LIFTED = "mismatch.answered", "mismatch.told", "mismatch.lifted"
CORRECTED, LEFT, UNDONE = "mismatch.corrected", "mismatch.left", "mismatch.undone"
SETTLED: Final = ("settled", "settled_at", "settled_by", "words", "correction")
TOLD_AGAIN: Final = (
    "family", "booking", "day", "kind", "told_at", "withdrawn_at", "answer", "answered_at", "answered_by",
    *SETTLED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A mismatch that a home was not told of yet."""

    opening_id: int
    child_id: int
    family_id: int
    booking_id: int | None
    day: date
    kind: Alert


def mismatches_note(*, found: Collection[Found], now: datetime) -> tuple[Mismatch, ...]:
    """Keep what homes are about to be told; the caller has locked the children, and looked once they were.

    One that was lifted and is so again is told as a new one: what was said of the first is in the history.
    """
    rows = Mismatch.objects.bulk_create(
        [
            Mismatch(
                opening_id=one.opening_id,
                child_id=one.child_id,
                family_id=one.family_id,
                booking_id=one.booking_id,
                day=one.day,
                kind=one.kind.value,
                told_at=now,
            )
            for one in found
        ],
        update_conflicts=True,
        unique_fields=("opening", "child"),
        update_fields=TOLD_AGAIN,
    )
    noted = tuple(_detailed(Mismatch.objects.filter(pk__in=[row.pk for row in rows])))
    _journal(TOLD, noted, now)
    return noted


def mismatches_lift(*, rows: Sequence[Mismatch], mistaken: Collection[int], now: datetime) -> None:
    """What came since says otherwise: nobody answers any more, and what the home answered is settled by it.

    `mistaken` are the ids of those that the door had wrong: the home is told so. Whoever calls has locked the
    children.
    """
    for row in rows:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
    waiting = Case.objects.open().filter(pk__in={row.case_id for row in rows if row.case_id})
    for case in lock(waiting.order_by("pk")):
        if not Mismatch.objects.standing().filter(case=case).exclude(answer="").exists():
            decide_case(actor=SYSTEM, case_id=case.pk, state=CaseState.WITHDRAWN, now=now)
    tell_settled([row for row in rows if row.pk in mistaken], now=now)
    _journal(LIFTED, rows, now)


@transaction.atomic
def mismatches_answer(
    *, actor: Actor, mismatch_ids: Collection[int], answer: str, now: datetime
) -> tuple[Mismatch, ...]:
    """What the home says of these at once, of each that it may still answer; returns those.

    What it says waits on the desk as one case for a child, a day and a structure. Raises NotYours where one
    is not the home's, and CannotAnswer where none is left: answered, lifted, told absent, too late, or no
    answer to it.
    """
    found = _of_home(actor, mismatch_ids, now)
    rows = [
        row
        for row in found
        if row.is_to_answer and may_answer(Alert(row.kind), answer, told_at=row.told_at, now=now)
    ]
    if not rows:
        raise CannotAnswer
    together: dict[tuple[int, date, str, int], list[Mismatch]] = {}
    for row in rows:
        key = (row.child_id, row.day, row.kind, row.opening.activity.structure_id)
        together.setdefault(key, []).append(row)
    for some in together.values():
        case = _case_of(actor, some, now)
        for row in some:
            row.answer, row.answered_at, row.answered_by, row.case = answer, now, actor.label[:150], case
            row.save(update_fields=["answer", "answered_at", "answered_by", "case"])
        _record(actor, ANSWERED, some[0], now)
    return tuple(rows)


@transaction.atomic
def mismatch_settle(
    *, actor: Actor, mismatch_id: int, correct: Collection[int] = (), words: str = "", now: datetime
) -> None:
    """The structure corrects what was ticked, by ticks of its own, or leaves it; the family is told.

    `correct` are ids of those to correct among all that was answered with `mismatch_id`; the others stay as
    they are. Raises NotYours, DecidedElsewhere, OwnFile, AlreadyDecided; WordsMissing where an error is said
    to be none without saying why; CannotCorrect when there is nothing to correct, or a tick does not count.
    """
    rows = _decided(actor, mismatch_id, now)
    case = Case.objects.get(mismatches=rows[0])
    check_decides(actor, case)
    words = " ".join(words.split())[:300]
    if not {row.pk for row in rows if may_correct(row.answer)}.issuperset(correct):
        raise CannotCorrect
    standing = [row for row in rows if row.withdrawn_at is None]
    asked = {row.pk for row in standing if may_correct(row.answer)}
    corrected = asked.intersection(correct)
    if corrected != asked and not words:
        raise WordsMissing
    state = CaseState.ACCEPTED if corrected or not asked else CaseState.REFUSED
    decide_case(actor=actor, case_id=case.pk, state=state, reason=words, now=now)
    for row in standing:
        row.correction = _corrected(actor, row, now) if row.pk in corrected else None
        row.settled = Mismatch.Settled.CORRECTED if row.pk in corrected else Mismatch.Settled.LEFT
        row.settled_at, row.settled_by, row.words = now, actor.label[:150], words
        row.save(update_fields=SETTLED)
    _record(actor, CORRECTED if corrected else LEFT, rows[0], now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_settled(standing, now=now)


@transaction.atomic
def mismatch_undo(*, actor: Actor, mismatch_id: int, decided_at: datetime, now: datetime) -> None:
    """The answer waits again, and the ticks are taken back. Raises NotYours, OwnFile and CannotUndo."""
    rows = _decided(actor, mismatch_id, now)
    decision_undo(actor=actor, kind=KIND, subject_id=mismatch_id, decided_at=decided_at, now=now)
    for row in rows:
        if row.correction is not None:
            tick_undo(
                actor=actor, structure_id=row.opening.activity.structure_id, tick_id=row.correction, now=now
            )
        row.settled, row.settled_at, row.settled_by, row.words, row.correction = "", None, "", "", None
        row.save(update_fields=SETTLED)
    _record(actor, UNDONE, rows[0], now)


def mismatches_in_charge(actor: Actor) -> QuerySet[Mismatch]:
    """Those of the structures that the actor answers for."""
    if not may_decide(actor):
        return Mismatch.objects.none()
    return Mismatch.objects.filter(in_charge(actor, "opening__activity__structure__"))


def rows_answered(case_id: int) -> QuerySet[Mismatch]:
    """All that a home answered at once, lifted since or not."""
    return Mismatch.objects.filter(case_id=case_id).exclude(answer="")


def _detailed(rows: QuerySet[Mismatch]) -> QuerySet[Mismatch]:
    found = rows.select_related(
        "child", "family", "opening__slot", "opening__activity__structure", "booking__absence"
    )
    return found.order_by("opening__starts_at", "pk")


def _of_home(actor: Actor, mismatch_ids: Collection[int], now: datetime) -> list[Mismatch]:
    """Of the actor's home, of children for whom it books, who are locked; by the hour."""
    wanted = set(mismatch_ids)
    if actor.family_id is None or not wanted:
        raise NotYours
    people = bookable_people(actor, day=local(now).date()).values("pk")
    mine = Mismatch.objects.filter(pk__in=wanted, family_id=actor.family_id, child_id__in=people)
    children_locked(set(mine.values_list("child_id", flat=True)))
    rows = list(_detailed(mine))
    if {row.pk for row in rows} != wanted:
        raise NotYours
    return rows


def _case_of(actor: Actor, rows: Sequence[Mismatch], now: datetime) -> Case:
    """Where an answer waits. The first may still have one: it was lifted, and is told again, before what was
    answered with it is settled."""
    first = rows[0]
    waiting = Case.objects.open().filter(kind=KIND, subject_kind=SUBJECT, subject_id=first.pk)
    structure = first.opening.activity.structure
    slots = ", ".join(dict.fromkeys(row.opening.slot.name for row in rows))
    return lock(waiting).first() or open_case(
        actor=actor,
        kind=KIND,
        subject=Subject(SUBJECT, first.pk, f"{first.child} · {slots}, {day_long(first.day)}"),
        family_id=first.family_id,
        authority_id=structure.authority_id,
        structure_id=structure.pk,
        now=now,
    )


def _decided(actor: Actor, mismatch_id: int, now: datetime) -> list[Mismatch]:
    """All that was answered with one that the actor answers for, and not its own; their child is locked."""
    rows = mismatches_in_charge(actor).filter(pk=mismatch_id)
    children_locked(list(rows.values_list("child_id", flat=True)))
    case_id = rows.values_list("case_id", flat=True).first()
    found = list(_detailed(rows_answered(case_id))) if case_id else []
    if not found:
        raise NotYours
    one = found[0]
    if is_own_file(actor, family_id=one.family_id, person_id=one.child_id, day=local(now).date()):
        raise OwnFile
    return found


def _corrected(actor: Actor, row: Mismatch, now: datetime) -> UUID:
    """Tick what the family says, after all that is known. Raises CannotCorrect where it would not count."""
    seen = Attendance.objects.filter(opening_id=row.opening_id, child_id=row.child_id).first()
    draft = Draft(
        id=uuid4(),
        kind=CORRECTIONS[Alert(row.kind)],
        at=now,
        opening_id=row.opening_id,
        child_id=row.child_id,
        after=seen.last_tick if seen else None,
    )
    structure_id = row.opening.activity.structure_id
    (outcome,) = ticks_receive(
        actor=actor, tablet=None, structure_id=structure_id, batch=Batch(now, (draft,)), now=now
    )
    if outcome.code not in COUNTING:
        raise CannotCorrect
    return draft.id


def _record(actor: Actor, verb: str, row: Mismatch, now: datetime) -> None:
    subject = Subject("person", row.child_id, row.child.first_name)
    record(
        actor=actor, verb=verb, subject=subject, family_id=row.family_id, data={"day": str(row.day)}, now=now
    )


def _journal(verb: str, rows: Collection[Mismatch], now: datetime) -> None:
    acts = [
        Act(
            verb,
            Subject("person", row.child_id, row.child.first_name),
            family_id=row.family_id,
            data={"day": str(row.day)},
        )
        for row in rows
    ]
    if acts:
        record_many(actor=SYSTEM, acts=acts, now=now)
