"""What a price hangs on, of some slots: which incomes, and which slots are counted by the time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from marelle.pricing.amounts import Amount, Brackets, ByNumber, Effort, Linear
from marelle.pricing.facts import TraitKind
from marelle.pricing.tariffs import (
    Adjustment,
    Becomes,
    Flat,
    Most,
    Product,
    Sets,
    Slots,
    SpanRule,
    Tariff,
    TariffBook,
)

OF_RESIDENCE: Final = frozenset({TraitKind.OUTSIDE, TraitKind.AGREEMENT})


@dataclass(frozen=True, slots=True)
class Asked:
    """`by_time`: the minutes of a step of each slot that is counted so."""

    quotient: bool
    resources: bool
    by_time: Mapping[int, int]
    residence: bool
    """Where the home lives."""
    products: bool
    """Something may be paid beside, at once for a span."""


def asked_of(book: TariffBook, own: Slots, day: date) -> Asked:
    """Of what holds on `day` or later."""
    tariffs = [row for row in book.tariffs if _lives(row, day)]
    sets = [(row, row.what) for row in tariffs if isinstance(row.what, Sets) and _is_of(row.what, own)]
    adjustments = [row for row in book.adjustments if _lives(row, day) and row.is_about(own)]
    rules = [row for row in book.span_rules if _lives(row, day) and (not row.slots or row.slots & own)]
    amounts = [
        *(row.amount for row, _what in sets),
        *(row.effect.amount for row in adjustments if isinstance(row.effect, Becomes)),
        *(row.rule.amount for row in rules if isinstance(row.rule, Most | Flat)),
    ]
    parts = [part for amount in amounts for part in _parts(amount)]
    whom = [row.who for row in (*(row for row, _what in sets), *adjustments, *rules)]
    return Asked(
        quotient=any(isinstance(part, Brackets | Linear) for part in parts),
        resources=any(isinstance(part, Effort) for part in parts),
        by_time={
            slot: what.started.step
            for _row, what in sets
            if what.started
            for slots in what.sets
            for slot in slots & own
        },
        residence=any(trait.kind in OF_RESIDENCE for who in whom for trait in who),
        products=any(isinstance(row.what, Product) for row in tariffs),
    )


def _is_of(what: Sets, own: Slots) -> bool:
    return any(slots & own for slots in what.sets)


def _lives(row: Tariff | Adjustment | SpanRule, day: date) -> bool:
    return row.until is None or row.until >= day


def _parts(amount: Amount) -> tuple[Amount, ...]:
    return amount.amounts if isinstance(amount, ByNumber) else (amount,)
