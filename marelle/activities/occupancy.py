"""How full a number of places is, and how full a multi-accueil is by its hours. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

DAY_CEILING = 115
"""Percent of its capacity that a multi-accueil may hold at one moment of a day, as long as its week stays
within `WEEK_CEILING` of its hours: Code de la santé publique, R2324-27."""

WEEK_CEILING = 100


class Fullness(StrEnum):
    """What a director sees at a glance. `OVER`: past the capacity, by a derogation or a lowered capacity."""

    FREE = "free"
    NEARLY = "nearly"
    FULL = "full"
    OVER = "over"
    UNBOUNDED = "unbounded"


def fullness(taken: int, capacity: int | None) -> Fullness:
    """From nine tenths on, places are nearly all taken. A capacity of None has no end; of 0, no room."""
    if capacity is None:
        return Fullness.UNBOUNDED
    if taken > capacity:
        return Fullness.OVER
    if taken == capacity:
        return Fullness.FULL
    return Fullness.NEARLY if taken * 10 >= capacity * 9 else Fullness.FREE


@dataclass(frozen=True, slots=True)
class HalfHour:
    """Places of one half-hour (`part` 0–47); `kept` of them are free, and for some only."""

    part: int
    taken: int
    capacity: int
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """Half-hours booked and offered over some days."""

    booked: int
    offered: int

    @property
    def percent(self) -> int:
        """Rounded up: what passes a ceiling never reads as if it did not. 0 when nothing is offered."""
        return -(-self.booked * 100 // self.offered) if self.offered else 0


def rate_of(parts: Iterable[HalfHour]) -> Rate:
    every = list(parts)
    return Rate(sum(one.taken for one in every), sum(one.capacity for one in every))


def most_at_once(capacity: int) -> int:
    """Children whom a multi-accueil of that capacity may hold at one moment: whole children, rounded down."""
    return capacity * DAY_CEILING // 100


def past_the_ceiling(parts: Collection[HalfHour], week: Rate) -> bool:
    """Whether a day is past what the text allows: a moment past 115 %, or 100 % in a week past it too."""
    if any(one.taken > most_at_once(one.capacity) for one in parts):
        return True
    return week.booked * 100 > week.offered * WEEK_CEILING and any(one.taken > one.capacity for one in parts)
