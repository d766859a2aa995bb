"""Coming to a morning: places taken, changed and given back, under the quotas' lock.

The same counters as bookings, locked in the order of their keys: the database's own check stands behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from marelle.activities.catalogue import activity_facts
from marelle.activities.models import Opening, Quota
from marelle.activities.rules import OpeningFacts
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.families.file.reading import has_left
from marelle.families.locks import home_locked, own_home_locked, people_locked
from marelle.families.models import Member, Person
from marelle.families.nearby import communes_lived
from marelle.families.selectors import current, members
from marelle.journal.services import record
from marelle.relay.models import Childminder, Visit, VisitChild
from marelle.relay.refusals import NoPlace
from marelle.relay.rules import Morning, Why, may_come, may_leave, morning_for
from marelle.relay.scope import (
    childminders_in_charge,
    mornings,
    mornings_in_charge,
    mornings_open_to,
    own_childminders,
    own_visits,
    visits_in_charge,
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A child that a childminder brings: found by name and birth date among the homes, or a first name."""

    first_name: str
    birth_date: date | None = None


def visit_mark(visit: Visit | None) -> str:
    """What a form carries of the visit that it showed, "" for none."""
    if visit is None:
        return ""
    return f"{visit.adult_name}|{sorted((one.child_id or 0, one.first_name) for one in visit.children.all())}"


@transaction.atomic
def visit_book(
    *,
    actor: Actor,
    opening_id: int,
    adult_name: str,
    child_ids: Sequence[int],
    seen: str | None = None,
    now: datetime,
) -> Visit:
    """The actor's home comes with these children, one place each; said again, it replaces what was said.

    `seen` is the `visit_mark` of what the form showed; None for who showed nothing. Raises NotYours,
    ChangedMeanwhile, and NoPlace with what the rules refuse.
    """
    day = local(now).date()
    if actor.family_id is None or has_left(own_home_locked(actor), day):
        raise NotYours
    children = members(actor, day=day).filter(kind=Member.Kind.CHILD, person_id__in=set(child_ids))
    people = list(Person.objects.filter(pk__in=children.values("person_id")).order_by("pk"))
    if len(people) != len(set(child_ids)):
        raise NotYours
    if not people:
        raise NoPlace(Why.NO_CHILD)
    opening = _locked(mornings().filter(pk=opening_id).first())
    known = Visit.objects.filter(opening=opening, family_id=actor.family_id, cancelled_at=None).first()
    if known is not None and _is_same(known, adult_name, people):
        return known
    if seen is not None and seen != visit_mark(known):
        raise ChangedMeanwhile
    visit = _seated(
        actor,
        opening,
        known,
        Visit(opening=opening, family_id=actor.family_id),
        adult_name,
        [VisitChild(child=person, first_name=person.first_name) for person in people],
        now,
    )
    _note(actor, "visit.booked" if known is None else "visit.changed", visit, now)
    return visit


@transaction.atomic
def visit_enter(
    *, actor: Actor, opening_id: int, childminder_id: int, brought: Sequence[Brought], now: datetime
) -> Visit:
    """An agent enters a childminder of the morning's authority with the children whom she brings; said again,
    it replaces. A child named twice with its birth date comes once. Raises NotYours, NoPlace.
    """
    day = local(now).date()
    found = [_known_child(one, day) for one in brought]
    there = {one.pk: one for one in people_locked([one.pk for one in found if one is not None])}
    opening = _locked(mornings_in_charge(actor).filter(pk=opening_id).first())
    named = childminders_in_charge(actor).filter(pk=childminder_id, active=True)
    childminder = _childminder_locked(named, opening)
    if not brought:
        raise NoPlace(Why.NO_CHILD)
    known = Visit.objects.filter(opening=opening, childminder=childminder, cancelled_at=None).first()
    tied = [_tied(one, child, there) for one, child in zip(brought, found, strict=True)]
    children = list({one.child_id or -number: one for number, one in enumerate(tied, 1)}.values())
    visit = _seated(
        actor,
        opening,
        known,
        Visit(opening=opening, childminder=childminder),
        childminder.name,
        children,
        now,
        agent=True,
    )
    _note(actor, "visit.entered", visit, now)
    return visit


