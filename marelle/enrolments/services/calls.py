"""After a refusal the service calls the family: a call to make, and what came of each try."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, decide_case, open_case
from marelle.core.actor import Actor
from marelle.enrolments.models import CallNote, Enrolment
from marelle.enrolments.refusals import NotYours
from marelle.enrolments.services.shared import KIND, journal, locked_to_decide, subject_of

CALL = "call"
"""The kind of the case; its subject is the enrolment refused."""


def call_open(actor: Actor, enrolment: Enrolment, now: datetime) -> Case:
    """Within the transaction of the refusal."""
    structure = enrolment.activity.structure
    return open_case(
        actor=actor,
        kind=CALL,
        subject=subject_of(enrolment),
        family_id=enrolment.family_id,
        authority_id=structure.authority_id,
        structure_id=structure.pk,
        now=now,
    )


@transaction.atomic
def call_note(*, actor: Actor, enrolment_id: int, reached: bool, note: str, now: datetime) -> CallNote:
    """Write down a call. Once the family is reached the call is made; else it stays to be made.

    Raises `NotYours` for an enrolment out of the actor's charge or without a call, `OwnFile`, and
    `AlreadyDecided` once a colleague reached the family.
    """
    enrolment = locked_to_decide(actor, enrolment_id, now)
    case = Case.objects.filter(kind=CALL, subject_kind=KIND, subject_id=enrolment.pk).order_by("-pk").first()
    if case is None:
        raise NotYours
    if case.state != CaseState.OPEN:
        raise AlreadyDecided(case)
    if reached:
        decide_case(actor=actor, case_id=case.pk, state=CaseState.ACCEPTED, reason=note, now=now)
    journal(actor, "enrolment.called" if reached else "enrolment.called_in_vain", enrolment, now)
    return CallNote.objects.create(
        enrolment=enrolment, reached=reached, note=note, at=now, by=actor.label[:150]
    )
