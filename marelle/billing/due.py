"""What is due less what is billed: the one way by which anything comes on a bill. Pure.

A day of a child in an activity is billed once, as it is priced; when its price becomes another, the
difference is billed, with its cause. What is done twice is nothing: once the difference is billed, what is
due and what is billed are the same again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from marelle.core.money import ZERO
from marelle.pricing.lines import Ledger, Line, minutes_of


class Cause(StrEnum):
    """Why a day costs something else than what was billed, in the order in which it is looked for."""

    ADDED = "added"
    """Nothing was billed for it."""
    SEEN = "seen"
    """The same, of a child who came without a booking."""
    REMOVED = "removed"
    ABSENCE = "absence"
    """Missed or not, in another way."""
    SLOTS = "slots"
    HOURS = "hours"
    """Another quantity: half-hours booked or seen."""
    INCOME = "income"
    TARIFF = "tariff"
    """Another tariff, or something added to its price."""
    CONTESTED = "contested"
    """Waived: the home contested it, and an agent agreed."""
    DUE_AGAIN = "due_again"
    """Waived before, and no more."""
    PAYER = "payer"
    """The same price, of which somebody else pays more, or less."""
    BROUGHT = "brought"
    """What a home had in hand in another software."""
    OTHER = "other"
    """What another day of the week, of the month or of a brother makes of this one."""


class Place(NamedTuple):
    """What is billed as one: a day of a child in an activity. No child: of the home; no activity: what the
    authority prices in common."""

    day: date
    child_id: int | None
    activity_id: int | None

    @property
    def order(self) -> tuple[date, int, int]:
        return self.day, self.child_id or 0, self.activity_id or 0


class Account(NamedTuple):
    """What is owed by one payer and goes to one place: the home's, or what a coverage takes on."""

    ledger: Ledger
    coverage_id: int | None = None


class Part(NamedTuple):
    """What of a charge somebody else than the home pays, by a coverage."""

    coverage_id: int
    amount: Decimal
    food: Decimal | None = None


class Charge(NamedTuple):
    """A line that is billed as it is priced. `seen`: of a child who came without a booking. `parts`: those
    that the home does not pay."""

    line: Line
    activity_id: int | None
    structure_id: int | None
    seen: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def alike(self) -> Hashable:
        """All but its day."""
        return self.line.alike, self.activity_id, self.structure_id, self.seen, self.parts

    @property
    def place(self) -> Place:
        return Place(self.line.day, self.line.child_id, self.activity_id)

    @property
    def ledger(self) -> Ledger:
        return self.line.ledger

    @property
    def amount(self) -> Decimal:
        return self.line.amount

    @property
    def food(self) -> Decimal | None:
        return self.line.food

    @property
    def accounts(self) -> Iterator[tuple[Account, Amount]]:
        """What each owes of it."""
        own = Amount(self.amount, self.food)
        for part in self.parts:
            taken = Amount(part.amount, part.food)
            own += -taken
            yield Account(self.ledger, part.coverage_id), taken
        yield Account(self.ledger), own


@dataclass(frozen=True, slots=True)
class Covered:
    """A part of a charge as a line of a bill: taken off the home's, or `asked` of who pays it."""

    charge: Charge
    part: Part
    asked: bool

    @property
    def place(self) -> Place:
        return self.charge.place

    @property
    def ledger(self) -> Ledger:
        return self.charge.ledger

    @property
    def amount(self) -> Decimal:
        return self.part.amount if self.asked else -self.part.amount

    @property
    def food(self) -> Decimal | None:
        return self.part.food if self.asked or self.part.food is None else -self.part.food


@dataclass(frozen=True, slots=True)
class Correction:
    """What a day costs more, or less, than what was billed of it. `before` and `after`: what it was billed
    as, and what it is now. `coverage_id`: by which somebody else owes the difference. `minutes`: how many
    more are billed than were, told by one correction of the place alone; None where no price is by the
    hour."""

    place: Place
    structure_id: int | None
    ledger: Ledger
    amount: Decimal
    food: Decimal | None
    cause: Cause
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    coverage_id: int | None = None
    minutes: int | None = None

    @property
    def accounts(self) -> Iterator[tuple[Account, Amount]]:
        yield Account(self.ledger, self.coverage_id), Amount(self.amount, self.food)


Item = Charge | Correction


def renamed(item: Item, children: Mapping[int, int]) -> Item:
    """The same, where each child is called otherwise."""
    if isinstance(item, Charge):
        return item._replace(line=_line_renamed(item.line, children))
    child_id = item.place.child_id
    return replace(
        item,
        place=item.place if child_id is None else item.place._replace(child_id=children[child_id]),
        before=tuple(_line_renamed(line, children) for line in item.before),
        after=tuple(_line_renamed(line, children) for line in item.after),
    )


def _line_renamed(line: Line, children: Mapping[int, int]) -> Line:
    return line if line.child_id is None else line._replace(child_id=children[line.child_id])


