"""Undoing a decision: what every domain does alike before it puts back what the decision changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from marelle.cases.models import Case
from marelle.cases.services import CannotUndo, reopen_case
from marelle.core.actor import Actor
from marelle.mail.services import take_back
from marelle.places.scope import check_decides


def decision_undo(
    *,
    actor: Actor,
    kind: str,
    subject_id: int,
    decided_at: datetime,
    check: Callable[[Actor, Case], None] = check_decides,
    now: datetime,
) -> Case:
    """The latest case about a subject waits again, and the mails of its decision are taken back.

    Joins the caller's transaction. `decided_at` names the decision that the agent was shown. `check` says who
    decides such a case, where others than who holds it do.

    Raises `DecidedElsewhere`, `OwnFile`, and `CannotUndo`: "mail_gone" once one of its mails has left.
    """
    case = reopen_case(actor=actor, kind=kind, subject_id=subject_id, decided_at=decided_at, now=now)
    check(actor, case)
    if not take_back(case_id=case.pk):
        raise CannotUndo("mail_gone")
    return case
