"""« Ce que coûte le mois » in French: what is booked, line by line, with why each price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.core.french import days_numbers, euros_text
from marelle.flows.bills.sharing import MonthShared
from marelle.flows.bills.sharing_words import shared_rows
from marelle.flows.prices.estimates import Estimate, Share
from marelle.pricing.alike import Alike
from marelle.pricing.explained import LineTold, line_told, whole_span_told
from marelle.pricing.labels import dates_label
from marelle.pricing.lines import Gap
from marelle.pricing.models import Subscription
from marelle.pricing.terms import terms_label


@dataclass(frozen=True, slots=True)
class LineShown:
    """`detail`: on which days, and how many times its price."""

    told: LineTold
    detail: str
    amount: str


@dataclass(frozen=True, slots=True)
class ShareShown:
    title: str
    total: str
    lines: tuple[LineShown, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EstimateShown:
    """`total`: nothing where nothing has a price."""

    authority: str
    total: str
    shares: tuple[ShareShown, ...]
    others: tuple[tuple[str, str], ...]
    """What is waived of it, what others pay, then what is left to the home."""


@dataclass(frozen=True, slots=True)
class TakenShown:
    """What the home has at once, from when to when."""

    title: str
    dates: str
    terms: str


def taken_shown(row: Subscription, today: date) -> TakenShown:
    whose = row.child.first_name if row.child is not None else _("votre foyer")
    return TakenShown(
        f"{row.product.name} · {whose}", dates_label(row.since, row.until, today), terms_label(row.product)
    )


def estimate_shown(estimate: Estimate, shared: MonthShared | None, *, shows_health: bool) -> EstimateShown:
    """`shared`: what others pay of it, and what is waived. `shows_health`: the home's own; an agent in its
    name learns of no PAI."""
    return EstimateShown(
        estimate.authority,
        euros_text(estimate.total) if any(share.charged for share in estimate.shares) else "",
        tuple(_share(estimate, share, shows_health) for share in estimate.shares),
        shared_rows(shared, to_home=True) if shared else (),
    )


def _share(estimate: Estimate, share: Share, shows_health: bool) -> ShareShown:
    return ShareShown(
        " · ".join(filter(None, (share.child, share.activity))) or _("Votre foyer"),
        euros_text(share.total) if share.charged else "",
        tuple(_line(estimate, one, shows_health) for one in share.charged),
        tuple(_gap(estimate, gap, days) for gap, days in share.gaps),
    )


def _gap(estimate: Estimate, gap: Gap, days: Sequence[date]) -> str:
    """Whose tariff is missing is the agents' to see: a home reads that nothing is counted yet."""
    told = {"what": estimate.named(gap) or _("Autre prestation"), "days": days_numbers(days)}
    return _("%(what)s, %(days)s\u00a0: pas encore de prix, rien n’est compté.") % told


def _line(estimate: Estimate, charged: Alike, shows_health: bool) -> LineShown:
    count = len(charged.days)
    told = line_told(
        charged.line,
        estimate.book,
        estimate.slots,
        shows_health=shows_health,
        authority=estimate.authority,
    )
    detail = whole_span_told(charged.line, charged.days, estimate.book) or days_numbers(charged.days)
    if count > 1:
        each = {"n": count, "price": euros_text(charged.line.amount), "days": detail}
        detail = _("%(n)d × %(price)s\u00a0: %(days)s") % each
    return LineShown(told, detail, euros_text(charged.amount))
