"""Which structures a family deals with."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member
from marelle.families.selectors import members
from marelle.places.models import Structure


def structures_of_children(actor: Actor, *, now: datetime) -> QuerySet[Structure]:
    """The structures where a child of the actor's home is enrolled or asks to be."""
    day = local(now).date()
    if actor.family_id is None:
        return Structure.objects.none()
    live = Enrolment.objects.filter(
        family_id=actor.family_id,
        state__in=Enrolment.LIVE,
        ends_on__gte=day,
        person__in=members(actor, day=day).filter(kind=Member.Kind.CHILD).values("person_id"),
    )
    return Structure.objects.filter(pk__in=live.values("activity__structure_id"))
