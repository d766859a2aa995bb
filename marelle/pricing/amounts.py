"""How an amount is found: fixed, by brackets of quotient, linear, by effort rate, by a number of children.

Published grids are read on real numbers: "up to 600" and "from 601" meet at 601. Who refuses to show its
income, or has not given it, pays the highest price; who has none, the lowest. The effort rate is that of
the PSU of the CNAF: resources of a month between a dated floor and ceiling, times a rate by dependent
children, to the cent of an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from marelle.core.money import rounded
from marelle.pricing.facts import ANYBODY, UNKNOWN_INCOME, Income, IncomeStatus, Known, TraitKind, Traits
from marelle.pricing.lines import HUNDRED, Figure, Step, StepCode


class TariffError(ValueError):
    """A tariff that makes no sense. `code` names what is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(f"This tariff has a wrong {code}.")
        self.code = code


class Edge(StrEnum):
    """Where a price stands when there is no value to count with."""

    LOWEST = "lowest"
    HIGHEST = "highest"


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same for all; 0 is free."""

    price: Decimal

    def __post_init__(self) -> None:
        _asked(self.price >= 0, "price")


@dataclass(frozen=True, slots=True)
class Bracket:
    """From this quotient on, until the next begins."""

    since: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Brackets:
    """From 0 on, in order."""

    rows: tuple[Bracket, ...]

    def __post_init__(self) -> None:
        _asked(bool(self.rows) and self.rows[0].since == 0, "first_bracket")
        _asked(all(one.since < after.since for one, after in pairwise(self.rows)), "brackets")
        _asked(all(row.price >= 0 for row in self.rows), "price")


@dataclass(frozen=True, slots=True)
class Linear:
    """So many percent of the quotient, never less than `floor` nor more than `ceiling`."""

    percent: Decimal
    floor: Decimal
    ceiling: Decimal

    def __post_init__(self) -> None:
        _asked(self.percent >= 0, "percent")
        _asked(0 <= self.floor <= self.ceiling, "floor")


@dataclass(frozen=True, slots=True)
class EffortRate:
    """Percent of the resources of a month for an hour, from so many dependent children on."""

    children: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class EffortBound:
    """The resources that count, from a date: for contracts that run too."""

    since: date
    floor: Decimal
    ceiling: Decimal


@dataclass(frozen=True, slots=True)
class Effort:
    rates: tuple[EffortRate, ...]
    bounds: tuple[EffortBound, ...]

    def __post_init__(self) -> None:
        _asked(bool(self.rates), "rates")
        _asked(all(one.children < after.children for one, after in pairwise(self.rates)), "rates")
        _asked(all(row.percent >= 0 for row in self.rates), "percent")
        _asked(all(0 <= bound.floor <= bound.ceiling for bound in self.bounds), "floor")


@dataclass(frozen=True, slots=True)
class ByNumber:
    """By how many children of the home have it, or live in it where a day is priced; the last for as many
    as that and more."""

    amounts: tuple[Fixed | Brackets | Linear | Effort, ...]

    def __post_init__(self) -> None:
        _asked(bool(self.amounts), "amounts")


Amount = Fixed | Brackets | Linear | Effort | ByNumber


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom the price is. `number`: how many children of the home have the thing."""

    day: date
    income: Income = UNKNOWN_INCOME
    traits: Traits = ANYBODY
    number: int = 1

    @property
    def is_in_care(self) -> bool:
        return any(one.kind is TraitKind.IN_CARE for one in self.traits)


def price_of(amount: Amount, asked: Asked, source: int, name: str) -> Step | None:
    """The price with how it was found; None where nothing of the tariff is in force yet."""
    match amount:
        case Fixed():
            return Step(StepCode.FIXED, rounded(amount.price), source, name)
        case Brackets():
            return _of_brackets(amount, asked, source, name)
        case Linear():
            return _linear(amount, asked, source, name)
        case Effort():
            return _of_effort(amount, asked, source, name)
        case ByNumber():
            rank = min(max(asked.number, 1), len(amount.amounts)) - 1
            step = price_of(amount.amounts[rank], asked, source, name)
            return step and step._replace(figures=(("number", asked.number), *step.figures))


