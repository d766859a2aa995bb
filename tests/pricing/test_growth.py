"""What a home's price takes does not grow with what the authority's other structures have."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from marelle.pricing.digest import facts_digest
from marelle.pricing.facts import (
    ANYBODY,
    ChildDay,
    Fetched,
    HomeDay,
    HomeSpan,
    Piece,
    SpanKind,
    Taken,
    Wishes,
)
from marelle.pricing.tariffs import LateFetch, Product, Sets, TariffBook
from marelle.pricing.wishes import priced
from tests.pricing.sheets import BOOKS

MONDAY = date(2026, 11, 2)
SUNDAY = MONDAY + timedelta(days=6)
STRUCTURES = 40
APART = 1_000
"""Between the numbers of one structure and those of the next."""


def slots_of(book: TariffBook) -> set[int]:
    sets = {
        slot for row in book.tariffs if isinstance(row.what, Sets) for one in row.what.sets for slot in one
    }
    fetched = {slot for row in book.tariffs if isinstance(row.what, LateFetch) for slot in row.what.slots}
    return sets | fetched | {slot for row in (*book.adjustments, *book.span_rules) for slot in row.slots}


def elsewhere(what: Sets | LateFetch | Product, away: int) -> Sets | LateFetch | Product:
    if isinstance(what, Sets):
        return replace(what, sets=frozenset(frozenset(slot + away for slot in one) for one in what.sets))
    if isinstance(what, LateFetch):
        return replace(what, slots=frozenset(slot + away for slot in what.slots or {0}))
    return replace(what, id=what.id + away)


def many(book: TariffBook) -> TariffBook:
    """As of an authority whose other structures have each the same."""
    every = frozenset(slots_of(book) or {0})
    books = [book]
    for away in range(APART, STRUCTURES * APART, APART):
        tariffs = [replace(row, id=row.id + away, what=elsewhere(row.what, away)) for row in book.tariffs]
        adjustments, rules = (
            [
                replace(row, id=row.id + away, slots=frozenset(slot + away for slot in row.slots or every))
                for row in rows
            ]
            for rows in (book.adjustments, book.span_rules)
        )
        books.append(TariffBook(tuple(tariffs), tuple(adjustments), tuple(rules)))
    return TariffBook(
        tuple(row for one in books for row in one.tariffs),
        tuple(row for one in books for row in one.adjustments),
        tuple(row for one in books for row in one.span_rules),
    )


def wishes_of(book: TariffBook) -> Wishes:
    slots = sorted(slots_of(book))
    pieces, fetched = tuple(map(Piece, slots)), tuple(Fetched(slot, 20) for slot in slots)
    days = (MONDAY + timedelta(days=ahead) for ahead in range(5))
    products = {row.what.id for row in book.tariffs if isinstance(row.what, Product)}
    return Wishes(
        tuple(HomeDay(day, children=(ChildDay(1, pieces, fetched=fetched),)) for day in days),
        (
            HomeSpan(
                SpanKind.WEEK, MONDAY, SUNDAY,
                traits=((1, ANYBODY),),
                taken=tuple(Taken(one, MONDAY, child_id=1) for one in sorted(products)),
            ),
            HomeSpan(SpanKind.MONTH, date(2026, 11, 1), date(2026, 11, 30), traits=((1, ANYBODY),)),
        ),
    )  # fmt: skip


def calls(work: Callable[[TariffBook], object], book: TariffBook) -> int:
    """How many calls of Python's own and of C it takes; once before, for what is kept."""
    work(book)
    made = 0

    def count(_frame: object, event: str, _what: object) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work(book)
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_tariffs_of_other_structures_cost_a_home_nothing(name):
    book = BOOKS[name]
    wishes, every = wishes_of(book), many(book)
    assert priced(every, wishes) == priced(book, wishes)
    for work in (
        lambda of: priced(of, wishes),
        lambda of: facts_digest(of, wishes, (MONDAY, SUNDAY)),
    ):
        assert calls(work, every) == calls(work, book)
