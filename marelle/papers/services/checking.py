"""An agent accepts or refuses a paper."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction

from marelle.cases.models import Case, CaseState
from marelle.cases.rules import UNDO_FOR, undo_until
from marelle.cases.selectors import passed_to_office
from marelle.cases.services import CannotUndo, OwnFile, decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.families.locks import home_locked, homes_locked
from marelle.families.scope import is_own_file
from marelle.files.holding import check_seen
from marelle.files.models import StoredFile
from marelle.journal.services import record
from marelle.mail.services import held_mails
from marelle.papers.mails import tell_accepted, tell_refused
from marelle.papers.models import Paper
from marelle.papers.refusals import PagesChanged, ReasonMissing, WrongExpiry
from marelle.papers.rules import PaperState, Validity, expiry, expiry_possible
from marelle.papers.scope import may_check
from marelle.papers.services.sending import KIND, case_of, files_drop, subject_of
from marelle.places.scope import check_decides
from marelle.places.undoing import decision_undo


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
    """Accept a paper; what it replaces loses its files once the decision can be undone no more.

    `seen` are the ids of the pages that the agent was shown, `structures` those that the paper concerns.
    `expires_on`, the last day on which it counts, holds as given; None: as its type says. Raises `NotYours`,
    `OwnFile`, `PagesChanged`, `NotSeen`, `WrongExpiry`, `NoLongerWaits`, and `AlreadyDecided` from the case.
    """
    paper = _locked(actor, paper_id, structures, now)
    today = local(now).date()
    kind = paper.paper_type
    last = expires_on or expiry(Validity(kind.validity), kind.validity_months, today, None)
    if (last is None and kind.validity == Validity.DATED) or (
        last is not None and not expiry_possible(last, today)
    ):
        raise WrongExpiry
    case = _decide(actor, paper, CaseState.ACCEPTED, "", now, seen)
    check_seen(StoredFile.objects.filter(paper_page__paper=paper))
    paper.expires_on = last
    paper.save(update_fields=["expires_on"])
    older = (
        Paper.objects.of(paper.family_id, paper.person_id)
        .filter(paper_type=kind, state__in=(PaperState.ACCEPTED, PaperState.REFUSED))
        .exclude(pk=paper.pk)
    )
    older.update(files_until=undo_until(now))
    older.filter(state=PaperState.ACCEPTED).update(state=PaperState.REPLACED)
    with held_mails(case_id=case.pk, until=undo_until(now)):
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
    case = _decide(actor, paper, CaseState.REFUSED, reason.strip(), now, seen)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_refused(paper, structures, now)
    return paper


@transaction.atomic
def paper_undo(
    *, actor: Actor, paper_id: int, structures: Sequence[int], decided_at: datetime, now: datetime
) -> Paper:
    """A decided paper waits again, and what it had replaced counts again.

    Raises `NotYours`, `OwnFile` and `CannotUndo`: "asked_again" when the home has sent another since.
    """
    paper = _locked(actor, paper_id, structures, now)
    decision_undo(
        actor=actor, kind=KIND, subject_id=paper_id, decided_at=decided_at, check=check_checks, now=now
    )
    same = Paper.objects.of(paper.family_id, paper.person_id).filter(paper_type=paper.paper_type)
    others = same.exclude(pk=paper.pk)
    if others.filter(state=PaperState.RECEIVED).exists():
        raise CannotUndo("asked_again")
    # One sent again before its check is replaced too, by the home itself, and its files went at once.
    if paper.state == PaperState.ACCEPTED:
        former = others.filter(files_until=undo_until(decided_at))
        former.filter(state=PaperState.REPLACED).update(state=PaperState.ACCEPTED, files_until=None)
        former.filter(state=PaperState.REFUSED).update(files_until=None)
    paper.state = Paper.State.RECEIVED
    paper.expires_on, paper.reason, paper.decided_at, paper.decided_by = None, "", None, ""
    paper.save(update_fields=["state", "expires_on", "reason", "decided_at", "decided_by"])
    _journal(actor, "paper.decision_undone", paper, now)
    return paper


@transaction.atomic
def replaced_files_drop(*, now: datetime) -> int:
    """Delete the files of papers that were replaced; the worker calls it. Returns of how many.

    As long again after the last instant at which that is undone: an undo still under way finds them all.
    """
    due = Paper.objects.filter(files_until__lte=now - UNDO_FOR).order_by("pk")
    if not due.exists():  # on SQLite a write waits for the write lock even where there is nothing to write
        return 0
    homes = homes_locked(due.order_by().values("family_id"))
    rows = list(due.filter(family__in=homes).select_for_update(no_key=True))
    files_drop(rows)
    return Paper.objects.filter(pk__in=[row.pk for row in rows]).update(files_until=None)


def check_checks(actor: Actor, case: Case) -> None:
    """Whoever may check a paper decides its case, whichever structure holds it, until it is passed to the
    office: the directors concerned still read it then. Raises `DecidedElsewhere`."""
    if passed_to_office(case):
        check_decides(actor, case)


def _locked(actor: Actor, paper_id: int, structures: Sequence[int], now: datetime) -> Paper:
    home_id = Paper.objects.filter(pk=paper_id).values_list("family_id", flat=True).first()
    if home_id is None:
        raise NotYours
    home_locked(home_id)
    paper = (
        Paper.objects.select_for_update(no_key=True, of=("self",))
        .select_related("paper_type__authority", "family", "person")
        .filter(pk=paper_id, family_id=home_id)
        .first()
    )
    if paper is None or not may_check(actor, paper.paper_type, structures):
        raise NotYours
    if is_own_file(actor, family_id=paper.family_id, person_id=paper.person_id, day=local(now).date()):
        raise OwnFile
    return paper


def _decide(
    actor: Actor, paper: Paper, state: CaseState, reason: str, now: datetime, seen: Collection[int]
) -> Case:
    """The case decides once; the paper follows it in the same transaction."""
    case = case_of(paper)
    check_checks(actor, case)
    case = decide_case(actor=actor, case_id=case.pk, state=state, reason=reason, now=now)
    if set(seen) != set(paper.pages.values_list("pk", flat=True)):
        raise PagesChanged
    paper.state = Paper.State(state.value)
    paper.reason = reason
    paper.decided_at = now
    paper.decided_by = actor.label[:200]
    paper.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    _journal(actor, f"paper.{state.value}", paper, now)
    return case


def _journal(actor: Actor, verb: str, paper: Paper, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=subject_of(paper), family_id=paper.family_id, now=now)
