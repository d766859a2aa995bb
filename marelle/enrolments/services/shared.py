"""What every write of this package does alike: lock within a scope, name the subject, tell the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.enrolments.scope import decidable
from marelle.families.locks import people_locked
from marelle.families.refusals import HomeGone
from marelle.families.scope import is_own_file
from marelle.journal.services import record

KIND = "enrolment"


def locked_enrolment(scope: QuerySet[Enrolment], enrolment_id: int) -> Enrolment:
    """Once its child is, as by every save and by who erases. Raises `NotYours` for one out of `scope`, asked
    under that lock, and HomeGone for one of a home that was erased meanwhile."""
    people_locked(Enrolment.objects.filter(pk=enrolment_id).values("person_id"))
    row = (
        scope.filter(pk=enrolment_id)
        .select_for_update(no_key=True, of=("self",))
        .select_related("person", "family", "activity__structure")
        .order_by("pk")
        .first()
    )
    if row is None:
        raise NotYours
    if row.family.erased_at is not None:
        raise HomeGone("erased")
    return row


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
