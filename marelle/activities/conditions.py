"""Who may book, by the day: an age, a school level, a school, a paper. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property


class ConditionKind(StrEnum):
    """What may be asked of a child on the day of an opening."""

    AGE = "age"
    LEVEL = "level"
    SCHOOL = "school"
    PAPER = "paper"


@dataclass(frozen=True)
class Condition:
    """All that a dated row asks of the openings of its `slots`, of all where there are none.

    Ages are in months, both included, on the day; `schools` gives their names; `paper` is the id of a type of
    paper, accepted and valid on the day, of this `paper_title`.
    """

    id: int
    since: date
    until: date | None = None
    slots: frozenset[int] = frozenset()
    min_months: int | None = None
    max_months: int | None = None
    levels: tuple[str, ...] = ()
    schools: tuple[tuple[int, str], ...] = ()
    paper: int | None = None
    paper_title: str = ""

    @cached_property
    def asks(self) -> frozenset[ConditionKind]:
        asked = {
            ConditionKind.AGE: self.min_months is not None or self.max_months is not None,
            ConditionKind.LEVEL: bool(self.levels),
            ConditionKind.SCHOOL: bool(self.schools),
            ConditionKind.PAPER: self.paper is not None,
        }
        return frozenset(kind for kind, is_asked in asked.items() if is_asked)

    def holds(self, slot_id: int, day: date) -> bool:
        """Whether it is asked of a slot on a day."""
        in_time = self.since <= day and (self.until is None or day <= self.until)
        return in_time and (not self.slots or slot_id in self.slots)
