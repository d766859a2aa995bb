"""What was paid in a year, cut into care and food, child by child. Pure.

Source: CGI, article 200 quater B, and BOI-IR-RICI-300: what is effectively paid in the year for the care of
children under six on 1 January; what feeds them does not count; of a child who lives in two homes by turns
each counts what it paid, within half of the ceiling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from marelle.activities.kinds import ActivityKind
from marelle.core.money import ZERO, rounded

SIX: Final = 6
CARE: Final = frozenset(
    {ActivityKind.CHILDCARE, ActivityKind.WEDNESDAY, ActivityKind.HOLIDAYS, ActivityKind.AFTER_SCHOOL}
)
"""Activities that look after children; a canteen does so by the part of its price that is not the plate."""


class Part(StrEnum):
    CARE = "care"
    FOOD = "food"
    MIXED = "mixed"
    """Care and perhaps food, which the tariff, or the file that brought the bill, does not tell apart."""
    OTHER = "other"
    """Neither: the fee of a club, what is of no child."""


class Item(NamedTuple):
    """What a bill asks for, of a child or of the home (None)."""

    child_id: int | None
    part: Part

    @property
    def order(self) -> tuple[int, str]:
        return self.child_id or 0, self.part


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of a bill or of a credit note, and when this was sent."""

    item: Item
    amount: Decimal
    sent_on: date


@dataclass(frozen=True, slots=True)
class Paid:
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Bill:
    """With the credit notes that take from it; `cancelled_on`: nothing of it is asked for since."""

    asked: tuple[Asked, ...]
    paid: tuple[Paid, ...]
    cancelled_on: date | None = None


def parts_of(
    amount: Decimal, food: Decimal | None, *, kind: str | None, has_meal: bool, child_id: int | None
) -> Iterator[tuple[Item, Decimal]]:
    """What a line is made of. `kind`: of its activity, None where a file did not say; `has_meal`: whether a
    meal may be in its price; `food`: what of it the tariff says to be the plate."""
    if child_id is None or (kind is not None and kind not in CARE and kind != ActivityKind.CANTEEN):
        yield Item(child_id, Part.OTHER), amount
    elif food is not None:
        yield Item(child_id, Part.CARE), amount - food
        yield Item(child_id, Part.FOOD), food
    elif kind == ActivityKind.CANTEEN:
        yield Item(child_id, Part.FOOD), amount
    elif has_meal or kind is None:
        yield Item(child_id, Part.MIXED), amount
    else:
        yield Item(child_id, Part.CARE), amount


class Ordered(Hashable, Protocol):
    @property
    def order(self) -> Any: ...


T = TypeVar("T", bound=Ordered)


def shared(asked: Mapping[T, Decimal], paid: Decimal) -> dict[T, Decimal]:
    """What is paid of each, in proportion; all of it is what is paid, to the cent. What is paid beyond what
    is asked pays for nothing."""
    total = sum(asked.values(), ZERO)
    if total <= 0 or paid <= 0:
        return {}
    found: dict[T, Decimal] = {}
    asked_so_far, shared_so_far = ZERO, ZERO
    for item in sorted(asked, key=lambda one: one.order):
        asked_so_far += asked[item]
        up_to = rounded(min(paid, total) * asked_so_far / total)
        found[item], shared_so_far = up_to - shared_so_far, up_to
    return found


def paid_in(bill: Bill, year: int) -> dict[Item, Decimal]:
    """What the year paid of it: what was paid by its end, less what was by the end of the year before. So
    years add up to what is paid, whatever was credited or taken back meanwhile; below zero, what was paid in
    another year is given back."""
    before, after = _paid_by(bill, date(year - 1, 12, 31)), _paid_by(bill, date(year, 12, 31))
    found = {item: after.get(item, ZERO) - before.get(item, ZERO) for item in before.keys() | after.keys()}
    return {item: amount for item, amount in found.items() if amount}


def paid_in_years(bills: Iterable[Bill], last: int) -> dict[int, dict[Item, Decimal]]:
    """By year, up to the `last`, the one in which nothing was paid left out."""
    sums: dict[int, dict[Item, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for bill in bills:
        for year in range(min((one.on.year for one in bill.paid), default=last + 1), last + 1):
            for item, amount in paid_in(bill, year).items():
                sums[year][item] += amount
    return {year: _taken_off_care(items) for year, items in sorted(sums.items()) if any(items.values())}


def _taken_off_care(items: Mapping[Item, Decimal]) -> dict[Item, Decimal]:
    """What a child has less than nothing of, where care and food are not told apart (the most of a week), is
    taken off its care: the return never says too much."""
    found = dict(items)
    for item, amount in items.items():
        if item.part is Part.MIXED and amount < 0:
            care = Item(item.child_id, Part.CARE)
            found[care] = found.get(care, ZERO) + found.pop(item)
    return found


def counts(birth: date | None, year: int) -> bool:
    """Whether a child is under six on 1 January, as the return says it: born from that day six years before.
    Of whom no birth is known, it is not told."""
    return birth is not None and date(year - SIX, 1, 1) <= birth <= date(year, 12, 31)


def _paid_by(bill: Bill, day: date) -> dict[Item, Decimal]:
    if bill.cancelled_on is not None and bill.cancelled_on <= day:
        return {}
    asked: dict[Item, Decimal] = defaultdict(lambda: ZERO)
    for one in bill.asked:
        if one.sent_on <= day:
            asked[one.item] += one.amount
    return shared(asked, sum((one.amount for one in bill.paid if one.on <= day), ZERO))
