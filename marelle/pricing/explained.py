"""« Pourquoi ce prix ? »: a line in words, step by step, from what its steps counted with.

Nothing is counted here: each sentence has the figures of its step and what the line comes to after it, so
that words and price cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.french import euros_text, join_and, range_sentence
from marelle.core.money import ZERO
from marelle.pricing.about import tells_health
from marelle.pricing.facts import SpanKind
from marelle.pricing.income_words import Reader, income_words
from marelle.pricing.labels import (
    SPANS,
    Names,
    change_label,
    children_label,
    dates_label,
    for_label,
    nth_label,
    percent_text,
    slots_label,
    started_label,
    subject_label,
    voted_label,
)
from marelle.pricing.lines import Figure, Gap, Line, LineKind, Step, StepCode
from marelle.pricing.tariffs import ALL_SLOTS, Adjustment, Product, SpanRule, Started, Tariff, TariffBook

KINDS: Final[dict[LineKind, Promise]] = {
    LineKind.PREPAID: gettext_lazy("déjà payé"),
    LineKind.GIVEN_BACK: gettext_lazy("rendu"),
    LineKind.EXTRA: gettext_lazy("heures en plus"),
    LineKind.DEDUCTED: gettext_lazy("heures en moins"),
}
"""What a title says beside the names."""
OF_SPAN: Final[dict[SpanKind, Promise]] = {
    SpanKind.WEEK: gettext_lazy("de la semaine"),
    SpanKind.MONTH: gettext_lazy("du mois"),
    SpanKind.YEAR: gettext_lazy("de l’année"),
}
GAPS: Final[dict[str, Promise]] = {
    "slot": gettext_lazy("%(what)s\u00a0: aucun tarif ne donne de prix ce jour-là."),
    "fetched": gettext_lazy("%(what)s\u00a0: aucun tarif n’est prévu pour un enfant repris après la fin."),
    "product": gettext_lazy("%(what)s\u00a0: aucun tarif ne donne de prix ce jour-là."),
}
DISCREET: Final = gettext_lazy("Selon la situation de l’enfant")
"""In place of a name, for who may not know of what it is."""
OF_ADJUSTMENTS: Final = frozenset({StepCode.PERCENT, StepCode.PLUS, StepCode.BECOMES, StepCode.SPARED})
OF_SPANS: Final = frozenset({StepCode.MOST, StepCode.FLAT, StepCode.NTH})

Source = Tariff | Adjustment | SpanRule


@dataclass(frozen=True, slots=True)
class StepTold:
    """`amount`: what the line comes to after it."""

    sentence: str
    amount: str


@dataclass(frozen=True, slots=True)
class LineTold:
    """A line as it is shown: plain texts."""

    title: str
    day: date
    amount: str
    steps: tuple[StepTold, ...]


def line_told(
    line: Line,
    book: TariffBook,
    slot_names: Names,
    *,
    shows_income: bool = True,
    shows_health: bool = True,
    to_home: bool = True,
    authority: str = "",
) -> LineTold:
    """`slot_names` in the order in which slots are told. `shows_income`, `shows_health`: whether the reader
    may know that of the home, and of the child. `authority`, by name: who an unknown income is unknown to."""
    reader = Reader(to_home, shows_income, authority, shows_health)
    hidden = _hides(reader, _source(line, line.steps[0], book))
    return LineTold(
        line_title(line._replace(name=str(DISCREET)) if hidden else line, slot_names),
        line.day,
        euros_text(line.amount),
        tuple(_steps(line, book, slot_names, reader)),
    )


def line_title(line: Line, slot_names: Names) -> str:
    """ "Matin + Repas · Demi-journée avec repas"."""
    parts = [slots_label(line.slots, slot_names), line.name]
    if parts[0].casefold() == parts[1].casefold():
        parts.pop()
    title = " · ".join(filter(None, parts))
    if line.missed and line.kind is not LineKind.GIVEN_BACK:
        title = _("%(title)s, absence") % {"title": title}
    return f"{title} ({KINDS[line.kind]})" if line.kind in KINDS else title


def gap_told(gap: Gap, slot_names: Names, product_names: Mapping[int, str] | None = None) -> str:
    """ "Repas : aucun tarif n’est réglé pour ce jour."."""
    if gap.what == "product":
        what = (product_names or {}).get(gap.id) or _("Ce qui est payé en une fois")
    else:
        what = slot_names.get(gap.id) or _("Un créneau")
    return str(GAPS[gap.what]) % {"what": what}


def whole_span_told(line: Line, days: Iterable[date], book: TariffBook) -> str:
    """ "semaine du 14 au 20 décembre 2026", "tout le mois": what a span makes of all its days counts on the
    last, which is not the day that it is about. Nothing for what is of a day."""
    step = line.steps[-1]
    if step.code is StepCode.KEPT:
        return _("sur toute la période")
    if step.code not in {StepCode.MOST, StepCode.FLAT}:
        return ""
    source = _source(line, step, book)
    match source.span if isinstance(source, SpanRule) else None:
        case SpanKind.WEEK:
            mondays = [day - timedelta(days=day.weekday()) for day in sorted(days)]
            weeks = [range_sentence(monday, monday + timedelta(days=6)) for monday in mondays]
            return _("semaine %(days)s") % {"days": join_and(weeks)}
        case SpanKind.MONTH:
            return _("tout le mois")
        case SpanKind.YEAR:
            return _("toute l’année scolaire")
        case _:
            return _("sur toute la période")


def _hides(reader: Reader, source: Source | None) -> bool:
    """Whether the name of a source would tell that the child has a PAI to who may not know it."""
    return not reader.shows_health and source is not None and tells_health(source)


def _source(line: Line, step: Step, book: TariffBook) -> Source | None:
    return next((row for row in _rows(line, step, book)[1] if row.id == step.source), None)


def _steps(line: Line, book: TariffBook, names: Names, reader: Reader) -> Iterator[StepTold]:
    """The name, the dates and the vote of a source are told once, with its first step."""
    before, told = ZERO, ("", 0)
    for step in line.steps:
        kind, source = _rows(line, step, book)[0], _source(line, step, book)
        head = str(DISCREET) if _hides(reader, source) else _head(line, step, source, names)
        head = "" if told == (kind, step.source) else head
        income = income_words(step.data, reader)
        yield StepTold(_sentence(head, _body(line, step, source, before), income), euros_text(step.amount))
        before, told = step.amount, (kind, step.source)


def _rows(line: Line, step: Step, book: TariffBook) -> tuple[str, Sequence[Source]]:
    """Which rows of the book a step is of: a tariff and an adjustment may have the same id."""
    if step.code in OF_SPANS:
        return "rule", book.span_rules
    warned = step.code is StepCode.SPARED and line.kind is LineKind.FETCHED
    if step.code in OF_ADJUSTMENTS and not warned:
        return "adjustment", book.adjustments
    return "tariff", book.tariffs


def _head(line: Line, step: Step, source: Source | None, names: Names) -> str:
    """ "« Repas », depuis le 1er septembre 2026 (délibération n° 4…), pour les enfants du personnel"; the
    name alone of what the book does not hold."""
    name = f"«\u00a0{step.name}\u00a0»"
    if source is None:
        return name
    dates = dates_label(source.since, source.until, line.day)
    if isinstance(source, Tariff) and source.voted:
        dates += f" ({voted_label(source.voted)})"
    return ", ".join(filter(None, (name, dates, _whom(line, source, names))))


def _whom(line: Line, source: Source, names: Names) -> str:
    """Of an adjustment, in which case; its slots only where not all of the line's are of them."""
    if not isinstance(source, Adjustment):
        return for_label(source.who)
    of_all = line.slots <= source.slots
    return subject_label(replace(source, slots=ALL_SLOTS) if of_all else source, names)


