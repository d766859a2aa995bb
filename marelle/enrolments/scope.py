"""Which enrolments an actor may see or decide: the one place that says so."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from marelle.activities.kinds import Decider
from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.enrolments.models import Enrolment
from marelle.families.selectors import bookable_people, members
from marelle.places.scope import in_charge, in_office, is_office_of, may_decide


def decidable(actor: Actor) -> QuerySet[Enrolment]:
    """Enrolments that the actor's posts let it read and decide."""
    if not may_decide(actor):
        return Enrolment.objects.none()
    return Enrolment.objects.filter(in_charge(actor, "activity__structure__"))


def deciding(actor: Actor, path: str = "") -> Q:
    """Which activities' requests the actor's posts answer: all in its charge, but where the office decides
    alone, for the office alone. `path` leads to the activity."""
    of_all = ~Q(**{f"{path}decided_by": Decider.OFFICE})
    return in_charge(actor, f"{path}structure__") & (
        of_all | in_office(actor, f"{path}structure__authority__")
    )


def may_derogate(actor: Actor, activity: Activity) -> bool:
    """Whether an agent who acts in a family's name may pass a limit of it: in its own authority."""
    return actor.on_behalf_of and is_office_of(actor, activity.structure.authority_id)


def visible(actor: Actor, *, day: date) -> QuerySet[Enrolment]:
    """Enrolments made by the actor's home, of the people whom the actor may see."""
    if actor.family_id is None:
        return Enrolment.objects.none()
    people = members(actor, day=day).values("person_id")
    return Enrolment.objects.filter(family_id=actor.family_id, person_id__in=people)


def own_requests(actor: Actor, *, day: date) -> QuerySet[Enrolment]:
    """Enrolments of the actor's home whose person it may book for: what it may take back."""
    if actor.family_id is None:
        return Enrolment.objects.none()
    people = bookable_people(actor, day=day).values("pk")
    return Enrolment.objects.filter(family_id=actor.family_id, person_id__in=people)
