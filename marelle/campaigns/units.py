"""What homes rank: weeks or days of a slot, made of the openings of a child's group. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from marelle.bookings.rules import OBSTACLES, Home, Opening, Stay, Why
from marelle.bookings.saving.ledger import Facts, Hours
from marelle.bookings.saving.standing import Standing
from marelle.core.clock import universal

NOT_YET_ASKED = frozenset({Why.BY_STRUCTURE, Why.FREE_ACCESS})
"""What forbids families to book by themselves, and a campaign not to give."""


class Unit(NamedTuple):
    """A week (`day` is its Monday) or a day of a slot."""

    day: date
    slot_id: int

    @property
    def key(self) -> str:
        """As a form and a file name it."""
        return f"{self.day.isoformat()}.{self.slot_id}"

    @classmethod
    def read(cls, key: str) -> Unit | None:
        """None for what is no such key."""
        day, _dot, slot = key.partition(".")
        try:
            return cls(date.fromisoformat(day), int(slot))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class ChildOffer:
    """What a child may be wished for: the openings of each unit, in order. `why`: what keeps it from the
    others, the first that does."""

    child_id: int
    name: str
    units: Mapping[Unit, tuple[Opening, ...]]
    why: Mapping[Unit, Why]


def unit_of(opening: Opening, *, weekly: bool) -> Unit:
    day = opening.day - timedelta(days=opening.day.weekday()) if weekly else opening.day
    return Unit(day, opening.slot.id)


def offer_of(
    facts: Facts, child_id: int, openings: Iterable[Opening], *, weekly: bool, now: datetime
) -> ChildOffer:
    """What this child may be wished for: units of which nothing forbids any opening, capacities and what the
    family holds already aside. Of an activity in which it is not enrolled, nothing is told."""
    standing = Standing(facts, now)
    home = standing.home(child_id)
    found: dict[Unit, list[Opening]] = {}
    why: dict[Unit, Why] = {}
    for opening in openings:
        stay = standing.stay(child_id, opening)
        if stay is None or opening.slot.by_hour or _is_of_other_group(opening, stay):
            continue
        unit = unit_of(opening, weekly=weekly)
        if not opening.is_open:
            continue
        found.setdefault(unit, []).append(opening)
        obstacle = _obstacle(opening, stay, home, weekly=weekly, now=now)
        if obstacle is not None:
            why.setdefault(unit, obstacle)
    units = {unit: tuple(rows) for unit, rows in sorted(found.items()) if unit not in why}
    return ChildOffer(child_id, facts.names.get(child_id, ""), units, why)


def _is_of_other_group(opening: Opening, stay: Stay) -> bool:
    return opening.group_id is not None and stay.group_on(opening.day) != opening.group_id


def _obstacle(opening: Opening, stay: Stay, home: Home, *, weekly: bool, now: datetime) -> Why | None:
    for why, forbids in OBSTACLES.items():
        if why not in NOT_YET_ASKED and forbids(opening, stay, home):
            return why
    if universal(opening.starts_at) <= universal(now):
        return Why.TOO_LATE
    return None if weekly or opening.bundle_at(now) is None else Why.HALF_BUNDLE


def clashing(one: Opening, other: Opening) -> bool:
    """Whether a child may not be on both."""
    if one.id == other.id:
        return True
    if one.day != other.day:
        return False
    hours, place = Hours(one.starts_at, one.ends_at), Hours(other.starts_at, other.ends_at)
    if other.slot.id in one.slot.conflicts:
        return True
    if hours.starts_at >= place.ends_at or place.starts_at >= hours.ends_at:
        return False
    if one.activity.id == other.activity.id:
        return one.slot.id == other.slot.id
    return one.activity.structure_id != other.activity.structure_id


def lacking_slot(plan: Sequence[tuple[Unit, Opening]]) -> Opening | None:
    """An opening of a plan of one child whose slot requires another of the day, that is not in the plan."""
    for _unit, opening in plan:
        needed = opening.slot.requires
        given = {slot for _one, other in plan if other.day == opening.day for slot in other.slot.provides}
        if needed and not needed & given:
            return opening
    return None
