"""An agent works in a family's name: who may, for whom, and the journal that says so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.accounts.models import Device
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.locks import home_locked
from marelle.families.models import Family, Member
from marelle.families.selectors import current, own_child
from marelle.flows.actor.actors import ACTING_FOR, MAY_ACT
from marelle.journal.services import record

STILL_THERE = timedelta(minutes=30)
"""An agent of whom nothing was seen for longer has left the screen; what is seen is coarse."""


class OwnHome(Refusal):
    """Nobody works as an agent on its own home, nor on another home of its own child."""

    def __init__(self) -> None:
        super().__init__("own_home")


def may_act(actor: Actor) -> bool:
    return any(power.role in MAY_ACT for power in actor.powers)


def on_behalf_of(actor: Actor, family_id: int) -> Actor:
    """The agent as one who works in the name of a family, for what its own pages read and write: of a child
    from whom a judge keeps the home away too."""
    return Actor(actor.user_id, actor.label, actor.person_id, family_id, True, actor.powers, at_desk=True)


@transaction.atomic
def acting_start(*, actor: Actor, family_id: int, now: datetime) -> Family:
    """Check and write down that the agent opens the family's screens. Raises `NotYours` or `OwnHome`.

    The caller keeps the family in the session; `actors.actor_for` checks the agent's posts at each request.
    """
    if not may_act(actor) or not Family.objects.filter(pk=family_id).exists():
        raise NotYours
    family = home_locked(family_id)
    if own_homes(actor, local(now).date()).filter(family=family).exists():
        raise OwnHome
    record(
        actor=actor,
        verb="acting.started",
        subject=Subject("family", family.pk, str(family)),
        family_id=family.pk,
        now=now,
    )
    return family


def acting_agents(family_ids: Collection[int], *, now: datetime) -> tuple[str, ...]:
    """Names of the agents who work in the name of one of these families at this moment; two queries."""
    devices = Device.objects.filter(
        last_seen__gte=now - STILL_THERE, user__posts__role__in=[role.value for role in MAY_ACT]
    ).select_related("user")
    by_key = {device.session_key: str(device.user) for device in devices}
    sessions = Session.objects.filter(session_key__in=by_key, expire_date__gt=now)
    found = {
        by_key[session.session_key]
        for session in sessions
        if session.get_decoded().get(ACTING_FOR) in family_ids
    }
    return tuple(sorted(found))


def own_homes(actor: Actor, day: date) -> QuerySet[Member]:
    """Memberships that lead to the homes on which the actor never works: its own and those of its children.

    None for who is no parent.
    """
    if actor.person_id is None:
        return Member.objects.none()
    own = Q(person_id=actor.person_id) | own_child(actor.person_id, day, "person_id")
    return Member.objects.filter(own, current(day))
