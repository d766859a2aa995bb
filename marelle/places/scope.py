"""What an actor's posts let it answer for: the one place that says so."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from marelle.cases.models import Case
from marelle.cases.services import DecidedElsewhere
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.places.models import Authority, Structure

EVERYTHING: Final = ~Q(pk__in=())
"""Always true, and costs no SQL. An empty `Q()` would vanish from an OR and leave the other side alone."""

INCOME_ROLES = (Role.ADMINISTRATOR, Role.OFFICE)
"""Who reads the incomes of the homes that it may open, without being given it by name."""

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


def decides(actor: Actor, case: Case) -> bool:
    """Whether a case is the actor's to decide; one without a structure is for the office alone."""
    return decides_for(actor, structure_id=case.structure_id, authority_id=case.authority_id)


def decides_for(actor: Actor, *, structure_id: int | None, authority_id: int | None) -> bool:
    """The same of what is asked of a structure, None where the office of its authority alone decides."""
    if actor.is_administrator or actor == SYSTEM:
        return True
    directed, offices = actor.structures(Role.DIRECTOR), actor.authorities(Role.OFFICE)
    return structure_id in directed or authority_id in offices


def check_decides(actor: Actor, case: Case) -> None:
    """Raises `DecidedElsewhere` for a case that the actor may read and that another service decides."""
    if not decides(actor, case):
        raise DecidedElsewhere


def is_office_of(actor: Actor, authority_id: int) -> bool:
    """The same as `in_office`, of one authority."""
    return actor.is_administrator or actor == SYSTEM or authority_id in actor.authorities(Role.OFFICE)


def income_reader(actor: Actor) -> Actor:
    """The actor with those of its powers alone that let it read incomes: what it may reach so, of which it
    reads them."""
    return actor.only(power for power in actor.powers if power.reads_incomes or power.role in INCOME_ROLES)


def in_office(actor: Actor, prefix: str = "") -> Q:
    """Where the actor is the office, as a condition on the authority reached by `prefix` ("authority__")."""
    if actor.is_administrator or actor == SYSTEM:
        return EVERYTHING
    return Q(**{f"{prefix}pk__in": actor.authorities(Role.OFFICE)})


def of_own_authorities(actor: Actor, prefix: str = "") -> Q:
    """What belongs to an authority where the actor decides something, be it in one structure, as a condition
    on what is reached by `prefix` and has an `authority`."""
    if actor.is_administrator or actor == SYSTEM:
        return EVERYTHING
    directed = Structure.objects.filter(pk__in=actor.structures(Role.DIRECTOR)).values("authority_id")
    return Q(**{f"{prefix}authority_id__in": actor.authorities(Role.OFFICE)}) | Q(
        **{f"{prefix}authority_id__in": directed}
    )


def own_authorities(actor: Actor) -> frozenset[int]:
    """The same, by id."""
    if actor.is_administrator or actor == SYSTEM:
        return frozenset(Authority.objects.values_list("pk", flat=True))
    directed = actor.structures(Role.DIRECTOR)
    of_structures = Structure.objects.filter(pk__in=directed).values_list("authority_id", flat=True)
    return actor.authorities(Role.OFFICE).union(of_structures if directed else ())


def answers_for(actor: Actor, prefix: str = "") -> Q:
    """The posts that the actor gives and takes back, as a condition on the post reached by `prefix`: an
    administrator all, an office those of its authority and its structures, a director its animators'."""
    if actor.is_administrator or actor == SYSTEM:
        return EVERYTHING
    offices = actor.authorities(Role.OFFICE)
    return (
        Q(**{f"{prefix}authority__in": offices})
        | Q(**{f"{prefix}structure__authority__in": offices})
        | Q(
            **{
                f"{prefix}role": Role.ANIMATOR.value,
                f"{prefix}structure__in": actor.structures(Role.DIRECTOR),
            }
        )
    )
