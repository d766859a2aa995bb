"""Answers that go out: places are offered by the offers of bookings, then who got nothing waits, in the order
of rights.

Each home is a transaction of its own, that looks under the home's lock whether it was done: what died half
way is gone on with, and nothing is given twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from marelle.bookings.models import Booking
from marelle.bookings.offers.giving import Wanted, places_give, places_wait
from marelle.bookings.offers.services import offers_answer
from marelle.bookings.refusals import OfferImpossible
from marelle.bookings.rules import Opening
from marelle.bookings.states import BookingState
from marelle.campaigns.mails import tell_answer
from marelle.campaigns.models import Campaign, Wish, WishLine
from marelle.campaigns.reading import campaigns_for, in_the_name_of, openings_given
from marelle.campaigns.refusals import CampaignRefused
from marelle.campaigns.services import campaign_locked, subject_of
from marelle.campaigns.units import Unit, unit_of
from marelle.cases.services import OwnFile
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local, universal
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.families.locks import home_locked, homes_locked, own_home_locked
from marelle.families.refusals import HomeGone
from marelle.families.scope import is_own_file
from marelle.journal.services import record

PUBLISHED: Final = "campaign.published"
ANSWERED: Final = "wishes.answered"

State = Campaign.State

ONCE: Final = 50
"""Homes answered by one round of the worker: other work has its turn."""


@transaction.atomic
def campaign_publish(*, actor: Actor, campaign_id: int, now: datetime) -> Campaign:
    """Let the answers go out: the worker offers the places, home by home.

    Those of homes to which the verifier objects stay until an agent has looked (`wish_release`). Raises
    NotYours, and CampaignRefused: "state", "not_verified".
    """
    homes_locked(Wish.objects.filter(campaign_id=campaign_id).order_by().values("family_id"))
    row = campaign_locked(actor, campaign_id, State.SIMULATED)
    if not row.verified or row.verified != row.fingerprint:
        raise CampaignRefused("not_verified")
    row.state, row.published_at = State.PUBLISHED, now
    row.save(update_fields=["state", "published_at"])
    data = {"fingerprint": row.fingerprint}
    record(actor=actor, verb=PUBLISHED, subject=subject_of(row), data=data, now=now)
    return row


@transaction.atomic
def wish_release(*, actor: Actor, campaign_id: int, wish_id: int, now: datetime) -> None:
    """Let an answer go out that was set aside, once an agent has looked at it; never that of its own home.
    Raises NotYours, CampaignRefused, HomeGone, OwnFile."""
    wish = Wish.objects.filter(campaign_id=campaign_id, pk=wish_id).first()
    if wish is None:
        raise NotYours
    home_locked(wish.family_id)
    row = campaign_locked(actor, campaign_id, State.SIMULATED, State.PUBLISHED)
    if is_own_file(actor, family_id=wish.family_id, person_id=None, day=local(now).date()):
        raise OwnFile
    Wish.objects.filter(pk=wish_id).update(faults=[])
    data = {"released": wish.ticket}
    record(actor=actor, verb="campaign.verified", subject=subject_of(row), data=data, now=now)


def answers_go_out(*, now: datetime) -> int:
    """Answer homes of what is published, then put who waits on the lists; the worker calls it over and over.
    Returns of how many."""
    done = 0
    for campaign in Campaign.objects.filter(state=State.PUBLISHED).order_by("pk").defer("file"):
        mine = Wish.objects.filter(campaign=campaign, faults=[]).order_by("turn", "pk")
        to_answer = list(mine.filter(given_at=None).values_list("pk", "family_id")[:ONCE])
        to_queue = (
            [] if to_answer else list(mine.filter(queued_at=None).values_list("pk", "family_id")[:ONCE])
        )
        if to_answer or to_queue:
            openings = openings_given(campaign)
            done += sum(_answer(campaign, openings, *one, now) for one in to_answer)
            done += sum(_queue(campaign, openings, *one, now) for one in to_queue)
    return done


def _answer(
    campaign: Campaign, openings: Sequence[Opening], wish_id: int, family_id: int, now: datetime
) -> bool:
    try:
        with transaction.atomic():
            wish = _wish_locked(wish_id, family_id, given_at=None)
            return wish is not None and _given(campaign, openings, wish, now)
    except HomeGone:
        return False


def _given(campaign: Campaign, openings: Sequence[Opening], wish: Wish, now: datetime) -> bool:
    """What cannot be had any more since the run is told as such, and waited for as the rest."""
    lines = list(wish.lines.all())
    given = [line for line in lines if line.outcome == WishLine.Outcome.GIVEN]
    wanted = _wanted(campaign, wish, given, openings)
    why = places_give(
        actor=in_the_name_of(wish.family_id), wanted=wanted, until=campaign.answer_until, now=now
    )
    for line in given:
        code = why.get(_key(line))
        if code is not None:
            line.outcome = WishLine.Outcome.NONE
            line.save(update_fields=["outcome"])
    wish.blocked = [*wish.blocked, *({"choice": 0, "gone": key, "why": code} for key, code in why.items())]
    wish.given_at = now
    wish.save(update_fields=["blocked", "given_at"])
    subject = Subject("campaign", campaign.pk, campaign.name)
    data = {"given": len(wanted) - len(why)}
    record(actor=SYSTEM, verb=ANSWERED, subject=subject, family_id=wish.family_id, data=data, now=now)
    tell_answer(campaign, wish.family_id, has_places=len(wanted) > len(why), now=now)
    return True


def _queue(
    campaign: Campaign, openings: Sequence[Opening], wish_id: int, family_id: int, now: datetime
) -> bool:
    try:
        with transaction.atomic():
            wish = _wish_locked(wish_id, family_id, queued_at=None)
            return wish is not None and _waits(campaign, openings, wish, now)
    except HomeGone:
        return False


def _waits(campaign: Campaign, openings: Sequence[Opening], wish: Wish, now: datetime) -> bool:
    """Of each choice of which nothing was given, the best plan is waited for, before whom has a lesser
    right."""
    lines = list(wish.lines.all())
    waiting: list[WishLine] = []
    for _order, rows in groupby(lines, key=lambda line: line.order):
        own = list(rows)
        if all(line.outcome == WishLine.Outcome.NONE for line in own):
            best = min(line.rank for line in own)
            waiting += [line for line in own if line.rank == best]
    wanted = _wanted(campaign, wish, waiting, openings)
    if wanted:
        places_wait(
            actor=in_the_name_of(wish.family_id),
            wanted=wanted,
            queued_at=queued_at(campaign, wish),
            now=now,
        )
        ids = [line.pk for line in waiting]
        WishLine.objects.filter(pk__in=ids).update(outcome=WishLine.Outcome.WAITING)
    wish.queued_at = now
    wish.save(update_fields=["queued_at"])
    return True


def queued_at(campaign: Campaign, wish: Wish) -> datetime:
    """Since when a home waits, as the lists are ordered: that of the publishing, a turn after the other."""
    published = campaign.published_at or campaign.answers_at
    return universal(published) + timedelta(microseconds=wish.turn or 0)


def _wish_locked(wish_id: int, family_id: int, **state: Any) -> Wish | None:
    """The wish under its home's lock, if it is still to be done."""
    home_locked(family_id)
    mine = Wish.objects.filter(pk=wish_id, family_id=family_id, faults=[], **state)
    return mine.prefetch_related("lines").first()


