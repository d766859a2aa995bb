"""Finding a family: which ones an agent may find, and what tells one from another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from marelle.core.actor import Actor
from marelle.enrolments.models import Enrolment
from marelle.enrolments.scope import decidable
from marelle.families.finding.selectors import families_matching
from marelle.families.models import Family, Member, Residence
from marelle.families.scope import other_homes
from marelle.families.selectors import ELDEST_FIRST, current
from marelle.flows.actor.acting import may_act
from marelle.places.scope import income_reader, may_decide

FOUND_AT_MOST = 30
"""Families shown by a search; past it the agent is asked for more words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A family that a search found. `adults` by whole names, `children` by first names; `town` may be ""."""

    id: int
    name: str
    number: str
    town: str
    has_left: bool
    adults: tuple[str, ...]
    children: tuple[str, ...]


def readable_families(actor: Actor, *, day: date) -> QuerySet[Family]:
    """Whose page an agent may read: the office, of all homes, since anybody may come to its counter; a
    director, of those with an enrolment that runs, or is asked for, in its structures."""
    if may_act(actor):
        return Family.objects.all()
    running = decidable(actor).filter(family_id=OuterRef("pk"), state__in=Enrolment.LIVE, ends_on__gte=day)
    return Family.objects.filter(Exists(running.order_by()))


def homes_readable(actor: Actor, family_ids: Collection[int], *, day: date) -> frozenset[int]:
    """Of these homes, those whose page the actor may read; one query for a director, none for the others."""
    if may_act(actor) or not family_ids:
        return frozenset(family_ids)
    if not may_decide(actor):
        return frozenset()
    mine = readable_families(actor, day=day).filter(pk__in=set(family_ids))
    return frozenset(mine.values_list("pk", flat=True))


def reads_incomes(actor: Actor, family_id: int, *, day: date) -> bool:
    """Whether the actor reads the incomes of a home: the office does; a director who was given it does of the
    homes that it may open by the structures where it was. One query for such a director, else none."""
    reader = income_reader(actor)
    if not reader.powers or may_act(reader):
        return bool(reader.powers)
    return readable_families(reader, day=day).filter(pk=family_id).exists()


def readable_enrolments(actor: Actor) -> QuerySet[Enrolment]:
    """Of a home whose page the actor may read: all for the office, those of its structures for a director."""
    return Enrolment.objects.all() if may_act(actor) else decidable(actor)


def families_found(actor: Actor, query: str, *, day: date) -> tuple[Found, ...]:
    """The families that the actor may read and that answer to `query`, the best first; four queries, five
    for a parent, who does not find the other home of its child."""
    within = None if may_act(actor) else readable_families(actor, day=day)
    apart = other_homes(actor, day)
    matches = [
        match
        for match in families_matching(query, limit=FOUND_AT_MOST, within=within)
        if match.id not in apart
    ]
    ids = [match.id for match in matches]
    adults: dict[int, list[str]] = {}
    children: dict[int, list[str]] = {}
    if not ids:
        return ()
    for family_id, kind, first_name, last_name in (
        Member.objects.filter(current(day), family_id__in=ids)
        .order_by(ELDEST_FIRST, "pk")
        .values_list("family_id", "kind", "person__first_name", "person__last_name")
    ):
        if kind == Member.Kind.ADULT:
            adults.setdefault(family_id, []).append(f"{first_name} {last_name}")
        else:
            children.setdefault(family_id, []).append(first_name)
    lived_in = Residence.objects.filter(family_id__in=ids, since__lte=day).order_by("since", "pk")
    towns = dict(lived_in.values_list("family_id", "city"))
    return tuple(
        Found(
            id=match.id,
            name=match.name,
            number=match.number,
            town=towns.get(match.id, ""),
            has_left=match.left_on is not None and match.left_on <= day,
            adults=tuple(adults.get(match.id, ())),
            children=tuple(children.get(match.id, ())),
        )
        for match in matches
    )
