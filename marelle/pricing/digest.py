"""The fingerprint of what a price hangs on: while it stays the same, so does the price. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any, Final

from marelle.pricing.facts import HomeDay, Wishes
from marelle.pricing.tariffs import TariffBook

SAID: Final = frozenset({type(None), int, str, bool})
"""What is told as it stands."""


def facts_digest(book: TariffBook, wishes: Wishes, days: tuple[date, date]) -> str:
    """Of all that is handed to price `wishes`, and of the rows of the book that hold on `days`, both
    included. The same in every process: 64 hexadecimal figures."""
    begun = _holding(book, days).copy()
    told = _days(wishes.days), plain(wishes.spans), _days(wishes.earlier)
    begun.update(repr(told)[1:].encode())
    if any(span.second_month for span in wishes.spans):
        # Months billed while what such a week makes was always of the second one are looked at once more.
        begun.update(b"of the month of its days")
    return str(begun.hexdigest())


def _days(days: Sequence[HomeDay]) -> list[tuple[str, str]]:
    """Days that were made of one another share what they hold, which is told once."""
    known: dict[int, str] = {}
    for one in days:
        for held in (one.income, one.children, one.household):
            if id(held) not in known:
                known[id(held)] = repr(plain(held))
    return [
        (
            one.day.isoformat(),
            f"({known[id(one.income)]}, {known[id(one.children)]}, {known[id(one.household)]})",
        )
        for one in days
    ]


def _holding(book: TariffBook, days: tuple[date, date]) -> Any:
    """The fingerprint begun by the rows of the book, which are far longer than what a home has.

    Rows are never edited, they end: which there are and on which of the days is all that may differ.
    """
    if days not in book.holding:
        book.holding[days] = sha256(f"({repr(_rows(book, *days))!r}, ".encode())
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


class _Ways(dict[type, Callable[[Any], Any]]):
    """How the values of a kind are told: found once, for a month of a home has a thousand."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        return self.setdefault(kind, _way(kind))


WAYS: Final = _Ways()


def plain(value: Any) -> Any:
    """Facts as tuples of texts and numbers, each set in an order of its own."""
    return value if type(value) in SAID else WAYS[type(value)](value)


def _each(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple([one if type(one) in SAID else WAYS[type(one)](one) for one in values])


def _way(kind: type) -> Callable[[Any], Any]:
    if issubclass(kind, tuple):
        return _each
    if issubclass(kind, frozenset):
        return lambda value: tuple(sorted(_each(value), key=repr))
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, Decimal):
        return lambda value: f"{value.normalize():f}"
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    if is_dataclass(kind):
        names = [one.name for one in fields(kind)]
        return lambda value: _each([getattr(value, name) for name in names])
    raise TypeError(f"{kind.__name__} has no fingerprint.")
