"""A home says what it wishes: checked against what it may be given, whatever the browser sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from django.db import transaction

from marelle.bookings.rules import Opening
from marelle.campaigns.models import Campaign, Wish, WishLine
from marelle.campaigns.reading import campaigns_for, offers_for
from marelle.campaigns.refusals import WishRefused
from marelle.campaigns.units import ChildOffer, Unit, lacking_slot
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import own_home_locked
from marelle.journal.services import record

SENT: Final = "wishes.sent"
WITHDRAWN: Final = "wishes.withdrawn"

Ranked = Mapping[Unit, int]
"""The rank of each unit that is wished for, from 1: those of one rank are one plan."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form holds. `children` in the order in which the home would have them served; together they
    have the same ranks, each for the units of its own group."""

    children: tuple[int, ...]
    together: bool
    ranked: Mapping[int, Ranked]
    most: int


@transaction.atomic
def wish_set(*, actor: Actor, campaign_id: int, asked: Asked, now: datetime) -> Wish:
    """Say, or say anew, what the home wishes: what it had asked for these children before is replaced. All
    the same, nothing is written. What another adult asks, for children of whom this one does not decide,
    stays a choice of its own.

    `came_at` stays that of the first sending. Raises NotYours, HomeGone, WishRefused.
    """
    home = own_home_locked(actor)
    campaign = _open(actor, campaign_id, now)
    offers = {one.child_id: one for one in offers_for(actor, campaign, now=now)}
    children = tuple(dict.fromkeys(asked.children))
    if not children or not set(children) <= set(offers):
        raise WishRefused("no_child")
    together = asked.together and len(children) > 1
    wish = Wish.objects.filter(campaign=campaign, family=home).first()
    if wish is None:
        wish = Wish(campaign=campaign, family=home, came_at=now)
    others = list(wish.lines.exclude(child_id__in=offers)) if wish.pk else []
    taken = {line.order for line in others}
    free = [order for order in range(len(taken) + len(children)) if order not in taken]
    lines: list[WishLine] = []
    for order, child_id in zip(free, children, strict=False):
        ranked = asked.ranked.get(child_id, {})
        if together and set(ranked.values()) != set(asked.ranked.get(children[0], {}).values()):
            raise WishRefused("unknown")
        lines += _lines(campaign, offers[child_id], ranked, free[0] if together else order)
    if not lines:
        raise WishRefused("empty")
    if not 1 <= asked.most <= campaign.most_given:
        raise WishRefused("too_many", most=campaign.most_given)
    if wish.pk and _is_same(wish, offers, lines, most=asked.most):
        return wish
    wish.together, wish.most = goes_together([*others, *lines]), asked.most
    wish.sent_at, wish.sent_by = now, actor.label[:150]
    wish.save()
    wish.lines.filter(child_id__in=offers).delete()
    for line in lines:
        line.wish = wish
    WishLine.objects.bulk_create(lines)
    subject = Subject("campaign", campaign.pk, campaign.name)
    record(actor=actor, verb=SENT, subject=subject, family_id=home.pk, data={"lines": len(lines)}, now=now)
    return wish


@transaction.atomic
def wish_withdraw(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """The home asks for nothing any more of what this adult may ask for. Raises NotYours, HomeGone,
    WishRefused."""
    home = own_home_locked(actor)
    campaign = _open(actor, campaign_id, now)
    wish = Wish.objects.filter(campaign=campaign, family=home).first()
    if wish is None:
        return
    offers = {one.child_id for one in offers_for(actor, campaign, now=now)}
    wish.lines.filter(child_id__in=offers).delete()
    left = list(wish.lines.all())
    if left:
        wish.together = goes_together(left)
        wish.save(update_fields=["together"])
    else:
        wish.delete()
    subject = Subject("campaign", campaign.pk, campaign.name)
    record(actor=actor, verb=WITHDRAWN, subject=subject, family_id=home.pk, now=now)


def _open(actor: Actor, campaign_id: int, now: datetime) -> Campaign:
    campaign = campaigns_for(actor).filter(pk=campaign_id).first()
    if campaign is None:
        raise NotYours
    if not campaign.takes_wishes(now):
        raise WishRefused("window", opens=campaign.opens_at, closes=campaign.closes_at)
    return campaign


def goes_together(lines: Collection[WishLine]) -> bool:
    """Whether some choice is that of several children."""
    return len({line.child_id for line in lines}) > len({line.order for line in lines})


def _is_same(wish: Wish, offers: Mapping[int, ChildOffer], lines: Iterable[WishLine], *, most: int) -> bool:
    """Whether nothing was changed: a form sent again does nothing more."""

    def told(rows: Iterable[WishLine]) -> set[tuple[object, ...]]:
        return {(row.child_id, row.slot_id, row.day, row.rank, row.order) for row in rows}

    held = wish.lines.filter(child_id__in=offers)
    return (wish.most, told(held)) == (most, told(lines))


def _lines(campaign: Campaign, offer: ChildOffer, ranked: Ranked, order: int) -> list[WishLine]:
    """The ranks of a form closed up: 2, 5, 5 is 1, 2, 2."""
    if not set(ranked) <= set(offer.units):
        raise WishRefused("unknown")
    numbers = sorted(set(ranked.values()))
    if len(numbers) > campaign.most_plans or any(number < 1 for number in numbers):
        raise WishRefused("too_many", most=campaign.most_plans)
    for plan in plans_of(offer, ranked):
        lacking = lacking_slot(plan)
        if lacking is not None:
            raise WishRefused("requires", slot=lacking.slot.name, needs=lacking.slot.needs)
    return [
        WishLine(
            child_id=offer.child_id,
            slot_id=unit.slot_id,
            day=unit.day,
            rank=numbers.index(rank) + 1,
            order=order,
        )
        for unit, rank in sorted(ranked.items())
    ]


def plans_of(offer: ChildOffer, ranked: Ranked) -> list[Sequence[tuple[Unit, Opening]]]:
    """Each plan with the openings of its units, the best first."""

    def rank_of(unit: Unit) -> int:
        return ranked[unit]

    ordered = sorted(ranked, key=lambda unit: (ranked[unit], unit))
    return [
        [(unit, opening) for unit in units for opening in offer.units[unit]]
        for _rank, units in groupby(ordered, key=rank_of)
    ]
