"""What every write of this package does alike: lock within a scope, name the subject, tell the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.enrolments.refusals import NotYours
from marelle.enrolments.scope import decidable
from marelle.families.scope import is_own_file
from marelle.journal.services import record

KIND = "enrolment"


def locked_enrolment(scope: QuerySet[Enrolment], enrolment_id: int) -> Enrolment:
    """Raises `NotYours` for one out of `scope`."""
    if not scope.filter(pk=enrolment_id).exists():
        raise NotYours
    return (
        Enrolment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "activity__structure")
        .get(pk=enrolment_id)
    )


def locked_to_decide(actor: Actor, enrolment_id: int, now: datetime) -> Enrolment:
    """An enrolment that the actor answers for, and not its own. Raises `NotYours` or `OwnFile`."""
    enrolment = locked_enrolment(decidable(actor), enrolment_id)
    if is_own_file(
        actor, family_id=enrolment.family_id, person_id=enrolment.person_id, day=local(now).date()
    ):
        raise OwnFile
    return enrolment


def subject_of(enrolment: Enrolment) -> Subject:
    return Subject(KIND, enrolment.pk, f"{enrolment.person} · {enrolment.activity}")


def journal(
    actor: Actor, verb: str, enrolment: Enrolment, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=subject_of(enrolment),
        family_id=enrolment.family_id,
        data=data,
        now=now,
    )
