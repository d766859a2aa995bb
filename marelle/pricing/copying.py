"""Tariffs of a next year: those of this one, each price raised by a percentage and rounded. Pure.

Percentages of adjustments and of days of a span follow the prices that they are of: they stay as they are.
So do effort rates, which the State publishes. A percentage of the quotient (linear) is a price: it is raised,
and so are its bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Final, TypeVar

from marelle.core.money import rounded_to
from marelle.pricing.about import names_a_home
from marelle.pricing.amounts import Amount, Brackets, ByNumber, Effort, Fixed, Linear
from marelle.pricing.lines import HUNDRED
from marelle.pricing.tariffs import (
    Adjustment,
    Becomes,
    Flat,
    LateFetch,
    Most,
    Nth,
    Percent,
    Plus,
    Product,
    Sets,
    Slots,
    SpanRule,
    Tariff,
    TariffBook,
    Voted,
)

DAY: Final = timedelta(days=1)
RATE: Final = Decimal("0.0001")
"""To what a percentage of the quotient is kept."""

Part = Fixed | Brackets | Linear | Effort
Row = Tariff | Adjustment | SpanRule
R = TypeVar("R", Tariff, Adjustment, SpanRule)


class Rounding(Enum):
    """To what a price is rounded."""

    CENT = Decimal("0.01")
    FIVE = Decimal("0.05")
    TEN = Decimal("0.10")
    FIFTY = Decimal("0.50")


@dataclass(frozen=True, slots=True)
class Raise:
    """`percent` added to each price: -2 takes 2 % off, never below nothing. Rows begin on `since`."""

    since: date
    percent: Decimal = Decimal(0)
    rounding: Rounding = Rounding.CENT
    voted: Voted | None = None

    def price(self, amount: Decimal) -> Decimal:
        return rounded_to(amount * self._factor, self.rounding.value)

    def rate(self, percent: Decimal) -> Decimal:
        return (percent * self._factor).quantize(RATE, ROUND_HALF_UP)

    @property
    def _factor(self) -> Decimal:
        return max(Decimal(0), HUNDRED + self.percent) / HUNDRED


@dataclass(frozen=True, slots=True)
class Copied:
    """`new` takes the place of `old` from its first day on."""

    old: Row
    new: Row


def raised(amount: Amount, by: Raise) -> Amount:
    """The brackets stay where they are, in their order: their prices change."""
    if isinstance(amount, ByNumber):
        return ByNumber(tuple(_raised(one, by) for one in amount.amounts))
    return _raised(amount, by)


def _raised(amount: Part, by: Raise) -> Part:
    match amount:
        case Fixed(price):
            return Fixed(by.price(price))
        case Brackets(rows):
            return Brackets(tuple(replace(row, price=by.price(row.price)) for row in rows))
        case Linear(percent, floor, ceiling):
            return Linear(by.rate(percent), by.price(floor), by.price(ceiling))
        case Effort():
            return amount


def copied(row: R, by: Raise) -> R:
    """The same from `by.since` on, until the end that it had beyond; the délibération is the new one."""
    until = row.until if row.until is not None and row.until >= by.since else None
    dated = replace(row, since=by.since, until=until)
    match dated:
        case Tariff():
            food = None if dated.food is None else raised(dated.food, by)
            return replace(
                dated, what=_what(dated.what, by), amount=raised(dated.amount, by), food=food, voted=by.voted
            )
        case Adjustment():
            return replace(dated, effect=_effect(dated.effect, by))
        case _:
            return replace(dated, rule=_rule(dated.rule, by))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a year begins with: `rows` to be copied; `prepared`, what has something in its place on that day
    already; `shared`, what is about other slots too, which changes with all of the authority alone."""

    rows: tuple[Row, ...]
    prepared: tuple[Row, ...] = ()
    shared: tuple[Row, ...] = ()


def plan(book: TariffBook, since: date, own: Slots | None = None) -> Plan:
    """Of what holds the day before `since`. `own`: about these slots alone; None: all of the authority. What
    was decided for one home stays as it was decided."""
    voted = (row for row in _before(book, since) if not (isinstance(row, Adjustment) and names_a_home(row)))
    held = [row for row in voted if own is None or _touches(row, own)]
    waiting = [row for row in held if not _is_prepared(row, book, since)]
    return Plan(
        tuple(row for row in waiting if own is None or _is_within(row, own)),
        tuple(row for row in held if row not in waiting),
        tuple(row for row in waiting if own is not None and not _is_within(row, own)),
    )


