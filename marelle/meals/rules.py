"""From who eats to what the kitchen prepares: by level and diet, with what was ordered set against it. Pure.

A child who brings the meal of its PAI has a seat and no meal; it is a number, never a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from marelle.families.rules import CYCLES


class Level(StrEnum):
    """Whom a plate is for: portions differ."""

    TODDLER = "toddler"
    NURSERY = "nursery"
    PRIMARY = "primary"
    SECONDARY = "secondary"


NURSERY_LEVELS: Final = frozenset(("TPS", "PS", "MS", "GS"))
PRIMARY_LEVELS: Final = frozenset(CYCLES[0]) - NURSERY_LEVELS
SECONDARY_LEVELS: Final = frozenset(level for cycle in CYCLES[1:] for level in cycle)
STANDARD: Final = "standard"
"""The diet of whom none is noted, as `families.fields.Diet` codes them."""

MOST_TYPED: Final = 999
NOON: Final = time(12)


def level_of(school_level: str, birth: date | None, school_year: int) -> Level:
    """By the class; without one, by the year of birth, as schools count: the year of turning three opens
    nursery school, of turning six primary school, of turning eleven the collège."""
    if school_level in NURSERY_LEVELS:
        return Level.NURSERY
    if school_level in PRIMARY_LEVELS:
        return Level.PRIMARY
    if school_level in SECONDARY_LEVELS:
        return Level.SECONDARY
    age = school_year - birth.year if birth else 0
    if age < 3:
        return Level.TODDLER
    if age < 6:
        return Level.NURSERY
    return Level.PRIMARY if age < 11 else Level.SECONDARY


def service_of(slot_id: int, included: Iterable[int], with_meal: frozenset[int]) -> int | None:
    """The slot whose meal a child of this slot eats: the one that it includes ("Journée" gives "Repas"),
    else itself; None where it gives no meal."""
    meals = sorted(with_meal.intersection(included) - {slot_id})
    if meals:
        return meals[0]
    return slot_id if slot_id in with_meal else None


def there_at_noon(starts: time, ends: time) -> bool:
    """Whether a child of these hours eats, where homes choose the hours: both ends count."""
    return starts <= NOON <= ends


@dataclass(frozen=True, slots=True)
class Seat:
    """A child at table. `brings`: the meal of its PAI, made by its family."""

    child_id: int
    level: Level
    diet: str
    brings: bool


Plates = Mapping[tuple[Level, str], int]


@dataclass(frozen=True)
class Counts:
    """What is prepared for one service of one day, or the difference of two such, where numbers may be below
    nought. `own`: seats without a meal, by level. `picnics` are some of the meals, not more of them."""

    plates: Plates = field(default_factory=dict)
    own: Mapping[Level, int] = field(default_factory=dict)
    adults: int = 0
    picnics: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "plates", {key: n for key, n in sorted(self.plates.items()) if n})
        object.__setattr__(self, "own", {key: n for key, n in sorted(self.own.items()) if n})

    @property
    def children_meals(self) -> int:
        return sum(self.plates.values())

    @property
    def seats(self) -> int:
        """Children at table, with or without a meal of the kitchen's."""
        return self.children_meals + self.own_meals

    @property
    def own_meals(self) -> int:
        return sum(self.own.values())

    @property
    def meals(self) -> int:
        """What the kitchen prepares, picnics among them."""
        return self.children_meals + self.adults

    def of_level(self, level: Level) -> dict[str, int]:
        """Meals by diet."""
        return {diet: n for (at, diet), n in self.plates.items() if at is level}

    def __bool__(self) -> bool:
        return bool(self.plates or self.own or self.adults or self.picnics)

    def __add__(self, other: Counts) -> Counts:
        return _combined(self, other, 1)

    def __sub__(self, other: Counts) -> Counts:
        return _combined(self, other, -1)


def counts_of(seats: Iterable[Seat], *, adults: int = 0, picnics: int = 0) -> Counts:
    """A child who holds two places of one service sits once."""
    once = {seat.child_id: seat for seat in seats}.values()
    plates = Counter((seat.level, seat.diet or STANDARD) for seat in once if not seat.brings)
    own = Counter(seat.level for seat in once if seat.brings)
    return Counts(plates, own, adults, picnics)


def total(many: Iterable[Counts]) -> Counts:
    return sum(many, Counts())


def as_data(counts: Counts) -> dict[str, Any]:
    """As a frozen order keeps it; `from_data` reads it back."""
    return {
        "plates": [[level.value, diet, n] for (level, diet), n in counts.plates.items()],
        "own": [[level.value, n] for level, n in counts.own.items()],
        "adults": counts.adults,
        "picnics": counts.picnics,
    }


def from_data(data: Mapping[str, Any]) -> Counts:
    return Counts(
        {(Level(level), diet): n for level, diet, n in data["plates"]},
        {Level(level): n for level, n in data["own"]},
        data["adults"],
        data["picnics"],
    )


def mark_of(children: Counts, orders: int) -> str:
    """What a page showed of the children's meals and of the orders made: an order is for what was read."""
    return sha256(f"{orders} {as_data(children)}".encode()).hexdigest()[:16]


def _combined(one: Counts, other: Counts, sign: int) -> Counts:
    def both(first: Mapping[Any, int], second: Mapping[Any, int]) -> dict[Any, int]:
        return {key: first.get(key, 0) + sign * second.get(key, 0) for key in {*first, *second}}

    return Counts(
        both(one.plates, other.plates),
        both(one.own, other.own),
        one.adults + sign * other.adults,
        one.picnics + sign * other.picnics,
    )
