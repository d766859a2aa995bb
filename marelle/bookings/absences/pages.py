"""What the pages of absences read: one booked place, a span of days, a proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from marelle.activities.absences import AbsenceGrade
from marelle.bookings.absence_rules import (
    AbsenceDenial,
    AbsenceTerms,
    Missed,
    absence_grade,
    absence_terms,
    for_agent,
    why_not_declare,
    why_not_justify,
    why_not_withdraw,
)
from marelle.bookings.absences.grading import begun_absences, missed_of, terms_of
from marelle.bookings.absences.services import came_too_late, decidable_proofs
from marelle.bookings.models import Absence, AbsenceProof, Booking
from marelle.bookings.reading import ToldRow, held, seen_at_the_door
from marelle.bookings.rules import Opening, Place
from marelle.bookings.states import BookingState, ProofState
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.subject import Subject
from marelle.families.scope import is_own_file
from marelle.families.selectors import Child, children
from marelle.files.models import StoredFile
from marelle.journal.services import record
from marelle.places.scope import in_charge

KIND, SUBJECT = "absence", "absence_proof"


@dataclass(frozen=True, slots=True)
class AbsencePage:
    """A booked place and what may be done about it: each `why_not` is None for what may. `grade` is what an
    absence is, once it is told.

    `reads_proof`: the proof, if there is one, is for the actor to open.
    """

    child: Child
    opening: Opening
    place: Place
    terms: AbsenceTerms
    grade: AbsenceGrade | None
    absence: Absence | None
    why_not_declare: AbsenceDenial | None
    why_not_withdraw: AbsenceDenial | None
    why_not_justify: AbsenceDenial | None
    reads_proof: bool


@dataclass(frozen=True, slots=True)
class ProofToDecide:
    """A proof with the absences that it justifies, as who answers for the structure sees it.

    `grades` are what they are, or would be once it is accepted, under `terms`, by booking; `too_late`: it
    came after every delay. `earlier` are the child's other absences of that month until then, where the
    actor answers for them.
    """

    proof: AbsenceProof
    absences: tuple[Absence, ...]
    earlier: tuple[Absence, ...]
    case: Case | None
    own_file: bool
    terms: Mapping[int, AbsenceTerms]
    grades: Mapping[int, AbsenceGrade]
    too_late: bool


def absence_page(actor: Actor, booking_id: int, *, now: datetime) -> AbsencePage | None:
    """A booking of the actor's home, of a child that it may see; None for any other. At most five queries."""
    home = {child.id: child for child in children(actor, day=local(now).date())}
    mine = _of_home(actor, home.values()).filter(pk=booking_id)
    for row in held(mine, actor.family_id):
        child_id, opening, place = row
        seen = seen_at_the_door([child_id], [place.opening_id]).get((child_id, opening.id))
        absence = Absence.objects.select_related("proof__file").filter(booking_id=booking_id).first()
        proof = absence.proof if absence else None
        has_proof = proof is not None and proof.stands
        first = begun_absences([row], supposed=[booking_id]).get(booking_id)
        terms = absence_terms(opening, place, first)
        late = why_not_justify(opening, place, has_proof=has_proof, now=now, first=first)
        untold = why_not_declare(opening, place, seen, now, first)
        return AbsencePage(
            child=home[child_id],
            opening=opening,
            place=place,
            terms=terms,
            grade=absence_grade(terms, missed_by(absence)) if absence else None,
            absence=absence,
            why_not_declare=for_agent(untold, on_behalf=actor.on_behalf_of),
            why_not_withdraw=why_not_withdraw(place, now),
            why_not_justify=for_agent(late, on_behalf=actor.on_behalf_of),
            reads_proof=not actor.on_behalf_of
            or (proof is not None and _readable(actor).filter(pk=proof.pk).exists()),
        )
    return None


def missed_by(absence: Absence) -> Missed:
    """What is known of an absence whose proof was read along."""
    proof = absence.proof
    sent = (proof.sent_at, proof.state, proof.derogation) if proof else ()
    return missed_of(ToldRow(absence.declared_at, *sent))


