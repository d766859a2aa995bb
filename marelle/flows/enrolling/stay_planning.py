"""The planning of one enrolment, for who answers for its activity: « Léo peut venir mercredi ? », by phone.

What is read and saved is what an agent in the family's name reads and saves, held to one child, one home and
one activity: a director sees nothing else of the home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet

from marelle.activities.models import Opening
from marelle.bookings.planning import Planning, planning
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.locking import BIGGEST_ID
from marelle.bookings.saving.services import bookings_preview, bookings_save
from marelle.cases.services import DecidedElsewhere, OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.enrolments.scope import decidable
from marelle.families.models import Member, Restriction
from marelle.families.scope import is_own_file
from marelle.families.selectors import current
from marelle.flows.actor.acting import on_behalf_of
from marelle.flows.prices.months import PricedHome, home_priced_at
from marelle.places.scope import decides_for, income_reader, is_office_of


class Reader(StrEnum):
    """Why an agent reads a planning and changes nothing of it."""

    OWN_FILE = "own_file"
    OFFICE_DECIDES = "office_decides"
    HOME_LEFT = "home_left"


@dataclass(frozen=True, slots=True)
class StayPlanning:
    """`enrolment` comes with its person and its activity. `only_reads`: None for who may book. `home`: what
    prices stand on, with all that it has on the days shown; None where the actor is told none."""

    enrolment: Enrolment
    planning: Planning
    only_reads: Reader | None
    home: PricedHome | None


def planned_stays(actor: Actor, *, day: date) -> QuerySet[Enrolment]:
    """Enrolments with a planning that the actor's posts let it read: accepted, of a child who lives in the
    home that enrolled it."""
    there = Member.objects.filter(
        current(day), family_id=OuterRef("family_id"), person_id=OuterRef("person_id"), kind=Member.Kind.CHILD
    )
    accepted = decidable(actor).filter(Exists(there), state=Enrolment.State.ACCEPTED)
    return accepted.select_related("person", "family", "activity__structure")


def stays_kept(actor: Actor, restriction: Restriction, *, day: date) -> tuple[Enrolment, ...]:
    """What who is kept away from a child had enrolled it in, and that goes on: somebody ends it or books for
    the home that is left; one query."""
    homes = Member.objects.filter(
        current(day), person_id=restriction.adult_id, kind=Member.Kind.ADULT
    ).values("family_id")
    rows = planned_stays(actor, day=day).filter(
        person_id=restriction.child_id, family_id__in=homes, ends_on__gte=day
    )
    return tuple(rows.order_by("activity__name", "pk"))


def stay_planning(
    actor: Actor, enrolment_id: int, *, first: date, last: date, now: datetime
) -> StayPlanning | None:
    """The planning of an enrolment from `first` to `last`, both included; None where it is not the actor's to
    read. Two or three queries more than those of `planning`, and one where it is told prices."""
    enrolment = planned_stays(actor, day=local(now).date()).filter(pk=enrolment_id).first()
    if enrolment is None:
        return None
    only_reads = _only_reads(actor, enrolment, now)
    home = _priced(actor, enrolment, only_reads)
    found = planning(
        on_behalf_of(actor, enrolment.family_id),
        first=first,
        last=last,
        child_id=enrolment.person_id,
        activity_id=enrolment.activity_id,
        beside=home.beside((first, last)) if home else None,
        now=now,
    )
    if only_reads is not None:
        shown = (replace(one, child=replace(one.child, may_book=False)) for one in found.shown)
        found = replace(found, shown=tuple(shown))
    return StayPlanning(enrolment, found, only_reads, home)


def stay_priced(actor: Actor, enrolment_id: int, *, now: datetime) -> PricedHome | None:
    """What the prices of an enrolment's planning stand on, None where the actor is told none. Raises
    `NotYours` where the planning is not its to read."""
    enrolment = planned_stays(actor, day=local(now).date()).filter(pk=enrolment_id).first()
    if enrolment is None:
        raise NotYours
    return _priced(actor, enrolment, _only_reads(actor, enrolment, now))


def stay_bookings_save(
    *,
    actor: Actor,
    enrolment_id: int,
    changes: Sequence[Change],
    derogation: str = "",
    past_capacity: bool = False,
    now: datetime,
) -> tuple[Outcome, ...]:
    """`bookings_save` in the family's name, for the child and in the activity of one enrolment: any other
    cell does not exist. Raises what it raises, and `NotYours`, `OwnFile`, or `DecidedElsewhere` of an
    activity where the office alone decides."""
    acting, inside, strange = _held_to(actor, enrolment_id, changes, now)
    saved = bookings_save(
        actor=acting, changes=inside, derogation=derogation, past_capacity=past_capacity, now=now
    )
    return (*saved, *strange)


def stay_bookings_preview(
    actor: Actor,
    enrolment_id: int,
    changes: Sequence[Change],
    *,
    derogation: str = "",
    past_capacity: bool = False,
    now: datetime,
) -> tuple[Outcome, ...]:
    """What `stay_bookings_save` would do now; it raises as well."""
    acting, inside, strange = _held_to(actor, enrolment_id, changes, now)
    seen = bookings_preview(acting, inside, derogation=derogation, past_capacity=past_capacity, now=now)
    return (*seen, *strange)


def _held_to(
    actor: Actor, enrolment_id: int, changes: Sequence[Change], now: datetime
) -> tuple[Actor, list[Change], list[Outcome]]:
    """Who acts in the family's name, the changes within the enrolment, and what is said of all others."""
    enrolment = planned_stays(actor, day=local(now).date()).filter(pk=enrolment_id).first()
    if enrolment is None:
        raise NotYours
    match _only_reads(actor, enrolment, now):
        case Reader.OWN_FILE:
            raise OwnFile
        case Reader.OFFICE_DECIDES:
            raise DecidedElsewhere
    within = _within(enrolment, changes)
    strange = [
        Outcome(change, Result.REFUSED, None, "", Why.UNKNOWN) for change in changes if change not in within
    ]
    inside = [change for change in changes if change in within]
    return on_behalf_of(actor, enrolment.family_id), inside, strange


