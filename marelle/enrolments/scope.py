"""Which enrolments an actor may see or decide: the one place that says so."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from marelle.core.actor import Actor, Role
from marelle.enrolments.models import Enrolment
from marelle.families.models import Guardianship, Member
from marelle.families.selectors import bookable_people, current, members


def may_decide(actor: Actor) -> bool:
    """Whether the actor decides enrolments somewhere. Animators never do."""
    deciders = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)
    return any(power.role in deciders for power in actor.powers)


def in_charge(actor: Actor, prefix: str = "") -> Q:
    """What the actor answers for, as a condition on the structure reached by `prefix` ("structure__")."""
    if actor.is_administrator:
        return Q()
    return Q(**{f"{prefix}authority_id__in": actor.authorities(Role.OFFICE)}) | Q(
        **{f"{prefix}pk__in": actor.structures(Role.DIRECTOR)}
    )


def decidable(actor: Actor) -> QuerySet[Enrolment]:
    """Enrolments that the actor's posts let it read and decide."""
    if not may_decide(actor):
        return Enrolment.objects.none()
    return Enrolment.objects.filter(in_charge(actor, "activity__structure__"))


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


def is_own_file(actor: Actor, *, family_id: int, person_id: int, day: date) -> bool:
    """Whether the file is of the actor's own home or of its own child, whoever the actor works for now."""
    if actor.person_id is None:
        return False
    if actor.family_id == family_id and not actor.on_behalf_of:
        return True
    return (
        Member.objects.filter(current(day), family_id=family_id, person_id=actor.person_id).exists()
        or Guardianship.objects.filter(current(day), adult_id=actor.person_id, child_id=person_id).exists()
    )
