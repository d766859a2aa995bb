"""« Essayer »: what a day's planning would say to a home at an hour, rule by rule. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from marelle.activities.audiences import InClass, Public, Within
from marelle.activities.effects import facts_of
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Activity
from marelle.bookings.needs import takeable
from marelle.bookings.planning import PlannedCell, invented_cells, planning
from marelle.bookings.rules import Home, Stay
from marelle.bookings.steps import Step, steps
from marelle.core.actor import Actor
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.acting import on_behalf_of
from marelle.flows.enrolling.stay_planning import planned_stays
from marelle.places.rules import Lived

FOUND_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Invented:
    """A child and its home, as rules tell them apart; None for what they are not. `papers`: all that the
    activity asks by the day, accepted and valid."""

    group_id: int | None = None
    commune_id: int | None = None
    school_id: int | None = None
    returning: bool = False
    sibling: bool = False
    staff: bool = False
    birth: date | None = None
    level: str = ""
    papers: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A cell as its home would see it, and what each rule says."""

    cell: PlannedCell
    steps: tuple[Step, ...]


def tried_stays(actor: Actor, activity: Activity, *, day: date) -> QuerySet[Enrolment]:
    """Enrolments in an activity whose plannings the actor may read on `day`."""
    return planned_stays(actor, day=day).filter(activity=activity)


def stays_named(actor: Actor, activity: Activity, name: str, *, day: date) -> list[Enrolment]:
    """Those of children of that name, the first `FOUND_AT_MOST`."""
    rows = tried_stays(actor, activity, day=day)
    for word in name.split():
        rows = rows.filter(Q(person__first_name__icontains=word) | Q(person__last_name__icontains=word))
    return list(rows.order_by("person__last_name", "person__first_name", "pk")[:FOUND_AT_MOST])


def tried_as_enrolled(actor: Actor, enrolment: Enrolment, *, day: date, now: datetime) -> tuple[Tried, ...]:
    """What the home of an enrolment would see of `day` at `now`, with the places and bookings of today."""
    home = on_behalf_of(actor, enrolment.family_id)
    found = planning(
        home,
        first=day,
        last=day,
        child_id=enrolment.person_id,
        as_home=True,
        now=now,
    )
    every = (cell for one in found.shown for cells in one.cells.values() for cell in cells)
    return _tried(every, now, enrolment.activity_id)


def tried_as_invented(
    activity: Activity, invented: Invented, *, day: date, now: datetime
) -> tuple[Tried, ...]:
    """The same of a home that is not."""
    facts = facts_of(activity)
    home = Home(public=_public(invented, facts))
    groups = () if invented.group_id is None else ((facts.first_day, invented.group_id),)
    stay = Stay(0, facts.id, facts.first_day, facts.last_day, groups)
    return _tried(invented_cells(stay, home, day=day, now=now), now, facts.id)


def _tried(cells: Iterable[PlannedCell], now: datetime, activity_id: int) -> tuple[Tried, ...]:
    """Those of the activity; what they need may be of another."""
    every = tuple(cells)
    free = takeable((cell.opening, cell.state) for cell in every)
    return tuple(
        Tried(cell, tuple(steps(cell.opening, cell.context, now, free)))
        for cell in every
        if cell.opening.activity.id == activity_id
    )


def _public(invented: Invented, facts: ActivityFacts) -> Public:
    here = (Within(facts.structure_id, date.min, date.max),)
    return Public(
        lived=(Lived(date.min, invented.commune_id),),
        schools=(InClass(invented.school_id or 0, date.min, date.max, invented.level),),
        stays=here if invented.returning else (),
        siblings=here if invented.sibling else (),
        employers=frozenset({facts.authority_id}) if invented.staff else frozenset(),
        birth=invented.birth,
        papers=_papers(facts) if invented.papers else (),
    )


def _papers(facts: ActivityFacts) -> tuple[Within, ...]:
    asked = {one.paper for one in facts.conditions if one.paper is not None}
    return tuple(Within(paper, date.min, date.max) for paper in asked)
