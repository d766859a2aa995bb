"""An agent accepts or refuses a paper."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction

from marelle.cases.models import CaseState
from marelle.cases.services import OwnFile, decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.papers.mails import tell_accepted, tell_refused
from marelle.papers.models import Paper
from marelle.papers.refusals import NotYours, PagesChanged, ReasonMissing, WrongExpiry
from marelle.papers.rules import PaperState, Validity, expiry
from marelle.papers.scope import may_check
from marelle.papers.services.sending import case_of, files_drop, subject_of


@transaction.atomic
def paper_accept(
    *,
    actor: Actor,
    paper_id: int,
    seen: Collection[int],
    expires_on: date | None,
    structures: Sequence[int],
    now: datetime,
) -> Paper:
    """Accept a paper; what it replaces loses its files.

    `seen` are the ids of the pages that the agent was shown, `structures` those that the paper concerns.
    `expires_on`, the last day on which it counts, holds as given; None: as its type says. Raises `NotYours`,
    `OwnFile`, `PagesChanged`, `WrongExpiry`, and `AlreadyDecided` from the case.
    """
    paper = _locked(actor, paper_id, structures, now)
    today = local(now).date()
    kind = paper.paper_type
    last = expires_on or expiry(Validity(kind.validity), kind.validity_months, today, None)
    if (last is None and kind.validity == Validity.DATED) or (last is not None and last < today):
        raise WrongExpiry
    _decide(actor, paper, CaseState.ACCEPTED, "", now, seen)
    paper.expires_on = last
    paper.save(update_fields=["expires_on"])
    older = (
        Paper.objects.of(paper.family_id, paper.person_id)
        .filter(paper_type=kind, state__in=(PaperState.ACCEPTED, PaperState.REFUSED))
        .exclude(pk=paper.pk)
    )
    files_drop(list(older))
    older.filter(state=PaperState.ACCEPTED).update(state=PaperState.REPLACED)
    tell_accepted(paper, structures, now)
    return paper


@transaction.atomic
def paper_refuse(
    *,
    actor: Actor,
    paper_id: int,
    seen: Collection[int],
    reason: str,
    structures: Sequence[int],
    now: datetime,
) -> Paper:
    """Refuse a paper with a reason that the family reads; raises as accepting, or `ReasonMissing`."""
    paper = _locked(actor, paper_id, structures, now)
    if not reason.strip():
        raise ReasonMissing
    _decide(actor, paper, CaseState.REFUSED, reason.strip(), now, seen)
    tell_refused(paper, structures, now)
    return paper


def _locked(actor: Actor, paper_id: int, structures: Sequence[int], now: datetime) -> Paper:
    paper = (
        Paper.objects.select_for_update(no_key=True, of=("self",))
        .select_related("paper_type__authority", "family", "person")
        .filter(pk=paper_id)
        .first()
    )
    if paper is None or not may_check(actor, paper.paper_type, structures):
        raise NotYours
    if is_own_file(actor, family_id=paper.family_id, person_id=paper.person_id, day=local(now).date()):
        raise OwnFile
    return paper


def _decide(
    actor: Actor, paper: Paper, state: CaseState, reason: str, now: datetime, seen: Collection[int]
) -> None:
    """The case decides once; the paper follows it in the same transaction."""
    decide_case(actor=actor, case_id=case_of(paper).pk, state=state, reason=reason, now=now)
    if set(seen) != set(paper.pages.values_list("pk", flat=True)):
        raise PagesChanged
    paper.state = Paper.State(state.value)
    paper.reason = reason
    paper.decided_at = now
    paper.decided_by = actor.label[:200]
    paper.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    record(
        actor=actor,
        verb=f"paper.{state.value}",
        subject=subject_of(paper),
        family_id=paper.family_id,
        now=now,
    )
