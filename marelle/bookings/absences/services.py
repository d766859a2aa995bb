"""Absences: declared by a home, taken back, justified by a proof that an agent checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.bookings.absence_rules import (
    AbsenceDenial,
    AbsenceTerms,
    Missed,
    absence_grade,
    for_agent,
    why_not_declare,
    why_not_justify,
    why_not_withdraw,
)
from marelle.bookings.absences.grading import begun_absences, terms_of
from marelle.bookings.models import Absence, AbsenceProof, Booking
from marelle.bookings.reading import ChildBooking, held, seen_at_the_door
from marelle.bookings.refusals import AbsenceDenied, ProofTooLate, ReasonMissing
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.saving.telling import tell_absences, tell_proof_decided
from marelle.bookings.states import AbsenceReason, ProofState
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import CannotUndo, OwnFile, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.models import Person
from marelle.families.scope import is_own_file
from marelle.families.selectors import bookable_people
from marelle.files.holding import check_seen
from marelle.files.models import StoredFile
from marelle.files.services import CheckedFile, file_store, files_delete
from marelle.journal.services import record
from marelle.mail.services import held_mails
from marelle.places.scope import check_decides, in_charge, may_decide
from marelle.places.undoing import decision_undo

DECLARED, WITHDRAWN, PROOF_SENT = "absence.declared", "absence.withdrawn", "absence.proof_sent"
PROOF_DECIDED = {CaseState.ACCEPTED: "absence.justified", CaseState.REFUSED: "absence.proof_refused"}
PROOF_UNDONE = "absence.proof_undone"

KIND = "absence"
SUBJECT = "absence_proof"
DECISION = ("state", "refusal", "derogation", "decided_at", "decided_by")


@transaction.atomic
def absences_declare(
    *,
    actor: Actor,
    booking_ids: Collection[int],
    reason: AbsenceReason | None = None,
    proof: CheckedFile | None = None,
    now: datetime,
) -> tuple[AbsenceDenial | None, ...]:
    """Tell a child absent from these bookings: what is possible is kept, the rest says why, in their order.

    A `proof` goes to the absences told now whose rule takes one; where none does, it is not stored. Raises
    `NotYours` when one of the bookings is not the home's to answer for: nothing is kept then.
    """
    rows = _held(actor, booking_ids, now)
    seen = seen_at_the_door({row.child_id for row in rows}, {row.opening.id for row in rows})
    begun = begun_absences(rows, supposed=booking_ids)
    denials = tuple(
        for_agent(
            why_not_declare(
                row.opening,
                row.place,
                seen.get((row.child_id, row.opening.id)),
                now,
                begun.get(row.place.id),
            ),
            on_behalf=actor.on_behalf_of,
        )
        for row in rows
    )
    told = [row for row, denial in zip(rows, denials, strict=True) if denial is None]
    absences_write(actor=actor, rows=told, reason=reason, proof=proof, now=now)
    return denials


def absences_write(
    *,
    actor: Actor,
    rows: Sequence[ChildBooking],
    reason: AbsenceReason | None,
    proof: CheckedFile | None,
    now: datetime,
) -> None:
    """Write and tell what a rule allowed. Joins the caller's transaction, where the children are locked."""
    names = dict(Person.objects.filter(pk__in={r.child_id for r in rows}).values_list("pk", "first_name"))
    Absence.objects.bulk_create(
        [
            Absence(
                booking_id=row.place.id,
                declared_at=now,
                declared_by=actor.label[:150],
                reason=reason.value if reason else "",
            )
            for row in rows
        ]
    )
    _changed(rows, now)
    for child_id in dict.fromkeys(row.child_id for row in rows):
        mine = [row for row in rows if row.child_id == child_id]
        _journal(actor, DECLARED, child_id, names[child_id], mine, now)
        tell_absences(actor.home_id, child_id, names[child_id], [row.opening for row in mine], now=now)
    if proof is not None:
        _send_proof(actor, rows, proof, now)


