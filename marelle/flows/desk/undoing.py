"""Decisions undone where bookings may stand in the way: those are on a floor above the enrolments."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from marelle.bookings.closing.reviving import bookings_revive, ended_locked
from marelle.bookings.models import Booking
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.states import EndCause
from marelle.cases.models import Case
from marelle.cases.selectors import passed_to_office
from marelle.cases.services import CannotUndo
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.enrolments import services
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.flows.papers.asked import to_check
from marelle.papers.services import paper_undo
from marelle.places.scope import decides


@transaction.atomic
def enrolment_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> None:
    """A decided request waits again; `CannotUndo` says "booked" once the home has booked.

    The child is locked first, as by every save: a parent who books meanwhile is either seen here, or waits
    and finds the enrolment no longer accepted.
    """
    children_locked(Enrolment.objects.filter(pk=subject_id).values_list("person_id", flat=True))
    if Booking.objects.filter(enrolment_id=subject_id).exists():
        raise CannotUndo("booked")
    services.enrolment_undo(actor=actor, enrolment_id=subject_id, decided_at=decided_at, now=now)


@transaction.atomic
def end_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> None:
    """A decided end waits again, and the bookings that went with it are back, all of them or none.

    The same locks as `enrolment_end`, in the same order. `CannotUndo` says "places_gone", and which, when
    another child has one by now.
    """
    ends = EndRequest.objects.filter(pk=subject_id)
    children_locked(ends.values_list("enrolment__person_id", flat=True))
    own = Q(enrolment__in=ends.values("enrolment_id"))
    along = Q(child__in=ends.values("enrolment__person_id"), enrolment__ends_on__gte=F("day"))
    with_it = Booking.objects.filter(own | along, end_cause=EndCause.ENROLMENT_ENDED)
    ended = ended_locked(with_it, decided_at=decided_at)
    services.end_undo(actor=actor, end_id=subject_id, decided_at=decided_at, now=now)
    bookings_revive(ended, decided_at=decided_at, now=now)


def paper_undoable(actor: Actor, case: Case, *, day: date) -> bool:
    """Whether the actor may undo what was decided of a paper: who may check it.

    Of its own file, an agent is told why not.
    """
    found = to_check(actor, case.subject_id, day=day)
    if found is None or not (found.reads or found.own_file):
        return False
    return decides(actor, case) or not passed_to_office(case)


def paper_decision_undo(*, actor: Actor, subject_id: int, decided_at: datetime, now: datetime) -> None:
    """A decided paper waits again, for who checks it. Raises `NotYours`, `OwnFile` and `CannotUndo`."""
    day: date = local(now).date()
    found = to_check(actor, subject_id, day=day)
    if found is None:
        raise NotYours
    paper_undo(actor=actor, paper_id=subject_id, structures=found.structures, decided_at=decided_at, now=now)