def copies(rows: Collection[Row], by: Raise) -> tuple[Copied, ...]:
    return tuple(Copied(row, _copied(row, by)) for row in rows)


def books_tried(book: TariffBook, made: Collection[Copied], since: date) -> tuple[TariffBook, TariffBook]:
    """The tariffs that hold the day before `since`, and those that hold from it once `made` is: each as if it
    had always held, so that days gone by can be priced with both. What ends and is not copied stays."""
    news = {(type(one.old), one.old.id): one.new for one in made}
    before = _before(book, since)
    kept = [row for row in before if not _is_prepared(row, book, since)]
    begun = [row for row in _rows(book) if row.since == since]
    return _always(before), _always([*(news.get((type(row), row.id), row) for row in kept), *begun])


def _always(rows: Collection[Row]) -> TariffBook:
    always = [replace(row, since=date.min, until=None) for row in rows]
    return TariffBook(
        tuple(row for row in always if isinstance(row, Tariff)),
        tuple(row for row in always if isinstance(row, Adjustment)),
        tuple(row for row in always if isinstance(row, SpanRule)),
    )


def _copied(row: Row, by: Raise) -> Row:
    match row:
        case Tariff():
            return copied(row, by)
        case Adjustment():
            return copied(row, by)
        case SpanRule():
            return copied(row, by)


def _what(what: Sets | LateFetch | Product, by: Raise) -> Sets | LateFetch | Product:
    if isinstance(what, Product) and what.given_back is not None:
        return replace(what, given_back=raised(what.given_back, by))
    return what


def _effect(effect: Percent | Plus | Becomes, by: Raise) -> Percent | Plus | Becomes:
    match effect:
        case Percent():
            return effect
        case Plus(amount):
            return Plus(by.price(amount))
        case Becomes(amount):
            return Becomes(raised(amount, by))


def _rule(rule: Most | Flat | Nth, by: Raise) -> Most | Flat | Nth:
    match rule:
        case Most(amount):
            return Most(raised(amount, by))
        case Flat(days, amount):
            return Flat(days, raised(amount, by))
        case _:
            return rule


def _rows(book: TariffBook) -> Iterator[Row]:
    yield from book.tariffs
    yield from book.adjustments
    yield from book.span_rules


def _before(book: TariffBook, since: date) -> list[Row]:
    return [row for row in _rows(book) if row.is_in_force(since - DAY)]


def _is_prepared(row: Row, book: TariffBook, since: date) -> bool:
    """Whether something begins on that day in its place."""
    return any(other.since == since and _place(other) == _place(row) for other in _rows(book))


def _place(row: Row) -> object:
    """What two rows that take each other's place are both about."""
    match row:
        case Tariff():
            return Tariff, _what_place(row.what), row.who, row.weekdays
        case Adjustment():
            return Adjustment, row.step, row.case, row.slots, row.who, row.weekdays
        case SpanRule():
            return SpanRule, row.span, row.step, type(row.rule), row.slots, row.who, row.weekdays


def _what_place(what: Sets | LateFetch | Product) -> object:
    match what:
        case Sets(sets):
            return Sets, frozenset(sets)
        case LateFetch(slots):
            return LateFetch, slots
        case Product():
            return Product, what.id


def _slots_of(row: Row) -> Slots:
    """None said: all of them, or a product."""
    match row:
        case Tariff(what=Sets(sets)):
            return frozenset[int]().union(*sets)
        case Tariff(what=LateFetch(slots)):
            return slots
        case Tariff():
            return frozenset()
        case _:
            return row.slots


def _is_within(row: Row, own: Slots) -> bool:
    slots = _slots_of(row)
    return bool(slots) and slots <= own


def _touches(row: Row, own: Slots) -> bool:
    """What is of all slots concerns these; a product is of none."""
    if isinstance(row, Tariff) and isinstance(row.what, Product):
        return False
    slots = _slots_of(row)
    return not slots or bool(slots & own)
