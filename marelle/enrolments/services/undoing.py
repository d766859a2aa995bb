"""Decisions undone within their minute: what waited waits again, and the mails that were held are taken back.

Whether bookings stand in the way is for a floor above to see: `flows.desk.undoing` asks before.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.cases.models import CaseState
from marelle.cases.services import CannotUndo, decide_case
from marelle.core.actor import Actor
from marelle.enrolments.models import CallNote, EndRequest, Enrolment
from marelle.enrolments.services.calls import CALL, call_case
from marelle.enrolments.services.ends import END, end_locked_to_decide
from marelle.enrolments.services.shared import KIND, journal, locked_to_decide
from marelle.places.undoing import decision_undo


@transaction.atomic
def enrolment_undo(*, actor: Actor, enrolment_id: int, decided_at: datetime, now: datetime) -> Enrolment:
    """The request waits again. Raises `NotYours`, `OwnFile` and `CannotUndo`.

    `CannotUndo` says "called" once the family was called after a refusal, "asked_again" once it asked anew,
    "end_asked" once it has asked for what was accepted to end.
    """
    enrolment = locked_to_decide(actor, enrolment_id, now)
    decision_undo(actor=actor, kind=KIND, subject_id=enrolment_id, decided_at=decided_at, now=now)
    if enrolment.end_requests.exists():
        raise CannotUndo("end_asked")
    if enrolment.state == Enrolment.State.REFUSED:
        _call_forgotten(actor, enrolment, now)
        others = Enrolment.objects.exclude(pk=enrolment_id).filter(
            person=enrolment.person, activity=enrolment.activity, family_id=enrolment.family_id
        )
        if others.filter(state__in=Enrolment.LIVE).exists():
            raise CannotUndo("asked_again")
    enrolment.groups.all().delete()
    enrolment.state = Enrolment.State.REQUESTED
    enrolment.reason, enrolment.decided_at, enrolment.decided_by = "", None, ""
    enrolment.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    journal(actor, "enrolment.decision_undone", enrolment, now)
    return enrolment


@transaction.atomic
def end_undo(*, actor: Actor, end_id: int, decided_at: datetime, now: datetime) -> EndRequest:
    """The end waits again, and the enrolment goes on as before. Raises as `enrolment_undo`."""
    end = end_locked_to_decide(actor, end_id, now)
    decision_undo(actor=actor, kind=END, subject_id=end_id, decided_at=decided_at, now=now)
    if EndRequest.objects.filter(enrolment=end.enrolment, state=EndRequest.State.REQUESTED).exists():
        raise CannotUndo("asked_again")
    if end.state == EndRequest.State.ACCEPTED and end.ended_before is not None:
        end.enrolment.ends_on = end.ended_before
        end.enrolment.save(update_fields=["ends_on"])
    end.state, end.ended_before = EndRequest.State.REQUESTED, None
    end.reason, end.decided_at, end.decided_by = "", None, ""
    end.save(update_fields=["state", "ended_before", "reason", "decided_at", "decided_by"])
    journal(actor, "enrolment.end_decision_undone", end.enrolment, now)
    return end


@transaction.atomic
def call_undo(*, actor: Actor, enrolment_id: int, decided_at: datetime, now: datetime) -> None:
    """The call is to be made again: its note goes. Raises as `enrolment_undo`."""
    enrolment = locked_to_decide(actor, enrolment_id, now)
    decision_undo(actor=actor, kind=CALL, subject_id=enrolment_id, decided_at=decided_at, now=now)
    CallNote.objects.filter(enrolment=enrolment, reached=True, at=decided_at).delete()
    journal(actor, "enrolment.call_undone", enrolment, now)


def _call_forgotten(actor: Actor, enrolment: Enrolment, now: datetime) -> None:
    """The refusal had opened a call to make: it goes with it, unless somebody called already."""
    call = call_case(enrolment)
    if call is None:
        return
    if call.state != CaseState.OPEN or enrolment.call_notes.exists():
        raise CannotUndo("called")
    decide_case(actor=actor, case_id=call.pk, state=CaseState.WITHDRAWN, now=now)
