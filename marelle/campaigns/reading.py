"""What a campaign gives and what a home may wish for of it, as read from the tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Activity, Slot
from marelle.activities.services import parents_kept_by
from marelle.bookings.models import Booking
from marelle.bookings.reading import openings_between
from marelle.bookings.rules import Opening
from marelle.bookings.saving.facts import facts_seen
from marelle.bookings.saving.ledger import Change, Facts
from marelle.bookings.states import BookingState
from marelle.campaigns.models import Campaign, Wish
from marelle.campaigns.units import ChildOffer, offer_of
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from marelle.families.selectors import bookable_people
from marelle.places.scope import in_charge, in_office, may_decide


class Step(StrEnum):
    """Where a campaign stands for a home."""

    TO_COME = "to_come"
    OPEN = "open"
    SENT = "sent"
    CLOSED = "closed"
    TO_ANSWER = "to_answer"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class CampaignTold:
    """`at` is the next instant that counts: when it opens, closes, answers, or until when to accept."""

    id: int
    name: str
    step: Step
    at: datetime


MOST_CHILDREN = 20
"""Of a home: more is a mistake of the file, and each costs a reading."""


def in_the_name_of(family_id: int) -> Actor:
    """Who reads and writes for a home when an answer goes out: nobody of it asks."""
    return replace(SYSTEM, family_id=family_id, on_behalf_of=True)


def campaigns_of(actor: Actor) -> QuerySet[Campaign]:
    """Those that the actor runs: of its authority, or, for a director, all of whose activities are of its
    structures."""
    if not may_decide(actor):
        return Campaign.objects.none()
    through = Campaign.activities.through.objects.filter(campaign_id=OuterRef("pk"))
    mine = through.filter(in_charge(actor, "activity__structure__"))
    others = through.exclude(in_charge(actor, "activity__structure__"))
    own = in_office(actor, "authority__") | Q(Exists(mine), ~Exists(others))
    return Campaign.objects.filter(own).defer("file")


def activities_given(actor: Actor) -> QuerySet[Activity]:
    """The activities of which the actor may give the places."""
    mine: QuerySet[Activity] = parents_kept_by(actor, Slot)
    return mine.select_related("structure").order_by("structure", "order", "pk")


def campaigns_for(actor: Actor) -> QuerySet[Campaign]:
    """Those of which the actor's home is told: announced, of an activity where one of its children is
    enrolled, or where it has asked for something."""
    if actor.family_id is None or actor.child_id is not None:
        return Campaign.objects.none()
    enrolled = Enrolment.objects.filter(
        family_id=actor.family_id,
        state=Enrolment.State.ACCEPTED,
        activity__campaigns=OuterRef("pk"),
        starts_on__lte=OuterRef("last_day"),
        ends_on__gte=OuterRef("first_day"),
    )
    asked = Campaign.objects.filter(wishes__family_id=actor.family_id).values("pk")
    told = Campaign.objects.exclude(state=Campaign.State.DRAFT).defer("file")
    return told.filter(Exists(enrolled) | Q(pk__in=asked))


def campaigns_live(actor: Actor) -> QuerySet[Campaign]:
    """Those of the actor's home in which something goes on still."""
    return campaigns_for(actor).exclude(state=Campaign.State.ENDED)


def campaigns_told(actor: Actor, *, now: datetime) -> tuple[CampaignTold, ...]:
    """Where each of these stands for the home; one query."""
    mine = Wish.objects.filter(campaign=OuterRef("pk"), family_id=actor.home_id)
    offered = Booking.objects.filter(
        family_id=actor.home_id,
        state=BookingState.OFFERED,
        day__gte=OuterRef("first_day"),
        day__lte=OuterRef("last_day"),
        opening__activity__campaigns=OuterRef("pk"),
    )
    rows = campaigns_live(actor).annotate(asked=Exists(mine), offered=Exists(offered))
    return tuple(_told(row, asked=row.asked, offered=row.offered, now=now) for row in rows)


def _told(row: Campaign, *, asked: bool, offered: bool, now: datetime) -> CampaignTold:
    if row.state == Campaign.State.PUBLISHED:
        step = Step.TO_ANSWER if offered else Step.ANSWERED
        return CampaignTold(row.pk, row.name, step, row.answer_until)
    if row.takes_wishes(now):
        return CampaignTold(row.pk, row.name, Step.SENT if asked else Step.OPEN, row.closes_at)
    if row.is_over(now):
        return CampaignTold(row.pk, row.name, Step.CLOSED, row.answers_at)
    return CampaignTold(row.pk, row.name, Step.TO_COME, row.opens_at)


def openings_given(campaign: Campaign) -> list[Opening]:
    """All that is open in its period, in order; two queries."""
    ids = list(campaign.activities.order_by("pk").values_list("pk", flat=True))
    found = openings_between(ids, campaign.first_day, campaign.last_day)
    return [one for one in found if one.is_open]


def names_of(campaign: Campaign) -> list[ActivityFacts]:
    """Its activities as rules see them, with the names of their slots; one query."""
    rows = dict(campaign.activities.order_by("order", "pk").values_list("pk", "revision"))
    facts = activity_facts(rows)
    return [facts[pk] for pk in rows]


def bookable_ids(actor: Actor, day: date) -> list[int]:
    """The children of the home for whom the actor may ask."""
    return list(bookable_people(actor, day=day).order_by("pk").values_list("pk", flat=True))[:MOST_CHILDREN]


def facts_for(actor: Actor, child_ids: Iterable[int], openings: Collection[Opening], now: datetime) -> Facts:
    """All that rules ask of these children on these openings; a fixed number of queries."""
    changes = [
        Change(child_id, opening.id, seen=False, wanted=True)
        for child_id in child_ids
        for opening in openings
    ]
    return facts_seen(actor, changes, now=now)


def offers_for(actor: Actor, campaign: Campaign, *, now: datetime) -> list[ChildOffer]:
    """What each child of the actor's home may be wished for, those of whom something is told alone."""
    openings = openings_given(campaign)
    children = bookable_ids(actor, local(now).date())
    if not openings or not children:
        return []
    facts = facts_for(actor, children, openings, now)
    weekly = campaign.unit == Campaign.Unit.WEEK
    found = [offer_of(facts, pk, openings, weekly=weekly, now=now) for pk in children]
    return [one for one in found if one.units or one.why]
