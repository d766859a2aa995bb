"""Answers in French, for an agent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.campaigns.figures import Served
from marelle.campaigns.labels import lacked_text, plan_text
from marelle.campaigns.models import Campaign, Wish, WishLine
from marelle.campaigns.receipts import ChoiceAnswer, PlanAnswer, Receipt
from marelle.core.french import instant_long_year, join_and, number_text

OUTCOMES = {
    WishLine.Outcome.NONE: (_("non accordé"), "plain"),
    WishLine.Outcome.GIVEN: (_("accordé"), "ok"),
    WishLine.Outcome.WAITING: (_("en liste d’attente"), "warn"),
}


@dataclass(frozen=True, slots=True)
class HomeLine:
    name: str
    detail: str
    told: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Plan:
    rank: int
    text: str
    state: str
    tone: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    title: str
    plans: tuple[Plan, ...]


def figure_rows(now: Served, before: Served | None) -> list[tuple[str, ...]]:
    """A row each: what, now, before."""
    rows = [
        (_("ont donné des vœux"), "homes"),
        (_("ont leur premier vœu"), "first"),
        (_("ont un autre vœu"), "other"),
        (_("n’ont rien"), "none"),
    ]
    found = []
    for label, name in rows:
        columns = [one for one in (now, before) if one is not None]
        found.append((label, *(number_text(getattr(one, name)) for one in columns)))
    return found


def home_lines(campaign: Campaign, wishes: Iterable[Wish]) -> list[HomeLine]:
    return [_home_line(campaign, wish) for wish in wishes]


def _home_line(campaign: Campaign, wish: Wish) -> HomeLine:
    outcomes = {line.outcome for line in wish.lines.all()}
    told, tone = _("rien"), "plain"
    if WishLine.Outcome.GIVEN in outcomes:
        ranks = sorted({line.rank for line in wish.lines.all() if line.outcome == WishLine.Outcome.GIVEN})
        told, tone = _("vœu %(ranks)s") % {"ranks": join_and([str(rank) for rank in ranks])}, "ok"
    elif WishLine.Outcome.WAITING in outcomes:
        told, tone = _("en liste d’attente"), "warn"
    if wish.faults:
        told, tone = _("mis de côté"), "error"
    detail = _("Tour %(turn)d · billet %(ticket)s") % {"turn": (wish.turn or 0) + 1, "ticket": wish.ticket}
    url = reverse("agents_campaigns:home", args=[campaign.pk, wish.pk])
    return HomeLine(wish.family.name, detail, told, tone, url)


def right_pairs(receipt: Receipt) -> list[tuple[str, str]]:
    return [
        (_("Billet"), receipt.ticket),
        (_("Tour"), _("%(turn)d sur %(homes)d") % {"turn": receipt.turn + 1, "homes": receipt.homes}),
        (_("Priorité"), str(receipt.tier + 1)),
        (_("Points"), str(receipt.points)),
        (_("Critères remplis"), join_and(list(receipt.met)) or _("aucun")),
    ]


def choices(
    receipt: Receipt, names: Mapping[int, str], children: Mapping[int, str], *, weekly: bool
) -> list[Choice]:
    return [
        Choice(
            join_and([children.get(pk, "") for pk in one.children]),
            tuple(_plan(plan, names, weekly=weekly) for plan in one.plans),
        )
        for one in receipt.choices
    ]


def _plan(plan: PlanAnswer, names: Mapping[int, str], *, weekly: bool) -> Plan:
    state, tone = OUTCOMES[WishLine.Outcome(plan.outcome)]
    if plan.offered:
        state, tone = _("proposé, à accepter"), "warn"
    elif plan.taken:
        state, tone = _("accepté"), "ok"
    why = [lacked_text(one) for one in plan.lacked]
    return Plan(plan.rank, plan_text(plan.units, names, weekly=weekly), str(state), tone, tuple(why))


def moves(receipt: Receipt) -> list[str]:
    return [
        _("%(at)s, %(by)s\u00a0: %(before)s → %(after)s. %(reason)s")
        % {
            "at": instant_long_year(one.at).capitalize(),
            "by": one.by,
            "before": _ranks(one.before),
            "after": _ranks(one.after),
            "reason": one.reason,
        }
        for one in receipt.moves
    ]


def _ranks(ranks: Sequence[int]) -> str:
    return _("vœu %(ranks)s") % {"ranks": join_and(list(map(str, ranks)))} if ranks else _("rien")


def plan_choices(one: ChoiceAnswer, names: Mapping[int, str], *, weekly: bool) -> list[tuple[str, str]]:
    return [(str(plan.rank), _plan(plan, names, weekly=weekly).text) for plan in one.plans]


def aside_text(count: int) -> str:
    return ngettext(
        "%(n)d foyer est mis de côté\u00a0: le vérificateur a une objection. Regardez sa réponse.",
        "%(n)d foyers sont mis de côté\u00a0: le vérificateur a une objection. Regardez leurs réponses.",
        count,
    ) % {"n": count}
