"""At whose door an actor stands: the one place that says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from marelle.attendance.models import Tablet
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.places.models import Post, Structure
from marelle.places.scope import in_charge

TEAM: Final = (Role.DIRECTOR, Role.ANIMATOR)


@dataclass(frozen=True, slots=True)
class Teammate:
    """Somebody with a post at a structure; `works`: it holds now."""

    account_id: int
    label: str
    works: bool
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A structure, and what a device or somebody may do at its door."""

    structure: Structure
    team: dict[int, Teammate]
    works_here: bool
    may_correct: bool


def team_of(structure_id: int) -> dict[int, Teammate]:
    """The team of a structure by account, those suspended too; one query."""
    return teams_of([structure_id])[structure_id]


def teams_of(structure_ids: Collection[int]) -> dict[int, dict[int, Teammate]]:
    """The same for each of these structures; one query."""
    rows = Post.objects.filter(structure_id__in=structure_ids, role__in=TEAM).values_list(
        "structure_id",
        "user_id",
        "suspended_at",
        "user__is_active",
        "user__display_name",
        "user__person__first_name",
        "user__person__last_name",
        "user__person__pk",
    )
    teams: dict[int, dict[int, Teammate]] = {structure_id: {} for structure_id in structure_ids}
    for structure_id, account_id, suspended_at, is_active, shown, first_name, last_name, person_id in rows:
        label = f"{first_name} {last_name}" if first_name else shown
        works = suspended_at is None and is_active
        found = teams[structure_id or 0]
        if works or account_id not in found:
            found[account_id] = Teammate(account_id, label, works, person_id)
    return teams


def door(actor: Actor, *, tablet: Tablet | None, structure_id: int) -> Door:
    """The door of a structure as this tablet, or else this actor, stands at it; two queries.

    Raises NotYours. Who had a post there that no longer holds may still hand in what it ticked, which then
    does not count.
    """
    if tablet is not None:
        if tablet.structure_id != structure_id:
            raise NotYours
        structure = Structure.objects.get(pk=structure_id)
        return Door(structure, team_of(structure_id), works_here=True, may_correct=False)
    answering = Structure.objects.filter(pk=structure_id).filter(in_charge(actor)).first()
    works = structure_id in actor.structures(*TEAM)
    team = team_of(structure_id)
    if answering is None and not works and actor.user_id not in team:
        raise NotYours
    structure = answering or Structure.objects.get(pk=structure_id)
    return Door(structure, team, works or answering is not None, may_correct=answering is not None)
