"""Tariffs in French words: amounts, for whom, since when, what nobody meant. Pure, from the pure types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.absences import Told
from marelle.core.french import (
    day_long_year,
    day_plain,
    euros_text,
    join_and,
    number_text,
    range_sentence,
    weekday_name,
)
from marelle.pricing.amounts import Amount, Brackets, ByNumber, Effort, Fixed, Linear
from marelle.pricing.doubts import Doubt, Doubted
from marelle.pricing.facts import SpanKind, TraitKind, Traits
from marelle.pricing.tariffs import (
    Adjustment,
    Always,
    Becomes,
    By,
    DoneCase,
    Effect,
    Flat,
    Hours,
    Late,
    LateFetch,
    Missed,
    Most,
    Nth,
    OwnCase,
    Percent,
    Plus,
    Product,
    Rank,
    Sets,
    Slots,
    SpanRule,
    Started,
    Tariff,
    TariffBook,
    Unbooked,
    Voted,
)

Names = Mapping[int, str]
"""Of slots, in the order in which they are told."""

TRAITS: Final[dict[TraitKind, Promise]] = {
    TraitKind.OUTSIDE: gettext_lazy("les familles hors commune"),
    TraitKind.AGREEMENT: gettext_lazy("les familles des communes conventionnées"),
    TraitKind.STAFF: gettext_lazy("les enfants du personnel"),
    TraitKind.OWN_MEAL: gettext_lazy("les enfants qui apportent le repas de leur PAI"),
    TraitKind.IN_CARE: gettext_lazy("les enfants confiés au département (ASE)"),
    TraitKind.REGULAR: gettext_lazy("qui vient régulièrement"),
    TraitKind.EVERY_SCHOOL_DAY: gettext_lazy("qui vient tous les jours d’école"),
    TraitKind.DECISION: gettext_lazy("les foyers qu’une décision nomme"),
}
HOURS: Final[dict[Hours, Promise]] = {
    Hours.BOOKED: gettext_lazy("sur les heures réservées"),
    Hours.SEEN: gettext_lazy("sur les heures réalisées"),
    Hours.LONGER: gettext_lazy("sur les plus longues des heures réservées et réalisées"),
}
PRICE_OF: Final[dict[int, Promise]] = {
    15: gettext_lazy("prix d’un quart d’heure"),
    30: gettext_lazy("prix d’une demi-heure"),
    60: gettext_lazy("prix d’une heure"),
}
BEGUN: Final[dict[int, Promise]] = {
    15: gettext_lazy("par quart d’heure commencé"),
    30: gettext_lazy("par demi-heure commencée"),
    60: gettext_lazy("par heure commencée"),
}
FIRSTS: Final[dict[By, str | Promise]] = {
    By.PRICE: "",
    By.ELDEST: gettext_lazy("le premier étant l’aîné du jour"),
    By.HOUSEHOLD: gettext_lazy("le premier étant l’aîné du foyer, qu’il vienne ou non"),
}
TOLD: Final[dict[Told, Promise]] = {
    Told.IN_TIME: gettext_lazy("dite à temps"),
    Told.LATE: gettext_lazy("dite trop tard"),
    Told.NEVER: gettext_lazy("jamais dite"),
}
SPANS: Final[dict[SpanKind, Promise]] = {
    SpanKind.WEEK: gettext_lazy("par semaine"),
    SpanKind.MONTH: gettext_lazy("par mois"),
    SpanKind.YEAR: gettext_lazy("par an"),
}
FALLING: Final = gettext_lazy(
    "%(names)s\u00a0: à compter du %(day)s, une tranche paie moins que celle d’en dessous."
)
HIGH: Final = gettext_lazy(
    "%(names)s\u00a0: à compter du %(day)s, un prix est très élevé. Une virgule a-t-elle été oubliée\u00a0?"
)
OF_TARIFFS: Final = frozenset({Doubt.OVERLAP, Doubt.DEARER, Doubt.FALLING, Doubt.HIGH})
DOUBTS: Final[dict[Doubt, Promise]] = {
    Doubt.OVERLAP: gettext_lazy(
        "%(names)s valent pour la même chose à compter du %(day)s\u00a0: seul le premier compte."
    ),
    Doubt.OPPOSITE: gettext_lazy(
        "%(names)s se contredisent à compter du %(day)s\u00a0: seul le premier compte."
    ),
    Doubt.HOLE: gettext_lazy(
        "%(slots)s\u00a0: aucun tarif pour tous à compter du %(day)s, rien n’y est compté."
    ),
    Doubt.DEARER: gettext_lazy(
        "%(names)s\u00a0: à compter du %(day)s, %(slots)s coûte plus que ses parties à certaines familles, "
        "qui paient les parties."
    ),
    Doubt.RISING: gettext_lazy(
        "%(names)s\u00a0: à compter du %(day)s, un enfant paie plus que celui qui le précède dans la fratrie."
    ),
    **dict.fromkeys((Doubt.FALLING, Doubt.FALLING_INSTEAD), FALLING),
    **dict.fromkeys((Doubt.HIGH, Doubt.HIGH_INSTEAD), HIGH),
}


@dataclass(frozen=True, slots=True)
class GridRow:
    """A tariff: what it is of, and its price in each column."""

    id: int
    name: str
    details: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    """Each with the heading of its column."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Tariffs that are voted, dated and cut alike. `facts`: what is said of all of them."""

    whom: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]


