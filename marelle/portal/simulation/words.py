"""A simulated month in French: by child, what each kind of day costs, how often, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.facts import ActivityFacts
from marelle.core.french import day_number, euros_text, join_and, month_text
from marelle.flows.simulating.imagined import Simulated
from marelle.portal.simulation.forms import RANKS
from marelle.pricing.alike import Alike, alike
from marelle.pricing.explained import LineTold, gap_told, line_told
from marelle.pricing.labels import Names
from marelle.pricing.lines import Gap, Line, LineKind, total
from marelle.pricing.tariffs import TariffBook


@dataclass(frozen=True, slots=True)
class KindTold:
    """ "Matin + Repas", "4 × 7,50 €", "les 2, 9, 16 et 23", "30,00 €", and why one costs that."""

    title: str
    count: str
    days: str
    amount: str
    why: LineTold


@dataclass(frozen=True, slots=True)
class ChildTold:
    title: str
    amount: str
    kinds: tuple[KindTold, ...]


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    amount: str
    children: tuple[ChildTold, ...]
    gaps: tuple[str, ...]


def told(found: Simulated, book: TariffBook, activity: ActivityFacts, month: date) -> Told:
    names = {slot.id: slot.name for slot in sorted(activity.slots.values(), key=lambda slot: slot.order)}
    by_child: dict[int, list[Line]] = {}
    for line in found.lines:
        by_child.setdefault(line.child_id or 0, []).append(line)
    return Told(
        month_text(month),
        euros_text(found.total),
        tuple(
            ChildTold(
                _rank(child_id, len(by_child)),
                euros_text(total(lines)),
                tuple(_kind(one, book, names) for one in alike(lines)),
            )
            for child_id, lines in sorted(by_child.items())
        ),
        _gaps(found.gaps, names),
    )


def _rank(child_id: int, of: int) -> str:
    return _("Votre enfant") if of == 1 else str(RANKS[child_id - 1])


def _kind(one: Alike, book: TariffBook, names: Names) -> KindTold:
    why = line_told(one.line, book, names)
    count = ngettext("%(n)d jour × %(unit)s", "%(n)d jours × %(unit)s", len(one.days))
    of_day = one.line.kind is not LineKind.CORRECTION
    return KindTold(
        why.title,
        count % {"n": len(one.days), "unit": why.amount} if of_day else "",
        _days(one.days) if of_day else "",
        euros_text(one.amount),
        why,
    )


def _days(days: Sequence[date]) -> str:
    """ "le 2", "les 2, 9 et 16": the month is told once."""
    told = ngettext("le %(days)s", "les %(days)s", len(days))
    return told % {"days": join_and([day_number(day.day) for day in days])}


def _gaps(gaps: Iterable[Gap], names: Names) -> tuple[str, ...]:
    """Each thing once, whichever children hold it."""
    return tuple(dict.fromkeys(gap_told(gap, names) for gap in gaps))
