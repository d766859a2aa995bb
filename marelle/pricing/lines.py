"""What comes out: lines whose explanation is their calculation, and what no tariff holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from marelle.core.money import ZERO, rounded

HUNDRED = Decimal(100)

Figure = Decimal | int | str | date | None


class StepCode(StrEnum):
    """What a step did. The French is put elsewhere."""

    FIXED = "fixed"
    BRACKET = "bracket"
    LINEAR = "linear"
    EFFORT = "effort"
    TIMES = "times"
    """So many half-hours, hours…"""
    CONTRACT = "contract"
    PERCENT = "percent"
    PLUS = "plus"
    BECOMES = "becomes"
    SPARED = "spared"
    """Told, and free this time: a warning first."""
    PREPAID = "prepaid"
    GIVEN_BACK = "given_back"
    DEDUCTED = "deducted"
    KEPT = "kept"
    """What would be given back beyond what was paid."""
    MOST = "most"
    FLAT = "flat"
    NTH = "nth"


class Step(NamedTuple):
    """`amount`: what the line comes to after it. `source` and `name` are those of the tariff or adjustment;
    `figures`, what was counted with, by name."""

    code: StepCode
    amount: Decimal
    source: int
    name: str
    figures: tuple[tuple[str, Figure], ...] = ()

    @property
    def data(self) -> Mapping[str, Figure]:
        return dict(self.figures)


class LineKind(StrEnum):
    DUE = "due"
    """A set, at its own price with what is added to it."""
    APART = "apart"
    """A set whose price something takes the place of: a penalty, what is excused."""
    FETCHED = "fetched"
    PREPAID = "prepaid"
    GIVEN_BACK = "given_back"
    TAKEN = "taken"
    EXTRA = "extra"
    DEDUCTED = "deducted"
    CORRECTION = "correction"
    """What a span makes of its days."""


class Ledger(NamedTuple):
    """Where the money goes, for bills: accounting code, budget, régie, and the VAT that the price includes,
    in percent (0 where it is exempt, as a canteen is)."""

    account: str = ""
    budget: str = ""
    regie: str = ""
    vat: Decimal = ZERO


class Line(NamedTuple):
    """`quantity` × `unit` is the price before the steps that change it. `plate`: the part of food and the
    price that it is a part of; None where the tariff is not in two parts. `missed`: nobody came for it."""

    day: date
    child_id: int | None
    kind: LineKind
    tariff: int
    name: str
    quantity: Decimal
    unit: Decimal
    steps: tuple[Step, ...]
    ledger: Ledger
    slots: frozenset[int] = frozenset()
    plate: tuple[Decimal, Decimal] | None = None
    missed: bool = False

    @property
    def alike(self) -> tuple[object, ...]:
        """All but its day, which is the first of its fields."""
        return self[1:]

    def on(self, day: date) -> Line:
        """The same on another day."""
        return Line(day, *self[1:])

    @property
    def amount(self) -> Decimal:
        """That of the last step: an explanation cannot disagree with the price."""
        return self.steps[-1].amount

    @property
    def minutes(self) -> int | None:
        """Those that it asks for, of what is priced by the hour: none once its price is given up whole."""
        times = next((step for step in self.steps if step.code is StepCode.TIMES), None)
        minutes = times.data.get("minutes") if times else None
        if times is None or not isinstance(minutes, int):
            return None
        return minutes if self.amount or not times.amount else 0

    @property
    def food(self) -> Decimal | None:
        """What pays the plate, in proportion when the price has changed."""
        if self.plate is None:
            return None
        food, whole = self.plate
        return rounded(self.amount * food / whole) if whole else ZERO

    @property
    def care(self) -> Decimal | None:
        """The rest, for the tax statement."""
        return None if self.food is None else self.amount - self.food

    @property
    def tax(self) -> Decimal:
        """The VAT in the amount."""
        return self.amount - rounded(self.amount * HUNDRED / (HUNDRED + self.ledger.vat))


class Gap(NamedTuple):
    """Something without a price: no tariff holds that slot, that fetching or that product (`what`) on the
    day."""

    day: date
    child_id: int | None
    what: str
    id: int


@dataclass(frozen=True, slots=True)
class Priced:
    lines: tuple[Line, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def total(self) -> Decimal:
        return total(self.lines)

    def on(self, day: date) -> Priced:
        """The same on another day, where it is of one alone."""
        if all(line.day == day for line in self.lines) and all(gap.day == day for gap in self.gaps):
            return self
        return Priced(
            tuple(line.on(day) for line in self.lines), tuple(gap._replace(day=day) for gap in self.gaps)
        )

    def of(self, day: date) -> Priced:
        """That day alone, of several."""
        return Priced(
            tuple(line for line in self.lines if line.day == day),
            tuple(gap for gap in self.gaps if gap.day == day),
        )


def minutes_of(lines: Iterable[Line]) -> int | None:
    """Of those that are priced by the hour; None where none is."""
    found = [line.minutes for line in lines]
    return None if all(one is None for one in found) else sum(one or 0 for one in found)


def total(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def joined(parts: Iterable[Priced]) -> Priced:
    """Several as one, in their order."""
    every = tuple(parts)
    return Priced(
        tuple(line for one in every for line in one.lines), tuple(gap for one in every for gap in one.gaps)
    )
