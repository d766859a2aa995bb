"""The lines of a bill, from what is billed day by day: what is alike comes once, with its days. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from marelle.billing.due import Charge, Correction, Covered, Item
from marelle.billing.rules import amount_of
from marelle.core.money import ZERO, rounded
from marelle.pricing.lines import Ledger, Line
from marelle.pricing.stored import ledger_data, ledger_read

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class BillLine:
    """`item`: the first of those that it stands for, all alike but for their day; `days`, theirs.

    `quantity`, of two decimals at most, × `unit_price` is `amount`; `food`, what of it pays the plate, None
    where nothing says so; `minutes`, those that it bills, None where no price is by the hour, nor where
    another line tells them: what somebody else pays of it.
    """

    item: Item | Covered
    days: tuple[date, ...]
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    food: Decimal | None
    minutes: int | None = None

    @property
    def child_id(self) -> int | None:
        return self.item.place.child_id

    @property
    def activity_id(self) -> int | None:
        return self.item.place.activity_id


def owed_by(items: Iterable[Item], coverage_ids: Collection[int] | None) -> Iterator[Item | Covered]:
    """What goes on the bill of who pays by these coverages; None: on the home's, where what others pay comes
    after the price of which it is taken off."""
    for item in items:
        if isinstance(item, Charge):
            if coverage_ids is None:
                yield item
            for part in item.parts:
                if coverage_ids is None or part.coverage_id in coverage_ids:
                    yield Covered(item, part, asked=coverage_ids is not None)
        elif item.coverage_id is None if coverage_ids is None else item.coverage_id in coverage_ids:
            yield item


def bill_lines(items: Iterable[Item | Covered]) -> tuple[BillLine, ...]:
    """By child, then activity, what is of the month before what is corrected of others; what is of the home
    comes after its children."""
    found: dict[Hashable, list[Item | Covered]] = {}
    for item in items:
        found.setdefault(_alike(item), []).append(item)
    lines = [_line(same) for same in found.values()]
    return tuple(sorted(lines, key=_order))


def _alike(item: Item | Covered) -> Hashable:
    if isinstance(item, Covered):
        return item.charge.alike, item.part, item.asked
    if isinstance(item, Charge):
        return item.alike
    month = item.place.day.replace(day=1)
    return replace(
        item,
        place=item.place._replace(day=month),
        before=_undated(item.before),
        after=_undated(item.after),
    )


def _undated(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line.on(date.min) for line in lines)


def _line(same: Sequence[Item | Covered]) -> BillLine:
    first, number = same[0], len(same)
    days = tuple(item.place.day for item in same)
    amount = sum((item.amount for item in same), ZERO)
    quantity, unit_price = Decimal(number), first.amount
    if isinstance(first, Charge):
        whole, unit = number * first.line.quantity, first.line.unit
        if whole == rounded(whole) and amount_of(whole, unit) == amount:
            quantity, unit_price = whole, unit
    foods = [item.food for item in same if item.food is not None]
    minutes = _minutes(first)
    return BillLine(
        first,
        days,
        quantity,
        unit_price,
        amount,
        sum(foods, ZERO) if foods else None,
        None if minutes is None else number * minutes,
    )


def _minutes(item: Item | Covered) -> int | None:
    if isinstance(item, Covered):
        return None
    return item.line.minutes if isinstance(item, Charge) else item.minutes


def _order(line: BillLine) -> tuple[bool, int, bool, int, bool, bool, date]:
    place = line.item.place
    return (
        place.child_id is None,
        place.child_id or 0,
        place.activity_id is None,
        place.activity_id or 0,
        isinstance(line.item, Correction),
        isinstance(line.item, Covered),
        line.days[0],
    )


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """A line as it is to be written on a bill: its words are settled when it is previewed."""

    child_id: int | None
    activity_id: int | None
    activity: str
    label: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    food: Decimal | None
    days: tuple[date, ...]
    ledger: Ledger
    minutes: int | None = None

    def renamed(self, children: Mapping[int, int]) -> WrittenLine:
        """The same, where each child is called otherwise."""
        return self if self.child_id is None else replace(self, child_id=children[self.child_id])


def written_text(lines: Iterable[WrittenLine]) -> str:
    return json.dumps([_written_data(line) for line in lines], ensure_ascii=False, separators=(",", ":"))


def written_read(text: str) -> Iterator[WrittenLine]:
    return (_written_read(data) for data in json.loads(text))


def _written_data(line: WrittenLine) -> dict[str, Any]:
    return {
        "child": line.child_id,
        "activity_id": line.activity_id,
        "activity": line.activity,
        "label": line.label,
        "quantity": str(line.quantity),
        "unit_price": str(line.unit_price),
        "amount": str(line.amount),
        "food": None if line.food is None else str(line.food),
        "days": [day.isoformat() for day in line.days],
        "ledger": ledger_data(line.ledger),
        **({} if line.minutes is None else {"minutes": line.minutes}),
    }


def _written_read(data: Mapping[str, Any]) -> WrittenLine:
    return WrittenLine(
        child_id=data["child"],
        activity_id=data["activity_id"],
        activity=data["activity"],
        label=data["label"],
        quantity=Decimal(data["quantity"]),
        unit_price=Decimal(data["unit_price"]),
        amount=Decimal(data["amount"]),
        food=None if data["food"] is None else Decimal(data["food"]),
        days=tuple(date.fromisoformat(day) for day in data["days"]),
        ledger=ledger_read(data["ledger"]),
        minutes=data.get("minutes"),
    )
