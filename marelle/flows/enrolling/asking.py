"""Asking for enrolments: what is known of the home is gathered from every floor, then the service decides.

Every screen asks through here, so that no request passes what the authority chose to guard it with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects

from marelle.activities.kinds import Unpaid
from marelle.activities.models import Activity
from marelle.activities.selectors import OfferedLine, offered, offered_rows, schools_served
from marelle.billing.selectors import owed_to
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.refusals import No
from marelle.enrolments.facts import NO_GUARDS, Guards
from marelle.enrolments.mails import tell_requested
from marelle.enrolments.models import Enrolment
from marelle.enrolments.offers import Offer, askers, likeliest, likely, offers, rooms_of
from marelle.enrolments.rules import Reason
from marelle.enrolments.services import Terms, enrolment_create, enrolment_request
from marelle.families.nearby import commune_of
from marelle.families.selectors import Child
from marelle.papers.guards import missing_papers

OFFERS_PER_PAGE = 20
OFFERS_IN_ALL = 15
"""Shared by the children who ask in one go; each gets `OFFERS_PER_CHILD` at least."""

OFFERS_PER_CHILD = 5

FOR_OTHERS = frozenset(
    {
        Reason.BY_STRUCTURE,
        Reason.OTHER_SCHOOL,
        Reason.TOO_OLD,
        Reason.TOO_YOUNG,
    }
)
"""Why an activity is not for a child at all, whatever its home does: a school or a birth that nobody told yet
can be."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request of several: a child, an activity, the terms."""

    person_id: int
    activity_id: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one: the enrolment asked for, or why not."""

    wanted: Wanted
    enrolment: Enrolment | None = None
    refusal: No | None = None


def offer_to(
    actor: Actor, child: Child, enrolments: Iterable[Enrolment], *, activity_id: int, now: datetime
) -> Offer | None:
    """This activity as it stands for this child of the actor's home; None for one that is over or is none.

    `enrolments` are those of the child by its home. Ten queries at most.
    """
    if actor.family_id is None:
        return None
    day = local(now).date()
    activities = tuple(offered(day).filter(pk=activity_id).prefetch_related("slots", "questions"))
    if not activities:
        return None
    (asker,) = askers([child], enrolments, day)
    guards = guards_of(actor.family_id, child.id, activities, day=day)
    served, rooms = schools_served(day), rooms_of(activities, now)
    return offers(activities, asker, served=served, guards=guards, rooms=rooms, now=now)[0]


@dataclass(frozen=True, slots=True)
class OffersPage:
    """A page of what a child may ask for or not, the likeliest first.

    `structures` are names by id, of all the pages. `left_out` is how many are `FOR_OTHERS`: not listed unless
    they are asked for, or all is little.
    """

    page: Page[OfferedLine]
    offers: tuple[Offer, ...]
    structures: Mapping[int, str]
    left_out: int


def offers_page(
    actor: Actor,
    child: Child,
    enrolments: Iterable[Enrolment],
    *,
    every: bool = False,
    structure_id: int | None = None,
    page: str | None = None,
    now: datetime,
) -> OffersPage:
    """What this child of the actor's home could ask for; of one structure when it is given.

    `every` lists what is for others too. `enrolments` are those of the child by its home. Nine queries at
    most, and `OFFERS_PER_PAGE` offers, whatever the number of activities.
    """
    day = local(now).date()
    (asker,) = askers([child], enrolments, day)
    served = schools_served(day)
    lines = offered_lines(actor.family_id, day)
    ranked = likeliest(lines, asker, served=served, now=now)
    listed = [line for line, denial in ranked if every or denial is None or denial.reason not in FOR_OTHERS]
    if len(ranked) <= OFFERS_PER_PAGE:
        listed = [line for line, _denial in ranked]
    structures = {line.structure_id: line.structure_name for line in listed}
    left_out = len(ranked) - len(listed)
    if structure_id in structures:
        listed = [line for line in listed if line.structure_id == structure_id]
    shown = Paginator(listed, OFFERS_PER_PAGE).get_page(page)
    activities = _in_order([line.pk for line in shown.object_list])
    guards = NO_GUARDS
    if actor.family_id is not None:
        guards = guards_of(actor.family_id, child.id, activities, day=day)
    rooms = rooms_of(activities, now)
    found = offers(activities, asker, served=served, guards=guards, rooms=rooms, now=now)
    return OffersPage(shown, found, structures, left_out)


def offers_to_all(
    actor: Actor,
    children: Sequence[Child],
    enrolments: Collection[Enrolment],
    *,
    also: Collection[tuple[int, int]] = (),
    now: datetime,
) -> dict[int, tuple[Offer, ...]]:
    """By child, what it is likeliest to ask for; papers are looked at when it asks.

    The slots of these activities, and of those of the enrolments, are read with them.
    `also` are pairs of child and activity to look at wherever they rank. Some `OFFERS_IN_ALL` for all the
    children, whatever the number of activities.
    """
    if actor.family_id is None:
        return {}
    day = local(now).date()
    asking = askers(children, enrolments, day)
    served = schools_served(day)
    lines = offered_lines(actor.family_id, day)
    most = max(OFFERS_PER_CHILD, OFFERS_IN_ALL // max(1, len(children)))
    listed: dict[int, list[int]] = {}
    for asker in asking:
        first = [line.pk for line in islice(likely(lines, asker, served=served, now=now), most)]
        named = {activity_id for child_id, activity_id in also if child_id == asker.child.id}
        listed[asker.child.id] = [
            *first,
            *(line.pk for line in lines if line.pk in named.difference(first)),
        ]
    needed = _in_order(list({pk for keys in listed.values() for pk in keys}))
    prefetch_related_objects([*needed, *(row.activity for row in enrolments)], "slots")
    prefetch_related_objects(needed, "questions")
    by_key = {row.pk: row for row in needed}
    guards = Guards(unpaid=_unpaid(actor.family_id, needed, day))
    rooms = rooms_of(needed, now)
    return {
        asker.child.id: offers(
            [by_key[pk] for pk in listed[asker.child.id]],
            asker,
            served=served,
            guards=guards,
            rooms=rooms,
            now=now,
        )
        for asker in asking
    }


def offered_lines(family_id: int | None, day: date) -> list[OfferedLine]:
    """All that is offered; `near` is what is in the commune of the home. One query, of plain rows."""
    return _offered(family_id, day)


@prepared
def _offered(family_id: int | None, day: date) -> QuerySet[Activity, OfferedLine]:
    return offered_rows(day, commune=commune_of(family_id, day))


def _in_order(keys: Sequence[int]) -> list[Activity]:
    """These activities with their structures, in this order; one query, none for no key."""
    rows = {row.pk: row for row in _activities(keys)}
    return [rows[pk] for pk in keys if pk in rows]


@prepared
def _activities(keys: Collection[int]) -> QuerySet[Activity]:
    return Activity.objects.filter(pk__in=keys).select_related("structure")


def guards_of(family_id: int, person_id: int, activities: Collection[Activity], *, day: date) -> Guards:
    """Bills and papers that these activities mind, of the home and of the child; five queries at most."""
    return Guards(
        unpaid=_unpaid(family_id, activities, day),
        missing=missing_papers(
            family_id=family_id,
            person_id=person_id,
            activity_ids=[activity.pk for activity in activities],
            day=day,
        ),
    )


def enrolment_ask(*, actor: Actor, wanted: Wanted, now: datetime) -> Enrolment:
    """Ask for one enrolment; raises as `enrolment_request`."""
    return _ask(actor, wanted, tell=True, now=now)


@transaction.atomic
def enrolments_ask(*, actor: Actor, wanted: Sequence[Wanted], now: datetime) -> tuple[Asked, ...]:
    """Ask for several at once. Each has its own outcome, and one mail acknowledges those that were sent.

    In the order of the children's keys, in which everybody locks them.
    """
    asked = tuple(_outcome(actor, one, now) for one in sorted(wanted, key=lambda one: one.person_id))
    sent = [one.enrolment for one in asked if one.enrolment is not None]
    if sent:
        tell_requested(sent, now)
    return asked


def child_enrol(
    *, actor: Actor, family_id: int, wanted: Wanted, group_id: int | None, now: datetime
) -> Enrolment:
    """A service enrols a child of a home itself; raises as `enrolment_create`."""
    activities = tuple(Activity.objects.filter(pk=wanted.activity_id))
    return enrolment_create(
        actor=actor,
        family_id=family_id,
        person_id=wanted.person_id,
        activity_id=wanted.activity_id,
        group_id=group_id,
        terms=wanted.terms,
        guards=guards_of(family_id, wanted.person_id, activities, day=local(now).date()),
        now=now,
    )


def _outcome(actor: Actor, wanted: Wanted, now: datetime) -> Asked:
    try:
        return Asked(wanted, enrolment=_ask(actor, wanted, tell=False, now=now))
    except No as refusal:
        return Asked(wanted, refusal=refusal)


def _ask(actor: Actor, wanted: Wanted, *, tell: bool, now: datetime) -> Enrolment:
    activities = tuple(Activity.objects.filter(pk=wanted.activity_id))
    return enrolment_request(
        actor=actor,
        person_id=wanted.person_id,
        activity_id=wanted.activity_id,
        terms=wanted.terms,
        guards=(
            NO_GUARDS
            if actor.family_id is None
            else guards_of(actor.family_id, wanted.person_id, activities, day=local(now).date())
        ),
        tell=tell,
        now=now,
    )


def _unpaid(family_id: int, activities: Collection[Activity], day: date) -> frozenset[int]:
    minded = [row.pk for row in activities if row.unpaid != Unpaid.NOTHING]
    return owed_to(family_id, minded, day) if minded else frozenset()
