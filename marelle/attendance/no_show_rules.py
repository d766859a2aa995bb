"""When absences without notice are enough for an agent to be asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from marelle.activities.absences import span_of
from marelle.activities.facts import ActivityFacts


@dataclass(frozen=True, slots=True)
class Unannounced:
    """A day of an enrolment that was missed without a word, in one of its slots."""

    enrolment_id: int
    activity: ActivityFacts
    slot_id: int
    day: date


@dataclass(frozen=True, slots=True)
class Counted:
    """The days missed so in the time in which a rule counts them, and how many are enough."""

    days: tuple[date, ...]
    wanted: int

    @property
    def is_enough(self) -> bool:
        return len(self.days) >= self.wanted


def days_counted(missed: Iterable[Unannounced]) -> dict[tuple[int, date], Counted]:
    """By enrolment, and by the first day of the time in which its rule counts. A day counts once, whatever
    slots it had; of a time whose rule changes, that of its last day says how many are enough."""
    found: dict[tuple[int, date], Counted] = {}
    for one in sorted(missed, key=lambda one: one.day):
        rule = one.activity.absence_rule_for(one.slot_id, one.day)
        if rule is None or not rule.unannounced:
            continue
        key = (one.enrolment_id, span_of(rule.within, one.day, one.activity.calendar))
        before = found[key].days if key in found else ()
        found[key] = Counted(tuple(dict.fromkeys((*before, one.day))), rule.unannounced)
    return found
