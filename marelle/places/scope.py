"""What an actor's posts let it answer for: the one place that says so."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from marelle.core.actor import SYSTEM, Actor, Role

EVERYTHING: Final = ~Q(pk__in=())
"""Always true, and costs no SQL. An empty `Q()` would vanish from an OR and leave the other side alone."""

DECIDERS = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)


def may_decide(actor: Actor) -> bool:
    """Whether the actor decides something somewhere. Animators never do."""
    return actor == SYSTEM or any(power.role in DECIDERS for power in actor.powers)


def in_charge(actor: Actor, prefix: str = "") -> Q:
    """What the actor answers for, as a condition on the structure reached by `prefix` ("structure__")."""
    if actor.is_administrator or actor == SYSTEM:
        return EVERYTHING
    return Q(**{f"{prefix}authority_id__in": actor.authorities(Role.OFFICE)}) | Q(
        **{f"{prefix}pk__in": actor.structures(Role.DIRECTOR)}
    )


def in_office(actor: Actor, prefix: str = "") -> Q:
    """Where the actor is the office, as a condition on the authority reached by `prefix` ("authority__")."""
    if actor.is_administrator or actor == SYSTEM:
        return EVERYTHING
    return Q(**{f"{prefix}pk__in": actor.authorities(Role.OFFICE)})
