"""Which papers, types and publications an actor sees, checks or keeps: the one place that says so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from marelle.activities.models import Activity
from marelle.core.actor import Actor, Role
from marelle.families.selectors import members
from marelle.papers.models import Paper, PaperType, Publication
from marelle.places.models import Structure
from marelle.places.scope import in_charge, in_office, is_office_of, may_decide


def own_papers(actor: Actor, *, day: date) -> QuerySet[Paper]:
    """Papers that the actor's home sent, of the home itself or of people whom the actor may see."""
    if actor.family_id is None:
        return Paper.objects.none()
    people = members(actor, day=day).values("person_id")
    return Paper.objects.filter(Q(person=None) | Q(person_id__in=people), family_id=actor.family_id)


def may_know(actor: Actor, kind: PaperType, structures: Collection[int]) -> bool:
    """Whether the actor's posts let it know that this paper was sent.

    `structures` are those that it concerns: where the person is enrolled and the paper is asked for.
    """
    return is_office_of(actor, kind.authority_id) or bool(actor.structures(Role.DIRECTOR) & set(structures))


def may_check(actor: Actor, kind: PaperType, structures: Collection[int]) -> bool:
    """Whether the actor reads and decides it: of health, only the directors of the structures concerned."""
    if kind.is_health:
        return bool(actor.structures(Role.DIRECTOR) & set(structures))
    return may_know(actor, kind, structures)


def kept_types(actor: Actor) -> QuerySet[PaperType]:
    """Types that the actor writes: those of the authorities of which it is the office."""
    return PaperType.objects.filter(in_office(actor, "authority__"))


def readable_types(actor: Actor) -> QuerySet[PaperType]:
    """Types that the actor may read to say which activities need them."""
    if not may_decide(actor):
        return PaperType.objects.none()
    structures = Structure.objects.filter(in_charge(actor))
    return PaperType.objects.filter(authority_id__in=structures.values("authority_id"))


def kept_structures(actor: Actor) -> QuerySet[Structure]:
    """Structures whose missing papers the actor follows."""
    return Structure.objects.filter(in_charge(actor)) if may_decide(actor) else Structure.objects.none()


def kept_activities(actor: Actor) -> QuerySet[Activity]:
    """Activities of which the actor says which papers they need."""
    if not may_decide(actor):
        return Activity.objects.none()
    return Activity.objects.filter(in_charge(actor, "structure__"))


def kept_publications(actor: Actor) -> QuerySet[Publication]:
    """Publications of the structures that the actor answers for."""
    if not may_decide(actor):
        return Publication.objects.none()
    return Publication.objects.filter(in_charge(actor, "structure__"))


def shown_publications(activities: Collection[int], *, day: date) -> QuerySet[Publication]:
    """Publications that a home enrolled in `activities` reads on `day`."""
    return Publication.objects.filter(
        Q(activity=None) | Q(activity_id__in=activities),
        Q(until=None) | Q(until__gte=day),
        published_on__lte=day,
        withdrawn_at=None,
    )
