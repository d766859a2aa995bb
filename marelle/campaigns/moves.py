"""An agent gives a home another of its wishes than the run did, or none, before anything goes out: with a
reason, which the home reads, and only where there is room."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from marelle.campaigns.models import AnswerMove, Campaign, Wish, WishLine
from marelle.campaigns.refusals import MoveRefused
from marelle.campaigns.services import campaign_locked, subject_of
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.families.locks import home_locked
from marelle.families.scope import is_own_file
from marelle.journal.services import record

MOVED: Final = "wishes.moved"

Given = dict[tuple[str, int], frozenset[int]]
"""By ticket and number of the choice, the ranks that were given."""


@transaction.atomic
def answer_move(
    *,
    actor: Actor,
    campaign_id: int,
    wish_id: int,
    choice: int,
    ranks: Iterable[int],
    reason: str,
    now: datetime,
) -> AnswerMove:
    """Give these ranks of a choice, from 0 in the order of the home, in place of those that it has.

    Raises NotYours, HomeGone, OwnFile for the actor's own home, CampaignRefused ("state"), and MoveRefused:
    "reason", "unknown", "too_many" (`most`), "same", "full" (`places`).
    """
    wish = Wish.objects.filter(campaign_id=campaign_id, pk=wish_id).first()
    if wish is None:
        raise NotYours
    home_locked(wish.family_id)
    row = campaign_locked(actor, campaign_id, Campaign.State.SIMULATED)
    if is_own_file(actor, family_id=wish.family_id, person_id=None, day=local(now).date()):
        raise OwnFile
    if not (reason := reason.strip()[:300]):
        raise MoveRefused("reason")
    lines = list(wish.lines.all())
    orders = sorted({line.order for line in lines})
    if not 0 <= choice < len(orders):
        raise MoveRefused("unknown")
    own = [line for line in lines if line.order == orders[choice]]
    after = frozenset(ranks)
    before = frozenset(line.rank for line in own if line.outcome == WishLine.Outcome.GIVEN)
    _check(wish, own, before, after)
    places = lacking(row, {(wish.ticket, choice): after})
    if places:
        raise MoveRefused("full", places=places)
    for line in own:
        line.outcome = WishLine.Outcome.GIVEN if line.rank in after else WishLine.Outcome.NONE
    WishLine.objects.bulk_update(own, ["outcome"])
    move = AnswerMove.objects.create(
        wish=wish,
        choice=choice,
        before=sorted(before),
        after=sorted(after),
        reason=reason,
        at=now,
        by=actor.label[:150],
    )
    data = {"ticket": wish.ticket, "before": sorted(before), "after": sorted(after)}
    record(actor=actor, verb=MOVED, subject=subject_of(row), family_id=wish.family_id, data=data, now=now)
    return move


def _check(wish: Wish, own: Iterable[WishLine], before: frozenset[int], after: frozenset[int]) -> None:
    if not after <= {line.rank for line in own}:
        raise MoveRefused("unknown")
    if len(after) > wish.most:
        raise MoveRefused("too_many", most=wish.most)
    if after == before:
        raise MoveRefused("same")


def lacking(campaign: Campaign, changes: Given) -> tuple[str, ...]:
    """The places of which more would be given than there are, once these choices have other ranks; those of
    the others are as agents have left them."""
    content = json.loads(campaign.file)
    given = given_now(campaign) | changes
    taken: Counter[str] = Counter()
    touched: set[str] = set()
    for home in content["homes"]:
        for number, choice in enumerate(home["choices"]):
            key = (home["ticket"], number)
            needs = _needs(choice, given.get(key, frozenset()))
            taken += needs
            if key in changes:
                touched |= set(needs)
    there = content["places"]
    return tuple(sorted(place for place in touched if taken[place] > there.get(place, 0)))


def _needs(choice: Mapping[str, Any], ranks: frozenset[int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for plan in choice["plans"]:
        if int(plan["plan"]) in ranks:
            found += Counter(plan["needs"])
    return found


def given_now(campaign: Campaign) -> Given:
    """What each home is about to be given; one query."""
    found: dict[tuple[str, int], set[int]] = {}
    rows = WishLine.objects.filter(wish__campaign=campaign).order_by("wish_id", "order")
    numbers: dict[str, list[int]] = {}
    for ticket, order, rank, outcome in rows.values_list("wish__ticket", "order", "rank", "outcome"):
        orders = numbers.setdefault(ticket, [])
        if order not in orders:
            orders.append(order)
        if outcome == WishLine.Outcome.GIVEN:
            found.setdefault((ticket, orders.index(order)), set()).add(rank)
    return {key: frozenset(ranks) for key, ranks in found.items()}
