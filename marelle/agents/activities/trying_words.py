"""What rules say when they are tried, in French: what the family would see of each slot, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from marelle.activities.bound_labels import bound_label, span_label
from marelle.activities.labels import limit_label, rule_name
from marelle.activities.rules import Moment
from marelle.agents.activities.tried_child import child_name
from marelle.bookings.planning import PlannedCell
from marelle.bookings.rules import Opening, Why
from marelle.bookings.steps import Step
from marelle.core.clock import local
from marelle.core.french import day_long_year, from_long, hours_text, instant_long_year, until_long
from marelle.enrolments.models import Enrolment
from marelle.flows.enrolling.trying import Tried
from marelle.planning.cells import Words, grid_cell, needs_text, reason_short
from marelle.ui.planning import cell_text

RULES: Final[Mapping[Why, Promise]] = {
    Why.NOT_ENROLLED: lazy("Inscription"),
    Why.OUTSIDE_ENROLMENT: lazy("Dates de l’inscription"),
    Why.CLOSED: lazy("Jour ouvert"),
    Why.FREE_ACCESS: lazy("Accès sur réservation"),
    Why.OTHER_GROUP: lazy("Groupe d’âge"),
    Why.OTHER_HOME_DAY: lazy("Jour de ce foyer"),
    Why.OTHER_AGE: lazy("Âge ce jour-là"),
    Why.OTHER_LEVEL: lazy("Classe"),
    Why.OTHER_SCHOOL: lazy("École"),
    Why.PAPERS_MISSING: lazy("Documents"),
    Why.PAPER_NEEDED: lazy("Document valable ce jour-là"),
    Why.UNPAID: lazy("Factures payées"),
    Why.SUSPENDED: lazy("Réservations non suspendues"),
    Why.BY_STRUCTURE: lazy("Réservation par la famille"),
    Why.NO_RULE: lazy("Délai réglé ce jour-là"),
    Why.OTHER_AUDIENCE: lazy("Familles servies"),
    Why.NOT_YET: lazy("Ouverture des réservations"),
    Why.TOO_LATE: lazy("Délai de réservation"),
    Why.CONFLICT: lazy("Autres réservations du jour"),
    Why.ELSEWHERE: lazy("Autres réservations du jour"),
    Why.REQUIRES: lazy("Créneau qui va avec"),
    Why.AT_MOST: lazy("Plafond"),
    Why.IN_A_RUN: lazy("Jours qui se suivent"),
    Why.NO_ENTRY: lazy("Carte d’entrées"),
    Why.FULL: lazy("Places"),
    Why.KEPT_PLACES: lazy("Places gardées"),
}
"""The name of each rule, by the code with which it says no."""


@dataclass(frozen=True, slots=True)
class StepLine:
    rule: str
    said: str
    tag: str
    tone: str


@dataclass(frozen=True, slots=True)
class SlotTold:
    """A slot of the day: what the family would see, the rules that say something, and those that only let
    pass."""

    title: str
    seen: str
    tone: str
    lines: list[StepLine]
    others: list[str]


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    who: str
    slots: list[SlotTold]


def told(tried: Sequence[Tried], child: Enrolment | None, day: date, seen_at: datetime) -> Told:
    """Every slot of the day; "" of what an invented home has not."""
    title = _("Le %(day)s, vu le %(instant)s") % {
        "day": day_long_year(day),
        "instant": instant_long_year(seen_at),
    }
    who = _("un foyer inventé") if child is None else child_name(child)
    words = Words(seen_at, narrow=True)
    return Told(title, who, [_slot(one, words) for one in sorted(tried, key=_by_hour)])


def _by_hour(one: Tried) -> tuple[datetime, int]:
    return one.cell.opening.starts_at, one.cell.opening.id


def _slot(one: Tried, words: Words) -> SlotTold:
    cell, opening = one.cell, one.cell.opening
    hours = hours_text(local(opening.starts_at).time(), local(opening.ends_at).time())
    name = " · ".join(part for part in (opening.slot.name, opening.title) if part)
    lines = [_line(step, cell) for step in one.steps]
    telling = [line for step, line in zip(one.steps, lines, strict=True) if line.said or not step.passes]
    return SlotTold(
        title=f"{name}, {hours}",
        seen=cell_text(grid_cell(cell, words, may_book=True)),
        tone="ok" if cell.state.editable else "error",
        lines=telling,
        others=[line.rule for line in lines if line not in telling],
    )


def _line(step: Step, cell: PlannedCell) -> StepLine:
    tag, tone = (_("oui"), "ok") if step.passes else (_("non"), "error")
    if step.when in LATER:
        tag, tone = str(LATER[step.when]), "warn"
    return StepLine(str(RULES[step.why]), _said(step, cell), tag, tone)


LATER: Final[Mapping[Moment | None, Promise]] = {
    Moment.LATE: lazy("tardive"),
    Moment.QUEUE: lazy("liste d’attente"),
}


def _names(opening: Opening) -> dict[int, str]:
    return {slot.id: slot.name for slot in opening.activity.slots.values()}


def _said(step: Step, cell: PlannedCell) -> str:
    """What a rule says of this day, more than its name."""
    opening = cell.opening
    rule = opening.activity.rule_for(opening.slot.id, opening.day)
    match step.why:
        case Why.NO_RULE if rule is not None:
            return rule_name(rule)
        case Why.NOT_YET if step.at is not None:
            return from_long(step.at)
        case Why.NOT_YET:
            return _("ouvertes depuis toujours")
        case Why.TOO_LATE if step.at is not None and rule is not None:
            return f"{until_long(step.at)} ({limit_label(rule.book)})"
        case Why.TOO_LATE if rule is not None:
            return limit_label(rule.book)
        case Why.AT_MOST if step.reached is not None:
            bound = step.reached.bound
            return f"{bound_label(bound, _names(opening))}, {span_label(bound, step.reached.days)}"
        case Why.REQUIRES if step.needs:
            return needs_text(step.needs, may_take=step.passes)
        case Why.CLOSED if not step.passes:
            return opening.reason
        case _ if step.passes:
            return ""
        case Why.ELSEWHERE:
            # What the child has elsewhere is not named to who answers for this activity alone.
            return reason_short(step.why)
        case why:
            return reason_short(why, step.other)
