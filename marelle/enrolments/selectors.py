"""What pages read of enrolments, always through the actor."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.activities.selectors import Places, Wished, full_days, places_to_come
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.enrolments.facts import group_facts
from marelle.enrolments.models import EndRequest, Enrolment, GroupChoice
from marelle.enrolments.rules import default_group
from marelle.enrolments.scope import decidable, own_requests, visible
from marelle.families.incomes.rules import IncomeKind, IncomeRow, last_begun
from marelle.families.incomes.selectors import incomes_shown
from marelle.families.models import Guardianship, Member, Schooling
from marelle.families.scope import is_own_file
from marelle.families.selectors import at_school, current, rights
from marelle.places.rules import school_year_of
from marelle.places.scope import decides_for, income_reader

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

    `age_day` is when the age counts. `quotient` is the income of the home, which says
    nothing to who may not read it; None for a home without one.
    `wished` are the openings wished to come, `places` those of their first dates; on `full_days` of
    `held_days` one of them has no place left.
    """

    enrolment: Enrolment
    case: Case | None
    age_day: date
    group_id: int | None
    schooling: Schooling | None
    quotient: IncomeRow | None
    sees_quotient: bool
    siblings: tuple[Enrolment, ...]
    wished: Wished
    places: tuple[Places, ...]
    full_days: int
    held_days: int
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
    return live_of_rows(_live(actor.family_id, child_ids, day))


class LiveRow(NamedTuple):
    state: str
    structure_id: int
    activity_id: int
    ending: bool


def live_of_rows(rows: Collection[LiveRow]) -> LiveEnrolments:
    accepted = sum(row.state == Enrolment.State.ACCEPTED for row in rows)
    ending = sum(row.ending for row in rows)
    return LiveEnrolments(
        EnrolmentCounts(accepted, len(rows) - accepted + ending),
        frozenset(row.structure_id for row in rows),
        frozenset(row.activity_id for row in rows),
    )


@prepared
def _live(family_id: int, child_ids: Collection[int], day: date) -> QuerySet[Enrolment, LiveRow]:
    rows = Enrolment.objects.filter(live_on(day), family_id=family_id, person_id__in=child_ids)
    return LIVE.of(rows.order_by())


def live_on(day: date) -> Q:
    """Asked for, or in course on `day`."""
    return Q(state=Enrolment.State.REQUESTED) | Q(state=Enrolment.State.ACCEPTED, ends_on__gte=day)


def activities_of_home(actor: Actor, *, day: date) -> list[ActivityFacts]:
    """What somebody of the home is enrolled in, or asks for, in the order of the activities; one query, and
    none for definitions that the process has read."""
    rows = visible(actor, day=day).filter(live_on(day)).order_by()
    revisions = dict(rows.values_list("activity_id", "activity__revision").distinct())
    return sorted(activity_facts(revisions).values(), key=lambda facts: (facts.order, facts.name, facts.id))


def counts_by_person(actor: Actor, *, day: date) -> dict[int, EnrolmentCounts]:
    """Accepted, and requested, their ends too, for each person whom the actor may see; one query."""
    return {row.person_id: row.counts for row in _counts(actor, day)}


class _Counted(NamedTuple):
    person_id: int
    counts: EnrolmentCounts


COUNTED = columns(_Counted, "person_id", counts=columns(EnrolmentCounts, "accepted", "requested"))


@prepared
def _counts(actor: Actor, day: date) -> QuerySet[Enrolment, _Counted]:
    return COUNTED.of(
        visible(actor, day=day)
        .order_by()
        .values("person_id")
        .annotate(
            accepted=Count("pk", filter=Q(state=Enrolment.State.ACCEPTED, ends_on__gte=day)),
            requested=Count("pk", filter=Q(state=Enrolment.State.REQUESTED) | Q(Exists(_end_asked()))),
        )
    )


def _end_asked() -> QuerySet[EndRequest]:
    return EndRequest.objects.filter(enrolment=OuterRef("pk"), state=EndRequest.State.REQUESTED)


LIVE = columns(
    LiveRow, "state", "activity_id", structure_id="activity__structure_id", ending=Exists(_end_asked())
)


def ends_asked(enrolment_ids: Collection[int]) -> dict[int, date]:
    """The last day asked for, of those of these enrolments whose end waits for its answer; one query."""
    rows = EndRequest.objects.filter(enrolment__in=enrolment_ids, state=EndRequest.State.REQUESTED)
    return dict(rows.values_list("enrolment_id", "last_day"))


def enrolments_of(actor: Actor, person_ids: Collection[int], *, day: date) -> tuple[Enrolment, ...]:
    """Enrolments of these people by the actor's home, the newest first; one query."""
    return tuple(_enrolments_of(actor, person_ids, day))


@prepared
def _enrolments_of(actor: Actor, person_ids: Collection[int], day: date) -> QuerySet[Enrolment]:
    return visible(actor, day=day).filter(person_id__in=person_ids).select_related("activity__structure")


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
        .filter(person_id=person_id, pk=enrolment_id)
        .select_related("person", "activity__structure")
        .prefetch_related(
            "activity__structure__contacts",
            "activity__slots",
            "end_requests",
            Prefetch("groups", GroupChoice.objects.select_related("group").order_by("since")),
        )
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
    return next(iter(_end_to_decide(actor, end_id)), None)