@transaction.atomic
def visit_bring(
    *, actor: Actor, opening_id: int, first_names: Sequence[str], seen: str | None = None, now: datetime
) -> Visit:
    """The childminder who is the actor comes with these children, as a home does: said again, it replaces.

    A child whom an agent has tied to its file stays so under the same first name; nothing else is looked for.
    `seen` as of `visit_book`. Raises NotYours, ChangedMeanwhile, NoPlace.
    """
    known_children = VisitChild.objects.filter(visit__in=own_visits(actor).filter(opening=opening_id))
    held = {one.pk for one in people_locked(known_children.exclude(child=None).values("child"))}
    opening = _locked(mornings_open_to(actor).filter(pk=opening_id).first())
    childminder = _childminder_locked(own_childminders(actor), opening)
    known = Visit.objects.filter(opening=opening, childminder=childminder, cancelled_at=None).first()
    there = [] if known is None else list(known.children.all())
    if known is not None and sorted(first_names) == sorted(one.first_name for one in there):
        return known
    if seen is not None and seen != visit_mark(known):
        raise ChangedMeanwhile
    if not first_names:
        raise NoPlace(Why.NO_CHILD)
    tied: dict[str, list[int | None]] = defaultdict(list)
    for one in there:
        if one.child_id in held:
            tied[one.first_name.casefold()].append(one.child_id)
    visit = _seated(
        actor,
        opening,
        known,
        Visit(opening=opening, childminder=childminder),
        childminder.name,
        [
            VisitChild(child_id=(tied[name.casefold()] or [None]).pop(), first_name=name)
            for name in first_names
        ],
        now,
    )
    _note(actor, "visit.booked" if known is None else "visit.changed", visit, now)
    return visit


@transaction.atomic
def visit_cancel(*, actor: Actor, visit_id: int, now: datetime) -> Visit:
    """Give the places back: who comes up to its limit, an agent up to the start. Raises NotYours, NoPlace."""
    own = own_visits(actor).filter(pk=visit_id).first()
    visit = own or visits_in_charge(actor).filter(pk=visit_id).first()
    if visit is None:
        raise NotYours
    if own is not None and own.family_id is not None:
        own_home_locked(actor)
    elif visit.family_id is not None:
        home_locked(visit.family_id)
    opening = _locked(Opening.objects.filter(pk=visit.opening_id).first())
    visit = Visit.objects.select_for_update(no_key=True).filter(pk=visit_id).first()
    if visit is None:
        raise NotYours
    if visit.cancelled_at is not None:
        return visit
    agent = own is None or actor.on_behalf_of
    why = may_leave(morning_of(opening, family_id=visit.family_id), agent=agent, now=now)
    if why is not None:
        raise NoPlace(why)
    visit.cancelled_at, visit.cancelled_by = now, actor.label[:200]
    visit.save(update_fields=["cancelled_at", "cancelled_by"])
    seats_take(opening, -visit.seats)
    _note(actor, "visit.cancelled", visit, now)
    return visit


@transaction.atomic
def visits_merge(*, actor: Actor, visit_ids: Sequence[int], same: Mapping[int, int], now: datetime) -> Visit:
    """Of several visits to one morning that turn out to be of one home, make one, with each child once.

    `same` gives the child who stays by the one who goes, where two records are of one child. Seats are given
    back, and nobody is told: the caller's act does it.
    """
    kept, *others = Visit.objects.filter(pk__in=visit_ids).order_by("booked_at", "pk")
    opening = _locked(Opening.objects.filter(pk=kept.opening_id).first())
    coming: set[int] = set()
    for child in VisitChild.objects.filter(visit__in=visit_ids).order_by("pk"):
        known = same.get(child.child_id, child.child_id) if child.child_id is not None else None
        if known in coming:
            child.delete()
            continue
        if known is not None:
            coming.add(known)
        child.visit = kept
        child.save(update_fields=["visit"])
    for other in others:
        other.cancelled_at, other.cancelled_by = now, actor.label[:200]
        other.save(update_fields=["cancelled_at", "cancelled_by"])
    held, kept.seats = kept.seats + sum(other.seats for other in others), kept.children.count()
    kept.save(update_fields=["seats"])
    if kept.cancelled_at is None:  # one that is over holds no seat
        seats_take(opening, kept.seats - held)
    return kept


