"""What an office reads of who pays else than homes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from marelle.activities.models import Activity
from marelle.billing.models import Coverage, Invoice, Payer
from marelle.core.actor import Actor
from marelle.families.models import Family, Member
from marelle.places.models import Authority
from marelle.places.scope import in_office


@dataclass(frozen=True, slots=True)
class OtherHome:
    """Where a child of the home lives too."""

    family: Family
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoverageChoices:
    """By id, what a coverage may be of, at the authorities whose office the actor is."""

    authorities: Mapping[int, str]
    payers: tuple[Payer, ...]
    homes: tuple[OtherHome, ...]
    children: Mapping[int, str]
    activities: tuple[Activity, ...]


def payers_of(actor: Actor) -> QuerySet[Payer]:
    return Payer.objects.filter(in_office(actor, "authority__")).select_related("authority")


def payer_bills(actor: Actor, payer_id: int) -> QuerySet[Invoice]:
    """The newest first."""
    rows = Invoice.objects.filter(in_office(actor, "authority__"), payer_id=payer_id)
    return rows.select_related("corrects", "payer", "family")


def coverages_of_home(actor: Actor, family_id: int) -> QuerySet[Coverage]:
    """The newest first."""
    rows = Coverage.objects.filter(in_office(actor, "authority__"), family_id=family_id, withdrawn_at=None)
    return rows.select_related("payer", "payer_home", "child", "authority").prefetch_related("activities")


def coverage_choices(actor: Actor, family_id: int, day: date) -> CoverageChoices:
    """Activities that are not over on `day`; five queries."""
    offices = Authority.objects.filter(in_office(actor)).order_by("name")
    members = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD).order_by("pk")
    children = dict(members.values_list("person_id", "person__first_name"))
    elsewhere = Member.objects.filter(person_id__in=children, kind=Member.Kind.CHILD, until=None)
    homes: dict[Family, list[str]] = {}
    for one in elsewhere.exclude(family_id=family_id).select_related("family", "person").order_by("pk"):
        homes.setdefault(one.family, []).append(one.person.first_name)
    activities = Activity.objects.filter(in_office(actor, "structure__authority__"), last_day__gte=day)
    return CoverageChoices(
        dict(offices.values_list("pk", "name")),
        tuple(payers_of(actor)),
        tuple(OtherHome(family, tuple(names)) for family, names in homes.items()),
        children,
        tuple(activities.select_related("structure").order_by("structure__name", "name")),
    )
