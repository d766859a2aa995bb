"""The lists of a day, for the team that looks after the children: who comes, who fetches them, whom to call.

A director or an animator of the structure reads them, an animator for today and tomorrow. Each list read, on
the page or as a file, is written down as a reading of health.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import QuerySet

from marelle.activities.models import Opening
from marelle.attendance.scope import team_of
from marelle.bookings.occupation import ChildOfDay, Span, children_of, held_on, next_held
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.families.care.emergency import Emergency, emergency_facts
from marelle.families.care.safety import Safety, safety_facts
from marelle.flows.care.lists import LISTED
from marelle.flows.care.team import TEAM, homes_in_common, safety
from marelle.journal.services import record
from marelle.places.models import Structure

AHEAD = timedelta(days=1)
"""How far an animator sees."""


class DayRefused(Refusal):
    """`code`: "past", or "too_far" for an animator."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A child who comes, with the places booked. What is known of it is None for who may not read it.

    Of the agent's own child, `emergency` has the people of the agent's home alone, `safety` nobody who
    fetches it."""

    child: ChildOfDay
    safety: Safety | None
    emergency: Emergency | None
    is_own: bool

    @property
    def is_absent(self) -> bool:
        return all(place.absent for place in self.child.places)


@dataclass(frozen=True, slots=True)
class DayList:
    """The children of a day, by name. `asked` more wait for an answer to what they asked for.

    `reasons` say why, where something is closed; `is_open` is false when all is closed, or nothing is held:
    then `next_day` is the next day on which something is.
    """

    day: date
    children: tuple[Listed, ...]
    asked: int
    is_open: bool
    reasons: tuple[str, ...]
    next_day: date | None


def team_structures(actor: Actor) -> QuerySet[Structure]:
    """Structures whose children the actor looks after."""
    mine = Structure.objects.filter(pk__in=actor.structures(*TEAM))
    return mine.select_related("authority").order_by("order", "name", "pk")


def check_day(actor: Actor, structure_id: int, *, day: date, today: date) -> None:
    """Raises `DayRefused` for a day that is over, or that an animator does not see yet."""
    if day < today:
        raise DayRefused("past")
    if day > today + AHEAD and structure_id not in actor.structures(Role.DIRECTOR):
        raise DayRefused("too_far")


class Asked(StrEnum):
    """What a list is for: it reads nothing else."""

    DAY = "day"
    EXIT = "exit"
    EMERGENCY = "emergency"


def day_list(actor: Actor, *, structure: Structure, span: Span, asked: Asked, now: datetime) -> DayList:
    """The children of a span of one day of a structure of the actor's team; written down as a reading.

    `Asked.EXIT` has who may fetch them, the others what is on their sheets, `Asked.EMERGENCY` whom to call
    too. A fixed number of queries.
    """
    children, _waiting = children_of(span)
    coming = [one for child in children if (one := _booked(child))]
    ids = [child.id for child in coming]
    facts = safety(actor, ids, day=span.first, fetching=asked is Asked.EXIT)
    homes = homes_in_common([actor.person_id] if actor.person_id else [], ids, local(now).date())
    calling = asked is Asked.EMERGENCY
    noted = list(facts) if asked is not Asked.EXIT else []
    calls = emergency_facts(noted, day=span.first, calling=calling, homes=homes) if noted else {}
    openings = sorted({(one.state, one.reason) for one in held_on(span)})
    is_open = any(state == Opening.State.OPEN for state, _reason in openings)
    if coming:
        subject = Subject("structure", structure.pk, structure.name)
        record(actor=actor, verb=LISTED, subject=subject, now=now)
    return DayList(
        day=span.first,
        children=tuple(
            Listed(child, facts.get(child.id), calls.get(child.id), child.id in homes) for child in coming
        ),
        asked=len(children) - len(coming),
        is_open=is_open,
        reasons=tuple(reason for state, reason in openings if state != Opening.State.OPEN and reason),
        next_day=None if coming else next_held(span.structure_id, day=span.first + timedelta(days=1)),
    )


def whole_list(structure: Structure, day: date) -> DayList:
    """All that a structure must know of a day, for who holds it on paper: nobody asks, and it is written down
    by who sends it. Eighteen queries at most.

    As on a tablet, what is told of the child of one of the team is what that parent may read:
    `Listed.is_own`.
    """
    span = Span(structure.pk, day, day)
    children, _waiting = children_of(span)
    coming = [one for child in children if (one := _booked(child))]
    ids = [child.id for child in coming]
    team = {mate.person_id for mate in team_of(structure.pk).values() if mate.works and mate.person_id}
    homes = homes_in_common(team, ids, day)
    facts = safety_facts(ids, day=day) if ids else {}
    calls = emergency_facts(ids, day=day, homes=homes) if ids else {}
    return DayList(
        day=day,
        children=tuple(
            Listed(child, _told(facts[child.id], child.id in homes), calls[child.id], child.id in homes)
            for child in coming
        ),
        asked=len(children) - len(coming),
        is_open=True,
        reasons=tuple(
            sorted({one.reason for one in held_on(span) if one.state != Opening.State.OPEN and one.reason})
        ),
        next_day=None,
    )


def _told(facts: Safety, is_own: bool) -> Safety:
    return replace(facts, fetchers=(), banned=()) if is_own else facts


def _booked(child: ChildOfDay) -> ChildOfDay | None:
    """The child with what is booked alone; None where nothing is yet."""
    child.places = [place for place in child.places if place.state is BookingState.BOOKED]
    return child if child.places else None
