"""Whose care an actor of the family side may read and write: the one place that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.refusals import NotYours
from marelle.families.care.refusals import ReadOnly
from marelle.families.locks import own_home_locked, people_locked
from marelle.families.models import Family, Member, Person
from marelle.families.selectors import ELDEST_FIRST, members, rights


@dataclass(frozen=True, slots=True)
class Ward:
    """A child of the home that is open, and what the actor may do about its care.

    An agent who acts in the family's name writes and does not read health: it adds to what it cannot see.
    `why_not` is the code of `ReadOnly` when the actor may not write, else "".
    """

    child: Person
    family: Family
    sees_health: bool
    why_not: str

    @property
    def may_write(self) -> bool:
        return not self.why_not


def find_ward(actor: Actor, child_id: int, *, day: date) -> Ward | None:
    """The child, if the actor may see it in the home that is open; one query."""
    row = next(iter(_child_seen(actor, child_id, day)), None)
    if row is None:
        return None
    why_not = ""
    if row.family.left_on is not None and row.family.left_on <= day:
        why_not = "home_left"
    elif not actor.on_behalf_of and not row.has_authority:
        why_not = "no_authority"
    return Ward(row.person, row.family, sees_health=not actor.on_behalf_of, why_not=why_not)


def siblings_of(actor: Actor, child_id: int, *, day: date) -> list[Person]:
    """The other children of the home of whom the actor may write too, the eldest first; one query."""
    rows = [row for row in _children_seen(actor, day) if row.person_id != child_id]
    return [row.person for row in rows if actor.on_behalf_of or row.has_authority]


def _children_seen(actor: Actor, day: date) -> QuerySet[Any]:
    rows = (
        members(actor, day=day).filter(kind=Member.Kind.CHILD).annotate(has_authority=answers_for(actor, day))
    )
    return rows.select_related("person").order_by(ELDEST_FIRST, "pk")


@prepared
def _child_seen(actor: Actor, child_id: int, day: date) -> QuerySet[Any]:
    """Its membership with the home; `has_authority` when the actor answers for it."""
    rows = members(actor, day=day).filter(kind=Member.Kind.CHILD, person_id=child_id)
    return rows.annotate(has_authority=answers_for(actor, day)).select_related("person", "family")[:1]


def answers_for(actor: Actor, day: date) -> Exists:
    """Inside a query whose rows have a `person_id`: whether the actor may write about that child's care."""
    return Exists(
        rights(day).filter(
            adult_id=actor.person_id, child_id=OuterRef("person_id"), may_see=True, has_authority=True
        )
    )


def ward_to_write(actor: Actor, child_id: int, *, day: date) -> Ward:
    """The child, its row locked after that of its home, if the actor may write about its care. Raises
    NotYours, ReadOnly, HomeGone."""
    if actor.family_id is None:
        raise NotYours
    own_home_locked(actor)
    people_locked([child_id])
    ward = find_ward(actor, child_id, day=day)
    if ward is None:
        raise NotYours
    if ward.why_not:
        raise ReadOnly(ward.why_not)
    return ward