def _sentence(head: str, body: str, income: str) -> str:
    """ "« Repas », depuis le 1er septembre 2026. Votre quotient…", "« Fratrie », …\u00a0: 10 % de moins."."""
    if head and body:
        first = _("%(head)s\u00a0: %(body)s.") % {"head": head, "body": body}
    else:
        first = f"{head or body[:1].upper() + body[1:]}." if head or body else ""
    return " ".join(filter(None, (first, income)))


def _body(line: Line, step: Step, source: Source | None, before: Decimal) -> str:
    """What the step did; nothing where its income says it."""
    data = step.data
    match step.code:
        case StepCode.FIXED | StepCode.BRACKET | StepCode.LINEAR | StepCode.EFFORT:
            return _own(line, step)
        case StepCode.TIMES:
            return _times(line, data, source)
        case StepCode.CONTRACT:
            return _contract(data, before)
        case StepCode.PERCENT | StepCode.PLUS | StepCode.BECOMES:
            return _effect(step, before)
        case StepCode.SPARED:
            return _spared(int(_number(data, "time")), int(_number(data, "times")))
        case StepCode.PREPAID:
            return _("ce jour y est compris, rien de plus à payer")
        case StepCode.GIVEN_BACK:
            return _("rendu, car ce qui était payé a été manqué")
        case StepCode.DEDUCTED:
            return _("%(hours)s en moins, au même prix") % {"hours": minutes_text(_number(data, "minutes"))}
        case StepCode.KEPT:
            return _("on ne rend jamais plus que ce qui a été payé")
        case StepCode.MOST | StepCode.FLAT | StepCode.NTH:
            return _corrected(step, source)


