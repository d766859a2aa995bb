"""What the family side reads of a child's care, always through the actor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.care.consents import lists_kept
from marelle.families.care.policy import health_policies
from marelle.families.care.rules import Answer, settled
from marelle.families.care.scope import Ward, find_ward
from marelle.families.fields import Policy
from marelle.families.models import (
    Consent,
    ConsentType,
    HealthSheet,
    Person,
    PickupBan,
    PickupContact,
    PickupPermission,
    Vaccination,
)
from marelle.families.selectors import current, kept_away


@dataclass(frozen=True, slots=True)
class HealthPage:
    """`sheet` and `vaccinations` are those that the actor may read: nothing for an agent of the office.

    `written_at` tells that there is a sheet, whoever reads.
    """

    ward: Ward
    sheet: HealthSheet | None
    vaccinations: tuple[Vaccination, ...]
    written_at: datetime | None
    policies: Mapping[str, Policy]


@dataclass(frozen=True, slots=True)
class PickupPage:
    """`bans` are those that this home asked for."""

    ward: Ward
    contacts: tuple[PickupContact, ...]
    bans: tuple[PickupBan, ...]


@dataclass(frozen=True, slots=True)
class HomeAnswer:
    """The answer of one home. `by` is the first name of who gave it, "" for an agent in the home's name."""

    answer: Answer
    by: str
    is_here: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorisation that is asked, what each home says, and what holds of it."""

    type: ConsentType
    own: HomeAnswer | None
    others: tuple[HomeAnswer, ...]
    settled: Answer | None


@dataclass(frozen=True, slots=True)
class CareSummary:
    """What is there of a child's care, in numbers."""

    written_at: datetime | None
    contacts: int
    permissions: int
    answers: int


def health_page(actor: Actor, *, child_id: int, day: date) -> HealthPage | None:
    """At most four queries; None for a child that the actor does not see."""
    ward = find_ward(actor, child_id, day=day)
    if ward is None:
        return None
    sheet = next(iter(_sheet(child_id)), None)
    return HealthPage(
        ward=ward,
        sheet=sheet if ward.sees_health else None,
        vaccinations=tuple(_vaccinations(child_id)) if ward.sees_health else (),
        written_at=sheet.updated_at if sheet else None,
        policies=health_policies(by_agent=actor.on_behalf_of),
    )


@prepared
def _sheet(child_id: int) -> QuerySet[HealthSheet]:
    return HealthSheet.objects.filter(child_id=child_id).select_related("pai_file")


@prepared
def _vaccinations(child_id: int) -> QuerySet[Vaccination]:
    return Vaccination.objects.filter(child_id=child_id)


def pickup_page(actor: Actor, *, child_id: int, day: date) -> PickupPage | None:
    """Three queries; None for a child that the actor does not see."""
    ward = find_ward(actor, child_id, day=day)
    if ward is None:
        return None
    bans = PickupBan.objects.filter(current(day), child_id=child_id, family=ward.family)
    return PickupPage(ward, contacts_of(ward), tuple(bans))


def contacts_of(ward: Ward) -> tuple[PickupContact, ...]:
    """The people whom the home that is open named, in its order; one query."""
    return tuple(PickupContact.objects.filter(child=ward.child, family=ward.family))


def permissions_of(ward: Ward, *, day: date) -> tuple[PickupPermission, ...]:
    """The permissions of the home that is open, from `day` on; one query."""
    return tuple(
        PickupPermission.objects.filter(child=ward.child, family=ward.family, day__gte=day, cancelled_at=None)
    )


def asked_of(ward: Ward, *, authority_ids: Collection[int], school_year: int, day: date) -> tuple[Asked, ...]:
    """What these authorities ask for the year, with the answers of every home that is not kept away from the
    child; two queries."""
    types = _asked_types(authority_ids)
    rows = _answers(ward.child.pk, school_year, [asked.pk for asked in types], day)
    found = []
    for asked in types:
        answers = [_answer(row, ward) for row in rows if row.type_id == asked.pk]
        found.append(
            Asked(
                type=asked,
                own=next((answer for answer in answers if answer.is_here), None),
                others=tuple(answer for answer in answers if not answer.is_here),
                settled=settled(answer.answer for answer in answers),
            )
        )
    return tuple(found)


@prepared
def _asked_types(authority_ids: Collection[int]) -> QuerySet[ConsentType]:
    return asked_types(authority_ids)


@prepared
def _answers(child_id: int, school_year: int, type_ids: Collection[int], day: date) -> QuerySet[Consent]:
    near = ~kept_away(day, "child_id", home="family_id")
    rows = Consent.objects.filter(near, child_id=child_id, school_year=school_year, type_id__in=type_ids)
    return rows.select_related("person").order_by("pk")


def asked_types(authority_ids: Collection[int]) -> QuerySet[ConsentType]:
    """The lists of these authorities, in their order."""
    return ConsentType.objects.filter(active=True, authority_id__in=authority_ids).select_related("authority")


def kept_types(actor: Actor) -> tuple[ConsentType, ...]:
    """The lists that the actor keeps, what is no longer asked included; one query."""
    rows = ConsentType.objects.filter(authority__in=lists_kept(actor)).select_related("authority")
    return tuple(rows.order_by("authority__name", "-active", "order", "pk"))


def care_summaries(
    family_id: int, child_ids: Collection[int], *, day: date, school_year: int
) -> dict[int, CareSummary]:
    """What a home has said of each of these children, which the caller has found for the actor; one query."""
    rows = _care_in_numbers(child_ids, family_id, day, school_year)
    return {row.child_id: row.care for row in rows}


class _OfChild(NamedTuple):
    child_id: int
    care: CareSummary


@prepared
def _care_in_numbers(
    child_ids: Collection[int], family_id: int, day: date, school_year: int
) -> QuerySet[Person, _OfChild]:
    here = Q(child_id=OuterRef("pk"), family_id=family_id)

    def number(rows: QuerySet[PickupContact] | QuerySet[PickupPermission] | QuerySet[Consent]) -> Coalesce:
        counted = rows.order_by().values("child_id").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    care = columns(
        CareSummary,
        written_at="health_sheet__updated_at",
        contacts=number(PickupContact.objects.filter(here)),
        permissions=number(PickupPermission.objects.filter(here, day__gte=day, cancelled_at=None)),
        answers=number(Consent.objects.filter(here, school_year=school_year, type__active=True)),
    )
    return columns(_OfChild, child_id="pk", care=care).of(Person.objects.filter(pk__in=child_ids))


def _answer(row: Consent, ward: Ward) -> HomeAnswer:
    here = row.family_id == ward.family.pk
    return HomeAnswer(
        answer=Answer(row.given, row.from_hour),
        by=row.person.first_name if row.person is not None else "",
        is_here=here,
        at=row.answered_at,
    )
