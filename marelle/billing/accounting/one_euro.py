"""« Cantine à 1 € »: which meals the State's aid may be asked for, and under which tariff. Pure.

The aid is for meals of a canteen that were served and billed at 1 € or less, of an authority whose tariff
has at least three brackets of quotient, one of them at 1 € or less and for quotients up to 1,000; it is asked
for every four months. A meal is served where the call is closed and the child was there. Its price is all
that bills ask of the child for that day in the activity, whoever pays, once corrected.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from marelle.core.money import ZERO
from marelle.pricing.amounts import Brackets
from marelle.pricing.tariffs import Tariff

MOST: Final = Decimal("1.00")
LEAST_BRACKETS: Final = 3
MOST_QUOTIENT: Final = 1000
MONTHS: Final = 4


class Meal(NamedTuple):
    activity_id: int
    child_id: int
    day: date


class Lack(StrEnum):
    """What a tariff lacks."""

    BRACKETS = "brackets"
    """At least three of them."""
    PRICE = "price"
    """One at 1 € or less."""
    QUOTIENT = "quotient"
    """One of these goes beyond a quotient of 1,000."""


class Out(StrEnum):
    """Why a meal is left out, in the order in which it is looked for."""

    NOT_BILLED = "not_billed"
    """Served, and of no line of a bill: not billed yet, of a card, by a file…"""
    DEARER = "dearer"
    TAKEN_BACK = "taken_back"
    """Nothing is asked of it any more."""
    ABSENT = "absent"
    OPEN_CALL = "open_call"
    TARIFF = "tariff"
    """No tariff of the day fulfils the conditions."""


def lacks(tariff: Tariff) -> tuple[Lack, ...]:
    """Nothing of one that fulfils the conditions. Published grids are read on real numbers: « 1001 et plus »
    ends the bracket of a quotient of 1,000."""
    amount = tariff.amount
    if not isinstance(amount, Brackets):
        return (Lack.BRACKETS,)
    found = [] if len(amount.rows) >= LEAST_BRACKETS else [Lack.BRACKETS]
    if all(row.price > MOST for row in amount.rows):
        return (*found, Lack.PRICE)
    ends = [after.since for row, after in pairwise(amount.rows) if row.price <= MOST]
    beyond = amount.rows[-1].price <= MOST or any(end > MOST_QUOTIENT + 1 for end in ends)
    return (*found, Lack.QUOTIENT) if beyond else tuple(found)


@dataclass(slots=True)
class Billed:
    """What lines ask of a meal, and how many there are."""

    price: Decimal = ZERO
    lines: int = 0

    def add(self, amount: Decimal) -> None:
        self.price += amount
        self.lines += 1


@dataclass(frozen=True, slots=True)
class Served:
    """`present`: who was seen, on whichever call; `closed`: those of them whose call is closed."""

    present: Collection[Meal]
    closed: Collection[Meal]


@dataclass(slots=True)
class Claim:
    """Of one activity: how many meals of each price, and how many are left out, by why."""

    meals: dict[Decimal, int] = field(default_factory=lambda: defaultdict(int))
    out: dict[Out, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def count(self) -> int:
        return sum(self.meals.values())

    @property
    def amount(self) -> Decimal:
        """What bills ask of them, in euros."""
        return sum((price * number for price, number in self.meals.items()), ZERO)


def claims_of(
    billed: Mapping[Meal, Billed], served: Served, tariffs: Mapping[int, Collection[Tariff]]
) -> dict[int, Claim]:
    """By activity. `tariffs`: those of its meals, whenever they hold."""
    found: dict[int, Claim] = defaultdict(Claim)
    fulfil = {pk: [one for one in them if not lacks(one)] for pk, them in tariffs.items()}
    for meal, asked in billed.items():
        why = _why(meal, asked, served, fulfil.get(meal.activity_id, ()))
        if why is None:
            found[meal.activity_id].meals[asked.price] += 1
        else:
            found[meal.activity_id].out[why] += 1
    for meal in served.closed:
        if meal not in billed:
            found[meal.activity_id].out[Out.NOT_BILLED] += 1
    return dict(found)


def _why(meal: Meal, asked: Billed, served: Served, fulfil: Iterable[Tariff]) -> Out | None:
    if asked.price > MOST:
        return Out.DEARER
    if asked.price < ZERO or (not asked.price and asked.lines > 1):
        return Out.TAKEN_BACK
    if meal not in served.present:
        return Out.ABSENT
    if meal not in served.closed:
        return Out.OPEN_CALL
    return None if any(one.holds(meal.day) for one in fulfil) else Out.TARIFF


class Period(NamedTuple):
    """Four months of a year, the `number`th from 1 to 3."""

    year: int
    number: int

    @property
    def first(self) -> date:
        return date(self.year, (self.number - 1) * MONTHS + 1, 1)

    @property
    def last(self) -> date:
        after = self.next.first
        return after - timedelta(days=1)

    @property
    def next(self) -> Period:
        return Period(self.year + 1, 1) if self.number == 12 // MONTHS else Period(self.year, self.number + 1)

    @property
    def before(self) -> Period:
        return Period(self.year - 1, 12 // MONTHS) if self.number == 1 else Period(self.year, self.number - 1)


def period_of(day: date) -> Period:
    return Period(day.year, (day.month - 1) // MONTHS + 1)


def per_day(amount: Decimal, days: Collection[date]) -> Iterator[tuple[date, Decimal]]:
    """A line's days are all alike, and each costs the same."""
    for day in days:
        yield day, amount / len(days)
