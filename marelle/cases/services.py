"""Opening and deciding cases. The caller's transaction holds the change that the case is about."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from marelle.cases.models import Case, CaseState
from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject

__all__ = ["AlreadyDecided", "AlreadyOpen", "CaseState", "OwnFile", "Subject", "decide_case", "open_case"]


class AlreadyOpen(Refusal):
    """The same decision on the same subject is already waiting."""

    def __init__(self) -> None:
        super().__init__("already_open")


class AlreadyDecided(Refusal):
    """Somebody was faster: `state`, `decided_by` and `decided_at` tell what, who and when."""

    def __init__(self, case: Case) -> None:
        super().__init__(
            "already_decided", state=case.state, decided_by=case.decided_by, decided_at=case.decided_at
        )


class OwnFile(Refusal):
    """Nobody accepts or refuses a request of its own family."""

    def __init__(self) -> None:
        super().__init__("own_file")


def open_case(
    *,
    actor: Actor,
    kind: str,
    subject: Subject,
    family_id: int | None = None,
    authority_id: int | None = None,
    structure_id: int | None = None,
    until: datetime | None = None,
    now: datetime,
) -> Case:
    """Open a case; raises `AlreadyOpen`. `until` is when the decision comes too late, if ever."""
    if subject.id is None:
        raise ValueError("A case needs a subject with an id.")
    try:
        with transaction.atomic():
            return Case.objects.create(
                kind=kind,
                subject_kind=subject.kind,
                subject_id=subject.id,
                label=subject.label[:200],
                family_id=family_id,
                authority_id=authority_id,
                structure_id=structure_id,
                opened_at=now,
                opened_by=actor.label[:200],
                until=until,
            )
    except IntegrityError as error:
        if Case.objects.open().filter(kind=kind, subject_kind=subject.kind, subject_id=subject.id).exists():
            raise AlreadyOpen from error
        raise


@transaction.atomic
def decide_case(*, actor: Actor, case_id: int, state: CaseState, reason: str = "", now: datetime) -> Case:
    """Decide a case once: raises `AlreadyDecided`, `OwnFile`, or `Case.DoesNotExist`.

    The row is locked, so of two agents one decides and the other is told who did. A family withdraws its
    own request, and decides nothing else of its own.
    """
    if state == CaseState.OPEN:
        raise ValueError("A decision does not leave a case open.")
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    if case.state != CaseState.OPEN:
        raise AlreadyDecided(case)
    own = case.family_id is not None and case.family_id == actor.family_id and not actor.on_behalf_of
    if own and state != CaseState.WITHDRAWN:
        raise OwnFile
    case.state = state
    case.reason = reason
    case.decided_at = now
    case.decided_by = actor.label[:200]
    case.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    return case
