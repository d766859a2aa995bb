"""Days that cost the same whoever's they are: what a total hangs on, children without a name. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from decimal import Decimal

from marelle.pricing.amounts import Amount, Brackets, ByNumber, Edge, Effort, Linear, value_of
from marelle.pricing.facts import ChildDay, HomeDay
from marelle.pricing.tariffs import ALL_SLOTS, Becomes, Sets, Slots, TariffBook


class Likeness:
    """Of days that are priced with each of these books: two that are alike come to the same total, and lack
    the same tariffs, on days of one era. Their lines are not the same: these tell an income, and a child."""

    def __init__(self, books: Iterable[TariffBook]) -> None:
        amounts = [found for book in books for found in _amounts(book)]
        self._limits = sorted(
            {row.since for amount, _slots in amounts if isinstance(amount, Brackets) for row in amount.rows}
        )
        self._linear = [slots for amount, slots in amounts if isinstance(amount, Linear)]
        self._effort = [slots for amount, slots in amounts if isinstance(amount, Effort)]

    def of(self, home: HomeDay) -> Hashable:
        slots = frozenset(piece.slot_id for child in home.children for piece in child.pieces)
        income, places = home.income, {child_id: at for at, child_id in enumerate(home.household)}
        resources = None
        if _asked(self._effort, slots):
            resources = value_of(income.resources), income.dependants, income.aeeh
        children = sorted(home.children, key=_eldest_first)
        return (
            self._quotient(value_of(income.quotient), slots),
            resources,
            len(places),
            tuple((places.get(one.child_id), one.traits, one.pieces, one.fetched) for one in children),
        )

    def _quotient(self, value: Decimal | Edge, slots: Slots) -> Hashable:
        """Between which limits it is, where nothing counts with the quotient itself."""
        if isinstance(value, Edge) or _asked(self._linear, slots):
            return value
        return bisect_right(self._limits, value)


def _amounts(book: TariffBook) -> Iterator[tuple[Amount, Slots]]:
    """Each with the slots that it may be a price of; none said: any."""
    for tariff in book.tariffs:
        what = tariff.what
        slots = frozenset[int]().union(*what.sets) if isinstance(what, Sets) else ALL_SLOTS
        yield from ((one, slots) for one in _parts(tariff.amount))
    for row in book.adjustments:
        if isinstance(row.effect, Becomes):
            yield from ((one, row.slots) for one in _parts(row.effect.amount))


def _parts(amount: Amount) -> Iterator[Amount]:
    if isinstance(amount, ByNumber):
        yield from amount.amounts
    else:
        yield amount


def _asked(rows: Iterable[Slots], slots: Slots) -> bool:
    return any(not of_row or of_row & slots for of_row in rows)


def _eldest_first(child: ChildDay) -> tuple[date, int]:
    return child.birth or date.max, child.child_id
