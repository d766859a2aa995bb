"""Which threads and news an actor may reach: the one place that says so."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from marelle.core.actor import Actor
from marelle.messaging.models import News, Thread
from marelle.places.models import Structure
from marelle.places.scope import in_charge, may_decide


def threads_of_home(actor: Actor) -> QuerySet[Thread]:
    """Those of the home whose file is open; each of its adults reads them all."""
    if actor.family_id is None:
        return Thread.objects.none()
    return Thread.objects.filter(family_id=actor.family_id)


def threads_in_charge(actor: Actor) -> QuerySet[Thread]:
    """Those of the structures that the actor answers for."""
    return Thread.objects.filter(_charge(actor, "structure__"))


def news_in_charge(actor: Actor) -> QuerySet[News]:
    return News.objects.filter(_charge(actor, "structure__"))


def structures_in_charge(actor: Actor) -> QuerySet[Structure]:
    return Structure.objects.filter(_charge(actor, ""))


def _charge(actor: Actor, prefix: str) -> Q:
    return in_charge(actor, prefix) if may_decide(actor) else Q(pk__in=())
