"""Campaigns and wishes in French, for a home."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.bookings.rules import Why
from marelle.campaigns.labels import lacked_text, mode_text, plan_text, right_pairs
from marelle.campaigns.models import AnswerMove, Campaign, Criterion, Wish, WishLine
from marelle.campaigns.receipts import PlanAnswer, Receipt
from marelle.campaigns.units import ChildOffer, Unit
from marelle.core.clock import universal
from marelle.core.french import from_long, instant_long, join_and, range_sentence, until_long
from marelle.planning.cells import REASONS
from marelle.ui.components import Row


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for a child, or for several together: each wish in the order of the ranks."""

    title: str
    plans: tuple[str, ...]


def step_text(campaign: Campaign, now: datetime) -> str:
    """Where it stands, in a few words."""
    if campaign.state in (Campaign.State.PUBLISHED, Campaign.State.ENDED):
        return _("Les réponses sont là")
    if universal(now) < universal(campaign.opens_at):
        return _("Vœux %(from)s") % {"from": from_long(campaign.opens_at)}
    if not campaign.is_over(now):
        return _("Vœux %(until)s") % {"until": until_long(campaign.closes_at)}
    return _("Les vœux sont clos, réponses le %(day)s") % {"day": instant_long(campaign.answers_at)}


def campaign_rows(campaigns: Iterable[Campaign], now: datetime) -> list[Row]:
    return [
        Row(one.name, reverse("wishes:campaign", args=[one.pk]), "bookings", step_text(one, now))
        for one in campaigns
    ]


def rules_pairs(campaign: Campaign) -> list[tuple[str, str]]:
    """What is given, when, and how."""
    pairs = [
        (_("Période"), range_sentence(campaign.first_day, campaign.last_day).capitalize()),
        (_("Vœux"), f"{from_long(campaign.opens_at)}, {until_long(campaign.closes_at)}".capitalize()),
    ]
    if campaign.early_until is not None:
        pairs.append((_("À égalité"), until_long(campaign.early_until).capitalize()))
    return [
        *pairs,
        (_("Réponses"), instant_long(campaign.answers_at).capitalize()),
        (_("À accepter"), until_long(campaign.answer_until).capitalize()),
        (_("Comment"), mode_text(campaign)),
    ]


def criteria_lines(criteria: Sequence[Criterion]) -> list[str]:
    """In which order homes choose: tiers, then points within each."""
    tiers = [one.label for one in criteria if one.use == Criterion.Use.TIER]
    points = [
        ngettext("%(label)s\u00a0: %(n)d point", "%(label)s\u00a0: %(n)d points", one.weight)
        % {"label": one.label, "n": one.weight}
        for one in criteria
        if one.use == Criterion.Use.POINTS
    ]
    found = [
        _("Priorité %(n)d\u00a0: %(label)s") % {"n": n, "label": label} for n, label in enumerate(tiers, 1)
    ]
    return [*found, *points]


def asked_groups(
    wish: Wish, names: Mapping[int, str], children: Mapping[int, str], *, weekly: bool
) -> list[Asked]:
    """Of the children whom who reads it may see alone."""
    found = []
    lines = [line for line in wish.lines.all() if line.child_id in children]
    for _order, rows in groupby(lines, key=lambda line: line.order):
        own = list(rows)
        whom = list(dict.fromkeys(line.child_id for line in own))
        first = [line for line in own if line.child_id == whom[0]]
        told = join_and([children[pk] for pk in whom])
        title = _("%(names)s, ensemble") % {"names": told} if len(whom) > 1 else told
        found.append(Asked(title, tuple(_plans(first, names, weekly=weekly))))
    return found


def _plans(lines: Sequence[WishLine], names: Mapping[int, str], *, weekly: bool) -> Iterable[str]:
    for _rank, rows in groupby(lines, key=lambda line: line.rank):
        yield plan_text([Unit(line.day, line.slot_id) for line in rows], names, weekly=weekly)


@dataclass(frozen=True, slots=True)
class Plan:
    """`key` is what an answer to it names; "" where there is none to give."""

    rank: int
    text: str
    state: str
    tone: str
    why: tuple[str, ...]
    change: str
    key: str


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    pairs: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, tuple[Plan, ...]], ...]
    moves: tuple[str, ...]


def receipt(
    told: Receipt,
    names: Mapping[int, str],
    children: Mapping[int, str],
    bookable: Collection[int],
    *,
    weekly: bool,
) -> ReceiptPage:
    """Of this home, and of nobody else."""
    choices = []
    for one in told.choices:
        may = set(one.children) <= set(bookable)
        plans = tuple(_plan(plan, told, names, may=may, weekly=weekly) for plan in one.plans)
        choices.append((join_and([children[pk] for pk in one.children]), plans))
    pairs = (
        (_("Billet"), told.ticket),
        *right_pairs(told.tier, told.points, told.met, told.turn, told.homes),
    )
    return ReceiptPage(pairs, tuple(choices), tuple(map(_move_text, told.moves)))


def _plan(plan: PlanAnswer, told: Receipt, names: Mapping[int, str], *, may: bool, weekly: bool) -> Plan:
    state, tone = _state(plan)
    why = [lacked_text(one) for one in plan.lacked]
    if plan.why:
        why.append(str(REASONS.get(Why(plan.why), _("ce n’était plus possible"))))
    return Plan(
        rank=plan.rank,
        text=plan_text(plan.units, names, weekly=weekly),
        state=state,
        tone=tone,
        why=tuple(why),
        change=_change_text(plan, told) if plan.is_told else "",
        key=plan.key if plan.offered and may else "",
    )


def _state(plan: PlanAnswer) -> tuple[str, str]:
    if plan.offered:
        return _("accordé, à accepter"), "warn"
    if plan.taken:
        return _("accepté"), "ok"
    if plan.outcome == WishLine.Outcome.GIVEN:
        return _("accordé, rendu"), "plain"
    if plan.outcome == WishLine.Outcome.WAITING:
        return _("en liste d’attente"), "warn"
    return _("non accordé"), "plain"


def _change_text(plan: PlanAnswer, told: Receipt) -> str:
    """What would have changed the answer."""
    if plan.last_turn is None:
        return _("À aucun tour il n’aurait été accordé\u00a0: il demande plus qu’il n’y avait.")
    if plan.last_turn >= told.turn:
        return _("Ce sont vos vœux préférés, accordés d’abord, qui ont pris ces places.")
    return _("Il aurait été accordé jusqu’au tour %(last)d\u00a0; le vôtre était le %(turn)d.") % {
        "last": plan.last_turn + 1,
        "turn": told.turn + 1,
    }


def _move_text(one: AnswerMove) -> str:
    return _("Un agent a changé cette réponse le %(at)s\u00a0: %(reason)s") % {
        "at": instant_long(one.at),
        "reason": one.reason,
    }


def kept_from(offers: Iterable[ChildOffer]) -> list[str]:
    """What cannot be wished for, and why: once for each child and reason."""
    found: dict[tuple[str, str], None] = {}
    for one in offers:
        for why in one.why.values():
            found[one.name, str(REASONS.get(why, _("pas possible")))] = None
    return [_("%(name)s\u00a0: %(why)s") % {"name": name, "why": why} for name, why in found]
