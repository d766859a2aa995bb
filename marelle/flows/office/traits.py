"""What sets a home apart for prices, as the office reads and notes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.families.models import Member
from marelle.places.models import Authority
from marelle.places.scope import in_office
from marelle.pricing.models import HomeTrait
from marelle.pricing.tariffs import Slots


@dataclass(frozen=True, slots=True)
class TraitChoices:
    """By id: for whose prices, of which child, for which activity, with its slots."""

    authorities: Mapping[int, str]
    children: Mapping[int, str]
    activities: Mapping[int, tuple[str, Slots]]


def traits_of_home(actor: Actor, family_id: int) -> QuerySet[HomeTrait]:
    """Those of the authorities where the actor is the office."""
    rows = HomeTrait.objects.filter(in_office(actor, "authority__"), family_id=family_id)
    rows = rows.select_related("authority", "child", "adjustment__price")
    return rows.prefetch_related("adjustment__slots")


def trait_choices(actor: Actor, family_id: int, day: date) -> TraitChoices:
    """Of activities that are not over on `day`."""
    authorities = Authority.objects.filter(in_office(actor)).order_by("pk")
    children = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD, until=None)
    activities = Activity.objects.filter(in_office(actor, "structure__authority__"), last_day__gte=day)
    activities = activities.select_related("structure").prefetch_related("slots").order_by("name", "pk")
    return TraitChoices(
        dict(authorities.values_list("pk", "name")),
        dict(children.values_list("person_id", "person__first_name")),
        {
            one.pk: (f"{one.name} · {one.structure.name}", frozenset(slot.pk for slot in one.slots.all()))
            for one in activities
        },
    )
