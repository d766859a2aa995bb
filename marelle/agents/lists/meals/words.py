"""A week of meals in French: the table of the screen, and the order as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.lists.meals import forms
from marelle.core.clock import local
from marelle.core.french import day_long, instant_long, instant_long_year, range_sentence
from marelle.core.listing import NOTHING, Cell, Column, Listing, Weight, cell, number_cell
from marelle.meals.labels import ALWAYS, LEVELS, diet_text, diets_text, moved_text
from marelle.meals.rules import STANDARD, Counts, Level, total
from marelle.meals.selectors import Key, Sitting
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
    moved: str
    asked: str
    order: str
    order_label: str
    order_name: str
    mark_name: str
    mark: str


@dataclass(frozen=True, slots=True)
class Week:
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    sum_levels: tuple[LevelCell, ...]
    sum_numbers: tuple[tuple[str, int], ...]
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
    several = len({one.service for one in sittings.values()}) > 1
    lines = tuple(_line(one, levels, today, typed, wrong, several=several) for one in sittings.values())
    whole = total(one.shown for one in sittings.values())
    return Week(
        headings=(
            *(str(LEVELS[level]) for level in levels),
            _("PAI, repas apporté"),
            _("Adultes"),
            _("Pique-niques"),
            _("Repas à préparer"),
            _("Commande"),
        ),
        lines=lines,
        sum_levels=_levels(whole, levels),
        sum_numbers=(
            (_("PAI, repas apporté"), whole.own_meals),
            (_("Adultes"), whole.adults),
            (_("Pique-niques"), whole.picnics),
            (_("Repas à préparer"), whole.meals),
        ),
        may_type=any(field.name for line in lines for field in line.fields),
        may_order=any(line.order for line in lines),
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
        moved=moved_text(one.moved) if one.orders else "",
        asked=asked % {"n": one.asked} if one.asked else "",
        order=order,
        order_label=label,
        order_name=f"{label} : {told}",
        mark_name=forms.name_of(forms.MARK, key),
        mark=one.mark,
    )


def service_text(one: Sitting) -> str:
    """ "Repas · Mercredis"."""
    return f"{one.service.name} · {one.service.activity}"


def _closed(one: Sitting) -> str:
    if one.is_open:
        return ""
    return _("Fermé : %(why)s") % {"why": one.reason} if one.reason else _("Fermé")


def _state(one: Sitting, *, is_over: bool) -> tuple[str, str]:
    """What became of it, and the tone of that."""
    if one.orders:
        last = one.orders[-1]
        when = {"when": instant_long(last.at), "by": last.by}
        if len(one.orders) == 1:
            return _("commandé %(when)s, par %(by)s") % when, "ok"
        more = ngettext("%(n)d complément", "%(n)d compléments", len(one.orders) - 1)
        told = _("commandé, %(more)s ; le dernier %(when)s, par %(by)s")
        return told % {"more": more % {"n": len(one.orders) - 1}, **when}, "ok"
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
    several = len({one.service for one in shown}) > 1
    levels = levels_of(shown)
    diets = sorted(
        {diet for one in shown for _level, diet in one.shown.plates} | {STANDARD}, key=_usual_first
    )
    kinds = [(level, diet) for level in levels for diet in diets if _is_there(shown, level, diet)]
    columns = (
        Column(_("Jour"), 5),
        *((Column(_("Service"), 4),) if several else ()),
        *(Column(f"{LEVELS[level]}, {diet_text(diet)}", 2, number=True) for level, diet in kinds),
        Column(_("Adultes"), 2, number=True),
        Column(_("Repas à préparer"), 2, number=True),
        Column(_("dont pique-niques"), 2, number=True),
        Column(_("PAI : place sans repas"), 2, number=True),
        Column(_("Commande"), 5),
    )
    rows = [
        (
            cell(day_long(one.day)),
            *((cell(service_text(one)),) if several else ()),
            *_numbers(one.shown, kinds),
            _told(one),
        )
        for one in shown
    ]
    whole = total(one.shown for one in shown)
    heading = cell(_("Total de la semaine"), weight=Weight.STRONG)
    before = (heading, NOTHING) if several else (heading,)
    rows.append((*before, *_numbers(whole, kinds, Weight.STRONG), NOTHING))
    span = range_sentence(first, last)
    return Listing(
        title=_("Commande de repas : %(span)s") % {"span": span[:1].lower() + span[1:]},
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


def _told(one: Sitting) -> Cell:
    if not one.orders:
        return cell(_("pas encore commandé"), weight=Weight.STRONG)
    when = local(one.orders[-1].at)
    ordered = _("commandé %(when)s") % {"when": instant_long(when)}
    return (*cell(ordered), *cell(moved_text(one.moved), weight=Weight.ALERT))
