"""An answer to a mismatch in French: what was booked, what was ticked and by whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.agents.desk.facts import Fact, home_facts, pair_facts, told
from marelle.attendance.mismatch_labels import ALERTS, ANSWERS, TICKS
from marelle.attendance.mismatch_pages import MismatchToSettle
from marelle.attendance.models import Call, Mismatch, Tick
from marelle.attendance.rules import Alert
from marelle.core.french import day_long, instant_long
from marelle.flows.office.home_file import HomeFile


@dataclass(frozen=True, slots=True)
class TickLine:
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Box:
    mismatch_id: int
    label: str
    checked: bool


def facts(found: MismatchToSettle, home: HomeFile | None) -> list[Fact]:
    """Of all that the family answered at once: said once where it is the same of each."""
    one, rows = found.first, found.rows
    groups = dict.fromkeys(row.opening.group.name for row in rows if row.opening.group)
    places = [", ".join(row.opening.slot.name for row in rows), *groups]
    lifted = [row.opening.slot.name for row in rows if row.withdrawn_at]
    pairs = [
        (_("Jour"), " · ".join([day_long(one.day), *places])),
        (_("Activité"), _of_each(rows, _activity)),
        (_("Écart"), str(ALERTS[one.kind])),
        (_("Réservation"), _of_each(rows, _booked)),
        (_("Appel"), _of_each(rows, lambda row: _call(found.calls.get(row.opening_id)))),
        (
            _("Famille prévenue"),
            _of_each(rows, lambda row: _("le %(at)s") % {"at": instant_long(row.told_at)}),
        ),
        (_("Sa réponse"), _of_each(rows, lambda row: str(ANSWERS[row.kind, row.answer]))),
        (_("Répondu"), _of_each(rows, _answered)),
        (_("Levé depuis"), ", ".join(lifted)),
        (_("Famille"), "" if home else str(one.family)),
        (_("Votre mot"), _of_each(rows, lambda row: row.words)),
    ]
    return told([*pair_facts(pairs), *home_facts(home)])


def tick_lines(found: MismatchToSettle) -> list[TickLine]:
    """By the hour of the opening, which is named where there are several."""
    slots = {row.opening_id: row.opening.slot.name for row in found.rows}
    return [
        _tick(tick, slots[tick.opening_id] if tick.opening_id and len(slots) > 1 else "")
        for tick in found.ticks
    ]


def correction_label(found: MismatchToSettle) -> str:
    """The button that corrects; nothing where the family asks for none."""
    if not found.correctable:
        return ""
    absent = found.first.kind == Alert.ABSENT
    return _("Corriger\u00a0: noter la présence") if absent else _("Corriger\u00a0: noter l’absence")


def boxes(found: MismatchToSettle, ticked: frozenset[int]) -> list[Box]:
    """What may be corrected apart; nothing where one alone may be."""
    rows = found.correctable
    return [Box(row.pk, row.opening.slot.name, row.pk in ticked) for row in rows] if len(rows) > 1 else []


def _tick(tick: Tick, slot: str) -> TickLine:
    said = {"what": str(TICKS[tick.kind]), "at": instant_long(tick.at)}
    device = tick.tablet.name if tick.tablet else ""
    title = _("%(what)s, le %(at)s") % said
    return TickLine(
        " · ".join(part for part in (slot, title) if part),
        " · ".join(part for part in (tick.by, device) if part),
    )


def _of_each(rows: Sequence[Mismatch], said: Callable[[Mismatch], str]) -> str:
    """What is said of each: once where it is the same, else after the name of each slot."""
    texts = [said(row) for row in rows]
    if len(set(texts)) == 1:
        return texts[0]
    return " · ".join(
        _("%(slot)s\u00a0: %(text)s") % {"slot": row.opening.slot.name, "text": text}
        for row, text in zip(rows, texts, strict=True)
        if text
    )


def _activity(row: Mismatch) -> str:
    return f"{row.opening.activity.name} · {row.opening.activity.structure.name}"


def _answered(row: Mismatch) -> str:
    return _at(row.answered_by, instant_long(row.answered_at)) if row.answered_at else ""


def _booked(row: Mismatch) -> str:
    if row.booking is None:
        return _("aucune")
    return _at(row.booking.created_by, instant_long(row.booking.created_at))


def _call(call: Call | None) -> str:
    if call is None:
        return ""
    if call.state == Call.State.OPEN:
        return _("rouvert")
    return _("clos %(at)s") % {"at": _at(call.closed_by, instant_long(call.closed_at))}


def _at(who: str, at: str) -> str:
    return _("le %(at)s, par %(who)s") % {"at": at, "who": who}