@prepared
def _end_to_decide(actor: Actor, end_id: int) -> QuerySet[EndRequest]:
    rows = EndRequest.objects.filter(enrolment__in=decidable(actor).values("pk"), pk=end_id)
    return rows.select_related("enrolment__person", "enrolment__family", "enrolment__activity__structure")


def call_to_make(actor: Actor, enrolment_id: int) -> Enrolment | None:
    """A refused enrolment whose home is to be called, or was, with the calls made; None for another."""
    return next(iter(_call_to_make(actor, enrolment_id)), None)


@prepared
def _call_to_make(actor: Actor, enrolment_id: int) -> QuerySet[Enrolment]:
    called = Case.objects.filter(kind=CALL, subject_kind=KIND).values("subject_id")
    rows = decidable(actor).filter(pk__in=called, pk=enrolment_id)
    return rows.select_related("person", "family", "activity__structure").prefetch_related("call_notes")


def whom_to_call(enrolment: Enrolment, *, day: date) -> tuple[Guardianship, ...]:
    """The adults of the home who answer for the child and may see its file; one query."""
    return tuple(_to_call(enrolment.family_id, enrolment.person_id, day))


@prepared
def _to_call(family_id: int, child_id: int, day: date) -> QuerySet[Guardianship]:
    adults = Member.objects.filter(current(day), family_id=family_id, kind=Member.Kind.ADULT)
    rows = rights(day).filter(child_id=child_id, may_see=True, adult_id__in=adults.values("person_id"))
    return rows.select_related("adult").order_by("pk")


def request_to_decide(
    actor: Actor, enrolment_id: int, *, group_id: int | None = None, now: datetime
) -> Request | None:
    """One request of the actor's scope, decided or not; None when it is not within it.

    `group_id` is a group of the activity of which to see the places, before the request is accepted in it.
    """
    today = local(now).date()
    enrolment = _to_decide(actor).filter(pk=enrolment_id).first()
    if enrolment is None:
        return None
    activity, person = enrolment.activity, enrolment.person
    age_day = activity.age_day or enrolment.starts_on
    groups = {row.pk for row in activity.groups.all()}
    if enrolment.state != Enrolment.State.REQUESTED or group_id not in groups:
        group_id = _group_of(enrolment, age_day)
    structure = activity.structure
    sees_quotient = decides_for(
        income_reader(actor), structure_id=structure.pk, authority_id=structure.authority_id
    )
    incomes = incomes_shown(actor, enrolment.family_id, reads=sees_quotient)
    school_year = school_year_of(max(today, enrolment.starts_on))
    wished = Wished.of(
        activity.pk,
        wishes={int(weekday): slots for weekday, slots in enrolment.wishes.items()},
        group_id=group_id,
        first=max(today, enrolment.starts_on),
        last=enrolment.ends_on,
    )
    full, held = full_days(wished)
    return Request(
        enrolment=enrolment,
        case=cases_about(kind=KIND, subject_kind=KIND, subject_ids=[enrolment.pk]).get(enrolment.pk),
        age_day=age_day,
        group_id=group_id,
        schooling=next(iter(_schooling(person.pk, school_year, today)), None),
        quotient=last_begun(incomes, IncomeKind.QUOTIENT, today, structure.authority_id),
        sees_quotient=sees_quotient,
        siblings=tuple(_siblings(actor, enrolment.family_id, person.pk, today)),
        wished=wished,
        places=places_to_come(wished),
        full_days=full,
        held_days=held,
        own_file=is_own_file(actor, family_id=enrolment.family_id, person_id=person.pk, day=today),
    )


def _to_decide(actor: Actor) -> QuerySet[Enrolment]:
    rows = decidable(actor).select_related("person", "family", "activity__structure")
    return rows.prefetch_related("activity__slots", "activity__groups", "groups__group")


@prepared
def _schooling(child_id: int, school_year: int, today: date) -> QuerySet[Schooling]:
    rows = Schooling.objects.filter(at_school(today), child_id=child_id, school_year=school_year)
    return rows.select_related("school")[:1]


@prepared
def _siblings(actor: Actor, family_id: int, person_id: int, day: date) -> QuerySet[Enrolment]:
    rows = decidable(actor).filter(family_id=family_id, state__in=Enrolment.LIVE, activity__last_day__gte=day)
    return (
        rows.exclude(person_id=person_id)
        .select_related("person", "activity")
        .order_by("person__first_name", "activity__name")
    )


def _group_of(enrolment: Enrolment, day: date) -> int | None:
    """The group chosen last, else the one that suits the age."""
    chosen = [choice.group_id for choice in enrolment.groups.all()]
    if chosen:
        return chosen[-1]
    return default_group(group_facts(enrolment.activity.groups.all()), enrolment.person.birth_date, day)
