"""After a refusal the service calls the family: a call to make, and what came of each try."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.enrolments.models import CallNote, Enrolment
from marelle.enrolments.services.shared import KIND, journal, locked_to_decide, subject_of
from marelle.families.notes import SAME_AGAIN
from marelle.places.scope import check_decides

CALL = "call"
"""The kind of the case; its subject is the enrolment refused."""


def call_open(actor: Actor, enrolment: Enrolment, now: datetime) -> Case:
    """Within the transaction of the refusal."""
    return open_case(
        actor=actor,
        kind=CALL,
        subject=subject_of(enrolment),
        family_id=enrolment.family_id,
        authority_id=enrolment.activity.structure.authority_id,
        structure_id=enrolment.activity.deciding_structure_id,
        now=now,
    )


def call_case(enrolment: Enrolment) -> Case | None:
    """The latest call that a refusal of this enrolment asked for."""
    return Case.objects.filter(kind=CALL, subject_kind=KIND, subject_id=enrolment.pk).order_by("-pk").first()


@transaction.atomic
def call_note(
    *,
    actor: Actor,
    enrolment_id: int,
    reached: bool,
    note: str,
    left_message: bool = False,
    again_on: date | None = None,
    now: datetime,
) -> CallNote:
    """Write down a call. Once the family is reached it is made; else it stays to be made, on `again_on`, and
    the same form sent twice notes one try.

    Raises `NotYours` for an enrolment out of the actor's charge or without a call, `OwnFile`, and
    `AlreadyDecided` once a colleague reached the family.
    """
    enrolment = locked_to_decide(actor, enrolment_id, now)
    case = call_case(enrolment)
    if case is None:
        raise NotYours
    check_decides(actor, case)
    if case.state != CaseState.OPEN:
        raise AlreadyDecided(case)
    written = {
        "reached": reached,
        "left_message": left_message and not reached,
        "again_on": None if reached else again_on,
        "by": actor.label[:150],
    }
    latest = enrolment.call_notes.filter(**written, at__gt=now - SAME_AGAIN)
    if (same := next((one for one in latest if one.note == note), None)) is not None:
        return same
    if reached:
        decide_case(actor=actor, case_id=case.pk, state=CaseState.ACCEPTED, reason=note, now=now)
    journal(actor, "enrolment.called" if reached else "enrolment.called_in_vain", enrolment, now)
    return CallNote.objects.create(enrolment=enrolment, at=now, note=note, **written)
