"""What an actor's posts let it answer for: the one place that says so."""

from __future__ import annotations

from django.db.models import Q

from marelle.core.actor import SYSTEM, Actor, Role

DECIDERS = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)


def may_decide(actor: Actor) -> bool:
    """Whether the actor decides something somewhere. Animators never do."""
    return actor == SYSTEM or any(power.role in DECIDERS for power in actor.powers)


def in_charge(actor: Actor, prefix: str = "") -> Q:
    """What the actor answers for, as a condition on the structure reached by `prefix` ("structure__")."""
    if actor.is_administrator or actor == SYSTEM:
        return Q()
    return Q(**{f"{prefix}authority_id__in": actor.authorities(Role.OFFICE)}) | Q(
        **{f"{prefix}pk__in": actor.structures(Role.DIRECTOR)}
    )


def in_office(actor: Actor, prefix: str = "") -> Q:
    """Where the actor is the office, as a condition on the authority reached by `prefix` ("authority__")."""
    if actor.is_administrator or actor == SYSTEM:
        return Q()
    return Q(**{f"{prefix}pk__in": actor.authorities(Role.OFFICE)})
