"""How the slots that a child holds are cut into the sets that have a price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, NamedTuple, Protocol, TypeVar

from marelle.core.money import ZERO

Slots = frozenset[int]


class HasAmount(Protocol):
    @property
    def amount(self) -> Decimal: ...


Part = TypeVar("Part", bound=HasAmount)


@dataclass(frozen=True, slots=True)
class Cut(Generic[Part]):
    """Sets that a child holds, with their prices, and slots that none of them holds."""

    sets: tuple[tuple[Slots, Part], ...] = ()
    gaps: tuple[int, ...] = ()

    @property
    def amount(self) -> Decimal:
        return sum((part.amount for _slots, part in self.sets), ZERO)


class _Rank(NamedTuple):
    """The least is kept: as few slots without a price as can be, then the cheapest, then the fewest sets; the
    last only so that there is one answer."""

    gaps: int
    amount: Decimal
    sets: int
    order: tuple[tuple[int, ...], ...]


def cheapest(slots: Slots, sets: Iterable[Slots], price: Callable[[Slots], Part | None]) -> Cut[Part]:
    """The best cut of `slots` into some of `sets`, each priced by itself; None: that one has no price
    today."""
    priced = {one: part for one in sets if one <= slots and (part := price(one))}
    if all(len(one) == 1 for one in priced):
        return _one_by_one(slots, priced)
    amounts = {one: (tuple(sorted(one)), part.amount) for one, part in priced.items()}
    chosen = [frozenset(one) for one in _best(slots, amounts, {frozenset(): _Rank(0, ZERO, 0, ())}).order]
    return Cut(tuple((one, priced[one]) for one in chosen), tuple(sorted(slots.difference(*chosen))))


def _best(
    left: Slots, amounts: Mapping[Slots, tuple[tuple[int, ...], Decimal]], known: dict[Slots, _Rank]
) -> _Rank:
    if left not in known:
        first = min(left)
        gaps, amount, sets, order = _best(left - {first}, amounts, known)
        found = [_Rank(gaps + 1, amount, sets, order)]
        for one, (ordered, more) in amounts.items():
            if first in one and one <= left:
                gaps, amount, sets, order = _best(left - one, amounts, known)
                found.append(_Rank(gaps, amount + more, sets + 1, (ordered, *order)))
        known[left] = min(found)
    return known[left]


def _one_by_one(slots: Slots, priced: Mapping[Slots, Part]) -> Cut[Part]:
    """Where no two slots have a price together, there is one way."""
    alone = [(slot, frozenset({slot})) for slot in sorted(slots)]
    return Cut(
        tuple((one, priced[one]) for _slot, one in alone if one in priced),
        tuple(slot for slot, one in alone if one not in priced),
    )
