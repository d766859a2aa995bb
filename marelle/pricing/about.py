"""What of the tariffs of an authority concerns some slots or a product, and whether it is as it was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from marelle.pricing.amounts import EffortBound
from marelle.pricing.facts import TraitKind
from marelle.pricing.tariffs import (
    ALL_SLOTS,
    Adjustment,
    LateFetch,
    Product,
    Sets,
    Slots,
    SpanRule,
    Tariff,
    TariffBook,
)

Row = Tariff | Adjustment | SpanRule


@dataclass(frozen=True, slots=True)
class Seen:
    """What an agent had before its eyes: all that is about these slots, or this product."""

    version: str
    slots: Slots = ALL_SLOTS
    product: int | None = None


def concerning(book: TariffBook, own: Slots, day: date) -> TariffBook:
    """What of a book is about one of these slots, and is not over on `day`."""
    return replace(
        book,
        tariffs=tuple(row for row in book.tariffs if _lives(row, day) and is_about(row, own)),
        adjustments=tuple(
            row
            for row in book.adjustments
            if _lives(row, day) and row.is_about(own) and not names_a_home(row)
        ),
        span_rules=tuple(
            row for row in book.span_rules if _lives(row, day) and (not row.slots or row.slots & own)
        ),
    )


def names_a_home(row: Adjustment) -> bool:
    """What a decision for one home changes is told in its own file, and to nobody else."""
    return any(trait.kind is TraitKind.DECISION for trait in row.who)


def hangs_on_health(book: TariffBook, own: Slots, day: date) -> bool:
    """Whether a child's PAI may change what one of these slots costs on a day."""
    return any(map(tells_health, _rows(concerning(book, own, day))))


def tells_health(row: Row) -> bool:
    """Whether it is for children with a PAI: of a child that is named, its home and its team alone know."""
    return any(trait.kind is TraitKind.OWN_MEAL for trait in row.who)


def of_product(book: TariffBook, product: int, day: date) -> TariffBook:
    """The tariffs of a product that are not over on `day`."""
    return TariffBook(
        tuple(
            row
            for row in book.tariffs
            if _lives(row, day) and isinstance(row.what, Product) and row.what.id == product
        )
    )


def is_about(tariff: Tariff, own: Slots) -> bool:
    match tariff.what:
        case Sets(sets):
            return any(slots & own for slots in sets)
        case LateFetch(slots):
            return not slots or bool(slots & own)
        case _:
            return False


def version(book: TariffBook) -> str:
    """Rows never change but by their end: which ones there are and when each ends is all there is to know."""
    return ",".join(("v", *_tokens(book)))


def bounds_version(bounds: Iterable[EffortBound]) -> str:
    """The resources that count, as a form carries them."""
    return ",".join(("v", *(f"{one.since}:{one.floor:.2f}:{one.ceiling:.2f}" for one in bounds)))


def news(book: TariffBook, seen: str) -> list[Row]:
    """The rows of a book that were not seen as they are."""
    known = set(seen.split(","))
    return [row for row, token in zip(_rows(book), _tokens(book), strict=True) if token not in known]


def _tokens(book: TariffBook) -> Iterator[str]:
    kinds: dict[type[Row], str] = {Tariff: "t", Adjustment: "a", SpanRule: "s"}
    for row in _rows(book):
        yield f"{kinds[type(row)]}{row.id}:{row.until or ''}"


def _rows(book: TariffBook) -> tuple[Row, ...]:
    return (*book.tariffs, *book.adjustments, *book.span_rules)


def _lives(row: Row, day: date) -> bool:
    return row.until is None or row.until >= day


def slots_of(book: TariffBook) -> Slots:
    """All those that something of it names."""
    return frozenset[int]().union(*map(row_slots, _rows(book)))


def row_slots(row: Row) -> Slots:
    """Those that it names: none of what is about all of them, nor of what is paid at once."""
    if not isinstance(row, Tariff):
        return row.slots
    match row.what:
        case Sets(sets):
            return frozenset[int]().union(*sets)
        case LateFetch(slots):
            return slots
        case _:
            return ALL_SLOTS