def _key(line: WishLine) -> str:
    return f"{line.order}.{line.rank}"


def _wanted(
    campaign: Campaign, wish: Wish, lines: Iterable[WishLine], openings: Sequence[Opening]
) -> list[Wanted]:
    """The openings of each plan, of the group in which each child is on that day."""
    weekly = campaign.unit == Campaign.Unit.WEEK
    by_unit: dict[Unit, list[Opening]] = defaultdict(list)
    for one in openings:
        by_unit[unit_of(one, weekly=weekly)].append(one)
    lines = list(lines)
    groups = _groups(wish.family_id, {line.child_id for line in lines})
    found: dict[str, list[tuple[int, int]]] = {}
    for line in lines:
        places = found.setdefault(_key(line), [])
        for one in by_unit[Unit(line.day, line.slot_id)]:
            own = _group_on(groups.get((line.child_id, one.activity.id), ()), one)
            if one.group_id is None or one.group_id == own:
                places.append((line.child_id, one.id))
    return [Wanted(key, tuple(places)) for key, places in found.items() if places]


Dated = Sequence[tuple[Any, int]]


def _groups(family_id: int, child_ids: Iterable[int]) -> Mapping[tuple[int, int], Dated]:
    """By child and activity, its groups, each from a date; one query."""
    rows = GroupChoice.objects.filter(
        Q(enrolment__state=Enrolment.State.ACCEPTED),
        enrolment__family_id=family_id,
        enrolment__person_id__in=list(child_ids),
    ).order_by("since")
    found: dict[tuple[int, int], list[tuple[Any, int]]] = defaultdict(list)
    named = rows.values_list("enrolment__person_id", "enrolment__activity_id", "since", "group_id")
    for child_id, activity_id, since, group_id in named:
        found[child_id, activity_id].append((since, group_id))
    return found


def _group_on(groups: Dated, opening: Opening) -> int | None:
    begun = [group for since, group in groups if since <= opening.day]
    if begun:
        return begun[-1]
    return groups[0][1] if groups else None


@transaction.atomic
def answer_given(*, actor: Actor, campaign_id: int, key: str, accepts: bool, now: datetime) -> None:
    """The home takes a wish that was granted, whole, or gives it back, whole. `key` is its choice and rank.

    Raises NotYours, HomeGone, and OfferImpossible: it is offered no more, or never was.
    """
    home = own_home_locked(actor)
    campaign = campaigns_for(actor).filter(pk=campaign_id).first()
    wish = Wish.objects.filter(campaign=campaign, family=home).prefetch_related("lines").first()
    if campaign is None or wish is None:
        raise NotYours
    rows = [line for line in wish.lines.all() if _key(line) == key]
    ids = [row.pk for row in offered_of(campaign, wish, rows)]
    if not ids:
        raise OfferImpossible("offer_over")
    offers_answer(actor=actor, booking_ids=ids, accepts=accepts, now=now)


def places_of(
    campaign: Campaign, wish: Wish, lines: Iterable[WishLine]
) -> dict[str, frozenset[tuple[int, int]]]:
    """Child and opening, by id, of each plan, by its choice and rank."""
    wanted = _wanted(campaign, wish, lines, openings_given(campaign))
    return {one.key: frozenset(one.places) for one in wanted}


def offered_of(campaign: Campaign, wish: Wish, lines: Iterable[WishLine]) -> list[Booking]:
    """The places of a plan that the home may still take."""
    pairs = frozenset[tuple[int, int]]().union(*places_of(campaign, wish, lines).values())
    return [row for row in booked_of(wish.family_id, pairs) if row.state == BookingState.OFFERED]


def booked_of(family_id: int, pairs: Collection[tuple[int, int]]) -> list[Booking]:
    """What the home has of these places, offered or taken; one query."""
    openings = {opening_id for _child_id, opening_id in pairs}
    rows = Booking.objects.holding().filter(family_id=family_id, opening_id__in=openings).order_by("pk")
    return [row for row in rows if (row.child_id, row.opening_id) in pairs]
