"""The words of « Répéter »: the week to repeat, what it would do, what it did; exceptions by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from marelle.bookings.planning import ChildPlanning
from marelle.bookings.rules import Cell, Why
from marelle.bookings.saving.ledger import Outcome, Result
from marelle.core.french import day_long, hours_text, of_name, range_sentence, weekday_name
from marelle.planning.address import Address
from marelle.planning.cells import SAID, Words, rank_text, reason_short
from marelle.planning.forms import queue_value
from marelle.planning.outcomes import Ranks
from marelle.portal.planning.repeat import Fate, Item, Week, Wish, changes_of
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
    weeks: Sequence[Week] | None,
    now: datetime,
) -> dict[str, Any]:
    first, last = address.span
    words = Words(now)
    changes = changes_of(weeks or ())
    items = [item for week in weeks or () for item in week.items]
    return {
        "who": of_name(shown.child.first_name),
        "week": range_sentence(first, last - timedelta(days=2)),
        "days": pattern_shown(wishes),
        "may_book": shown.child.may_book,
        "form": form,
        "keep": address.pairs,
        "page_url": reverse("planning_repeat") + address.query,
        "planning_url": reverse("planning") + replace(address, day=first).query,
        "is_shown": weeks is not None,
        "exceptions": exceptions(items, words),
        "kept": kept(items),
        "count": len(changes),
        "repeated": _repeated(form) if changes else [],
        "summary": _summary(items),
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
    done = {(one.change.child_id, one.change.opening_id): one for one in outcomes}
    words = Words(now)
    lines = _totals(outcomes)
    for day, found in _by_day(item for week in weeks for item in week.items):
        told = [(item, _outcome_of(item, done)) for item in found]
        said = _said([(item, _became(item, outcome, ranks, words)) for item, outcome in told])
        if said:
            title = f"{_day(day)} · {child_name}" if child_name else _day(day)
            queue = ",".join(_queue(item, outcome) for item, outcome in told if _may_wait(item, outcome))
            lines.append(OutcomeLine(_kind(told), title, "\n".join(said), action_value=queue))
    return lines


def _outcome_of(item: Item, done: Mapping[tuple[int, int], Outcome]) -> Outcome | None:
    change = item.change
    return done.get((change.child_id, change.opening_id)) if change is not None else None


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


def _became(item: Item, outcome: Outcome | None, ranks: Ranks, words: Words) -> str:
    """What must be told of one slot of a day; nothing of what is booked as asked, or was already."""
    if item.fate is Fate.NOT:
        return why(item, words)
    if outcome is None:
        return ""
    if outcome.result is Result.REFUSED:
        return reason_short(outcome.why, outcome.other) or _("pas possible ce jour-là")
    if outcome.result is Result.WAITING:
        rank = ranks.get((outcome.change.child_id, outcome.change.opening_id))
        if rank is None:
            return _("complet, inscrit sur la liste d’attente")
        return _("complet, inscrit sur la liste d’attente (rang actuel\u00a0: %s)") % rank_text(rank)
    return _("réservé, le délai était dépassé") if outcome.late else ""


def _may_wait(item: Item, outcome: Outcome | None) -> bool:
    """Whether the waiting list is still to be offered."""
    if outcome is None:
        return item.fate is Fate.NOT and item.change is not None
    return outcome.result is Result.REFUSED and outcome.may_wait


def _queue(item: Item, outcome: Outcome | None) -> str:
    change = outcome.change if outcome is not None else item.change
    return queue_value(change) if change is not None else ""


def _kind(told: Iterable[tuple[Item, Outcome | None]]) -> OutcomeKind:
    """Of a day: the worst of what became of its slots."""
    results = {one.result for _item, one in told if one is not None}
    if Result.REFUSED in results or any(item.fate is Fate.NOT for item, _one in told):
        return OutcomeKind.REFUSED
    return OutcomeKind.WAITING if Result.WAITING in results else OutcomeKind.INFO


def why(item: Item, words: Words) -> str:
    """Why a wish will not be booked, or until when it can be; an exception always says something."""
    if item.state is None:
        return _("pas d’ouverture ce jour-là")
    if item.fate is Fate.NOT and item.state.cell is Cell.FULL:
        return reason_short(item.state.why or Why.FULL)
    word, detail = SAID[item.state.cell](item.state, words, item.day)
    if item.state.cell in _UNSAID:
        return _(_UNSAID[item.state.cell]) % {"detail": detail}
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
