"""« Ce mois-ci » on the file of a home, in French: what it comes to so far, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import day_number, days_numbers, euros_text, month_text
from marelle.core.money import ZERO
from marelle.flows.bills.sharing_words import shared_rows, total_text
from marelle.flows.office.home_month import HomeMonth
from marelle.flows.prices.cells import is_at_highest
from marelle.flows.prices.estimates import Estimate, Share
from marelle.pricing.alike import Alike
from marelle.pricing.explained import LineTold, line_told, whole_span_told
from marelle.pricing.facts import IncomeStatus
from marelle.pricing.lines import Gap

HIDDEN: Final = gettext_lazy("Un prix est compté\u00a0: seul qui lit les revenus du foyer le lit.")


@dataclass(frozen=True, slots=True)
class LineShown:
    told: LineTold
    detail: str


@dataclass(frozen=True, slots=True)
class ShareShown:
    """`gaps`: each with the page of the tariffs that lack it."""

    title: str
    lines: tuple[LineShown, ...]
    gaps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MonthShown:
    """`hidden`: that there is a price, for who may not know it. `highest`: an income is missing, and the
    highest price is counted. `of_nobody`: seen without a booking, charged to no home. `others`: what is
    waived and what others pay, then what is left to the home."""

    title: str
    shares: tuple[ShareShown, ...]
    hidden: str
    highest: bool
    of_nobody: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


def month_shown(found: HomeMonth, children: Mapping[int, str]) -> MonthShown:
    """`children`: their first names."""
    month = month_text(found.first).capitalize()
    every = [share for one in found.estimates for share in one.shares]
    amount = sum((share.total for share in every), ZERO)
    reads = found.reads and found.has_prices
    total = total_text(amount, found.shared.values(), to_home=False)
    return MonthShown(
        _("%(month)s\u00a0: %(total)s") % {"month": month, "total": total} if reads else month,
        tuple(
            _share(one, share, found)
            for one in found.estimates
            for share in one.shares
            if found.reads or share.gaps
        ),
        "" if found.reads or not found.has_prices else str(HIDDEN),
        found.reads and any(_lacks_income(share) for share in every),
        tuple(
            _("%(child)s, %(slot)s le %(day)s")
            % {
                "child": children.get(child_id, ""),
                "slot": f"{opening.activity.name} ({opening.slot.name})",
                "day": day_number(opening.day.day),
            }
            for child_id, opening in found.of_nobody
        ),
        tuple(_others(found)),
    )


def _others(found: HomeMonth) -> Iterator[tuple[str, str]]:
    several = len(found.estimates) > 1
    for authority, shared in found.shared.items():
        for label, amount in shared_rows(shared, to_home=False):
            named = _("%(name)s\u00a0: %(what)s") % {"name": authority, "what": label}
            yield named if several else label, amount


def _lacks_income(share: Share) -> bool:
    """Whether it is unknown: a home may refuse to say."""
    return any(
        is_at_highest(one.line)
        and any(step.data.get("status") == IncomeStatus.UNKNOWN for step in one.line.steps)
        for one in share.charged
    )


def _share(estimate: Estimate, share: Share, found: HomeMonth) -> ShareShown:
    reads = found.reads
    whose = " · ".join(filter(None, (share.child, share.activity))) or _("Le foyer")
    lines = tuple(_line(estimate, one) for one in share.charged) if reads else ()
    gaps = tuple((_gap(estimate, gap, days), _page(gap, found)) for gap, days in share.gaps)
    told = f"{whose}\u00a0: {euros_text(share.total)}" if reads and share.charged else whose
    return ShareShown(told, lines, gaps)


def _gap(estimate: Estimate, gap: Gap, days: Sequence[date]) -> str:
    told = {"slot": estimate.named(gap) or _("Autre prestation"), "days": days_numbers(days)}
    return _("%(slot)s, %(days)s\u00a0: aucun tarif, rien n’est compté.") % told


def _page(gap: Gap, found: HomeMonth) -> str:
    if gap.what == "product":
        return reverse("agents_activities:shared_tariffs")
    activity = found.activities.get(gap.id) if gap.what == "slot" else None
    return reverse("agents_activities:tariffs", args=[activity]) if activity else ""


def _line(estimate: Estimate, charged: Alike) -> LineShown:
    told = line_told(
        charged.line,
        estimate.book,
        estimate.slots,
        to_home=False,
        shows_health=False,
        authority=estimate.authority,
    )
    each = {
        "price": _times(len(charged.days), charged.line.amount),
        "days": whole_span_told(charged.line, charged.days, estimate.book) or days_numbers(charged.days),
    }
    return LineShown(told, _("%(price)s, %(days)s") % each)


def _times(count: int, price: Decimal) -> str:
    return euros_text(price) if count == 1 else f"{count}\u00a0× {euros_text(price)}"