def decimal_text(value: Decimal) -> str:
    """ "1 201", "600,50", "0,0619": no zero that says nothing, save in cents."""
    whole, _point, parts = f"{abs(value):f}".partition(".")
    parts = parts.rstrip("0")
    told = number_text(int(whole)) + (f",{parts:0<2}" if parts else "")
    return f"-{told}" if value < 0 else told


def percent_text(value: Decimal) -> str:
    """ "0,36 %", "12,5 %"."""
    told = f"{value:f}"
    told = told.rstrip("0").rstrip(".") if "." in told else told
    return f"{told.replace('.', ',')}\u00a0%"


def whom_label(who: Traits) -> str:
    """ "tous", "les familles hors commune et les enfants du personnel": who has all of these traits."""
    kinds = sorted({trait.kind for trait in who}, key=list(TraitKind).index)
    return join_and([str(TRAITS[kind]) for kind in kinds]) if kinds else _("tous")


def dates_label(since: date, until: date | None, day: date) -> str:
    """ "depuis le 1er septembre 2026", "à partir du 1er janvier 2027", seen on `day`."""
    if until is not None:
        return range_sentence(since, until)
    told = _("depuis le %(day)s") if since <= day else _("à partir du %(day)s")
    return told % {"day": day_plain(since)}


def voted_label(voted: Voted) -> str:
    """ "délibération n° 2026-42 du 12 juin 2026"."""
    told = _("délibération n° %(number)s du %(day)s") if voted.number else _("délibération du %(day)s")
    return told % {"number": voted.number, "day": day_plain(voted.on)}


def weekdays_label(weekdays: Iterable[int]) -> str:
    """ "le lundi et le mardi seulement", nothing for every day."""
    names = [_("le %(day)s") % {"day": weekday_name(number)} for number in sorted(weekdays)]
    return _("%(days)s seulement") % {"days": join_and(names)} if names else ""


def slots_label(slots: Slots, names: Names) -> str:
    """ "Matin + Repas"."""
    return " + ".join(name for number, name in names.items() if number in slots)


def sets_label(sets: Iterable[Slots], names: Names) -> str:
    """ "Matin + Repas ou Repas + Après-midi"."""
    return _(" ou ").join(slots_label(slots, names) for slots in sets)


