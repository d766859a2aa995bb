"""Mismatches: noted once for a child on an opening, answered by the home, settled by the structure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from marelle.attendance.mismatch_mails import tell_settled
from marelle.attendance.mismatch_rules import CORRECTIONS, may_answer, may_correct
from marelle.attendance.models import Mismatch
from marelle.attendance.outcomes import COUNTING
from marelle.attendance.reading import Batch, Draft
from marelle.attendance.refusals import CannotAnswer, CannotCorrect, NotYours, WordsMissing
from marelle.attendance.rules import Alert
from marelle.attendance.services import tick_undo, ticks_receive
from marelle.bookings.locks import children_locked, lock
from marelle.bookings.models import Attendance
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import OwnFile, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import day_long
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


@dataclass(frozen=True, slots=True)
class Found:
    """A mismatch that a home was not told of yet."""

    opening_id: int
    child_id: int
    family_id: int
    booking_id: int | None
    kind: Alert


def mismatches_note(*, found: Collection[Found], now: datetime) -> tuple[Mismatch, ...]:
    """Keep what homes are about to be told; the caller has locked the children, and looked once they were."""
    day = local(now).date()
    rows = Mismatch.objects.bulk_create(
        [
            Mismatch(
                opening_id=one.opening_id,
                child_id=one.child_id,
                family_id=one.family_id,
                booking_id=one.booking_id,
                day=day,
                kind=one.kind.value,
                told_at=now,
            )
            for one in found
        ]
    )
    noted = _detailed(Mismatch.objects.filter(pk__in=[row.pk for row in rows])).order_by(
        "opening__starts_at", "pk"
    )
    _journal(TOLD, noted, now)
    return tuple(noted)


def mismatches_lift(*, rows: Sequence[Mismatch], now: datetime) -> None:
    """A later tick says otherwise: nobody answers any more, and what the home answered is settled by it.

    Whoever calls has locked the children. A home that is told of a wrong alert is told so the same day.
    """
    seen = Attendance.objects.filter(
        opening_id__in={row.opening_id for row in rows}, child_id__in={row.child_id for row in rows}
    ).order_by()
    there = set(seen.filter(present=True).values_list("opening_id", "child_id"))
    excused = set(seen.exclude(reason="").values_list("opening_id", "child_id"))
    for row in rows:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        case = _open_case(row)
        if case is not None:
            decide_case(actor=SYSTEM, case_id=case.pk, state=CaseState.WITHDRAWN, now=now)
        still_so = excused if row.kind == Alert.ABSENT else there
        was_wrong = (row.opening_id, row.child_id) not in still_so
        if was_wrong and row.day == local(now).date():
            tell_settled(row, corrected=True, now=now)
    _journal(LIFTED, rows, now)


@transaction.atomic
def mismatch_answer(*, actor: Actor, mismatch_id: int, answer: str, now: datetime) -> Mismatch:
    """What the home says, once; it waits on the desk of the structure.

    Raises NotYours, and CannotAnswer once it was answered, lifted, too late, or for no answer to it.
    """
    row = _of_home(actor, mismatch_id, now)
    said = row.answer or row.withdrawn_at or hasattr(row.booking, "absence")
    if said or not may_answer(Alert(row.kind), answer, told_at=row.told_at, now=now):
        raise CannotAnswer
    row.answer, row.answered_at, row.answered_by = answer, now, actor.label[:150]
    row.save(update_fields=["answer", "answered_at", "answered_by"])
    structure = row.opening.activity.structure
    open_case(
        actor=actor,
        kind=KIND,
        subject=Subject(SUBJECT, row.pk, f"{row.child} · {row.opening.slot.name}, {day_long(row.day)}"),
        family_id=row.family_id,
        authority_id=structure.authority_id,
        structure_id=structure.pk,
        now=now,
    )
    _record(actor, ANSWERED, row, now)
    return row


@transaction.atomic
def mismatch_settle(
    *, actor: Actor, mismatch_id: int, correct: bool, words: str = "", now: datetime
) -> Mismatch:
    """The structure corrects what was ticked, by a tick of its own, or leaves it; the family is told.

    Raises NotYours, DecidedElsewhere, OwnFile, AlreadyDecided; WordsMissing for an error that is said to be
    none without saying why; CannotCorrect when there is nothing to correct, or the tick does not count.
    """
    row = _decided(actor, mismatch_id, now)
    case = _latest_case(row)
    if case is None:
        raise NotYours
    check_decides(actor, case)
    words = " ".join(words.split())[:300]
    asked = may_correct(row.answer)
    if correct and not asked:
        raise CannotCorrect
    if asked and not correct and not words:
        raise WordsMissing
    state = CaseState.ACCEPTED if correct or not asked else CaseState.REFUSED
    decide_case(actor=actor, case_id=case.pk, state=state, reason=words, now=now)
    row.correction = _corrected(actor, row, now) if correct else None
    row.settled = Mismatch.Settled.CORRECTED if correct else Mismatch.Settled.LEFT
    row.settled_at, row.settled_by, row.words = now, actor.label[:150], words
    row.save(update_fields=["settled", "settled_at", "settled_by", "words", "correction"])
    _record(actor, CORRECTED if correct else LEFT, row, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_settled(row, corrected=correct, now=now)
    return row


@transaction.atomic
def mismatch_undo(*, actor: Actor, mismatch_id: int, decided_at: datetime, now: datetime) -> Mismatch:
    """The answer waits again, and the tick is taken back. Raises NotYours, OwnFile and CannotUndo."""
    row = _decided(actor, mismatch_id, now)
    decision_undo(actor=actor, kind=KIND, subject_id=mismatch_id, decided_at=decided_at, now=now)
    if row.correction is not None:
        tick_undo(
            actor=actor, structure_id=row.opening.activity.structure_id, tick_id=row.correction, now=now
        )
    row.settled, row.settled_at, row.settled_by, row.words, row.correction = "", None, "", "", None
    row.save(update_fields=["settled", "settled_at", "settled_by", "words", "correction"])
    _record(actor, UNDONE, row, now)
    return row


def mismatches_in_charge(actor: Actor) -> QuerySet[Mismatch]:
    """Those of the structures that the actor answers for."""
    if not may_decide(actor):
        return Mismatch.objects.none()
    return Mismatch.objects.filter(in_charge(actor, "opening__activity__structure__"))


def _detailed(rows: QuerySet[Mismatch]) -> QuerySet[Mismatch]:
    return rows.select_related(
        "child", "family", "opening__slot", "opening__activity__structure", "booking__absence"
    )


def _of_home(actor: Actor, mismatch_id: int, now: datetime) -> Mismatch:
    """One of the actor's home, of a child for whom it books, which is locked."""
    if actor.family_id is None:
        raise NotYours
    people = bookable_people(actor, day=local(now).date()).values("pk")
    mine = Mismatch.objects.filter(pk=mismatch_id, family_id=actor.family_id, child_id__in=people)
    child_ids = list(mine.values_list("child_id", flat=True))
    children_locked(child_ids)
    row = _detailed(mine).first() if child_ids else None
    if row is None:
        raise NotYours
    return row


def _decided(actor: Actor, mismatch_id: int, now: datetime) -> Mismatch:
    """One that the actor answers for, and not its own; its child is locked."""
    rows = mismatches_in_charge(actor).filter(pk=mismatch_id)
    children_locked(list(rows.values_list("child_id", flat=True)))
    row = _detailed(rows).first()
    if row is None:
        raise NotYours
    if is_own_file(actor, family_id=row.family_id, person_id=row.child_id, day=local(now).date()):
        raise OwnFile
    return row


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


def _cases(row: Mismatch) -> QuerySet[Case]:
    return Case.objects.filter(kind=KIND, subject_kind=SUBJECT, subject_id=row.pk)


def _open_case(row: Mismatch) -> Case | None:
    return lock(_cases(row).filter(state=CaseState.OPEN)).first()


def _latest_case(row: Mismatch) -> Case | None:
    return _cases(row).order_by("-opened_at", "-pk").first()


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