def _within(enrolment: Enrolment, changes: Sequence[Change]) -> frozenset[Change]:
    """The changes that are of the enrolment's child and activity; one query."""
    asked = {change.opening_id for change in changes if 0 < change.opening_id <= BIGGEST_ID}
    openings = Opening.objects.filter(activity_id=enrolment.activity_id, pk__in=asked).order_by()
    known = set(openings.values_list("pk", flat=True))
    return frozenset(
        change for change in changes if change.child_id == enrolment.person_id and change.opening_id in known
    )


def _priced(actor: Actor, enrolment: Enrolment, only_reads: Reader | None) -> PricedHome | None:
    """For who reads the incomes of the home there, since a price tells them; nobody in its own file. What a
    month comes to tells all that the home has, which is the office's to know."""
    structure = enrolment.activity.structure
    reader = income_reader(actor)
    reads = decides_for(reader, structure_id=structure.pk, authority_id=structure.authority_id)
    if not reads or only_reads is Reader.OWN_FILE:
        return None
    return home_priced_at(
        structure.authority_id,
        enrolment.family_id,
        tells_totals=is_office_of(actor, structure.authority_id),
    )


def _only_reads(actor: Actor, enrolment: Enrolment, now: datetime) -> Reader | None:
    day = local(now).date()
    activity = enrolment.activity
    if is_own_file(actor, family_id=enrolment.family_id, person_id=enrolment.person_id, day=day):
        return Reader.OWN_FILE
    if not decides_for(
        actor,
        structure_id=activity.deciding_structure_id,
        authority_id=activity.structure.authority_id,
    ):
        return Reader.OFFICE_DECIDES
    left = enrolment.family.left_on
    return Reader.HOME_LEFT if left is not None and left <= day else None
