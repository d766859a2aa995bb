"""An answer to a mismatch in French: what was booked, what was ticked and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.agents.desk.facts import Fact, home_facts, pair_facts, told
from marelle.attendance.mismatch_labels import ALERTS, ANSWERS, TICKS
from marelle.attendance.mismatch_pages import MismatchToSettle
from marelle.attendance.mismatch_rules import may_correct
from marelle.attendance.models import Call, Mismatch, Tick
from marelle.attendance.rules import Alert
from marelle.core.french import day_long, instant_long
from marelle.flows.home_file import HomeFile


@dataclass(frozen=True, slots=True)
class TickLine:
    title: str
    note: str


def facts(found: MismatchToSettle, home: HomeFile | None) -> list[Fact]:
    row = found.row
    opening = row.opening
    group = f" · {opening.group.name}" if opening.group else ""
    rows = [
        (_("Jour"), f"{day_long(row.day)} · {opening.slot.name}{group}"),
        (_("Activité"), f"{opening.activity.name} · {opening.activity.structure.name}"),
        (_("Écart"), str(ALERTS[row.kind])),
        (_("Réservation"), _booked(row)),
        (_("Appel"), _call(found.call)),
        (_("Famille prévenue"), _("le %(at)s") % {"at": instant_long(row.told_at)}),
        (_("Sa réponse"), str(ANSWERS[row.kind, row.answer])),
        (_("Répondu"), _at(row.answered_by, instant_long(row.answered_at)) if row.answered_at else ""),
        (_("Famille"), "" if home else str(row.family)),
        (_("Votre mot"), row.words),
    ]
    return told([*pair_facts(rows), *home_facts(home)])


def tick_lines(found: MismatchToSettle) -> list[TickLine]:
    return [_tick(tick) for tick in found.ticks]


def correction_label(row: Mismatch) -> str:
    """The button that corrects; nothing where the family asks for none."""
    if not may_correct(row.answer):
        return ""
    return _("Corriger : noter présent") if row.kind == Alert.ABSENT else _("Corriger : noter absent")


def _tick(tick: Tick) -> TickLine:
    told = {"what": str(TICKS[tick.kind]), "at": instant_long(tick.at)}
    device = tick.tablet.name if tick.tablet else ""
    return TickLine(_("%(what)s, le %(at)s") % told, " · ".join(part for part in (tick.by, device) if part))


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
