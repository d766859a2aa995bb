"""Which threads and news an actor may reach: the one place that says so."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.accounts.models import User
from marelle.core.actor import Actor, Role
from marelle.core.prepared import prepared
from marelle.messaging.models import News, ReplyTemplate, Thread, ThreadPass
from marelle.places.models import Post, Structure
from marelle.places.scope import in_charge, in_office, may_decide


def threads_of_home(actor: Actor) -> QuerySet[Thread]:
    """Those of the home whose file is open; each of its adults reads them all."""
    if actor.family_id is None:
        return Thread.objects.none()
    return Thread.objects.filter(family_id=actor.family_id)


def threads_in_charge(actor: Actor) -> QuerySet[Thread]:
    """Those of the structures that the actor answers for; what the office holds, its office alone."""
    held_by_office = Q(with_office=True) & in_office(actor, "structure__authority__")
    return Thread.objects.filter(_charge(actor, "structure__") & (Q(with_office=False) | held_by_office))


def threads_passed(actor: Actor) -> QuerySet[Thread]:
    """Those that a structure which the actor directs has passed to a service that the actor is not of."""
    passed = ThreadPass.objects.filter(
        thread=OuterRef("pk"), from_structure__in=actor.structures(Role.DIRECTOR)
    )
    return Thread.objects.filter(Exists(passed)).exclude(pk__in=threads_in_charge(actor).values("pk"))


def news_in_charge(actor: Actor) -> QuerySet[News]:
    return News.objects.filter(_charge(actor, "structure__"))


def structures_in_charge(actor: Actor) -> QuerySet[Structure]:
    return Structure.objects.filter(_charge(actor, ""))


def replies_kept(actor: Actor) -> QuerySet[ReplyTemplate]:
    """Reply templates that the actor may change: its structures'; an authority's own, by its office."""
    return ReplyTemplate.objects.filter(_replies_kept(actor))


def replies_read(actor: Actor) -> QuerySet[ReplyTemplate]:
    """Those, and what the authority of a director's structure keeps for all."""
    directed = structures_in_charge(actor).values("authority_id")
    return ReplyTemplate.objects.filter(
        _replies_kept(actor) | Q(structure__isnull=True, authority__in=directed)
    )


def colleagues(thread: Thread) -> list[User]:
    """The agents who answer it, by name; one query."""
    structure = thread.structure
    return _colleagues(structure.authority_id, None if thread.with_office else structure.pk)


@prepared
def _colleagues(authority_id: int, structure_id: int | None) -> QuerySet[User]:
    posts = Q(role=Role.ADMINISTRATOR.value) | Q(role=Role.OFFICE.value, authority_id=authority_id)
    if structure_id is not None:
        posts |= Q(role=Role.DIRECTOR.value, structure_id=structure_id)
    held = Post.objects.held().filter(posts)
    rows = User.objects.filter(pk__in=held.values("user_id"), is_active=True)
    return rows.order_by("display_name", "pk")


def _charge(actor: Actor, prefix: str) -> Q:
    return in_charge(actor, prefix) if may_decide(actor) else Q(pk__in=())


def _replies_kept(actor: Actor) -> Q:
    own = Q(structure__isnull=True) & in_office(actor, "authority__")
    return own | (Q(structure__isnull=False) & _charge(actor, "structure__"))
