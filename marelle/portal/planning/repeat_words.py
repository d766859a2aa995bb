"""The words of « Répéter »: the week to repeat, then week by week what it does and the exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from marelle.bookings.planning import ChildPlanning
from marelle.bookings.rules import Cell
from marelle.core.french import day_long, hours_text, of_name, range_sentence, weekday_name
from marelle.planning.address import Address
from marelle.planning.cells import SAID, Words
from marelle.portal.planning.repeat import Fate, Item, Week, Wish, changes_of
from marelle.portal.planning.repeat_forms import RepeatForm
from marelle.ui.components import Tone

_SHORT: Final = {
    Fate.BOOK: (Tone.OK, gettext_noop("à réserver")),
    Fate.WAIT: (Tone.WARN, gettext_noop("liste d’attente")),
    Fate.ALREADY: (Tone.PLAIN, gettext_noop("déjà réservé")),
    Fate.NOT: (Tone.ERROR, gettext_noop("pas possible")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A day and slot; `tone` and `word` for the tag, `why` for an exception."""

    what: str
    tone: Tone
    word: str
    why: str


@dataclass(frozen=True, slots=True)
class WeekShown:
    """`text` instead of lines when one sentence says it all."""

    title: str
    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DayShown:
    """A weekday of the pattern and its slots."""

    name: str
    slots: tuple[str, ...]


def context(
    shown: ChildPlanning,
    wishes: Sequence[Wish],
    address: Address,
    form: RepeatForm,
    weeks: Sequence[Week] | None,
    now: datetime,
) -> dict[str, Any]:
    first, last = address.span
    words = Words(now)
    changes = changes_of(weeks or ())
    return {
        "who": of_name(shown.child.first_name),
        "week": range_sentence(first, last - timedelta(days=2)),
        "days": pattern_shown(wishes),
        "may_book": shown.child.may_book,
        "form": form,
        "keep": address.pairs,
        "page_url": reverse("planning_repeat") + address.query,
        "planning_url": reverse("planning") + replace(address, day=first).query,
        "weeks": [week_shown(week, words) for week in weeks] if weeks is not None else None,
        "exceptions": sum(item.fate is Fate.NOT for week in weeks or () for item in week.items),
        "count": len(changes),
        "repeated": _repeated(form) if changes else [],
        "save_text": _count_text(len(changes)),
    }


def _count_text(count: int) -> str:
    if not count:
        return _("Aucune réservation à enregistrer")
    return ngettext("%d réservation à enregistrer", "%d réservations à enregistrer", count) % count


def _repeated(form: RepeatForm) -> list[tuple[str, str]]:
    """The choices of a valid form, for the button that applies them."""
    chosen = form.cleaned_data
    pairs = [("jusquau", chosen["jusquau"].isoformat()), ("rythme", str(chosen["rythme"]))]
    return [*pairs, ("attente", "on")] if chosen["attente"] else pairs


def pattern_shown(wishes: Sequence[Wish]) -> list[DayShown]:
    days: dict[int, list[str]] = {}
    for wish in wishes:
        days.setdefault(wish.weekday, []).append(_slot(wish))
    return [DayShown(_capitalised(weekday_name(day)), tuple(slots)) for day, slots in days.items()]


def week_shown(week: Week, words: Words) -> WeekShown:
    title = _("Semaine du %s") % day_long(week.monday)
    if all(item.fate is Fate.NOT and item.state is None for item in week.items):
        return WeekShown(title, _("Aucune ouverture ces jours-là."), ())
    if all(item.fate is Fate.ALREADY for item in week.items):
        return WeekShown(title, _("Tout est déjà réservé."), ())
    return WeekShown(title, "", tuple(_line(item, words) for item in week.items))


def _line(item: Item, words: Words) -> Line:
    tone, word = _SHORT[item.fate]
    return Line(f"{_day(item.day)} · {_slot(item.wish)}", tone, _(word), why(item, words))


def why(item: Item, words: Words) -> str:
    """Why a wish will not be booked, or until when it can be; an exception always says something."""
    if item.state is None:
        return _("pas d’ouverture ce jour-là")
    if item.fate is Fate.NOT and item.state.cell is Cell.FULL:
        return _("complet")
    word, detail = SAID[item.state.cell](item.state, words, item.day)
    if item.fate is Fate.NOT and not detail:
        return word or _("pas possible ce jour-là")
    return detail if item.fate in {Fate.NOT, Fate.BOOK} else ""


def _slot(wish: Wish) -> str:
    hours = f" ({hours_text(wish.starts, wish.ends)})" if wish.starts and wish.ends else ""
    return f"{wish.activity_name}, {wish.slot_name}{hours}"


def _day(day: date) -> str:
    return _capitalised(day_long(day))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
