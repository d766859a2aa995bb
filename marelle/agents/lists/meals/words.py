"""A week of meals in French: the table of the screen, and the order as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.lists.meals import forms
from marelle.core.french import (
    day_long,
    hours_text,
    instant_long,
    instant_long_year,
    range_sentence,
    time_text,
)
from marelle.core.listing import NOTHING, Cell, Column, Listing, Weight, cell, number_cell
from marelle.meals.labels import ALWAYS, LEVELS, changes_text, diet_text, diets_text, moved_text
from marelle.meals.rules import STANDARD, Counts, Level, total
from marelle.meals.selectors import Key, Ordered, Sitting
from marelle.places.models import Structure


@dataclass(frozen=True, slots=True)
class Field:
    """A number to type in: without a name it is only read."""

    heading: str
    label: str
    value: str
    name: str = ""
    seen_name: str = ""
    seen: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class LevelCell:
    heading: str
    meals: int
    diets: str


@dataclass(frozen=True, slots=True)
class Line:
    """One service of one day. `order` is the value of its button, "" without one; `lacks` tells the tone."""

    day: str
    service: str
    closed: str
    levels: tuple[LevelCell, ...]
    own: int
    fields: tuple[Field, ...]
    meals: int
    state: str
    tone: str
    ordered: str
    added: tuple[str, ...]
    moved: str
    asked: str
    lost: str
    order: str
    order_label: str
    order_name: str
    mark_name: str
    mark: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What several services come to. `by_hour`: the meals of each hour, where there are several."""

    title: str
    by_hour: tuple[str, ...]
    levels: tuple[LevelCell, ...]
    numbers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Day:
    """`whole` is for a day of several services."""

    lines: tuple[Line, ...]
    whole: Sum | None


@dataclass(frozen=True, slots=True)
class Week:
    headings: tuple[str, ...]
    days: tuple[Day, ...]
    whole: Sum
    may_type: bool
    may_order: bool


def levels_of(sittings: Iterable[Sitting]) -> tuple[Level, ...]:
    """Those to show, in their order."""
    there = {
        level
        for one in sittings
        for counts in (one.shown, one.wanted)
        for level in (*(at for at, _diet in counts.plates), *counts.own)
    }
    return tuple(level for level in Level if level in there or level in ALWAYS)


def week(
    sittings: Mapping[Key, Sitting], today: date, typed: Mapping[str, str], wrong: frozenset[str]
) -> Week:
    """`typed` is what was sent, when it is shown again."""
    levels = levels_of(sittings.values())
    several = _are_several(sittings.values())
    days = tuple(
        Day(
            tuple(_line(one, levels, today, typed, wrong, several=several) for one in ones),
            _sum(day_total_text(ones[0].day), ones, levels) if len(ones) > 1 else None,
        )
        for ones in by_day(sittings.values())
    )
    lines = [line for day in days for line in day.lines]
    return Week(
        headings=(
            *(str(LEVELS[level]) for level in levels),
            _("PAI, repas apporté"),
            _("Adultes"),
            _("Pique-niques"),
            _("Repas à préparer"),
            _("Commande"),
        ),
        days=days,
        whole=_sum(_("Total de la semaine"), tuple(sittings.values()), levels),
        may_type=any(field.name for line in lines for field in line.fields),
        may_order=any(line.order for line in lines),
    )


def by_day(sittings: Iterable[Sitting]) -> list[list[Sitting]]:
    """Those of each day, in their order."""
    return [list(ones) for _day, ones in groupby(sittings, key=lambda one: one.day)]


def by_hour(sittings: Sequence[Sitting]) -> tuple[str, ...]:
    """ "12 h : 45 repas", for the services of one day; nothing where all begin at one hour."""
    meals: Counter[time] = Counter()
    for one in sittings:
        meals[one.hours[0]] += one.shown.meals
    told = _("%(hour)s\u00a0: %(n)d repas")
    lines = tuple(told % {"hour": time_text(hour), "n": n} for hour, n in sorted(meals.items()))
    return lines if len(lines) > 1 else ()


def day_total_text(day: date) -> str:
    return _("Total du %(day)s") % {"day": day_long(day)}


def _are_several(sittings: Iterable[Sitting]) -> bool:
    return len({one.service for one in sittings}) > 1


