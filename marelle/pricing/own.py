"""The own price of a set: its amount, then the steps that say who comes. What was done comes after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marelle.core.money import ZERO, rounded
from marelle.pricing.amounts import Asked, price_of
from marelle.pricing.facts import ChildDay, HomeDay, Piece
from marelle.pricing.lines import HUNDRED, Figure, Step, StepCode
from marelle.pricing.sets import Cut, cheapest
from marelle.pricing.tariffs import (
    Adjustment,
    Always,
    Becomes,
    By,
    Percent,
    Plus,
    Rank,
    Sets,
    Slots,
    Tariff,
    TariffBook,
)

ONE = Decimal(1)

Places = Mapping[tuple[By, Slots], int]
"""The place of a child among those of its home, by how it is counted and for which slots."""

ALONE: Places = {}
"""Of who is counted with nobody."""


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """`quantity` × `unit`, which is `whole`, then its steps."""

    tariff: Tariff
    quantity: Decimal
    unit: Decimal
    steps: tuple[Step, ...]
    whole: Decimal

    @property
    def amount(self) -> Decimal:
        return self.steps[-1].amount


@dataclass(frozen=True, slots=True)
class Pricer:
    """Prices what one child holds, as its home stands on the day."""

    child: ChildDay
    asked: Asked
    tariffs: Mapping[Slots, Tariff]
    steps: Sequence[Sequence[Adjustment]]

    @classmethod
    def of(cls, book: TariffBook, home: HomeDay, child: ChildDay) -> Pricer:
        held = frozenset(piece.slot_id for piece in child.pieces)
        return cls(
            child,
            Asked(home.day, home.income, child.traits, max(len(home.household), 1)),
            book.sets_within(held, child.traits, home.day),
            book.steps(child.traits, home.day, held),
        )

    @property
    def day(self) -> date:
        return self.asked.day

    def cut(self, pieces: Iterable[Piece], places: Places) -> Cut[OwnPrice]:
        """The cheapest cut of these slots into sets, at their own prices."""
        held = {piece.slot_id: piece for piece in pieces}
        return cheapest(
            frozenset(held),
            self.tariffs,
            lambda slots: self._own_price(slots, [held[slot] for slot in sorted(slots)], places),
        )

    def effect(self, row: Adjustment, amount: Decimal, part: Decimal) -> Step:
        """What `row` makes of an amount; percents are of `part` of it."""
        figures: tuple[tuple[str, Figure], ...]
        match row.effect:
            case Percent(percent):
                code, figures = StepCode.PERCENT, (("percent", percent), ("of", part))
                found = amount + part * percent / HUNDRED
            case Plus(more):
                code, figures = StepCode.PLUS, (("plus", more),)
                found = amount + more
            case Becomes(other):
                code, figures = StepCode.BECOMES, (("instead_of", amount),)
                step = price_of(other, self.asked, row.id, row.name)
                found = amount if step is None else step.amount
                figures += () if step is None else step.figures
        return Step(code, rounded(max(found, ZERO)), row.id, row.name, figures)

    def _own_price(self, slots: Slots, pieces: Sequence[Piece], places: Places) -> OwnPrice | None:
        tariff = self.tariffs[slots]
        unit = price_of(tariff.amount, self.asked, tariff.id, tariff.name)
        if unit is None:
            return None
        quantity, steps = ONE, [unit]
        started = tariff.what.started if isinstance(tariff.what, Sets) else None
        if started:
            quantity = started.quantity(sum(started.minutes(piece) for piece in pieces))
            steps.append(times(unit, quantity, started.per))
        whole = steps[-1].amount
        for rows in self.steps:
            row = next((row for row in rows if row.is_about(slots) and _is_own(row, places)), None)
            if row is not None:
                steps.append(self.effect(row, steps[-1].amount, steps[-1].amount))
        return OwnPrice(tariff, quantity, unit.amount, tuple(steps), whole)


def times(unit: Step, quantity: Decimal, per: int = 0) -> Step:
    """So many of a unit; `per`: the minutes that one is of, of what is priced for being there."""
    figures: tuple[tuple[str, Figure], ...] = (("quantity", quantity), ("unit", unit.amount))
    if per:
        figures += (("minutes", int(quantity * per)),)
    return Step(StepCode.TIMES, rounded(unit.amount * quantity), unit.source, unit.name, figures)


def spared(amount: Decimal, source: Tariff | Adjustment, before: int, times: int) -> Step:
    """One of the `times` that are a warning, after `before` others; `amount`: what it comes to so."""
    figures = (("time", before + 1), ("times", times))
    return Step(StepCode.SPARED, amount, source.id, source.name, figures)


def plate(tariff: Tariff, asked: Asked, quantity: Decimal, whole: Decimal) -> tuple[Decimal, Decimal] | None:
    """The part of a price that pays the food, never more than all of it."""
    food = None if tariff.food is None else price_of(tariff.food, asked, tariff.id, tariff.name)
    return None if food is None else (min(rounded(food.amount * quantity), whole), whole)


def _is_own(row: Adjustment, places: Places) -> bool:
    case = row.case
    return isinstance(case, Always) or (
        isinstance(case, Rank) and case.holds(places.get((case.by, row.slots)))
    )
