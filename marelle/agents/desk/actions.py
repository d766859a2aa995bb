"""What may be done to a case without its page, by kind: accepted with others, undone within its minute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.attendance.mismatches import mismatch_undo
from marelle.attendance.no_shows import no_show_undo
from marelle.billing.contests import contest_undo
from marelle.bookings.absences.services import absence_proof_undo
from marelle.bookings.labels import refusal_text as booking_refusal
from marelle.bookings.offers.undoing import place_undo
from marelle.bookings.requests.pages import request_to_answer
from marelle.bookings.requests.services import answer_undo, bookings_answer
from marelle.bookings.saving.alone import alone_undo
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import join_and
from marelle.core.refusals import No, NotYours
from marelle.enrolments.labels import refusal_text as enrolment_refusal
from marelle.enrolments.refusals import Denied
from marelle.enrolments.rules import Denial, Reason
from marelle.enrolments.selectors import request_to_decide
from marelle.enrolments.services import call_undo, enrolment_accept
from marelle.families.file.undoing import change_undo
from marelle.flows.desk import undoing
from marelle.flows.enrolling.ending import enrolment_end
from marelle.flows.papers.missing import requests_lack
from marelle.relay.services import care_undo


class Accept(Protocol):
    """Raises a `Refusal`; nothing is accepted then."""

    def __call__(self, *, actor: Actor, subject_id: int, now: datetime) -> object: ...


class Undo(Protocol):
    """Raises a `Refusal`; nothing is undone then."""

    def __call__(self, *, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object: ...


class MayUndo(Protocol):
    """Whether a decided case of the kind is the actor's to undo."""

    def __call__(self, actor: Actor, case: Case, *, day: date) -> bool: ...


@dataclass(frozen=True, slots=True)
class Action:
    """`undo` puts a decision back; without it, `stays` says why none of this kind is undone. `may` says who
    undoes it, where others than who holds the case do.

    `accept` is there where accepting needs nothing to be read or chosen; `why` puts its refusals into French.
    """

    undo: Undo | None = None
    may: MayUndo | None = None
    stays: Promise | str = ""
    accept: Accept | None = None
    why: Callable[[No], str] = str


def _change_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return change_undo(actor=actor, change_id=subject_id, decided_at=decided_at, now=now)


def _booking_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return answer_undo(actor=actor, request_id=subject_id, decided_at=decided_at, now=now)


def _absence_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return absence_proof_undo(actor=actor, proof_id=subject_id, decided_at=decided_at, now=now)


def _place_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return place_undo(actor=actor, opening_id=subject_id, decided_at=decided_at, now=now)


def _alone_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return alone_undo(actor=actor, booking_id=subject_id, decided_at=decided_at, now=now)


def _call_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return call_undo(actor=actor, enrolment_id=subject_id, decided_at=decided_at, now=now)


def _mismatch_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return mismatch_undo(actor=actor, mismatch_id=subject_id, decided_at=decided_at, now=now)


def _no_show_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return no_show_undo(actor=actor, no_show_id=subject_id, decided_at=decided_at, now=now)


def _care_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return care_undo(actor=actor, request_id=subject_id, decided_at=decided_at, now=now)


def _contest_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> object:
    return contest_undo(actor=actor, contest_id=subject_id, decided_at=decided_at, now=now)


def _enrolment_accept(*, actor: Actor, subject_id: int, now: datetime) -> object:
    """In the group of the child's age, as the page proposes; "unknown_group" when none does.

    "papers_missing" where the activity takes no request without them: an agent who reads it may, knowing so.
    """
    found = request_to_decide(actor, subject_id, now=now)
    if found is None:
        raise NotYours
    lacks = requests_lack([subject_id], day=local(now).date()).get(subject_id)
    if lacks is not None and lacks.blocking:
        raise Denied(Denial(Reason.PAPERS_MISSING, {"titles": lacks.blocking}))
    return enrolment_accept(actor=actor, enrolment_id=subject_id, group_id=found.group_id, now=now)


def _enrolment_why(refusal: No) -> str:
    if refusal.code != Reason.PAPERS_MISSING:
        return enrolment_refusal(refusal)
    told = gettext("Il manque %(papers)s, sans quoi l’activité ne prend pas de demande\u00a0: ouvrez-la.")
    return told % {"papers": join_and(refusal.data["titles"])}


def _end_accept(*, actor: Actor, subject_id: int, now: datetime) -> object:
    return enrolment_end(actor=actor, end_id=subject_id, now=now)


def _booking_accept(*, actor: Actor, subject_id: int, now: datetime) -> object:
    found = request_to_answer(actor, subject_id, now=now)
    if found is None:
        raise NotYours
    cells = {cell.booking.pk for cell in found.cells}
    return bookings_answer(actor=actor, request_id=subject_id, accepted=cells, now=now)


ACTIONS: Final[Mapping[str, Action]] = {
    "enrolment": Action(undoing.enrolment_undo, accept=_enrolment_accept, why=_enrolment_why),
    "end": Action(undoing.end_undo, accept=_end_accept, why=enrolment_refusal),
    "paper": Action(undoing.paper_decision_undo, may=undoing.paper_undoable),
    "change": Action(_change_undo),
    "booking": Action(_booking_undo, accept=_booking_accept, why=booking_refusal),
    "absence": Action(_absence_undo),
    "alone": Action(_alone_undo),
    "call": Action(_call_undo),
    "care": Action(_care_undo),
    "contest": Action(_contest_undo),
    "mismatch": Action(_mismatch_undo),
    "no_show": Action(_no_show_undo),
    "message": Action(stays=_("La famille lit déjà la réponse : écrivez-lui de nouveau.")),
    "place": Action(_place_undo),
    "arrival": Action(stays=_("La personne est déjà prévenue : elle peut demander de nouveau.")),
    "erasure": Action(
        stays=_("Un effacement est définitif, et son refus est déjà dans l’espace de la famille.")
    ),
}

ACCEPTED_TOGETHER: Final = frozenset(kind for kind, action in ACTIONS.items() if action.accept is not None)
