"""An agent asks a home for a paper, from a case that cannot be decided without it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import home_locked
from marelle.families.models import Family, Member, Person
from marelle.families.scope import is_own_file
from marelle.families.selectors import current
from marelle.journal.services import record
from marelle.papers.guards import given_papers
from marelle.papers.mails import tell_requested
from marelle.papers.models import PaperAsked, PaperType
from marelle.papers.refusals import AlreadyGiven
from marelle.papers.rules import GIVEN, About, Standing, status
from marelle.papers.services.sending import MEMBER_KIND
from marelle.places.scope import check_decides


@transaction.atomic
def paper_request(
    *, actor: Actor, case_id: int, type_id: int, person_id: int | None, message: str, now: datetime
) -> PaperAsked:
    """Ask the home of a case for a paper, of itself (`person_id` None) or of one of its people; it is told.

    The case stays open. Raises `NotYours` for a case, a type or a person out of reach, and for a paper of
    health that the actor could not read; `DecidedElsewhere`, `OwnFile`, `AlreadyDecided` of the case;
    `AlreadyGiven`.
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None or case.family_id is None:
        raise NotYours
    check_decides(actor, case)
    # The home first, as what sends a paper: of asking and sending at once, the second sees the first.
    family = home_locked(case.family_id)
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    if case.state != CaseState.OPEN:
        raise AlreadyDecided(case)
    kind = PaperType.objects.select_related("authority").filter(pk=type_id, active=True).first()
    if kind is None or not may_ask_for(actor, kind, case):
        raise NotYours
    day = local(now).date()
    person = _whose(kind, family, person_id, day)
    if is_own_file(actor, family_id=family.pk, person_id=person_id, day=day):
        raise OwnFile
    if _is_given(kind, family, person_id, day):
        raise AlreadyGiven
    asked, _is_new = PaperAsked.objects.update_or_create(
        paper_type=kind,
        family=family,
        person=person,
        defaults={
            "asked_at": now,
            "asked_by": actor.label[:200],
            "message": message.strip()[:500],
            "case": case,
        },
    )
    subject = Subject("paper_type", kind.pk, f"{kind} · {person or family}")
    record(actor=actor, verb="paper.requested", subject=subject, family_id=family.pk, now=now)
    tell_requested(asked, [case.structure_id] if case.structure_id else [], now)
    return asked


def may_ask_for(actor: Actor, kind: PaperType, case: Case) -> bool:
    """A type of the case's authority; one of health, for the director who will read it."""
    if kind.authority_id != case.authority_id:
        return False
    return not kind.is_health or case.structure_id in actor.structures(Role.DIRECTOR)


def _whose(kind: PaperType, family: Family, person_id: int | None, day: date) -> Person | None:
    """The person of the home whose paper it is, None for the home's own; `NotYours` for any other."""
    about = About(kind.about)
    if about is About.FAMILY and person_id is None:
        return None
    if about is About.FAMILY or person_id is None:
        raise NotYours
    rows = Member.objects.filter(current(day), family=family, kind=MEMBER_KIND[about], person_id=person_id)
    row = rows.select_related("person").first()
    if row is None:
        raise NotYours
    return row.person


def _is_given(kind: PaperType, family: Family, person_id: int | None, day: date) -> bool:
    """Whether it waits to be checked, or counts for more than a month."""
    people = [] if person_id is None else [person_id]
    given = given_papers(family_id=family.pk, people=people, type_ids=[kind.pk])
    standing = status(given.get((kind.pk, person_id), ()), day).standing
    return standing in GIVEN and standing is not Standing.EXPIRES_SOON
