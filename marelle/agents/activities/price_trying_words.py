"""The price of a day that is tried, in French: line by line, with why, and what no tariff holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import day_long_year, euros_text
from marelle.flows.prices.trying import TRIED, DayTried
from marelle.pricing.explained import LineTold, gap_told, line_told
from marelle.pricing.lines import Gap, Line

HIDDEN: Final = gettext_lazy(
    "Un prix est réglé ce jour-là. Il dépend du foyer\u00a0: seul qui lit ses revenus le lit."
)
SPANS: Final = gettext_lazy("Ce qu’une semaine, un mois ou un an fait de ce prix n’est pas compté ici.")


@dataclass(frozen=True, slots=True)
class LineShown:
    child: str
    told: LineTold


@dataclass(frozen=True, slots=True)
class GapShown:
    """`url`: where a tariff is set, "" for who sets none."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class PriceShown:
    """`title` with the total, and `lines`, for who may read them; `hidden`: that there is a price. `added`:
    what the slots tried add to what was booked already."""

    title: str
    who: str
    added: str
    hidden: str
    lines: tuple[LineShown, ...]
    gaps: tuple[GapShown, ...]
    spans: str


def shown(
    tried: DayTried,
    day: date,
    who: str,
    children: Mapping[int, str],
    *,
    authority: str,
    reads: bool,
    writes: bool,
) -> PriceShown:
    """`children`: their names. `reads`: the agent may know what the home pays; `writes`: it sets tariffs."""
    priced = tried.priced
    return PriceShown(
        title=_title(tried, day) if reads else _("Le %s") % day_long_year(day),
        who=who or _("un foyer inventé"),
        added=_added(tried) if reads else "",
        hidden="" if reads or not priced.lines else str(HIDDEN),
        lines=tuple(_line(line, tried, children, authority) for line in priced.lines) if reads else (),
        gaps=tuple(_gap(gap, tried, children, writes=writes) for gap in priced.gaps),
        spans=str(SPANS) if reads and tried.spans else "",
    )


def invented_names(others: int) -> dict[int, str]:
    """Of the children of an invented home: the one that is tried needs no name where it is alone."""
    first = _("L’enfant essayé") if others else ""
    later = {TRIED + n: _("Frère ou sœur n°\u00a0%(n)d") % {"n": n} for n in range(1, others + 1)}
    return {TRIED: first, **later}


def _title(tried: DayTried, day: date) -> str:
    if not tried.priced.lines:
        return _("Le %s") % day_long_year(day)
    told = {"day": day_long_year(day), "total": euros_text(tried.priced.total)}
    return _("Le %(day)s\u00a0: %(total)s") % told


def _added(tried: DayTried) -> str:
    """Nothing where the home had nothing that day."""
    if not tried.before.lines:
        return ""
    told = {"before": euros_text(tried.before.total), "added": euros_text(abs(tried.added))}
    if tried.added < 0:
        return (
            _("Ce foyer paie déjà %(before)s ce jour-là\u00a0: cela lui coûterait %(added)s de moins.") % told
        )
    if not tried.added:
        return _("Ce foyer paie déjà %(before)s ce jour-là\u00a0: cela n’y ajouterait rien.") % told
    return _("Ce foyer paie déjà %(before)s ce jour-là\u00a0: cela lui coûterait %(added)s de plus.") % told


def _line(line: Line, tried: DayTried, children: Mapping[int, str], authority: str) -> LineShown:
    told = line_told(line, tried.book, tried.slots, to_home=False, shows_health=False, authority=authority)
    return LineShown(children.get(line.child_id or 0, ""), told)


def _gap(gap: Gap, tried: DayTried, children: Mapping[int, str], *, writes: bool) -> GapShown:
    child = children.get(gap.child_id or 0, "")
    text = " · ".join(filter(None, (child, gap_told(gap, tried.slots))))
    activity = tried.activities.get(gap.id)
    url = reverse("agents_activities:tariffs", args=[activity]) if writes and activity else ""
    return GapShown(text, url)
