"""An agent works in a family's name: who may, for whom, and the journal that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.families.models import Family, Guardianship, Member
from marelle.families.selectors import current
from marelle.flows.actors import MAY_ACT
from marelle.journal.services import record

FOUND_AT_MOST = 30
"""Families shown by a search; past it the agent is asked for more words."""

WORDS_AT_MOST = 6


class MayNotAct(Refusal):
    """The actor's posts do not let it work in a family's name, or the family does not exist."""

    def __init__(self) -> None:
        super().__init__("may_not_act")


class OwnHome(Refusal):
    """Nobody works as an agent on its own home, nor on another home of its own child."""

    def __init__(self) -> None:
        super().__init__("own_home")


@dataclass(frozen=True, slots=True)
class Found:
    """A family that a search found; `people` are the first names of its members, adults first."""

    id: int
    name: str
    number: str
    people: tuple[str, ...]


def may_act(actor: Actor) -> bool:
    return any(power.role in MAY_ACT for power in actor.powers)


@transaction.atomic
def acting_start(*, actor: Actor, family_id: int, now: datetime) -> Family:
    """Check and write down that the agent opens the family's screens. Raises `MayNotAct` or `OwnHome`.

    The caller keeps the family in the session; `actors.actor_for` checks the agent's posts at each request.
    """
    family = Family.objects.filter(pk=family_id).first()
    if not may_act(actor) or family is None:
        raise MayNotAct
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


def families_found(actor: Actor, query: str, *, day: date) -> tuple[Found, ...]:
    """Families of which every word of `query` is in the number, the name or the name of a member.

    Two queries; nothing without a word, nor for who may not act.
    """
    words = query.split()[:WORDS_AT_MOST]
    if not words or not may_act(actor):
        return ()
    wanted = Q()
    for word in words:
        members = Member.objects.filter(
            Q(person__first_name__icontains=word) | Q(person__last_name__icontains=word), current(day)
        )
        wanted &= Q(number__icontains=word) | Q(name__icontains=word) | Q(pk__in=members.values("family_id"))
    families = list(Family.objects.filter(wanted)[:FOUND_AT_MOST])
    people: dict[int, list[str]] = {}
    for family_id, first_name in (
        Member.objects.filter(current(day), family__in=families)
        .order_by("kind", "person__birth_date", "pk")
        .values_list("family_id", "person__first_name")
    ):
        people.setdefault(family_id, []).append(first_name)
    return tuple(
        Found(family.pk, family.name, family.number, tuple(people.get(family.pk, ()))) for family in families
    )


def own_homes(actor: Actor, day: date) -> QuerySet[Member]:
    """Memberships that lead to the homes on which the actor never works: its own and those of its children.

    None for who is no parent.
    """
    if actor.person_id is None:
        return Member.objects.none()
    wards = Guardianship.objects.filter(current(day), adult_id=actor.person_id).values("child_id")
    own = Q(person_id=actor.person_id) | Q(person_id__in=wards)
    return Member.objects.filter(own, current(day))