def changes_of(amount: Amount) -> frozenset[date]:
    """The days from which it counts otherwise."""
    if isinstance(amount, ByNumber):
        return frozenset[date]().union(*(changes_of(one) for one in amount.amounts))
    return frozenset(bound.since for bound in amount.bounds) if isinstance(amount, Effort) else frozenset()


def _of_brackets(amount: Brackets, asked: Asked, source: int, name: str) -> Step:
    value = value_of(asked.income.quotient)
    match value:
        case Edge.HIGHEST:
            row = max(amount.rows, key=lambda row: row.price)
        case Edge.LOWEST:
            row = min(amount.rows, key=lambda row: row.price)
        case _:
            row = next((one for one in reversed(amount.rows) if one.since <= value), amount.rows[0])
    figures = (
        *_income(asked.income.quotient, value),
        ("since", row.since),
        ("until", _next(amount.rows, row)),
    )
    return Step(StepCode.BRACKET, rounded(row.price), source, name, figures)


def _linear(amount: Linear, asked: Asked, source: int, name: str) -> Step:
    value = value_of(asked.income.quotient)
    match value:
        case Edge.HIGHEST:
            price = amount.ceiling
        case Edge.LOWEST:
            price = amount.floor
        case _:
            price = _between(amount.floor, value * amount.percent / HUNDRED, amount.ceiling)
    figures = (
        *_income(asked.income.quotient, value),
        ("percent", amount.percent),
        ("floor", amount.floor),
        ("ceiling", amount.ceiling),
    )
    return Step(StepCode.LINEAR, rounded(price), source, name, figures)


def _of_effort(amount: Effort, asked: Asked, source: int, name: str) -> Step | None:
    bound = max((one for one in amount.bounds if one.since <= asked.day), key=_since, default=None)
    if bound is None:
        return None
    value = Edge.LOWEST if asked.is_in_care else value_of(asked.income.resources)
    match value:
        case Edge.HIGHEST:
            counted = bound.ceiling
        case Edge.LOWEST:
            counted = bound.floor
        case _:
            counted = _between(bound.floor, value, bound.ceiling)
    rate = _rate(amount.rates, asked.income)
    figures = (
        *_income(asked.income.resources, value),
        ("counted", counted),
        ("floor", bound.floor),
        ("ceiling", bound.ceiling),
        ("bound_since", bound.since),
        ("percent", rate.percent),
        ("dependants", asked.income.dependants),
        ("aeeh", asked.income.aeeh),
    )
    return Step(StepCode.EFFORT, rounded(counted * rate.percent / HUNDRED), source, name, figures)


def value_of(known: Known) -> Decimal | Edge:
    """What to count with, or which end of the prices stands for it."""
    if known.status is IncomeStatus.NONE:
        return Edge.LOWEST
    if known.amount is None or known.status in {IncomeStatus.REFUSED, IncomeStatus.UNKNOWN}:
        return Edge.HIGHEST
    return known.amount


def _rate(rates: Sequence[EffortRate], income: Income) -> EffortRate:
    """The column of the dependent children, one further for each of them with an AEEH."""
    column = sum(rate.children <= income.dependants for rate in rates) - 1
    return rates[min(max(column, 0) + income.aeeh, len(rates) - 1)]


def _income(known: Known, value: Decimal | Edge) -> tuple[tuple[str, Figure], ...]:
    counted = None if isinstance(value, Edge) else value
    return (("status", known.status.value), ("value", counted), ("edge", _edge(value)))


def _edge(value: Decimal | Edge) -> str:
    return value.value if isinstance(value, Edge) else ""


def _next(rows: Sequence[Bracket], row: Bracket) -> Decimal | None:
    return next((one.since for one in rows if one.since > row.since), None)


def _between(floor: Decimal, value: Decimal, ceiling: Decimal) -> Decimal:
    return min(max(floor, value), ceiling)


def _since(bound: EffortBound) -> date:
    return bound.since


def _asked(holds: bool, code: str) -> None:
    if not holds:
        raise TariffError(code)
