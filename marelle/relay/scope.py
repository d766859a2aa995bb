"""Which demands and mornings an actor sees or answers for: the one place that says so."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity, Opening
from marelle.core.actor import SYSTEM, Actor, Guest, Role
from marelle.places.scope import in_charge, may_decide
from marelle.relay.models import CareRequest, Childminder, ChildminderAccess, Visit


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


def own_childminders(actor: Actor) -> QuerySet[Childminder]:
    """As whom a guest comes to mornings: one by relais that has given it access."""
    if actor.guest is not Guest.CHILDMINDER:
        return Childminder.objects.none()
    live = ChildminderAccess.objects.live().filter(account=actor.user_id)
    return Childminder.objects.filter(pk__in=live.values("childminder"), active=True)


def mornings_open_to(actor: Actor) -> QuerySet[Opening]:
    """Of every relais to a home; of those that know it to a childminder."""
    if actor.guest is Guest.CHILDMINDER:
        own = own_childminders(actor).order_by().values("authority")
        return mornings().filter(activity__structure__authority__in=own)
    return Opening.objects.none() if actor.family_id is None else mornings()


def own_visits(actor: Actor) -> QuerySet[Visit]:
    """Of the actor's home, or of the childminder that it is."""
    if actor.guest is Guest.CHILDMINDER:
        return Visit.objects.filter(childminder__in=own_childminders(actor).order_by())
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