def morning_of(opening: Opening, *, family_id: int | None) -> Morning:
    """The facts of one morning as read now; under lock when the caller holds it."""
    activity = opening.activity
    facts = activity_facts({activity.pk: activity.revision})[activity.pk]
    hours = OpeningFacts(opening.day, opening.starts_at, opening.ends_at)
    return morning_for(
        facts,
        opening.slot_id,
        hours,
        lived=None if family_id is None else communes_lived(family_id),
        is_open=opening.state == Opening.State.OPEN,
        left=min((quota.capacity - quota.taken for quota in opening.quotas.all()), default=0),
    )


def _is_same(visit: Visit, adult_name: str, people: Sequence[Person]) -> bool:
    coming = set(visit.children.values_list("child_id", flat=True))
    return visit.adult_name == adult_name.strip() and coming == {person.pk for person in people}


def _seated(
    actor: Actor,
    opening: Opening,
    known: Visit | None,
    new: Visit,
    adult_name: str,
    children: list[VisitChild],
    now: datetime,
    *,
    agent: bool = False,
) -> Visit:
    if not adult_name.strip():
        raise NoPlace(Why.NO_ADULT)
    visit = known or new
    held, seats = known.seats if known is not None else 0, len(children)
    facts = morning_of(opening, family_id=visit.family_id)
    why = may_come(facts, seats=seats, held=held, agent=agent or actor.on_behalf_of, now=now)
    if why is not None:
        raise NoPlace(why)
    visit.adult_name, visit.seats = adult_name.strip(), seats
    if known is None:
        visit.booked_at, visit.booked_by = now, actor.label[:200]
    visit.save()
    visit.children.all().delete()
    for child in children:
        child.visit = visit
    VisitChild.objects.bulk_create(children)
    seats_take(opening, seats - held)
    return visit


def _locked(opening: Opening | None) -> Opening:
    """The opening, read again once its quotas are locked in the order of their keys."""
    if opening is None:
        raise NotYours
    rows = Quota.objects.filter(openings=opening).order_by("pk")
    list(rows.select_for_update(no_key=connection.features.has_select_for_no_key_update, of=("self",)))
    return (
        Opening.objects.select_related("activity__structure", "slot")
        .prefetch_related("quotas")
        .get(pk=opening.pk)
    )


def seats_take(opening: Opening, seats: int) -> None:
    """Take places, or give them back; a freed one shrinks the overdraft first, as everywhere.

    Joins the transaction of who holds the quotas' lock.
    """
    if not seats:
        return
    for quota in opening.quotas.all():
        over = min(quota.overdraft, max(0, quota.taken + seats - quota.capacity))
        Quota.objects.filter(pk=quota.pk).update(taken=F("taken") + seats, overdraft=over)


def _childminder_locked(named: QuerySet[Childminder], opening: Opening) -> Childminder:
    """The one who may come to this morning, of its own authority, looked for again once she is locked: who
    stops or erases her, or ends her access, holds her too. Raises NotYours."""
    known = named.filter(authority=opening.activity.structure.authority_id)
    list(Childminder.objects.select_for_update(no_key=True).filter(pk__in=known.order_by().values("pk")))
    childminder = known.first()
    if childminder is None:
        raise NotYours
    return childminder


def _known_child(brought: Brought, day: date) -> Person | None:
    """The only child of that first name born that day, if the homes have one; nobody else is told."""
    if brought.birth_date is None:
        return None
    found = Person.objects.filter(
        Q(memberships__in=Member.objects.filter(current(day), kind=Member.Kind.CHILD)),
        first_name__iexact=brought.first_name,
        birth_date=brought.birth_date,
    ).distinct()
    rows = list(found[:2])
    return rows[0] if len(rows) == 1 else None


def _tied(brought: Brought, child: Person | None, locked: Mapping[int, Person]) -> VisitChild:
    """Tied to the child found, unless its home was erased, or made one with another, meanwhile."""
    still = locked.get(child.pk) if child is not None else None
    same = still is not None and still.birth_date == brought.birth_date
    return VisitChild(child=still if same else None, first_name=brought.first_name)


def _note(actor: Actor, verb: str, visit: Visit, now: datetime) -> None:
    subject = Subject("visit", visit.pk, f"{visit.adult_name}, {day_plain(visit.opening.day)}")
    record(actor=actor, verb=verb, subject=subject, family_id=visit.family_id, now=now)
