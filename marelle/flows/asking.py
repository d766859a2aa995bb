"""Asking for enrolments: what is known of the home is gathered from every floor, then the service decides.

Every screen asks through here, so that no request passes what the authority chose to guard it with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.activities.kinds import ActivityKind
from marelle.activities.models import Activity
from marelle.activities.selectors import offered
from marelle.billing.selectors import has_unpaid
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.enrolments.facts import NO_GUARDS, Guards
from marelle.enrolments.mails import tell_requested
from marelle.enrolments.models import Enrolment
from marelle.enrolments.offers import Offer, offers
from marelle.enrolments.rules import minds_unpaid
from marelle.enrolments.services import Terms, enrolment_request
from marelle.families.selectors import Child
from marelle.papers.guards import missing_papers


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
    refusal: Refusal | None = None


def offers_to(
    actor: Actor,
    child: Child,
    enrolments: Iterable[Enrolment],
    *,
    activity_id: int | None = None,
    now: datetime,
) -> tuple[Offer, ...]:
    """Every activity that is not over, or the one named, as it stands for this child of the actor's home.

    `enrolments` are those of the child by its home. Nine queries at most, whatever the number of activities.
    """
    if actor.family_id is None:
        return ()
    day = local(now).date()
    rows = offered(day)
    if activity_id is not None:
        rows = rows.filter(pk=activity_id).prefetch_related("slots")
    activities = tuple(rows)
    guards = guards_of(actor.family_id, child.id, activities, day=day)
    return offers(activities, [child], enrolments, guards={child.id: guards}, now=now)[child.id]


def offers_to_all(
    actor: Actor, children: Sequence[Child], enrolments: Iterable[Enrolment], *, now: datetime
) -> dict[int, tuple[Offer, ...]]:
    """The same for several children, with the slots of each activity; papers are looked at when they ask."""
    if actor.family_id is None:
        return {}
    day = local(now).date()
    activities = tuple(offered(day).prefetch_related("slots"))
    guards = Guards(unpaid=_unpaid(actor.family_id, activities, day))
    return offers(activities, children, enrolments, guards={child.id: guards for child in children}, now=now)


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


def _outcome(actor: Actor, wanted: Wanted, now: datetime) -> Asked:
    try:
        return Asked(wanted, enrolment=_ask(actor, wanted, tell=False, now=now))
    except Refusal as refusal:
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


def _unpaid(family_id: int, activities: Collection[Activity], day: date) -> bool:
    minded = any(minds_unpaid(ActivityKind(row.kind), row.unpaid_blocks) for row in activities)
    return minded and has_unpaid(family_id, day)
