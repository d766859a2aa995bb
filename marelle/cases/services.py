"""Opening and deciding cases. The caller's transaction holds the change that the case is about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marelle.cases.models import Case, CaseNote, CaseState
from marelle.cases.rules import undo_until
from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject

__all__ = [
    "AlreadyDecided",
    "AlreadyOpen",
    "CannotUndo",
    "CaseState",
    "DecidedElsewhere",
    "OwnFile",
    "Subject",
    "decide_case",
    "open_case",
    "reopen_case",
    "reopen_withdrawn",
    "undo_check",
]


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


class DecidedElsewhere(Refusal):
    """The actor reads the case, and another service decides it."""

    def __init__(self) -> None:
        super().__init__("decided_elsewhere")


class CannotUndo(Refusal):
    """A decision that stays; `why` is a code, and `data` what its sentence tells: see those of the desk."""

    def __init__(self, why: str, **data: Any) -> None:
        super().__init__("cannot_undo", why=why, **data)


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


@transaction.atomic
def reopen_case(*, actor: Actor, kind: str, subject_id: int, decided_at: datetime, now: datetime) -> Case:
    """Undo the decision taken at `decided_at` of the latest case about a subject: it waits again.

    For the service of the domain, which puts back in the same transaction what the decision changed. The
    row is locked: of an undo and a colleague's decision one comes first. Raises `CannotUndo` when that
    decision no longer stands, is older than a minute, or was the family's own, and `OwnFile`.
    """
    found = Case.objects.filter(kind=kind, subject_id=subject_id).order_by("-opened_at", "-pk").first()
    if found is None:
        raise CannotUndo("gone")
    case = Case.objects.select_for_update(no_key=True).get(pk=found.pk)
    undo_check(case, decided_at=decided_at, now=now)
    if case.family_id is not None and case.family_id == actor.family_id and not actor.on_behalf_of:
        raise OwnFile
    case.state = CaseState.OPEN
    case.reason, case.decided_at, case.decided_by = "", None, ""
    case.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    return case


def reopen_withdrawn(*, kind: str, subject_ids: Collection[int], decided_at: datetime) -> None:
    """The cases about these subjects that a decision taken at `decided_at` had closed on its way wait again.

    For who undoes that decision, in its transaction.
    """
    Case.objects.filter(
        kind=kind, subject_id__in=subject_ids, state=CaseState.WITHDRAWN, decided_at=decided_at
    ).update(state=CaseState.OPEN, decided_at=None, decided_by="")


def case_filed(*, kind: str, subject_id: int, family_id: int) -> None:
    """For who says whose a subject is: the cases about it are that home's, as if it had opened them."""
    Case.objects.filter(kind=kind, subject_id=subject_id, family_id=None).update(family_id=family_id)


def cases_made_nameless(*, kind: str, subject_ids: Collection[int]) -> None:
    """For who deletes what cases were about: they stay, to be counted, without a name nor a note."""
    cases = Case.objects.filter(kind=kind, subject_id__in=subject_ids)
    CaseNote.objects.filter(case__in=cases).delete()
    cases.update(label="", opened_by="")


def undo_check(case: Case, *, decided_at: datetime, now: datetime) -> None:
    """Raises `CannotUndo` unless `case` stands as decided at `decided_at`, by an agent, within the minute."""
    if case.state == CaseState.OPEN or case.decided_at != decided_at:
        raise CannotUndo("decided_again")
    if case.state == CaseState.WITHDRAWN:
        raise CannotUndo("withdrawn")
    if now >= undo_until(decided_at):
        raise CannotUndo("too_late")
