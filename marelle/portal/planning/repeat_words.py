"""The words of « Répéter »: the week to repeat, what it would do, what it did; exceptions by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from marelle.bookings.cells import Cell
from marelle.bookings.planning import ChildPlanning
from marelle.bookings.saving.ledger import Outcome, Result
from marelle.core.french import day_long, hours_text, of_name, range_sentence, weekday_name
from marelle.flows.prices.changes import PriceChange
from marelle.planning.address import Address
from marelle.planning.cells import SAID, Words, rank_text, reason_short
from marelle.planning.forms import queue_value
from marelle.planning.outcomes import Ranks
from marelle.planning.price_words import change_text, total_text, why_lines
from marelle.portal.planning.repeat import Fate, Item, Week, Wish, become
from marelle.portal.planning.repeat_forms import RepeatForm
from marelle.ui.components import OutcomeKind, OutcomeLine

_UNSAID: Final = {
    Cell.CANCELLED_BY_STRUCTURE: gettext_noop("annulé %(detail)s"),
    Cell.REFUSED: gettext_noop("refusé · %(detail)s"),
}
"""Cells whose kind says a word that their detail goes with."""


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day, of the week or of the calendar, and what there is to say of it."""

    name: str
    slots: tuple[str, ...]


def context(
    shown: ChildPlanning,
    wishes: Sequence[Wish],
    address: Address,
    form: RepeatForm,
    items: Sequence[Item] | None,
    change: PriceChange,
    now: datetime,
    *,
    shows_health: bool,
) -> dict[str, Any]:
    """`items` are those of the weeks to fill with what they would become, None before any was asked for;
    `change` is what that changes of what the home pays."""
    first, last = address.span
    words = Words(now)
    laid = items or ()
    count = sum(item.fate in {Fate.BOOK, Fate.WAIT} for item in laid)
    return {
        "who": of_name(shown.child.first_name),
        "week": range_sentence(first, last - timedelta(days=2)),
        "days": pattern_shown(wishes),
        "may_book": shown.child.may_book,
        "form": form,
        "keep": address.pairs,
        "page_url": reverse("planning_repeat") + address.query,
        "planning_url": reverse("planning") + replace(address, day=first).query,
        "is_shown": items is not None,
        "exceptions": exceptions(laid, words),
        "kept": kept(laid),
        "count": count,
        "repeated": _repeated(form) if count else [],
        "summary": _summary(laid),
        "save_text": " · ".join(filter(None, (_count_text(count), change_text(change) if count else ""))),
        "price_text": total_text(change) if count else "",
        "why": why_lines(change, shows_health=shows_health) if count else [],
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


def exceptions(items: Iterable[Item], words: Words) -> list[DayShown]:
    """What is not repeated, by day, with why; once for all where the whole day is for the same reason."""
    return [
        DayShown(_day(day), said) for day, found in _by_day(items) if (said := _not_repeated(found, words))
    ]


def kept(items: Iterable[Item]) -> list[DayShown]:
    """What would be booked or wait for a place, by day."""
    shown = []
    for day, found in _by_day(items):
        slots = tuple(
            f"{_slot(item.wish)} · {_('liste d’attente')}" if item.fate is Fate.WAIT else _slot(item.wish)
            for item in found
            if item.fate in {Fate.BOOK, Fate.WAIT}
        )
        if slots:
            shown.append(DayShown(_day(day), slots))
    return shown


def _by_day(items: Iterable[Item]) -> Iterator[tuple[date, list[Item]]]:
    for day, found in groupby(items, key=lambda item: item.day):
        yield day, list(found)


def _not_repeated(found: Sequence[Item], words: Words) -> tuple[str, ...]:
    return _said([(item, why(item, words) if item.fate is Fate.NOT else "") for item in found])


def _said(told: Sequence[tuple[Item, str]]) -> tuple[str, ...]:
    """What is told of the items of a day: once where it is the same of all."""
    texts = {text for _item, text in told}
    if len(texts) == 1:
        (text,) = texts
        return (_capitalised(text),) if text else ()
    return tuple(
        _("%(slot)s\u00a0: %(why)s") % {"slot": _slot(item.wish), "why": text} for item, text in told if text
    )


def _summary(items: Sequence[Item]) -> str:
    """ "12 réservations à enregistrer · 2 déjà réservées · 3 jours ne se répètent pas"."""
    if not items:
        return _("Aucune semaine jusqu’à cette date")
    fates = Counter(item.fate for item in items)
    said = [_count_text(fates[Fate.BOOK] + fates[Fate.WAIT])]
    if already := fates[Fate.ALREADY]:
        said.append(ngettext("%d déjà réservée", "%d déjà réservées", already) % already)
    if touched := [found for _day, found in _by_day(items) if any(item.fate is Fate.NOT for item in found)]:
        said.append(
            _days_text(len(touched), whole=all(item.fate is Fate.NOT for day in touched for item in day))
        )
    return " · ".join(said)


def _days_text(days: int, *, whole: bool) -> str:
    if whole:
        return ngettext("%d jour ne se répète pas", "%d jours ne se répètent pas", days) % days
    return (
        ngettext("%d jour ne se répète pas en entier", "%d jours ne se répètent pas en entier", days) % days
    )


def result_lines(
    weeks: Sequence[Week], child_name: str, outcomes: Sequence[Outcome], ranks: Ranks, now: datetime
) -> list[OutcomeLine]:
    """What became of the weeks that were filled: how much is booked, then day by day what is not, or waits,
    with why. `child_name`: for who has several children."""
    words = Words(now)
    lines = _totals(outcomes)
    for day, found in _by_day(become(weeks, outcomes)):
        said = _said([(item, _became(item, ranks, words)) for item in found])
        if said:
            title = f"{_day(day)} · {child_name}" if child_name else _day(day)
            refused = [item.outcome for item in found if item.outcome is not None and item.fate is Fate.NOT]
            queue = ",".join(queue_value(one.change) for one in refused if one.may_wait)
            lines.append(OutcomeLine(_kind(found), title, "\n".join(said), action_value=queue))
    return lines


def _totals(outcomes: Sequence[Outcome]) -> list[OutcomeLine]:
    results = Counter(one.result for one in outcomes)
    booked, asked = results[Result.BOOKED], results[Result.REQUESTED]
    lines = []
    if booked:
        title = ngettext("%d réservation enregistrée", "%d réservations enregistrées", booked) % booked
        lines.append(OutcomeLine(OutcomeKind.OK, title, _span(outcomes, Result.BOOKED)))
    if asked:
        title = ngettext("%d réservation demandée", "%d réservations demandées", asked) % asked
        wait = _("La structure doit encore valider.")
        lines.append(OutcomeLine(OutcomeKind.OK, title, f"{_span(outcomes, Result.REQUESTED)} {wait}"))
    return lines


def _span(outcomes: Sequence[Outcome], result: Result) -> str:
    days = [one.opening.day for one in outcomes if one.result is result and one.opening is not None]
    return _capitalised(range_sentence(min(days), max(days))) + "."


def _became(item: Item, ranks: Ranks, words: Words) -> str:
    """What must be told of one slot of a day; nothing of what is booked as asked, or was already."""
    outcome = item.outcome
    if item.fate is Fate.NOT:
        return why(item, words)
    if outcome is None:
        return ""
    if outcome.result is Result.WAITING:
        rank = ranks.get((outcome.change.child_id, outcome.change.opening_id))
        if rank is None:
            return _("complet, inscrit sur la liste d’attente")
        return _("complet, inscrit sur la liste d’attente (rang actuel\u00a0: %s)") % rank_text(rank)
    return _("réservé, le délai était dépassé") if outcome.late else ""


def _kind(found: Sequence[Item]) -> OutcomeKind:
    """Of a day: the worst of what became of its slots."""
    fates = {item.fate for item in found}
    if Fate.NOT in fates:
        return OutcomeKind.REFUSED
    return OutcomeKind.WAITING if Fate.WAIT in fates else OutcomeKind.INFO


def why(item: Item, words: Words) -> str:
    """Why a wish is not booked; an exception always says something."""
    if item.state is None:
        return _("pas d’ouverture ce jour-là")
    if item.outcome is not None:
        return reason_short(item.outcome.why, item.outcome.other) or _("pas possible ce jour-là")
    word, detail = SAID[item.state.cell](item.state, words, item.day)
    if item.state.cell in _UNSAID:
        return _(_UNSAID[item.state.cell]) % {"detail": detail}
    return detail or word or _("pas possible ce jour-là")


def _slot(wish: Wish) -> str:
    hours = f" ({hours_text(wish.starts, wish.ends)})" if wish.starts and wish.ends else ""
    return f"{wish.activity_name}, {wish.slot_name}{hours}"


def _day(day: date) -> str:
    return _capitalised(day_long(day))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