@dataclass(frozen=True, slots=True)
class Amount:
    """Of what goes to one account: in all, and what of it pays the plate, None where nothing says so."""

    whole: Decimal = ZERO
    food: Decimal | None = None

    def __add__(self, other: Amount) -> Amount:
        foods = [one.food for one in (self, other) if one.food is not None]
        return Amount(self.whole + other.whole, sum(foods, ZERO) if foods else None)

    def __neg__(self) -> Amount:
        return Amount(-self.whole, None if self.food is None else -self.food)

    @property
    def is_nothing(self) -> bool:
        return not self.whole and not self.food


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Billed:
    """What was billed of a place, and the lines that it came to. `waived`: it was given back as contested."""

    amounts: Mapping[Account, Amount]
    lines: tuple[Line, ...]
    structure_id: int | None
    waived: bool = False


def billed_of(items: Iterable[Item]) -> dict[Place, Billed]:
    """Of items in the order in which they were billed: a correction is of what came before it."""
    found: dict[Place, Billed] = {}
    for item in items:
        had = found.get(item.place)
        amounts = dict(had.amounts) if had else {}
        for account, amount in item.accounts:
            amounts[account] = amounts.get(account, NOTHING) + amount
        if isinstance(item, Correction):
            waived = item.cause is Cause.CONTESTED
            found[item.place] = Billed(amounts, item.after, item.structure_id, waived)
        else:
            lines = (*(had.lines if had else ()), item.line)
            found[item.place] = Billed(amounts, lines, item.structure_id)
    return found


def owed(charges: Iterable[Charge], waived: Collection[Place]) -> Iterator[Charge]:
    """What is due of what was priced: nothing of the places that are waived, whoever would pay."""
    return (charge for charge in charges if charge.place not in waived)


def to_bill(
    due: Iterable[Charge], billed: Mapping[Place, Billed], waived: Collection[Place] = ()
) -> Iterator[Item]:
    """What is due less what is billed, day by day: what was never billed comes as it is priced, all else as a
    correction. `waived`: the places of which nothing is due for that reason."""
    by_place: dict[Place, list[Charge]] = defaultdict(list)
    for charge in due:
        by_place[charge.place].append(charge)
    for place in sorted(by_place.keys() | billed.keys(), key=lambda one: one.order):
        charges, had = by_place.get(place, []), billed.get(place)
        if had is None:
            yield from charges
        else:
            yield from _corrections(place, charges, had, is_waived=place in waived)


def late(items: Iterable[Item], month: date) -> Iterator[Item]:
    """Of items of any month, those of a month before the one that is billed say why they come so late: a
    charge, that nothing had been billed for it."""
    for item in items:
        if isinstance(item, Charge) and item.line.day < month:
            cause, minutes = Cause.SEEN if item.seen else Cause.ADDED, item.line.minutes
            for (ledger, coverage_id), amount in item.accounts:
                if not amount.is_nothing or not item.parts:
                    yield Correction(
                        item.place, item.structure_id, ledger, amount.whole, amount.food, cause, (),
                        (item.line,), coverage_id, minutes,
                    )  # fmt: skip
                    minutes = None
        else:
            yield item


def _corrections(
    place: Place, charges: Sequence[Charge], had: Billed, *, is_waived: bool
) -> Iterator[Correction]:
    """One for each account of which the amount is another."""
    amounts = {account: -amount for account, amount in had.amounts.items()}
    for charge in charges:
        for account, amount in charge.accounts:
            amounts[account] = amounts.get(account, NOTHING) + amount
    after = tuple(charge.line for charge in charges)
    moves_alone = not sum((amount.whole for amount in amounts.values()), ZERO)
    cause = Cause.CONTESTED if is_waived else _cause(had, charges, moves_alone=moves_alone)
    structure_id = charges[0].structure_id if charges else had.structure_id
    minutes = _more_minutes(had.lines, after)
    for (ledger, coverage_id), amount in amounts.items():
        if not amount.is_nothing:
            yield Correction(
                place, structure_id, ledger, amount.whole, amount.food, cause, had.lines, after, coverage_id,
                minutes,
            )  # fmt: skip
            minutes = None


def _more_minutes(before: Iterable[Line], after: Iterable[Line]) -> int | None:
    had, due = minutes_of(before), minutes_of(after)
    return None if had is None and due is None else (due or 0) - (had or 0)


def _cause(had: Billed, charges: Sequence[Charge], *, moves_alone: bool) -> Cause:
    """By what differs first, of what a parent would recognise. `moves_alone`: all of it costs what it did."""
    before, after = had.lines, [charge.line for charge in charges]
    if not after:
        return Cause.REMOVED
    if not before and had.waived:
        return Cause.DUE_AGAIN
    if not before:
        return Cause.SEEN if all(charge.seen for charge in charges) else Cause.ADDED
    for cause, of_line in TOLD.items():
        if Counter(map(of_line, before)) != Counter(map(of_line, after)):
            return cause
    return Cause.PAYER if moves_alone else Cause.OTHER


def _income(line: Line) -> Hashable:
    names = {"status", "value", "edge", "counted", "dependants", "aeeh"}
    return frozenset(figure for step in line.steps for figure in step.figures if figure[0] in names)


TOLD: Final[Mapping[Cause, Callable[[Line], Hashable]]] = {
    Cause.ABSENCE: lambda line: line.missed,
    Cause.SLOTS: lambda line: line.slots,
    Cause.HOURS: lambda line: line.quantity,
    Cause.INCOME: _income,
    Cause.TARIFF: lambda line: (line.tariff, frozenset((step.code, step.source) for step in line.steps)),
}