def _sum(title: str, sittings: Sequence[Sitting], levels: Sequence[Level]) -> Sum:
    whole = total(one.shown for one in sittings)
    is_one_day = len({one.day for one in sittings}) == 1
    return Sum(
        title=title,
        by_hour=by_hour(sittings) if is_one_day else (),
        levels=_levels(whole, levels),
        numbers=(
            (_("PAI, repas apporté"), whole.own_meals),
            (_("Adultes"), whole.adults),
            (_("Pique-niques"), whole.picnics),
            (_("Repas à préparer"), whole.meals),
        ),
    )


def _line(
    one: Sitting,
    levels: Sequence[Level],
    today: date,
    typed: Mapping[str, str],
    wrong: frozenset[str],
    *,
    several: bool,
) -> Line:
    key = (one.day, one.service.slot_id)
    is_over, counts = one.day < today, one.shown
    name = day_long(one.day)
    service = service_text(one) if several else ""
    types = not is_over and one.is_open
    told = f"{name}, {service}" if service else name
    order = f"{one.day.isoformat()}.{one.service.slot_id}" if not is_over and one.moved else ""
    asked = ngettext("%(n)d demande attend une réponse", "%(n)d demandes attendent une réponse", one.asked)
    state, tone = _state(one, is_over=is_over)
    fields = (
        _field(forms.ADULTS, forms.SEEN_ADULTS, _("Adultes"), one.extra.adults, key, told, typed, wrong),
        _field(
            forms.PICNICS, forms.SEEN_PICNICS, _("Pique-niques"), one.extra.picnics, key, told, typed, wrong
        ),
    )
    read = (
        Field(_("Adultes"), "", str(counts.adults)),
        Field(_("Pique-niques"), "", str(counts.picnics)),
    )
    label = _("Commander le complément") if one.orders else _("Commander")
    return Line(
        day=name[:1].upper() + name[1:],
        service=service,
        closed=_closed(one),
        levels=_levels(counts, levels),
        own=counts.own_meals,
        fields=fields if types else read,
        meals=counts.meals,
        state=state,
        tone=tone,
        ordered=_by_whom(one.orders[0]) if one.orders else "",
        added=added_texts(one),
        moved=moved_text(one.moved) if one.orders else "",
        asked=asked % {"n": one.asked} if one.asked else "",
        lost=_lost(one),
        order=order,
        order_label=label,
        order_name=f"{label} : {told}",
        mark_name=forms.name_of(forms.MARK, key),
        mark=one.mark,
    )


def service_text(one: Sitting) -> str:
    """ "Repas, 12 h – 13 h 30 · Mercredis": two activities may give a meal of one name."""
    return f"{one.service.name}, {hours_text(*one.hours)} · {one.service.activity}"


def _service(one: Sitting) -> Cell:
    name = f"{one.service.name} · {one.service.activity}"
    return (*cell(hours_text(*one.hours)), *cell(name, weight=Weight.SMALL))


def _by_whom(order: Ordered) -> str:
    return _("%(when)s, par %(by)s") % {"when": instant_long(order.at), "by": order.by}


def added_texts(one: Sitting) -> tuple[str, ...]:
    """What each order after the first added or took back."""
    told = _("complément %(when)s\u00a0: %(what)s")
    return tuple(
        told % {"when": _by_whom(order), "what": changes_text(order.counts)} for order in one.orders[1:]
    )


def _closed(one: Sitting) -> str:
    if one.is_open:
        return ""
    if not one.is_held:
        return _("Plus de repas prévu à ce service")
    return _("Fermé : %(why)s") % {"why": one.reason} if one.reason else _("Fermé")


def _state(one: Sitting, *, is_over: bool) -> tuple[str, str]:
    """What became of it, and the tone of that."""
    if one.orders:
        return _("commandé"), "ok"
    if is_over:
        return _("jamais commandé"), "plain"
    return (_("à commander"), "warn") if one.moved else (_("personne"), "plain")


def _levels(counts: Counts, levels: Sequence[Level]) -> tuple[LevelCell, ...]:
    return tuple(
        LevelCell(str(LEVELS[level]), sum(counts.of_level(level).values()), diets_text(counts, level))
        for level in levels
    )


def _field(
    kind: str,
    seen_kind: str,
    heading: str,
    held: int,
    key: Key,
    told: str,
    typed: Mapping[str, str],
    wrong: frozenset[str],
) -> Field:
    name, seen = forms.name_of(kind, key), str(held) if held else ""
    return Field(
        heading=heading,
        label=f"{heading}, {told}",
        value=typed.get(name, seen),
        name=name,
        seen_name=forms.name_of(seen_kind, key),
        seen=seen,
        is_wrong=name in wrong,
    )


