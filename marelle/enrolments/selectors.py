"""What pages read of enrolments, always through the actor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Prefetch, Q

from marelle.activities.models import Slot
from marelle.activities.selectors import Places, places_to_come
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.enrolments.facts import group_facts
from marelle.enrolments.models import EndRequest, Enrolment, GroupChoice
from marelle.enrolments.rules import default_group
from marelle.enrolments.scope import decidable, own_requests, visible
from marelle.families.models import Guardianship, Member, Person, Quotient, Schooling
from marelle.families.scope import is_own_file
from marelle.families.selectors import current
from marelle.places.rules import school_year_of

DATES_SHOWN = 5
"""Dates of the table of places on a request."""

KIND = "enrolment"
CALL = "call"


@dataclass(frozen=True, slots=True)
class EnrolmentCounts:
    """Live enrolments of the home, of the people whom the actor may see."""

    accepted: int
    requested: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request as those who decide see it.

    `age_day` is when the age counts. `quotient` is None for who may not see it, and for a home without one.
    """

    enrolment: Enrolment
    case: Case | None
    age_day: date
    group_id: int | None
    schooling: Schooling | None
    quotient: Quotient | None
    sees_quotient: bool
    siblings: tuple[Enrolment, ...]
    places: tuple[Places, ...]
    own_file: bool


@dataclass(frozen=True, slots=True)
class LiveEnrolments:
    """What a home asks for or is enrolled in: how much, in which structures and activities."""

    counts: EnrolmentCounts
    structure_ids: frozenset[int]
    activity_ids: frozenset[int] = frozenset()


def live_enrolments(actor: Actor, child_ids: Collection[int], *, day: date) -> LiveEnrolments:
    """Of these children, whom the actor may see, by the actor's home; one query."""
    if actor.family_id is None:
        return LiveEnrolments(EnrolmentCounts(0, 0), frozenset())
    rows = list(
        Enrolment.objects.filter(
            Q(state=Enrolment.State.REQUESTED) | Q(state=Enrolment.State.ACCEPTED, ends_on__gte=day),
            family_id=actor.family_id,
            person_id__in=child_ids,
        )
        .order_by()
        .values_list("state", "activity__structure_id", "activity_id")
    )
    accepted = sum(state == Enrolment.State.ACCEPTED for state, _structure, _activity in rows)
    return LiveEnrolments(
        EnrolmentCounts(accepted, len(rows) - accepted),
        frozenset(structure for _state, structure, _activity in rows),
        frozenset(activity for _state, _structure, activity in rows),
    )


def counts_by_person(actor: Actor, *, day: date) -> dict[int, EnrolmentCounts]:
    """Accepted and requested, for each person whom the actor may see; one query."""
    rows = (
        visible(actor, day=day)
        .order_by()
        .values("person_id")
        .annotate(
            accepted=Count("pk", filter=Q(state=Enrolment.State.ACCEPTED, ends_on__gte=day)),
            requested=Count("pk", filter=Q(state=Enrolment.State.REQUESTED)),
        )
    )
    return {row["person_id"]: EnrolmentCounts(row["accepted"], row["requested"]) for row in rows}


def enrolments_of(
    actor: Actor, person_ids: Collection[int], *, day: date, with_slots: bool = False
) -> tuple[Enrolment, ...]:
    """Enrolments of these people by the actor's home, the newest first; one query, two with the slots."""
    rows = visible(actor, day=day).filter(person_id__in=person_ids).select_related("activity__structure")
    return tuple(rows.prefetch_related("activity__slots") if with_slots else rows)


def acknowledged(actor: Actor, enrolment_ids: Collection[int], *, day: date) -> tuple[Enrolment, ...]:
    """Those of these that the actor may see, as asked for, with how to reach who decides; two queries."""
    return tuple(
        visible(actor, day=day)
        .filter(pk__in=enrolment_ids)
        .select_related("person", "activity__structure")
        .prefetch_related("activity__structure__contacts", "activity__slots")
        .order_by("person__birth_date", "person_id", "activity__order", "pk")
    )


def enrolment_page(actor: Actor, person_id: int, enrolment_id: int, *, day: date) -> Enrolment | None:
    """One enrolment with all that its page tells; None when the actor may not see it. Five queries."""
    return (
        visible(actor, day=day)
        .filter(person_id=person_id)
        .select_related("person", "activity__structure")
        .prefetch_related(
            "activity__structure__contacts",
            "activity__slots",
            "end_requests",
            Prefetch("groups", GroupChoice.objects.select_related("group").order_by("since")),
        )
        .filter(pk=enrolment_id)
        .first()
    )