def started_label(started: Started) -> str:
    """ "prix d’une heure, par demi-heure commencée, sur les heures réservées"."""
    per = PRICE_OF.get(started.per) or _("prix de %(n)d minutes") % {"n": started.per}
    step = BEGUN.get(started.step) or _("par %(n)d minutes commencées") % {"n": started.step}
    return f"{per}, {step}, {HOURS[started.hours]}"


def amount_label(amount: Amount, day: date) -> str:
    """ "3,60 €", "gratuit", "de 0,30 € à 0,63 € selon le quotient"; what an effort rate counts is that of
    `day`."""
    match amount:
        case Fixed(price):
            return euros_text(price) if price else _("gratuit")
        case Brackets(rows):
            low, high = min(row.price for row in rows), max(row.price for row in rows)
            told = {"low": euros_text(low), "high": euros_text(high)}
            if low == high:
                return euros_text(low)
            return _("de %(low)s à %(high)s selon le quotient") % told
        case Linear(percent, floor, ceiling):
            return _("%(percent)s du quotient, de %(low)s à %(high)s") % {
                "percent": percent_text(percent),
                "low": euros_text(floor),
                "high": euros_text(ceiling),
            }
        case Effort():
            return _effort_label(amount, day)
        case ByNumber(amounts):
            return _by_number_label(amounts, day)


def _effort_label(amount: Effort, day: date) -> str:
    until: list[int | None] = [row.children - 1 for row in amount.rates[1:]]
    rates = [
        f"{_from_to_label(row.children, last)} {percent_text(row.percent)}"
        for row, last in zip(amount.rates, [*until, None], strict=True)
    ]
    told = _("taux d’effort sur les ressources du mois\u00a0: %(rates)s") % {"rates": ", ".join(rates)}
    bounds = [bound for bound in amount.bounds if bound.since <= day]
    if not bounds:
        return _("%(rates)s\u00a0; aucun plancher ni plafond de ressources n’est encore donné") % {
            "rates": told
        }
    bound = max(bounds, key=lambda one: one.since)
    return _("%(rates)s\u00a0; ressources comptées de %(floor)s à %(ceiling)s") % {
        "rates": told,
        "floor": euros_text(bound.floor),
        "ceiling": euros_text(bound.ceiling),
    }


def children_label(number: int) -> str:
    """ "1 enfant", "2 enfants"."""
    return ngettext("%(n)d enfant", "%(n)d enfants", number) % {"n": number}


def _from_to_label(first: int, last: int | None) -> str:
    """ "3 enfants", "4 à 7 enfants", "8 enfants et plus"."""
    if last is None:
        return _("%(children)s et plus") % {"children": children_label(first)}
    if first == last:
        return children_label(first)
    return _("%(first)d à %(children)s") % {"first": first, "children": children_label(last)}


def _by_number_label(amounts: Sequence[Amount], day: date) -> str:
    lines = []
    for number, one in enumerate(amounts, 1):
        of = _from_to_label(number, None if number == len(amounts) > 1 else number)
        lines.append(f"{of}\u00a0: {amount_label(one, day)}")
    return _("\u00a0; ").join(lines)


def bracket_labels(limits: Sequence[Decimal]) -> tuple[str, ...]:
    """ "moins de 360", "360 à moins de 565", "565 et plus": a quotient between two whole numbers has its
    bracket. One column alone, where the quotient changes nothing."""
    if len(limits) < 2:
        return (_("Prix"),)
    told = [decimal_text(limit) for limit in limits]
    between = [
        _("%(low)s à moins de %(high)s") % {"low": low, "high": high} for low, high in pairwise(told[1:])
    ]
    return _("moins de %(high)s") % {"high": told[1]}, *between, _("%(low)s et plus") % {"low": told[-1]}


def grids(tariffs: Iterable[Tariff], names: Names, day: date) -> list[Grid]:
    """Those of the same dates and accounts, for the same children and cut alike, together, in their order."""
    found: dict[object, list[Tariff]] = {}
    for tariff in sorted(tariffs, key=lambda row: (row.since, len(row.who), row.order, row.id)):
        alike = (_facts(tariff, day), whom_label(tariff.who), _limits(tariff), tariff.order, tariff.ledger)
        found.setdefault(alike, []).append(tariff)
    return [_grid(rows, names, day) for rows in found.values()]


