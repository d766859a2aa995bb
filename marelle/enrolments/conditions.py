"""Whether a child has what an activity asks by the day. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from marelle.activities.audiences import Public
from marelle.activities.conditions import Condition, ConditionKind
from marelle.activities.facts import ActivityFacts
from marelle.families.rules import fits_age


def has_age(condition: Condition, public: Public, day: date) -> bool:
    """Of a child whose birth date nobody knows, no age is known either."""
    return public.birth is not None and fits_age(
        public.birth, condition.min_months or 0, condition.max_months, day
    )


def has_level(condition: Condition, public: Public, day: date) -> bool:
    return any(one.level in condition.levels and one.holds(day) for one in public.schools)


def has_school(condition: Condition, public: Public, day: date) -> bool:
    named = {pk for pk, _name in condition.schools}
    return any(one.id in named and one.holds(day) for one in public.schools)


def has_paper(condition: Condition, public: Public, day: date) -> bool:
    return any(one.id == condition.paper and one.holds(day) for one in public.papers)


HAS: Final[Mapping[ConditionKind, Callable[[Condition, Public, date], bool]]] = {
    ConditionKind.AGE: has_age,
    ConditionKind.LEVEL: has_level,
    ConditionKind.SCHOOL: has_school,
    ConditionKind.PAPER: has_paper,
}


def lacks(kind: ConditionKind, activity: ActivityFacts, slot_id: int, day: date, public: Public) -> bool:
    """Whether the child lacks what one of the rows asks of this kind: each counts by itself."""
    asked = (one for one in activity.conditions_of(slot_id, day) if kind in one.asks)
    return not all(HAS[kind](one, public, day) for one in asked)


def meets(activity: ActivityFacts, slot_id: int, day: date, public: Public) -> bool:
    """Whether the child lacks nothing of what is asked, of any kind."""
    return not any(lacks(kind, activity, slot_id, day, public) for kind in ConditionKind)
