"""Ticks that wait, in French: what was ticked, by whom, and why it could not be applied."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.models import Opening
from marelle.agents.attendance.words import KINDS, clock_text, outcome_text
from marelle.agents.desk.blocked import OWN_FILE
from marelle.attendance.desk import hour_needed, hour_unknown
from marelle.attendance.models import Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.rules import CALL_KINDS, TickKind
from marelle.attendance.selectors import DayToSettle
from marelle.core.french import day_long, instant_long, instant_long_year
from marelle.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form said of a tick: who, on which slot, at what hour; and, once refused, which of these is
    `wrong` and why (`error`)."""

    child: int | None = None
    opening: int | None = None
    hour: str = ""
    wrong: str = ""
    error: str = ""

    def refused(self, tick: Tick, refusal: Refusal) -> Typed:
        wrong = "hour"
        if refusal.code == "cannot_keep":
            wrong = "child" if tick.child_id is None and self.child is None else "opening"
        return replace(self, wrong=wrong, error=refusal_text(refusal))


@dataclass(frozen=True, slots=True)
class Line:
    """A tick. `asks_child`, `asks_opening`, `needs_hour`: what must be said for it to count; `asks_hour`:
    what may be. `typed` is what was just said of it and refused. `is_own`: of the agent's own child.
    """

    id: str
    title: str
    detail: str
    why: str
    asks_child: bool
    asks_opening: bool
    asks_hour: bool
    needs_hour: bool
    is_own: bool
    typed: Typed

    @property
    def is_ready(self) -> bool:
        """Whether it may be kept as it is."""
        return not (self.asks_child or self.asks_opening or self.needs_hour or self.is_own)


def title(found: DayToSettle) -> str:
    return _("Pointages du %(day)s") % {"day": day_long(found.subject.day)}


def lines(ticks: Iterable[Tick], own: Collection[int], typed: Mapping[str, Typed]) -> list[Line]:
    return [
        Line(
            id=str(tick.pk),
            title=_title(tick),
            detail=_detail(tick),
            why=outcome_text(OutcomeCode(tick.outcome)),
            asks_child=tick.child_id is None and tick.kind not in CALL_KINDS,
            asks_opening=tick.opening_id is None,
            asks_hour=hour_unknown(tick),
            needs_hour=hour_needed(tick),
            is_own=tick.child_id in own,
            typed=typed.get(str(tick.pk), Typed()),
        )
        for tick in ticks
    ]


def kept_text(kept: int) -> str:
    if not kept:
        return _("Ces pointages sont déjà réglés.")
    told = ngettext("%(kept)d pointage est retenu.", "%(kept)d pointages sont retenus.", kept)
    return told % {"kept": kept}


def settled_lines(ticks: Iterable[Tick]) -> list[tuple[str, str]]:
    return [
        (
            _title(tick),
            _("%(what)s par %(who)s") % {"what": tick.get_settled_display(), "who": tick.settled_by},
        )
        for tick in ticks
    ]


def opening_choices(openings: Iterable[Opening]) -> list[tuple[int, str]]:
    return [(one.pk, _where(one)) for one in openings]


def _where(opening: Opening) -> str:
    group = f" · {opening.group.name}" if opening.group else ""
    return f"{opening.activity.name} · {opening.slot.name}{group}"


def refusal_text(refusal: Refusal) -> str:
    match refusal.code:
        case "cannot_keep":
            return _("Dites quel enfant et quel créneau, ou écartez ce pointage.")
        case "hour_missing":
            return _("Dites à quelle heure, ou écartez ce pointage.")
        case "wrong_hour" if refusal.data["before"]:
            return _("Ce pointage a été reçu le %(at)s : dites une heure avant %(hour)s.") % {
                "at": instant_long(refusal.data["before"]),
                "hour": clock_text(refusal.data["before"]),
            }
        case "wrong_hour":
            return _("À cette heure, le départ vient avant l’arrivée : vérifiez-la, ou écartez ce pointage.")
        case "own_file":
            return str(OWN_FILE)
        case "already_settled":
            return _("Ce pointage est déjà réglé, par %(who)s.") % {"who": refusal.data["by"]}
        case _:
            return _("Ce pointage est décidé par un autre service.")


def _title(tick: Tick) -> str:
    who = str(tick.child) if tick.child else tick.name or _("enfant inconnu")
    if tick.kind in CALL_KINDS:
        return str(KINDS[TickKind(tick.kind)])
    return f"{who} : {KINDS[TickKind(tick.kind)]}"


def _detail(tick: Tick) -> str:
    where = (
        f"{tick.opening.activity.name}, {tick.opening.slot.name}" if tick.opening else _("créneau inconnu")
    )
    told = {"where": where, "at": instant_long(tick.at), "who": tick.by}
    if tick.outcome != OutcomeCode.WRONG_CLOCK:
        return _("%(where)s, le %(at)s, par %(who)s") % told
    told |= {"at": instant_long(tick.received_at)}
    if tick.at_tablet is None:
        return _("%(where)s, reçu le %(at)s, par %(who)s ; l’appareil ne disait aucune date") % told
    told |= {"said": instant_long_year(tick.at_tablet)}
    return _("%(where)s, reçu le %(at)s, par %(who)s ; l’appareil disait le %(said)s") % told