@transaction.atomic
def absence_withdraw(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """The child will come after all. Raises `NotYours`, or `AbsenceDenied` once it has started."""
    for denial in absences_withdraw(actor=actor, booking_ids=[booking_id], now=now).values():
        raise AbsenceDenied(denial)


@transaction.atomic
def absences_withdraw(
    *, actor: Actor, booking_ids: Collection[int], now: datetime
) -> dict[int, AbsenceDenial]:
    """Children will come after all: what is possible is kept, the rest says why, by booking.

    As many statements for one as for many, but what a proof takes that justifies nothing more. Raises
    `NotYours` when one of the bookings is not the home's to answer for: nothing is kept then.
    """
    rows = _held(actor, booking_ids, now)
    denials = {
        row.place.id: denial for row in rows if (denial := why_not_withdraw(row.place, now)) is not None
    }
    back = [row for row in rows if row.place.id not in denials]
    if not back:
        return denials
    absences = Absence.objects.filter(booking_id__in=[row.place.id for row in back])
    proofs = set(absences.exclude(proof=None).values_list("proof_id", flat=True))
    absences.delete()
    _changed(back, now)
    names = dict(Person.objects.filter(pk__in={r.child_id for r in back}).values_list("pk", "first_name"))
    for child_id in dict.fromkeys(row.child_id for row in back):
        mine = [row for row in back if row.child_id == child_id]
        _journal(actor, WITHDRAWN, child_id, names[child_id], mine, now)
    if proofs:
        for proof in AbsenceProof.objects.filter(pk__in=proofs, absences=None).order_by("pk"):
            _forget_proof(actor, proof, now)
    return denials


@transaction.atomic
def absence_proof_send(*, actor: Actor, booking_id: int, proof: CheckedFile, now: datetime) -> None:
    """Send the proof of an absence told before, and of those told with it that still wait for one.

    One whose file was destroyed is replaced. Raises `NotYours`, `AbsenceDenied`.
    """
    (row,) = _held(actor, [booking_id], now)
    absence = Absence.objects.select_related("proof__file").filter(booking_id=booking_id).first()
    if absence is None:
        raise NotYours
    has_proof = absence.proof is not None and absence.proof.stands
    first = begun_absences([row]).get(booking_id)
    denial = why_not_justify(row.opening, row.place, has_proof=has_proof, now=now, first=first)
    if (denial := for_agent(denial, on_behalf=actor.on_behalf_of)) is not None:
        raise AbsenceDenied(denial)
    together = Absence.objects.filter(
        booking__child_id=row.child_id,
        booking__family_id=actor.home_id,
        declared_at=absence.declared_at,
        proof=absence.proof,
    )
    _send_proof(actor, _held(actor, together.values_list("booking_id", flat=True), now), proof, now)
    former = absence.proof
    if former is not None and former.is_lost and not former.absences.exists():
        _forget_proof(actor, former, now)


@transaction.atomic
def absence_proof_decide(
    *,
    actor: Actor,
    proof_id: int,
    accept: bool,
    refusal: str = "",
    derogation: str = "",
    now: datetime,
) -> AbsenceProof:
    """An agent of the structure says whether the proof justifies the absences.

    `derogation` is why it counts as if it had come in time. Raises `NotYours`, `OwnFile`, `AlreadyDecided`,
    `ReasonMissing` for a "no" without its reason, `ProofTooLate` for a "yes" to one that came after every
    delay, without such a reason, `NotSeen` for one to a file that nobody could open.
    """
    proof = _proof_locked(actor, proof_id, now)
    if not accept and not refusal.strip():
        raise ReasonMissing
    if accept and not derogation.strip():
        terms = terms_of(Booking.objects.filter(absence__proof=proof))
        if came_too_late(proof, terms.values()):
            raise ProofTooLate
    state = CaseState.ACCEPTED if accept else CaseState.REFUSED
    reason = "" if accept else refusal.strip()[:300]
    case = _case(proof)
    check_decides(actor, case)
    decide_case(actor=actor, case_id=case.pk, state=state, reason=reason, now=now)
    if accept:
        check_seen([proof.file])
    proof.state = ProofState.ACCEPTED.value if accept else ProofState.REFUSED.value
    proof.refusal = reason
    proof.derogation = derogation.strip()[:300] if accept else ""
    proof.decided_at, proof.decided_by = now, actor.label[:150]
    proof.save(update_fields=DECISION)
    proof.absences.update(justified=accept)
    _journal_proof(actor, PROOF_DECIDED[state], proof, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_proof_decided(proof, accepted=accept, now=now)
    return proof


@transaction.atomic
def absence_proof_undo(*, actor: Actor, proof_id: int, decided_at: datetime, now: datetime) -> AbsenceProof:
    """The proof waits again. Raises `NotYours`, `OwnFile` and `CannotUndo`."""
    proof = _proof_locked(actor, proof_id, now)
    decision_undo(actor=actor, kind=KIND, subject_id=proof_id, decided_at=decided_at, now=now)
    if not proof.absences.exists():
        raise CannotUndo("asked_again")
    proof.state = ProofState.RECEIVED.value
    proof.refusal, proof.derogation, proof.decided_at, proof.decided_by = "", "", None, ""
    proof.save(update_fields=DECISION)
    proof.absences.update(justified=False)
    _journal_proof(actor, PROOF_UNDONE, proof, now)
    return proof


def came_too_late(proof: AbsenceProof, terms: Iterable[AbsenceTerms]) -> bool:
    """Whether it came after every delay of each absence, under these terms: accepted as it is, it would
    change nothing."""
    ranks = [absence_grade(one, Missed(proved_at=proof.sent_at)).proof for one in terms]
    return bool(ranks) and all(rank is None for rank in ranks)


def decidable_proofs(actor: Actor) -> QuerySet[AbsenceProof]:
    """Proofs of the structures that the actor answers for: who decides them reads them."""
    if not may_decide(actor):
        return AbsenceProof.objects.none()
    return AbsenceProof.objects.filter(in_charge(actor, "structure__"))


def _proof_locked(actor: Actor, proof_id: int, now: datetime) -> AbsenceProof:
    """A proof that the actor decides, and not its own; its child is locked."""
    proofs = decidable_proofs(actor).select_related("structure", "child")
    children_locked(proofs.filter(pk=proof_id).values_list("child_id", flat=True))
    proof = proofs.filter(pk=proof_id).first()
    if proof is None:
        raise NotYours
    if is_own_file(actor, family_id=proof.family_id, person_id=proof.child_id, day=local(now).date()):
        raise OwnFile
    return proof


def _held(actor: Actor, booking_ids: Iterable[int], now: datetime) -> list[ChildBooking]:
    """Bookings read once their children are locked. Raises `NotYours` for one out of the home's reach."""
    wanted = set(booking_ids)
    if actor.family_id is None:
        raise NotYours
    people = bookable_people(actor, day=local(now).date()).values("pk")
    mine = Booking.objects.filter(pk__in=wanted, family_id=actor.family_id, child_id__in=people)
    found = dict(mine.values_list("pk", "child_id"))
    if set(found) != wanted:
        raise NotYours
    children_locked(set(found.values()))
    rows = held(mine.order_by("starts_at", "pk"), actor.family_id)
    if len(rows) != len(wanted):  # the home was erased, or the child has left it, while this waited
        raise NotYours
    return rows


def _changed(rows: Sequence[ChildBooking], now: datetime) -> None:
    Booking.objects.filter(pk__in=[row.place.id for row in rows]).update(changed_at=now)


def _send_proof(actor: Actor, rows: Sequence[ChildBooking], upload: CheckedFile, now: datetime) -> None:
    """One file; a proof for each structure that it is for, each with its case."""
    taken = _provable(actor, rows, now)
    if not taken:
        return
    stored = file_store(actor=actor, upload=upload, family_id=actor.home_id, now=now)
    for child_id, structure_id in dict.fromkeys((r.child_id, r.opening.activity.structure_id) for r in taken):
        mine = [r for r in taken if (r.child_id, r.opening.activity.structure_id) == (child_id, structure_id)]
        proof = AbsenceProof.objects.create(
            family_id=actor.home_id,
            child_id=child_id,
            structure_id=structure_id,
            file=stored,
            sent_at=now,
            sent_by=actor.label[:150],
        )
        Absence.objects.filter(booking_id__in=[row.place.id for row in mine]).update(proof=proof)
        open_case(
            actor=actor,
            kind=KIND,
            subject=Subject(SUBJECT, proof.pk, f"{proof.child} · {proof.structure}"),
            family_id=actor.home_id,
            authority_id=mine[0].opening.activity.authority_id,
            structure_id=next(filter(None, (r.opening.activity.deciding_structure_id for r in mine)), None),
            now=now,
        )
        _journal_proof(actor, PROOF_SENT, proof, now)


def _provable(actor: Actor, rows: Sequence[ChildBooking], now: datetime) -> list[ChildBooking]:
    """Those of which a proof still changes something."""
    begun = begun_absences(rows)
    denied = (
        why_not_justify(row.opening, row.place, has_proof=False, now=now, first=begun.get(row.place.id))
        for row in rows
    )
    pairs = zip(rows, denied, strict=True)
    return [row for row, denial in pairs if for_agent(denial, on_behalf=actor.on_behalf_of) is None]


def _forget_proof(actor: Actor, proof: AbsenceProof, now: datetime) -> None:
    """Nothing is left to justify: the document goes, and nobody needs to read it."""
    case = _case(proof)
    if case.state == CaseState.OPEN:
        decide_case(actor=actor, case_id=case.pk, state=CaseState.WITHDRAWN, now=now)
    file_id = proof.file_id
    proof.delete()
    if not StoredFile.objects.get(pk=file_id).absence_proofs.exists():
        files_delete(ids=[file_id])


def _case(proof: AbsenceProof) -> Case:
    return Case.objects.get(kind=KIND, subject_kind=SUBJECT, subject_id=proof.pk)


def _journal_proof(actor: Actor, verb: str, proof: AbsenceProof, now: datetime) -> None:
    """Told of the child, so that the history hides it from who may not see the child."""
    subject = Subject("person", proof.child_id, proof.child.first_name)
    record(actor=actor, verb=verb, subject=subject, family_id=proof.family_id, now=now)


def _journal(
    actor: Actor, verb: str, child_id: int, name: str, rows: Sequence[ChildBooking], now: datetime
) -> None:
    """Which days, and never why."""
    record(
        actor=actor,
        verb=verb,
        subject=Subject("person", child_id, name),
        family_id=actor.family_id,
        data={"bookings": [row.place.id for row in rows], "days": sorted({str(r.opening.day) for r in rows})},
        now=now,
    )