def _grid(rows: Sequence[Tariff], names: Names, day: date) -> Grid:
    columns = bracket_labels(_limits(rows[0]))
    return Grid(
        whom_label(rows[0].who),
        _facts(rows[0], day),
        columns,
        tuple(
            GridRow(
                row.id,
                row.name,
                _details(row, names, day),
                tuple(zip(columns, _cells(row, day), strict=True)),
            )
            for row in rows
        ),
    )


def _limits(tariff: Tariff) -> tuple[Decimal, ...]:
    return tuple(row.since for row in tariff.amount.rows) if isinstance(tariff.amount, Brackets) else ()


def _cells(tariff: Tariff, day: date) -> list[str]:
    if isinstance(tariff.amount, Brackets):
        return [euros_text(row.price) for row in tariff.amount.rows]
    return [amount_label(tariff.amount, max(day, tariff.since))]


def _facts(tariff: Tariff, day: date) -> tuple[str, ...]:
    started = None if isinstance(tariff.what, Product) else tariff.what.started
    told = (
        dates_label(tariff.since, tariff.until, day),
        weekdays_label(tariff.weekdays),
        started_label(started) if started else "",
        voted_label(tariff.voted) if tariff.voted else "",
    )
    return tuple(filter(None, told))


def _details(tariff: Tariff, names: Names, day: date) -> tuple[str, ...]:
    match tariff.what:
        case Sets(sets):
            told = sets_label(sets, names)
        case LateFetch(slots, _started, spared):
            told = ", ".join(
                filter(None, (_("enfant repris après la fin"), _about(slots, names), _spared(spared)))
            )
        case Product():
            told = _("payé en une fois")
    food = tariff.food and _("dont part du repas\u00a0: %(price)s") % {
        "price": amount_label(tariff.food, max(day, tariff.since))
    }
    return tuple(line for line in (told, food) if line and line != tariff.name)


def adjustment_label(row: Adjustment, names: Names, day: date) -> str:
    """ "2e enfant du foyer : 10 % de moins"."""
    told = subject_label(row, names) or _("pour tous")
    whole = _("un seul créneau suffit pour toute la formule") if row.whole else ""
    effect = ", ".join(
        filter(None, (effect_label(row.effect, max(day, row.since)), whole, _spared(row.spared)))
    )
    return f"{told[0].upper()}{told[1:]}\u00a0: {effect}."


def subject_label(row: Adjustment, names: Names) -> str:
    """ "2e enfant du foyer", "réservé hors délai, créneau Repas"; nothing where it is for all."""
    parts = (_case(row.case), for_label(row.who), _about(row.slots, names), weekdays_label(row.weekdays))
    return ", ".join(filter(None, parts))


def for_label(who: Traits) -> str:
    """ "pour les familles hors commune", nothing where it is for all."""
    return _("pour %(whom)s") % {"whom": whom_label(who)} if who else ""


def _about(slots: Slots, names: Names) -> str:
    found = [name for number, name in names.items() if number in slots]
    told = ngettext("créneau %(slots)s", "créneaux %(slots)s", len(found))
    return told % {"slots": join_and(found)} if found else ""


def _spared(times: int) -> str:
    if not times:
        return ""
    told = ngettext(
        "la première fois de l’année scolaire n’est qu’un avertissement",
        "les %(n)d premières fois de l’année scolaire ne sont qu’un avertissement",
        times,
    )
    return told % {"n": times}


def _case(case: OwnCase | DoneCase) -> str:
    match case:
        case Always():
            return ""
        case Rank():
            return _rank(case)
        case Late():
            return _("réservé hors délai")
        case Unbooked():
            return _("venu sans réservation")
        case Missed():
            return missed_label(case)