def _own(line: Line, step: Step) -> str:
    number = step.data.get("number")
    parts = []
    if line.kind is LineKind.GIVEN_BACK:
        parts.append(_("ce qui est rendu pour un jour manqué"))
    if isinstance(number, int):
        parts.append(_("prix pour %(children)s du foyer") % {"children": children_label(number)})
    if step.code is StepCode.FIXED:
        parts.append(euros_text(step.amount) if step.amount else _("gratuit"))
    return ", ".join(parts)


def _times(line: Line, data: Mapping[str, Figure], source: Source | None) -> str:
    told = f"{quantity_text(_number(data, 'quantity'))} × {euros_text(_number(data, 'unit'))}"
    started = _started(line, source)
    return f"{told} ({started_label(started)})" if started else told


def _started(line: Line, source: Source | None) -> Started | None:
    if not isinstance(source, Tariff):
        return None
    if isinstance(source.what, Product):
        return source.what.extra if line.kind is LineKind.EXTRA else None
    return source.what.started


def _contract(data: Mapping[str, Figure], unit: Decimal) -> str:
    return _("%(weeks)s × %(hours)s par semaine ÷ %(months)s × %(unit)s de l’heure") % {
        "weeks": _counted("%(n)d semaine", "%(n)d semaines", data, "weeks"),
        "hours": minutes_text(_number(data, "minutes_a_week")),
        "months": _("%(n)d mois") % {"n": _number(data, "months")},
        "unit": euros_text(unit),
    }


def _effect(step: Step, before: Decimal) -> str:
    data = step.data
    match step.code:
        case StepCode.PERCENT:
            told, of = change_label(_number(data, "percent")), _number(data, "of")
            return told if of == before else _("%(told)s sur %(of)s") % {"told": told, "of": euros_text(of)}
        case StepCode.PLUS:
            more = _number(data, "plus")
            told = _("%(much)s de moins") if more < 0 else _("%(much)s de plus")
            return told % {"much": euros_text(abs(more))}
        case _:
            return _("le prix est remplacé par %(price)s, au lieu de %(before)s") % {
                "price": euros_text(step.amount),
                "before": euros_text(_number(data, "instead_of")),
            }


def _spared(time: int, times: int) -> str:
    if times == 1:
        return _("cette fois n’est qu’un avertissement, le seul de l’année scolaire")
    return _("cette fois n’est qu’un avertissement, le %(rank)s sur %(n)d de l’année scolaire") % {
        "rank": nth_label(time),
        "n": times,
    }


def _corrected(step: Step, source: Source | None) -> str:
    before, days = _number(step.data, "before"), int(_number(step.data, "days"))
    rule = source if isinstance(source, SpanRule) else None
    told = {
        "after": euros_text(before + step.amount),
        "before": euros_text(before),
        "span": f" {SPANS[rule.span]}" if rule else "",
        "of": f" {OF_SPAN[rule.span]}" if rule else "",
        "rank": nth_label(days),
        "n": days,
    }
    match step.code:
        case StepCode.MOST:
            return _("%(after)s au plus%(span)s, au lieu de %(before)s") % told
        case StepCode.FLAT:
            text = ngettext(
                "%(after)s en tout%(span)s pour %(n)d jour, au lieu de %(before)s",
                "%(after)s en tout%(span)s pour %(n)d jours, au lieu de %(before)s",
                days,
            )
            return text % told
        case _:
            return _("c’est le %(rank)s jour%(of)s, à %(after)s au lieu de %(before)s") % told


def quantity_text(value: Decimal) -> str:
    """ "3", "8,5"."""
    return percent_text(value).removesuffix("\u00a0%")


def minutes_text(minutes: Decimal | int) -> str:
    """ "20 h", "1 h 30", "45 min"."""
    hours, left = divmod(int(minutes), 60)
    if not hours:
        return _("%(n)d\u00a0min") % {"n": left}
    whole = _("%(n)d\u00a0h") % {"n": hours}
    return f"{whole}\u00a0{left:02d}" if left else whole


def _number(data: Mapping[str, Figure], name: str) -> Decimal:
    found = data[name]
    return Decimal(found) if isinstance(found, Decimal | int) else ZERO


def _counted(one: str, many: str, data: Mapping[str, Figure], name: str) -> str:
    number = int(_number(data, name))
    return ngettext(one, many, number) % {"n": number}
