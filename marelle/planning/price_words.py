"""What a change of bookings changes of what a home pays, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.core.french import days_named, euros_text, join_and, month_name
from marelle.flows.prices.changes import MonthChange, PriceChange
from marelle.pricing.explained import LineTold, line_told, whole_span_told
from marelle.ui.components import OutcomeKind, OutcomeLine


@dataclass(frozen=True, slots=True)
class WhyLine:
    """A line that a change adds, or takes away: on which days, and how it is counted."""

    told: LineTold
    detail: str
    amount: str


def change_text(change: PriceChange) -> str:
    """ "6,58 € de plus en décembre", "6,58 € de plus en décembre et une partie sans prix connu": what no
    tariff holds is no price that does not change."""
    told = [_month(one) for one in change.months if one.amount]
    if change.lacks_tariff:
        told.append(_("une partie sans prix connu"))
    if told:
        return join_and(told)
    return _("le prix ne change pas") if change.months else ""


def total_text(change: PriceChange) -> str:
    """ "Décembre : 84,20 € en tout", what each month comes to then; nothing where that is not told."""
    told = [
        _("%(month)s\u00a0: %(total)s en tout")
        % {"month": month_name(one.first), "total": euros_text(one.total)}
        for one in change.months
        if one.total is not None
    ]
    text = " · ".join(told)
    return text[:1].upper() + text[1:]


def change_sentence(change: PriceChange) -> str:
    """ "Prix : 6,58 € de plus en décembre. Décembre : 84,20 € en tout."; nothing where nothing has one."""
    if not change.months:
        return ""
    told = {"change": change_text(change), "total": total_text(change)}
    return _("Prix\u00a0: %(change)s. %(total)s.") % told


def change_line(change: PriceChange) -> OutcomeLine | None:
    """What the page after a save says of it; nothing where nothing that was asked has a price."""
    if not change.months:
        return None
    text = change_text(change)
    return OutcomeLine(OutcomeKind.INFO, _("Prix\u00a0: %s") % text, total_text(change))


def why_lines(change: PriceChange, *, shows_health: bool) -> list[WhyLine]:
    """« Pourquoi ce prix ? »: what comes, then what goes. `shows_health`: the home's own; an agent in its
    name learns of no PAI."""
    return [
        WhyLine(
            line_told(one.line, why.book, why.slots, shows_health=shows_health),
            days if comes else _("%(days)s, n’est plus compté") % {"days": days},
            euros_text(one.amount if comes else -one.amount),
        )
        for why in change.why
        for comes, lines in ((True, why.more), (False, why.less))
        for one in lines
        for days in [whole_span_told(one.line, one.days, why.book) or days_named(one.days)]
    ]


def _month(one: MonthChange) -> str:
    told = _("%(amount)s de plus en %(month)s") if one.amount > 0 else _("%(amount)s de moins en %(month)s")
    return told % {"amount": euros_text(abs(one.amount)), "month": month_name(one.first)}