def _rank(rank: Rank) -> str:
    if rank.first == rank.last:
        told = _("%(rank)s enfant du foyer") % {"rank": nth_label(rank.first)}
    elif rank.last is None:
        told = _("%(rank)s enfant du foyer et suivants") % {"rank": nth_label(rank.first)}
    else:
        told = _("du %(first)s au %(last)s enfant du foyer") % {
            "first": nth_label(rank.first),
            "last": nth_label(rank.last),
        }
    return ", ".join(filter(None, (told, str(FIRSTS[rank.by]))))


def nth_label(number: int) -> str:
    """ "1er", "3e"."""
    return _("1er") if number == 1 else _("%(n)de") % {"n": number}


def missed_label(missed: Missed) -> str:
    """ "absence justifiée dans le 1er délai"."""
    told = [str(TOLD[one]) for one in Told if one in missed.told and missed.told != frozenset(Told)]
    parts = [_("absence")]
    if missed.excused is not None:
        parts.append(_("justifiée") if missed.excused else _("non justifiée"))
    if missed.within is not None:
        parts.append(_("dans le %(rank)s délai") % {"rank": nth_label(missed.within + 1)})
    return " ".join([*parts, _(" ou ").join(told)]).strip()


def change_label(percent: Decimal) -> str:
    """ "10 % de moins", "50 % de plus"."""
    told = _("%(much)s de moins") if percent < 0 else _("%(much)s de plus")
    return told % {"much": percent_text(abs(percent))}


def effect_label(effect: Effect, day: date) -> str:
    match effect:
        case Percent(percent):
            return change_label(percent)
        case Plus(amount):
            told = _("%(much)s de moins par formule") if amount < 0 else _("%(much)s de plus par formule")
            return told % {"much": euros_text(abs(amount))}
        case Becomes(Fixed(price)) if not price:
            return _("gratuit")
        case Becomes(amount):
            return _("le prix est remplacé par %(price)s") % {"price": amount_label(amount, day)}


def span_rule_label(row: SpanRule, names: Names, day: date) -> str:
    """ "Par semaine et par enfant : 19,80 € au plus."."""
    subject = (_("%(span)s et par enfant") % {"span": SPANS[row.span]}, for_label(row.who))
    told_of = ", ".join(filter(None, (*subject, _about(row.slots, names))))
    on = max(day, row.since)
    match row.rule:
        case Most(amount):
            told = _("%(price)s au plus") % {"price": amount_label(amount, on)}
        case Flat(days, amount):
            told = _("%(price)s en tout à partir de %(days)d jours") % {
                "price": amount_label(amount, on),
                "days": days,
            }
        case Nth(days, percent):
            told = _("%(effect)s à partir du %(rank)s jour") % {
                "effect": effect_label(Percent(percent), on),
                "rank": nth_label(days),
            }
    return f"{told_of[0].upper()}{told_of[1:]}\u00a0: {told}."


def doubt_lines(found: Iterable[Doubted], book: TariffBook, names: Names) -> list[str]:
    """Each with the first day it bites; slots without a price from the same day are told together."""
    told: list[str] = []
    holes: dict[date, set[int]] = {}
    for one in found:
        if one.doubt is Doubt.HOLE:
            holes.setdefault(one.day, set()).update(one.slots)
            continue
        rows = book.tariffs if one.doubt in OF_TARIFFS else book.adjustments
        of = {row.id: row.name for row in rows}
        told.append(
            _doubt(one.doubt, one.day, [of[number] for number in one.ids], slots_label(one.slots, names))
        )
    for day, slots in holes.items():
        told.append(_doubt(Doubt.HOLE, day, [], join_and([names[one] for one in names if one in slots])))
    return told


def _doubt(doubt: Doubt, day: date, rows: Sequence[str], slots: str) -> str:
    quoted = join_and([f"«\u00a0{name}\u00a0»" for name in rows])
    return str(DOUBTS[doubt]) % {"names": quoted, "slots": slots, "day": day_long_year(day)}