def enrolment_to_end(actor: Actor, person_id: int, enrolment_id: int, *, day: date) -> Enrolment | None:
    """An accepted enrolment whose end the actor may ask for; None for another."""
    return (
        own_requests(actor, day=day)
        .filter(person_id=person_id, pk=enrolment_id, state=Enrolment.State.ACCEPTED)
        .select_related("person", "activity__structure")
        .first()
    )


def end_to_decide(actor: Actor, end_id: int) -> EndRequest | None:
    """A request of end that the actor answers for, decided or not; None when it is not within its scope."""
    return (
        EndRequest.objects.filter(enrolment__in=decidable(actor).values("pk"))
        .select_related("enrolment__person", "enrolment__family", "enrolment__activity__structure")
        .filter(pk=end_id)
        .first()
    )


def call_to_make(actor: Actor, enrolment_id: int) -> Enrolment | None:
    """A refused enrolment whose home is to be called, or was, with the calls made; None for another."""
    called = Case.objects.filter(kind=CALL, subject_kind=KIND).values("subject_id")
    return (
        decidable(actor)
        .filter(pk__in=called)
        .select_related("person", "family", "activity__structure")
        .prefetch_related("call_notes")
        .filter(pk=enrolment_id)
        .first()
    )


def whom_to_call(enrolment: Enrolment, *, day: date) -> tuple[Person, ...]:
    """The adults of the home who answer for the child and may see its file; one query."""
    guardians = Guardianship.objects.filter(current(day), child_id=enrolment.person_id, may_see=True)
    adults = Member.objects.filter(
        current(day),
        family_id=enrolment.family_id,
        kind=Member.Kind.ADULT,
        person_id__in=guardians.values("adult_id"),
    )
    return tuple(row.person for row in adults.select_related("person").order_by("pk"))


def request_to_decide(actor: Actor, enrolment_id: int, *, now: datetime) -> Request | None:
    """One request of the actor's scope, decided or not; None when it is not within it."""
    today = local(now).date()
    enrolment = (
        decidable(actor)
        .select_related("person", "family", "activity__structure")
        .prefetch_related("activity__slots", "activity__groups", "groups__group")
        .filter(pk=enrolment_id)
        .first()
    )
    if enrolment is None:
        return None
    activity, person = enrolment.activity, enrolment.person
    age_day = activity.age_day or enrolment.starts_on
    group_id = _group_of(enrolment, age_day)
    offices = actor.authorities(Role.OFFICE)
    sees_quotient = actor.is_administrator or activity.structure.authority_id in offices
    school_year = school_year_of(max(today, enrolment.starts_on))
    return Request(
        enrolment=enrolment,
        case=cases_about(kind=KIND, subject_kind=KIND, subject_ids=[enrolment.pk]).get(enrolment.pk),
        age_day=age_day,
        group_id=group_id,
        schooling=Schooling.objects.filter(child=person, school_year=school_year)
        .select_related("school")
        .first(),
        quotient=Quotient.objects.filter(family_id=enrolment.family_id, since__lte=today).first()
        if sees_quotient
        else None,
        sees_quotient=sees_quotient,
        siblings=tuple(
            decidable(actor)
            .filter(family_id=enrolment.family_id, state__in=Enrolment.LIVE, activity__last_day__gte=today)
            .exclude(person_id=person.pk)
            .select_related("person", "activity")
            .order_by("person__first_name", "activity__name")
        ),
        places=places_to_come(
            activity.pk,
            weekdays=[int(weekday) for weekday in enrolment.wishes] or _weekdays(activity.slots.all()),
            group_id=group_id,
            first=max(today, enrolment.starts_on),
            days=DATES_SHOWN,
        ),
        own_file=is_own_file(actor, family_id=enrolment.family_id, person_id=person.pk, day=today),
    )


def _group_of(enrolment: Enrolment, day: date) -> int | None:
    """The group chosen last, else the one that suits the age."""
    chosen = [choice.group_id for choice in enrolment.groups.all()]
    if chosen:
        return chosen[-1]
    return default_group(group_facts(enrolment.activity.groups.all()), enrolment.person.birth_date, day)


def _weekdays(slots: Iterable[Slot]) -> list[int]:
    return sorted({weekday for slot in slots for weekday in slot.weekdays})
