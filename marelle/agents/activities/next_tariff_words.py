"""« Préparer les tarifs », in French: each price old and new, and what a month would have cost homes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.french import day_plain, euros_text, join_and, month_text, number_text
from marelle.flows.catalogue.next_tariffs import NextTariffs
from marelle.flows.prices.comparing import Compared, HomeCompared
from marelle.pricing import labels
from marelle.pricing.copying import Copied, Row
from marelle.pricing.tariffs import Adjustment, SpanRule, Tariff

REFUSALS: Final = {
    "changed": gettext_lazy(
        "Un de ces tarifs vient de changer\u00a0: relisez ce que cela donne, puis enregistrez."
    ),
    "nothing": gettext_lazy("Aucun tarif n’est à reprendre ce jour-là."),
    "past": gettext_lazy("Donnez un jour à venir\u00a0: les jours passés ont déjà leur prix."),
}


@dataclass(frozen=True, slots=True)
class GridShown:
    """A grid whose cells say what was and what comes."""

    whom: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class RuleShown:
    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PlanShown:
    """`lines`: what is not copied, and why."""

    title: str
    grids: tuple[GridShown, ...]
    rules: tuple[RuleShown, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loser:
    name: str
    url: str
    detail: str
    change: str


@dataclass(frozen=True, slots=True)
class TrialShown:
    title: str
    facts: tuple[tuple[str, str], ...]
    losers: tuple[Loser, ...]
    gaps: tuple[str, ...]


def plan_shown(found: NextTariffs, names: labels.Names, since: date) -> PlanShown:
    tariffs = [one for one in found.made if isinstance(one.new, Tariff)]
    others = [one for one in found.made if not isinstance(one.new, Tariff)]
    return PlanShown(
        _("À partir du %(day)s") % {"day": day_plain(since)},
        tuple(_grids(tariffs, names, since)),
        tuple(_rule(one, names, since) for one in others),
        tuple(_lines(found, since)),
    )


def _grids(made: Sequence[Copied], names: labels.Names, day: date) -> Iterable[GridShown]:
    """Both are cut alike where their dates and their vote are the same."""
    news = [one.new for one in made if isinstance(one.new, Tariff)]
    olds = [
        replace(one.old, since=one.new.since, until=one.new.until, voted=one.new.voted)
        for one in made
        if isinstance(one.old, Tariff) and isinstance(one.new, Tariff)
    ]
    for old, new in zip(labels.grids(olds, names, day), labels.grids(news, names, day), strict=True):
        rows = zip(old.rows, new.rows, strict=True)
        yield GridShown(
            new.whom,
            new.facts,
            new.columns,
            tuple((row.name, row.details, tuple(_cells(before, row))) for before, row in rows),
        )


def _cells(old: labels.GridRow, new: labels.GridRow) -> Iterable[tuple[str, str]]:
    for (column, before), (_column, after) in zip(old.cells, new.cells, strict=True):
        yield column, after if before == after else f"{before} → {after}"


def _rule(one: Copied, names: labels.Names, day: date) -> RuleShown:
    old, new = (_sentence(row, names, day) for row in (one.old, one.new))
    return RuleShown(one.new.name, old if old != new else "", new)


def _sentence(row: Row, names: labels.Names, day: date) -> str:
    match row:
        case Adjustment():
            return labels.adjustment_label(row, names, day)
        case SpanRule():
            return labels.span_rule_label(row, names, day)
        case _:
            return row.name


def _lines(found: NextTariffs, since: date) -> Iterable[str]:
    told = {"day": day_plain(since)}
    if found.plan.prepared:
        yield _("Déjà prêts pour le %(day)s, laissés comme ils sont\u00a0: %(names)s.") % {
            **told,
            "names": _names(found.plan.prepared),
        }
    if found.plan.shared:
        yield _(
            "Concernent aussi d’autres activités, laissés comme ils sont\u00a0: %(names)s. Préparez tous les "
            "tarifs de la collectivité pour les reprendre."
        ) % {"names": _names(found.plan.shared)}


def _names(rows: Iterable[Row]) -> str:
    return join_and([f"«\u00a0{name}\u00a0»" for name in dict.fromkeys(row.name for row in rows)])


def trial_shown(found: Compared, families: Mapping[int, str]) -> TrialShown:
    """`families`: the names of those that may be named, by id."""
    count = len(found.homes)
    title = ngettext(
        "Essayé sur %(month)s\u00a0: %(n)s foyer", "Essayé sur %(month)s\u00a0: %(n)s foyers", count
    ) % {"month": month_text(found.first), "n": number_text(count)}
    return TrialShown(
        title,
        tuple(_facts(found)) if count else (),
        tuple(_loser(one, families) for one in found.losers),
        tuple(_gaps(found)),
    )


def _facts(found: Compared) -> Iterable[tuple[str, str]]:
    yield _("Paieraient plus"), number_text(found.more)
    yield _("Paieraient moins"), number_text(found.less)
    yield _("Paieraient autant"), number_text(found.same)
    told = {"before": euros_text(found.before), "after": euros_text(found.after)}
    total = _("%(before)s → %(after)s") % told
    yield _("En tout"), f"{total} ({change_text(found.after - found.before)})"
    yield _("Pour le foyer du milieu"), change_text(found.median)


def _loser(one: HomeCompared, families: Mapping[int, str]) -> Loser:
    name = families.get(one.family_id, "")
    return Loser(
        name or _("Un foyer"),
        reverse("agents_families:family", args=[one.family_id]) if name else "",
        _("%(before)s → %(after)s") % {"before": euros_text(one.before), "after": euros_text(one.after)},
        change_text(one.change),
    )


def _gaps(found: Compared) -> Iterable[str]:
    for slot_id, homes in sorted(found.gaps.items()):
        yield ngettext(
            "%(slot)s\u00a0: un foyer l’aurait sans prix.",
            "%(slot)s\u00a0: %(n)s foyers l’auraient sans prix.",
            homes,
        ) % {"slot": found.slots[slot_id], "n": number_text(homes)}


def change_text(amount: Decimal) -> str:
    """ "+1,20 €", "-0,40 €", "0,00 €"."""
    return f"+{euros_text(amount)}" if amount > 0 else euros_text(amount)


def refusal_text(code: str) -> str:
    return str(REFUSALS.get(code, REFUSALS["changed"]))
