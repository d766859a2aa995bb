"""How many times a thing happened already, for what warns first. Pure.

A time is a day of a child: a whole day missed is one absence, whatever slots it was clicked as. Times are
those that this home is charged for, since the beginning of the school year: what another home was told warns
nobody here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from marelle.places.rules import school_year_of
from marelle.pricing.days import what_was_done
from marelle.pricing.facts import ChildDay, Fetched, HomeDay, Piece
from marelle.pricing.tariffs import TariffBook


class Time(NamedTuple):
    """What happened to a child: `rule` is the id of an adjustment that warns, else of a tariff of late
    fetching."""

    child_id: int
    rule: int
    fetched: bool = False


def happened(book: TariffBook, home: HomeDay) -> frozenset[Time]:
    """What happened on a day, of all that a book warns of."""
    if not book.warns:
        return frozenset()
    return frozenset(time for child in home.children for time in _happened(book, home, child))


def may_happen(books: Iterable[TariffBook], pieces: Iterable[Piece], fetched: Iterable[int]) -> bool:
    """Whether one of the books warns of such a thing at all, whoever's it is. `fetched`: the slots of which
    children were fetched late."""
    books, pieces, fetched = tuple(books), tuple(pieces), tuple(fetched)
    return any(
        any(book.warning_of_fetching.some_of((slot_id,)) for slot_id in fetched)
        or any(True for piece in pieces for _row in what_was_done([[row] for row in book.warning], piece))
        for book in books
    )


def with_before(
    book: TariffBook, days: Iterable[HomeDay], earlier: Iterable[HomeDay] = ()
) -> Iterator[HomeDay]:
    """Days of a home in their order, each with how many times its things happened before it, on `earlier`
    days too."""
    told = sorted(days, key=lambda one: one.day)
    if not book.warns:
        yield from told
        return
    counts: Counter[Time] = Counter()
    year = None
    every = [*((one, False) for one in earlier), *((one, True) for one in told)]
    for home, is_told in sorted(every, key=lambda one: one[0].day):
        if school_year_of(home.day) != year:
            year = school_year_of(home.day)
            counts.clear()
        found = happened(book, home)
        if is_told:
            yield _counted(book, home, counts) if found else home
        counts.update(found)


def _happened(book: TariffBook, home: HomeDay, child: ChildDay) -> Iterator[Time]:
    """The same step and the same case are the same thing, were the row another that took its place since."""
    for piece in child.pieces:
        if not _is_plain(piece):
            slot = frozenset({piece.slot_id})
            steps = book.steps(child.traits, home.day, slot)
            done = {(row.step, row.case) for row in what_was_done(steps, piece)}
            for row in book.warning_at.some_of(slot):
                if (row.step, row.case) in done:
                    yield Time(child.child_id, row.id)
    for fetched in child.fetched:
        if book.charges_fetching(fetched.slot_id, home.day):
            for tariff, _what in book.warning_of_fetching.some_of((fetched.slot_id,)):
                yield Time(child.child_id, tariff.id, fetched=True)


def _is_plain(piece: Piece) -> bool:
    """Whether nothing of it has an adjustment of its own."""
    return piece.prepaid is not None or (piece.booked and not piece.late and piece.grade is None)


def _counted(book: TariffBook, home: HomeDay, counts: Mapping[Time, int]) -> HomeDay:
    return replace(home, children=tuple(_child(book, home, child, counts) for child in home.children))


def _child(book: TariffBook, home: HomeDay, child: ChildDay, counts: Mapping[Time, int]) -> ChildDay:
    """Never more than what is spared: days that are alike stay so."""
    times = ((row.id, min(counts.get(Time(child.child_id, row.id), 0), row.spared)) for row in book.warning)
    before = tuple(one for one in times if one[1])
    return replace(
        child,
        pieces=tuple(piece if _is_plain(piece) else piece._replace(before=before) for piece in child.pieces),
        fetched=tuple(_fetched(book, home, child, one, counts) for one in child.fetched),
    )


def _fetched(
    book: TariffBook, home: HomeDay, child: ChildDay, fetched: Fetched, counts: Mapping[Time, int]
) -> Fetched:
    found = book.fetching(fetched.slot_id, child.traits, home.day)
    if found is None:
        return fetched
    tariff, what = found
    before = counts.get(Time(child.child_id, tariff.id, fetched=True), 0)
    return replace(fetched, before=min(before, what.spared))