def proof_of_home(actor: Actor, booking_id: int, *, now: datetime) -> AbsenceProof | None:
    """The proof sent by the actor's home for this booking.

    An agent in the home's name reads those that it would read at the desk, and no other: they tell of health.
    """
    if actor.family_id is None:
        return None
    home = children(actor, day=local(now).date())
    proofs = _readable(actor).filter(
        family_id=actor.family_id,
        child_id__in=[child.id for child in home],
        absences__booking_id=booking_id,
    )
    return proofs.select_related("file", "child").first()


def _readable(actor: Actor) -> QuerySet[AbsenceProof]:
    return decidable_proofs(actor) if actor.on_behalf_of else AbsenceProof.objects.all()


def proof_read(actor: Actor, proof: AbsenceProof, *, now: datetime) -> StoredFile:
    """The file of a proof that the actor may read; an agent's reading is written down, as those of health."""
    if proof.family_id != actor.family_id or actor.on_behalf_of:
        record(
            actor=actor,
            verb="absence.proof_read",
            subject=Subject("person", proof.child_id, proof.child.first_name),
            family_id=proof.family_id,
            now=now,
        )
    return proof.file


def proof_to_decide(actor: Actor, proof_id: int, *, now: datetime) -> ProofToDecide | None:
    """One proof of the actor's scope, decided or not; None when it is not within it."""
    proof = next(iter(_decidable(actor, proof_id)), None)
    if proof is None:
        return None
    absences = tuple(_proved(proof_id))
    today = local(now).date()
    terms = terms_of(Booking.objects.filter(absence__proof=proof_id)) if absences else {}
    return ProofToDecide(
        proof=proof,
        absences=absences,
        earlier=_earlier(actor, proof, absences),
        case=cases_about(kind=KIND, subject_kind=SUBJECT, subject_ids=[proof.pk]).get(proof.pk),
        own_file=is_own_file(actor, family_id=proof.family_id, person_id=proof.child_id, day=today),
        terms=terms,
        grades={
            one.booking_id: absence_grade(terms[one.booking_id], _would_be(one, proof))
            for one in absences
            if one.booking_id in terms
        },
        too_late=came_too_late(proof, terms.values()),
    )


def _would_be(absence: Absence, proof: AbsenceProof) -> Missed:
    """What is known of an absence once its proof is accepted; as it is, where it was refused."""
    accepted = proof.state != ProofState.REFUSED
    return Missed(
        absence.declared_at, proof.sent_at if accepted else None, in_time=accepted and bool(proof.derogation)
    )


@prepared
def _decidable(actor: Actor, proof_id: int) -> QuerySet[AbsenceProof]:
    rows = decidable_proofs(actor).select_related("child", "family", "structure", "file")
    return rows.filter(pk=proof_id)


@prepared
def _proved(proof_id: int) -> QuerySet[Absence]:
    rows = Absence.objects.filter(proof_id=proof_id)
    rows = rows.select_related("booking__opening__slot", "booking__opening__activity")
    return rows.order_by("booking__starts_at")


def _earlier(actor: Actor, proof: AbsenceProof, absences: Sequence[Absence]) -> tuple[Absence, ...]:
    """One query, none for a proof whose absences were all taken back."""
    if not absences:
        return ()
    first = absences[0].booking.day
    return tuple(_before(actor, proof.child_id, proof.pk, first.replace(day=1), first))


@prepared
def _before(actor: Actor, child_id: int, proof_id: int, since: date, until: date) -> QuerySet[Absence]:
    rows = Absence.objects.filter(
        in_charge(actor, "booking__opening__activity__structure__"),
        booking__child_id=child_id,
        booking__day__gte=since,
        booking__day__lt=until,
        booking__state=BookingState.BOOKED,
    )
    return rows.exclude(proof_id=proof_id).select_related("booking").order_by("booking__starts_at")


def _of_home(actor: Actor, home: Iterable[Child]) -> QuerySet[Booking]:
    if actor.family_id is None:
        return Booking.objects.none()
    return Booking.objects.filter(family_id=actor.family_id, child_id__in=[child.id for child in home])
