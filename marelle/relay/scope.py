"""Which demands and mornings an actor sees or answers for: the one place that says so."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity, Opening
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.places.scope import in_charge, may_decide
from marelle.relay.models import CareRequest, Childminder, Visit


def demands_in_charge(actor: Actor) -> QuerySet[CareRequest]:
    if not may_decide(actor):
        return CareRequest.objects.none()
    return CareRequest.objects.filter(in_charge(actor, "structure__"))


def demands_of_home(actor: Actor) -> QuerySet[CareRequest]:
    if actor.family_id is None:
        return CareRequest.objects.none()
    return CareRequest.objects.filter(family_id=actor.family_id)


def mornings() -> QuerySet[Opening]:
    """Openings to which an adult comes with children."""
    return Opening.objects.filter(activity__booking_mode=BookingMode.ACCOMPANIED)


def mornings_in_charge(actor: Actor) -> QuerySet[Opening]:
    if not may_decide(actor):
        return Opening.objects.none()
    return mornings().filter(in_charge(actor, "activity__structure__"))


def visits_of_home(actor: Actor) -> QuerySet[Visit]:
    if actor.family_id is None:
        return Visit.objects.none()
    return Visit.objects.filter(family_id=actor.family_id)


def visits_in_charge(actor: Actor) -> QuerySet[Visit]:
    if not may_decide(actor):
        return Visit.objects.none()
    return Visit.objects.filter(in_charge(actor, "opening__activity__structure__"))


def childminders_in_charge(actor: Actor) -> QuerySet[Childminder]:
    """Those of the authorities for which the actor is the office, or runs the mornings of a structure."""
    if not may_decide(actor):
        return Childminder.objects.none()
    if actor.is_administrator or actor == SYSTEM:
        return Childminder.objects.all()
    run = Activity.objects.filter(
        booking_mode=BookingMode.ACCOMPANIED, structure__in=actor.structures(Role.DIRECTOR)
    )
    return Childminder.objects.filter(
        Q(authority_id__in=actor.authorities(Role.OFFICE))
        | Q(authority__in=run.values("structure__authority"))
    )
