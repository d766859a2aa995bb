"""A home sends a paper, adds or removes pages while it waits, takes it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.cases.models import Case, CaseState
from marelle.cases.services import decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import own_home_locked
from marelle.families.models import Family, Member
from marelle.families.selectors import members
from marelle.files.services import CheckedFile, file_store, files_delete
from marelle.journal.services import record
from marelle.papers.models import Paper, PaperPage, PaperType
from marelle.papers.refusals import HomeLeft, NoLongerWaits, NothingSent, TooManyPages
from marelle.papers.rules import PAGES_AT_MOST, About, PaperState
from marelle.papers.scope import own_papers

KIND = "paper"

MEMBER_KIND = {About.ADULT: Member.Kind.ADULT, About.CHILD: Member.Kind.CHILD}


@transaction.atomic
def paper_send(
    *,
    actor: Actor,
    type_id: int,
    person_id: int | None,
    uploads: Sequence[CheckedFile],
    structures: Sequence[int],
    now: datetime,
) -> Paper:
    """Send a paper, of the home itself (`person_id` None) or of one of its people, to be checked.

    One that still waited is replaced. `structures` are those that it concerns, the first of which is told in
    the queue. Raises `NotYours`, `HomeLeft`, `NothingSent`, or `TooManyPages`: nothing is kept then.
    """
    family = _locked_home(actor, now)
    kind = PaperType.objects.filter(pk=type_id, active=True).first()
    if kind is None or not _is_whose(actor, kind, person_id, now):
        raise NotYours
    waiting = (
        Paper.objects.of(family.pk, person_id)
        .filter(paper_type=kind, state=PaperState.RECEIVED)
        .select_for_update(no_key=True)
        .first()
    )
    if waiting is not None:
        _close(actor, waiting, PaperState.REPLACED, now)
    paper = Paper.objects.create(
        paper_type=kind, family=family, person_id=person_id, sent_at=now, sent_by=actor.label[:200]
    )
    _store(actor, paper, uploads, now)
    open_case(
        actor=actor,
        kind=KIND,
        subject=subject_of(paper),
        family_id=family.pk,
        authority_id=kind.authority_id,
        structure_id=structures[0] if structures else None,
        now=now,
    )
    _journal(actor, "paper.sent", paper, now)
    return paper


@transaction.atomic
def pages_add(*, actor: Actor, paper_id: int, uploads: Sequence[CheckedFile], now: datetime) -> Paper:
    """Add pages after those of a paper that waits. Raises as `paper_send`, or `NoLongerWaits`."""
    _locked_home(actor, now)
    paper = _locked_waiting(own_papers(actor, day=local(now).date()), paper_id)
    _store(actor, paper, uploads, now)
    _journal(actor, "paper.pages_added", paper, now)
    return paper


@transaction.atomic
def page_remove(*, actor: Actor, page_id: int, now: datetime) -> Paper:
    """Remove a page of a paper that waits; without its last page the paper is taken back.

    Raises `NotYours` or `NoLongerWaits`.
    """
    _own_home(actor)
    mine = own_papers(actor, day=local(now).date())
    page = PaperPage.objects.filter(pk=page_id, paper__in=mine).first()
    if page is None:
        raise NotYours
    paper = _locked_waiting(mine, page.paper_id)
    page_ids = set(paper.pages.values_list("pk", flat=True))
    if page_id not in page_ids:
        raise NotYours
    if page_ids == {page_id}:
        _close(actor, paper, PaperState.WITHDRAWN, now)
        _journal(actor, "paper.withdrawn", paper, now)
        return paper
    page.delete()
    files_delete(ids=[page.file_id])
    _journal(actor, "paper.page_removed", paper, now)
    return paper


@transaction.atomic
def paper_withdraw(*, actor: Actor, paper_id: int, now: datetime) -> Paper:
    """Take back a paper that waits: its files are deleted. Raises `NotYours` or `NoLongerWaits`."""
    _own_home(actor)
    paper = _locked_waiting(own_papers(actor, day=local(now).date()), paper_id)
    _close(actor, paper, PaperState.WITHDRAWN, now)
    _journal(actor, "paper.withdrawn", paper, now)
    return paper


def subject_of(paper: Paper) -> Subject:
    return Subject(KIND, paper.pk, str(paper))


def case_of(paper: Paper) -> Case:
    """The case of a paper: each that a home sent has one.

    Raises `NoLongerWaits` for one written as decided from the start, as most of the demo's.
    """
    case = Case.objects.filter(kind=KIND, subject_kind=KIND, subject_id=paper.pk).order_by("pk").first()
    if case is None:
        raise NoLongerWaits
    return case


def files_drop(papers: Collection[Paper]) -> None:
    """Delete the pages of papers that no longer serve, and their files."""
    pages = PaperPage.objects.filter(paper__in=papers)
    file_ids = list(pages.values_list("file_id", flat=True))
    pages.delete()
    files_delete(ids=file_ids)


def _locked_home(actor: Actor, now: datetime) -> Family:
    """Two sendings of one home wait for each other, so that the second sees the first."""
    family = _own_home(actor)
    if family.left_on is not None and family.left_on <= local(now).date():
        raise HomeLeft
    return family


def _own_home(actor: Actor) -> Family:
    if actor.family_id is None:
        raise NotYours
    return own_home_locked(actor)


def _locked_waiting(scope: QuerySet[Paper], paper_id: int) -> Paper:
    if not scope.filter(pk=paper_id).exists():
        raise NotYours
    paper = (
        Paper.objects.select_for_update(no_key=True, of=("self",))
        .select_related("paper_type", "family", "person")
        .get(pk=paper_id)
    )
    if paper.state != PaperState.RECEIVED:
        raise NoLongerWaits
    return paper


def _is_whose(actor: Actor, kind: PaperType, person_id: int | None, now: datetime) -> bool:
    about = About(kind.about)
    if about is About.FAMILY:
        return person_id is None
    people = members(actor, day=local(now).date()).filter(kind=MEMBER_KIND[about])
    return person_id is not None and people.filter(person_id=person_id).exists()


def _store(actor: Actor, paper: Paper, uploads: Sequence[CheckedFile], now: datetime) -> None:
    if not uploads:
        raise NothingSent
    first = paper.pages.count()
    if first + len(uploads) > PAGES_AT_MOST:
        raise TooManyPages(PAGES_AT_MOST)
    for order, upload in enumerate(uploads, start=first):
        stored = file_store(actor=actor, upload=upload, family_id=paper.family_id, now=now)
        PaperPage.objects.create(paper=paper, file=stored, order=order)


def _close(actor: Actor, paper: Paper, state: PaperState, now: datetime) -> None:
    decide_case(actor=actor, case_id=case_of(paper).pk, state=CaseState.WITHDRAWN, now=now)
    paper.state = Paper.State(state.value)
    paper.save(update_fields=["state"])
    files_drop([paper])


def _journal(actor: Actor, verb: str, paper: Paper, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=subject_of(paper), family_id=paper.family_id, now=now)
