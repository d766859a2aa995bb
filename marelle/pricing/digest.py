"""The fingerprint of what a price hangs on: while it stays the same, so does the price. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any

from marelle.pricing.facts import HomeDay, Wishes
from marelle.pricing.tariffs import TariffBook


def facts_digest(book: TariffBook, wishes: Wishes, days: tuple[date, date]) -> str:
    """Of all that is handed to price `wishes`, and of the rows of the book that hold on `days`, both
    included. The same in every process: 64 hexadecimal figures."""
    told = _holding(book, days), _days(wishes.days), plain(wishes.spans), _days(wishes.earlier)
    return sha256(repr(told).encode()).hexdigest()


def _days(days: Iterable[HomeDay]) -> list[tuple[str, str]]:
    """What those that differ by their date alone are is found once."""
    known: dict[Hashable, str] = {}
    found = []
    for one in days:
        alike = one.income, one.children, one.household
        if alike not in known:
            known[alike] = repr(plain(alike))
        found.append((one.day.isoformat(), known[alike]))
    return found


def _holding(book: TariffBook, days: tuple[date, date]) -> str:
    """Rows are never edited, they end: which there are and on which of the days is all that may differ."""
    if days not in book.holding:
        book.holding[days] = repr(_rows(book, *days))
    return book.holding[days]


def _rows(book: TariffBook, first: date, last: date) -> Hashable:
    return tuple(
        (
            type(row).__name__,
            row.id,
            max(row.since, first).isoformat(),
            min(row.until or last, last).isoformat(),
        )
        for row in (*book.tariffs, *book.adjustments, *book.span_rules)
        if row.since <= last and (row.until is None or row.until >= first)
    )


def plain(value: Any) -> Any:
    """Facts as tuples of texts and numbers, each set in an order of its own."""
    if value is None or type(value) in (int, str, bool):
        return value
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value)
    if isinstance(value, frozenset):
        return tuple(sorted((plain(one) for one in value), key=repr))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(plain(getattr(value, name)) for name in _names(type(value)))
    raise TypeError(f"{type(value).__name__} has no fingerprint.")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))
