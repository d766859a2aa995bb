"""Asking for an enrolment, deciding it, taking it back. Each writes the journal, the case and the mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from marelle.activities.kinds import EnrolmentMode
from marelle.activities.models import Activity, AgeGroup, Question, Slot
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import OwnFile, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.enrolments.facts import NO_GUARDS, Guards, ask_facts, question_facts
from marelle.enrolments.mails import tell_accepted, tell_refused, tell_requested
from marelle.enrolments.models import DEROGATION_LENGTH, Enrolment, GroupChoice
from marelle.enrolments.questions import Answer, answers_kept, wrong_answers
from marelle.enrolments.refusals import Denied, ReasonMissing, UnknownGroup
from marelle.enrolments.rules import (
    Denial,
    Live,
    Reason,
    Wishes,
    denied_to_service,
    earliest_start,
    may_ask,
    passing,
    wrong_dates,
    wrong_wishes,
)
from marelle.enrolments.scope import deciding, may_derogate, own_requests
from marelle.enrolments.services.calls import call_open
from marelle.enrolments.services.shared import (
    KIND,
    journal,
    locked_enrolment,
    locked_to_decide,
    subject_of,
)
from marelle.families.locks import people_locked
from marelle.families.models import Member, Person
from marelle.families.scope import is_own_file
from marelle.families.selectors import bookable_people, current, kept_away
from marelle.mail.services import held_mails
from marelle.places.scope import check_decides, may_decide


@dataclass(frozen=True, slots=True)
class Terms:
    """Between which dates, both included, with which wishes, and what the questions were answered.

    `derogation` is the reason that an agent gives to pass a limit; of a parent it is not read.
    """

    starts_on: date
    ends_on: date
    wishes: Wishes
    comment: str = ""
    derogation: str = ""
    answers: tuple[Answer, ...] = ()


@transaction.atomic
def enrolment_request(
    *,
    actor: Actor,
    person_id: int,
    activity_id: int,
    terms: Terms,
    guards: Guards = NO_GUARDS,
    tell: bool = True,
    now: datetime,
) -> Enrolment:
    """A parent, or an agent in the family's name, asks for an enrolment; the service will decide.

    `guards` is what a floor above knows of the home: screens go through `flows.enrolling.asking`, which
    gathers it. Without `tell` the caller acknowledges several requests in one mail. A derogation passes what
    `rules.WITHOUT` lists, in the agent's authority, and is kept only where it was needed.

    Raises `NotYours` for a person the actor may not book for or an activity that does not exist, `Denied` for
    what `rules` refuses.
    """
    today = local(now).date()
    person = _locked(bookable_people(actor, day=today), person_id)
    activity = Activity.objects.select_related("structure").filter(pk=activity_id).first()
    if person is None or activity is None or actor.family_id is None:
        raise NotYours
    facts = ask_facts(activity, person, family_id=actor.family_id, guards=guards, now=now)
    questions = question_facts(Question.objects.filter(activity=activity))
    limits, beyond = passing(facts, lambda known: may_ask(known, now, terms.starts_on))
    reason = terms.derogation.strip()[:DEROGATION_LENGTH]
    passed = limits if reason and may_derogate(actor, activity) else ()
    _raise_first(
        beyond if passed else may_ask(facts, now, terms.starts_on),
        wrong_dates(facts, today, terms.starts_on, terms.ends_on),
        wrong_wishes(terms.wishes, _weekdays_by_slot(activity)),
        *wrong_answers(questions, terms.answers).values(),
    )
    terms = replace(terms, derogation=reason if passed else "")
    enrolment = _write(
        actor,
        person,
        activity,
        actor.family_id,
        terms,
        passed=passed,
        answers=answers_kept(questions, terms.answers),
        state=Enrolment.State.REQUESTED,
        now=now,
    )
    open_case(
        actor=actor,
        kind=KIND,
        subject=subject_of(enrolment),
        family_id=enrolment.family_id,
        authority_id=activity.structure.authority_id,
        structure_id=activity.deciding_structure_id,
        now=now,
    )
    journal(actor, "enrolment.requested", enrolment, now, data=_derogation(reason, passed))
    if tell:
        tell_requested([enrolment], now)
    return enrolment


@transaction.atomic
def enrolment_accept(*, actor: Actor, enrolment_id: int, group_id: int | None, now: datetime) -> Enrolment:
    """Accept a request, in a group of the activity (None when it has none).

    Raises `NotYours`, `UnknownGroup`, and from the case `OwnFile` and `AlreadyDecided`.
    """
    enrolment = locked_to_decide(actor, enrolment_id, now)
    group = _group(enrolment.activity, group_id)
    case = _decide(actor, enrolment, CaseState.ACCEPTED, "", now)
    if group is not None:
        GroupChoice.objects.create(enrolment=enrolment, group=group, since=enrolment.starts_on)
    journal(actor, "enrolment.accepted", enrolment, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_accepted(enrolment, group.pk if group else None, now)
    return enrolment


@transaction.atomic
def enrolment_refuse(*, actor: Actor, enrolment_id: int, reason: str, now: datetime) -> Enrolment:
    """Refuse a request with a reason that the family reads; raises as accepting, or `ReasonMissing`.

    The service calls the family: a call to make is opened.
    """
    enrolment = locked_to_decide(actor, enrolment_id, now)
    if not reason.strip():
        raise ReasonMissing
    case = _decide(actor, enrolment, CaseState.REFUSED, reason.strip(), now)
    call_open(actor, enrolment, now)
    journal(actor, "enrolment.refused", enrolment, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_refused(enrolment, now)
    return enrolment


@transaction.atomic
def enrolment_withdraw(*, actor: Actor, enrolment_id: int, now: datetime) -> Enrolment:
    """The home takes its request back while it waits. Raises `NotYours` or `AlreadyDecided`."""
    enrolment = locked_enrolment(own_requests(actor, day=local(now).date()), enrolment_id)
    _decide(actor, enrolment, CaseState.WITHDRAWN, "", now)
    journal(actor, "enrolment.withdrawn", enrolment, now)
    return enrolment


@transaction.atomic
def enrolment_create(
    *,
    actor: Actor,
    family_id: int,
    person_id: int,
    activity_id: int,
    group_id: int | None,
    terms: Terms,
    guards: Guards = NO_GUARDS,
    now: datetime,
) -> Enrolment:
    """The service enrols a child itself (multi-accueil, or a family that asked by telephone).

    Accepted at once; the parents see it and are told.

    `guards` as for a request. Raises `NotYours` for an activity whose requests the actor does not answer or a
    person who is not a child of that home, `OwnFile`, `UnknownGroup`, `Denied` for an activity without
    enrolment, for dates, wishes or an enrolment that exists. What `rules.denied_to_service` tells is a
    derogation, with its reason; from a past day the agent answers for it.
    """
    today = local(now).date()
    answered = Activity.objects.filter(deciding(actor)) if may_decide(actor) else Activity.objects.none()
    activity = answered.select_related("structure").filter(pk=activity_id).first()
    near = ~kept_away(today, "person_id", home="family_id")
    children = Member.objects.filter(near, current(today), family_id=family_id, kind=Member.Kind.CHILD)
    person = _locked(Person.objects.filter(pk__in=children.values("person_id")), person_id)
    if activity is None or person is None:
        raise NotYours
    if is_own_file(actor, family_id=family_id, person_id=person_id, day=today):
        raise OwnFile
    facts = ask_facts(activity, person, family_id=family_id, guards=guards, now=now)
    dates = wrong_dates(facts, today, terms.starts_on, terms.ends_on)
    _raise_first(
        Denial(Reason.NO_ENROLMENT, {}) if activity.enrolment_mode == EnrolmentMode.NONE else None,
        Denial(_LIVE[facts.live], {}) if facts.live else None,
        None if dates is not None and dates.reason is Reason.IN_THE_PAST else dates,
        wrong_wishes(terms.wishes, _weekdays_by_slot(activity)),
    )
    earliest = earliest_start(facts, today)
    limits, beyond = passing(facts, lambda known: denied_to_service(known, earliest, terms.starts_on))
    passed = limits if beyond is None else tuple(dict.fromkeys((*limits, beyond.reason)))
    reason = terms.derogation.strip()[:DEROGATION_LENGTH] if passed else ""
    _raise_first(None if reason else denied_to_service(facts, earliest, terms.starts_on))
    terms = replace(terms, derogation=reason)
    group = _group(activity, group_id)
    accepted = Enrolment.State.ACCEPTED
    enrolment = _write(actor, person, activity, family_id, terms, passed=passed, state=accepted, now=now)
    if group is not None:
        GroupChoice.objects.create(enrolment=enrolment, group=group, since=enrolment.starts_on)
    journal(actor, "enrolment.created_by_structure", enrolment, now, _derogation(reason, passed))
    tell_accepted(enrolment, group.pk if group else None, now)
    return enrolment


def _derogation(reason: str, passed: Sequence[Reason]) -> Mapping[str, Any] | None:
    return {"derogation": reason, "passed": list(passed)} if passed else None


_LIVE = {Live.REQUESTED: Reason.ALREADY_ASKED, Live.ACCEPTED: Reason.ALREADY_ENROLLED}


def _write(
    actor: Actor,
    person: Person,
    activity: Activity,
    family_id: int,
    terms: Terms,
    *,
    passed: Sequence[Reason],
    answers: Sequence[Mapping[str, Any]] = (),
    state: str,
    now: datetime,
) -> Enrolment:
    """One that is over gives its place to the next: a child who left may come back."""
    Enrolment.objects.filter(
        family_id=family_id,
        person=person,
        activity=activity,
        state=Enrolment.State.ACCEPTED,
        ends_on__lt=local(now).date(),
    ).update(state=Enrolment.State.ENDED)
    decided = state == Enrolment.State.ACCEPTED
    return Enrolment.objects.create(
        family_id=family_id,
        person=person,
        activity=activity,
        state=state,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        wishes={str(day): sorted(slots) for day, slots in sorted(terms.wishes.items()) if slots},
        comment=terms.comment,
        answers=list(answers),
        derogation=terms.derogation,
        passed=" ".join(passed),
        requested_at=now,
        requested_by=actor.label[:150],
        decided_at=now if decided else None,
        decided_by=actor.label[:150] if decided else "",
    )


def _locked(people: QuerySet[Person], person_id: int) -> Person | None:
    """Two requests for one child wait for each other here, so that the second sees the first."""
    found = next(iter(people_locked([person_id])), None)
    # Asked once locked: the child may have left the home while this waited.
    return found if people.filter(pk=person_id).exists() else None


def _decide(actor: Actor, enrolment: Enrolment, state: CaseState, reason: str, now: datetime) -> Case:
    """The case decides once; the enrolment follows it in the same transaction."""
    case = Case.objects.filter(kind=KIND, subject_kind=KIND, subject_id=enrolment.pk).order_by("-pk").first()
    if case is None:
        raise NotYours
    if state != CaseState.WITHDRAWN:
        check_decides(actor, case)
    decide_case(actor=actor, case_id=case.pk, state=state, reason=reason, now=now)
    enrolment.state = Enrolment.State(state.value)
    enrolment.reason = reason
    enrolment.decided_at = now
    enrolment.decided_by = actor.label[:150]
    enrolment.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    return case


def _group(activity: Activity, group_id: int | None) -> AgeGroup | None:
    groups = {group.pk: group for group in AgeGroup.objects.filter(activity=activity)}
    if not groups and group_id is None:
        return None
    if group_id not in groups:
        raise UnknownGroup
    return groups[group_id]


def _weekdays_by_slot(activity: Activity) -> dict[int, frozenset[int]]:
    return {slot.pk: frozenset(slot.weekdays) for slot in Slot.objects.filter(activity=activity)}


def _raise_first(*denials: Denial | None) -> None:
    for denial in denials:
        if denial is not None:
            raise Denied(denial)