def listing(
    structure: Structure, sittings: Mapping[Key, Sitting], first: date, last: date, now: datetime
) -> Listing:
    """The order of a week for the kitchen: numbers alone, a column for each level and diet that is there."""
    shown = [one for one in sittings.values() if one.orders or one.wanted]
    several = _are_several(shown)
    levels = levels_of(shown)
    diets = sorted(
        {diet for one in shown for _level, diet in one.shown.plates} | {STANDARD}, key=_usual_first
    )
    kinds = [(level, diet) for level in levels for diet in diets if _is_there(shown, level, diet)]
    columns = (
        Column(_("Jour"), 4),
        *((Column(_("Service"), 5),) if several else ()),
        *(Column(f"{LEVELS[level]}, {diet_text(diet)}", 2, number=True) for level, diet in kinds),
        Column(_("Adultes"), 2, number=True),
        Column(_("Repas à préparer"), 2, number=True),
        Column(_("dont pique-niques"), 2, number=True),
        Column(_("PAI : place sans repas"), 2, number=True),
        Column(_("Commande"), 6),
    )
    rows: list[tuple[Cell, ...]] = []
    for ones in by_day(shown):
        rows += [
            (
                cell(day_long(one.day)),
                *((_service(one),) if several else ()),
                *_numbers(one.shown, kinds),
                _told(one),
            )
            for one in ones
        ]
        if len(ones) > 1:
            rows.append(_whole(day_total_text(ones[0].day), ones, kinds, by_hour(ones)))
    rows.append(_whole(_("Total de la semaine"), shown, kinds, () if several else None))
    span = range_sentence(first, last)
    return Listing(
        title=_("Commande de repas : %(span)s") % {"span": span[:1].lower() + span[1:]},
        name=f"repas-{first.isoformat()}",
        facts=(structure.name,),
        columns=columns,
        rows=tuple(rows) if shown else (),
        notes=() if shown else (_("Aucun repas cette semaine."),),
        footer=_("Imprimé le %(when)s · %(structure)s")
        % {"when": instant_long_year(now), "structure": structure.name},
        author=structure.authority.name,
        wide=True,
    )


def _usual_first(diet: str) -> tuple[bool, str]:
    return diet != STANDARD, diet


def _is_there(shown: Iterable[Sitting], level: Level, diet: str) -> bool:
    return (level in ALWAYS and diet == STANDARD) or any((level, diet) in one.shown.plates for one in shown)


def _numbers(
    counts: Counts, kinds: Sequence[tuple[Level, str]], weight: Weight = Weight.PLAIN
) -> tuple[Cell, ...]:
    plates = (counts.plates.get(kind, 0) for kind in kinds)
    numbers = (*plates, counts.adults, counts.meals, counts.picnics, counts.own_meals)
    return tuple(number_cell(n, weight) for n in numbers)


def _whole(
    title: str, sittings: Iterable[Sitting], kinds: Sequence[tuple[Level, str]], hours: tuple[str, ...] | None
) -> tuple[Cell, ...]:
    """`hours` are told in the column of services, None where there is none."""
    heading = cell(title, weight=Weight.STRONG)
    before = (heading,) if hours is None else (heading, cell(*hours, weight=Weight.STRONG))
    whole = total(one.shown for one in sittings)
    return (*before, *_numbers(whole, kinds, Weight.STRONG), NOTHING)


def _told(one: Sitting) -> Cell:
    unread = cell(_lost(one), weight=Weight.ALERT)
    if not one.orders:
        return (*cell(_("pas encore commandé"), weight=Weight.STRONG), *unread)
    ordered = _("commandé %(when)s") % {"when": instant_long(one.orders[0].at)}
    moved = cell(moved_text(one.moved), weight=Weight.ALERT)
    return (*cell(ordered, *added_texts(one)), *moved, *unread)


def _lost(one: Sitting) -> str:
    """How many of the children may bring the meal of a PAI that nobody can read."""
    if not one.lost:
        return ""
    told = ngettext(
        "%(n)d fiche illisible\u00a0: demandez à la famille si elle apporte le repas",
        "%(n)d fiches illisibles\u00a0: demandez aux familles si elles apportent le repas",
        one.lost,
    )
    return told % {"n": one.lost}
