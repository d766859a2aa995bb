"""From what a home has booked, and what was seen, to the days that `pricing` counts. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from marelle.activities.absences import AbsenceGrade
from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.bookings.rules import Opening, Place
from marelle.bookings.saving.ledger import Hours
from marelle.core.clock import universal
from marelle.flows.prices.situations import Situation, Standing, Territory
from marelle.flows.prices.spans import Days, spans_within
from marelle.flows.prices.taken import taken_spans
from marelle.pricing.before import happened, may_happen
from marelle.pricing.facts import ChildDay, Fetched, HomeDay, HomeSpan, Piece, SpanKind, Wishes
from marelle.pricing.tariffs import TariffBook

MINUTE: Final = timedelta(minutes=1)

Earlier = Callable[[int], Iterable["HeldSlot"]]
"""What the home had at an authority, from the beginning of the school year to the day before those that are
counted."""


def nothing_earlier(_authority_id: int) -> Iterable[HeldSlot]:
    """Of a home that is imagined."""
    return ()


class HeldSlot(NamedTuple):
    """A slot that a child of the home has on a day, or was seen on without a booking. `minutes`: how long it
    has it; `seen_minutes`: how long it was seen, where that counts; `fetched`: how long after its end it was
    fetched."""

    child_id: int
    activity: ActivityFacts
    slot: SlotFacts
    day: date
    minutes: int
    late: bool = False
    grade: AbsenceGrade | None = None
    booked: bool = True
    seen_minutes: int | None = None
    booking_id: int | None = None
    opening_id: int = 0
    fetched: int = 0

    @property
    def parts(self) -> tuple[int, ...]:
        """The slots that it is made of, as they were that day."""
        return self.activity.then(self.slot.id, self.day).parts

    @property
    def is_plain(self) -> bool:
        """Whether nothing of it may be warned of."""
        return self.booked and not (self.late or self.grade or self.fetched)

    def pieces(self) -> Iterator[Piece]:
        """« Journée » is its parts."""
        for slot_id in self.parts:
            is_part = slot_id in self.activity.slots and slot_id != self.slot.id
            own = self.activity.then(slot_id, self.day).minutes if is_part else self.minutes
            yield Piece(
                slot_id,
                booked=self.booked,
                late=self.late,
                grade=self.grade,
                booked_minutes=own if self.booked else 0,
                seen_minutes=self.seen_minutes,
            )


def held_on(child_id: int, opening: Opening, hours: Opening | Place | Hours, *, late: bool) -> HeldSlot:
    """A place that a child would have from there on."""
    return HeldSlot(
        child_id, opening.activity, opening.slot, opening.day, minutes_of(hours), late,
        opening_id=opening.id,
    )  # fmt: skip


def minutes_of(hours: Opening | Place | Hours) -> int:
    return minutes_between(hours.starts_at, hours.ends_at)


def minutes_between(starts_at: datetime, ends_at: datetime) -> int:
    return (universal(ends_at) - universal(starts_at)) // MINUTE


def last_of(row: HeldSlot) -> int:
    """Of the slots that it is made of, the one that ends last."""
    known = [slot_id for slot_id in row.parts if slot_id in row.activity.slots] or [row.slot.id]
    return max(known, key=lambda slot_id: (row.activity.then(slot_id, row.day).ends, slot_id))


def home_day(situation: Situation, territory: Territory, day: date, rows: Iterable[HeldSlot]) -> HomeDay:
    """What the home has on `day` at an authority, of `rows` of that day and authority."""
    standing = situation.on(day, territory)
    by_child: dict[int, dict[int, Piece]] = {}
    fetched: dict[int, list[Fetched]] = defaultdict(list)
    for row in rows:
        pieces = by_child.setdefault(row.child_id, {})
        for piece in row.pieces():
            if piece.slot_id not in pieces:
                pieces[piece.slot_id] = _paid(piece, standing, row.child_id)
        if row.fetched:
            fetched[row.child_id].append(Fetched(last_of(row), row.fetched))
    return HomeDay(
        day,
        standing.income,
        tuple(
            ChildDay(
                child_id,
                tuple(sorted(pieces.values(), key=_by_slot)),
                standing.traits(child_id),
                situation.birth(child_id),
                tuple(fetched[child_id]),
            )
            for child_id, pieces in sorted(by_child.items())
        ),
        standing.household,
    )


def _paid(piece: Piece, standing: Standing, child_id: int) -> Piece:
    """What was not booked is in no card and no month."""
    product = standing.prepaid(child_id, piece.slot_id) if piece.booked and standing.subscribed else None
    return piece if product is None else piece._replace(prepaid=product)


def like(rows: Iterable[HeldSlot]) -> Hashable:
    """What tells a day of a home from another, but for its date."""
    return tuple(
        (
            row.child_id, row.slot.id, row.activity.era(row.day), row.late, row.grade, row.booked,
            row.minutes, row.seen_minutes, row.fetched,
        )
        for row in rows
    )  # fmt: skip


def home_days(
    situation: Situation, territory: Territory, by_day: Mapping[date, Sequence[HeldSlot]]
) -> tuple[HomeDay, ...]:
    """Of all these days, in their order; those that are alike are made once."""
    known: dict[Hashable, HomeDay] = {}
    found = []
    for day, rows in sorted(by_day.items()):
        key = id(situation.on(day, territory)), like(rows)
        if key not in known:
            known[key] = home_day(situation, territory, day, rows)
        found.append(replace(known[key], day=day))
    return tuple(found)


def rows_by_day(rows: Iterable[HeldSlot]) -> Mapping[date, list[HeldSlot]]:
    found: dict[date, list[HeldSlot]] = defaultdict(list)
    for row in rows:
        found[row.day].append(row)
    return found


def wishes_of(
    book: TariffBook,
    situation: Situation,
    territory: Territory,
    days: Days,
    rows: Iterable[HeldSlot],
    earlier: Earlier = nothing_earlier,
) -> Wishes:
    """All that it has on `days`, with the weeks, months and years that are in them whole, and what is paid at
    once. `earlier` is asked where what happened before them counts."""
    by_day = rows_by_day(rows)
    told = home_days(situation, territory, by_day)
    warned = any(happened(book, home) for home in told)
    return Wishes(
        told,
        (
            *(
                home_span(situation, territory, kind, span, by_day)
                for kind in sorted(book.spans)
                for span in spans_within(kind, days)
            ),
            *taken_spans(situation, territory, days),
        ),
        home_days(situation, territory, rows_by_day(earlier(territory.authority_id))) if warned else (),
    )


def days_warned(
    book: TariffBook, situation: Situation, territory: Territory, by_day: Mapping[date, Sequence[HeldSlot]]
) -> frozenset[date]:
    """Those on which something happened that a warning comes first for."""
    if not book.warns:
        return frozenset()
    marked = {day: rows for day, rows in by_day.items() if not all(row.is_plain for row in rows)}
    return frozenset(home.day for home in home_days(situation, territory, marked) if happened(book, home))


class Hanging:
    """Which homes have a day of which the price hangs on what they had before it, with one of these books."""

    def __init__(self, *books: TariffBook) -> None:
        self._books = books
        self._known: dict[Hashable, bool] = {}

    def has(self, situation: Situation, territory: Territory, rows: Sequence[HeldSlot]) -> bool:
        marked = {row.day for row in rows if not row.is_plain and self._may(row)}
        days = home_days(situation, territory, rows_by_day(row for row in rows if row.day in marked))
        return any(happened(book, home) for book in self._books for home in days)

    def _may(self, row: HeldSlot) -> bool:
        """Whether it could be warned of, whoever had it."""
        key = row.slot.id, row.parts, row.late, row.grade, row.booked, row.fetched > 0
        if key not in self._known:
            fetched = (last_of(row),) if row.fetched else ()
            self._known[key] = may_happen(self._books, row.pieces(), fetched)
        return self._known[key]


def home_span(
    situation: Situation,
    territory: Territory,
    kind: SpanKind,
    span: Days,
    by_day: Mapping[date, Sequence[HeldSlot]],
) -> HomeSpan:
    first, last = span
    standing = situation.on(first, territory)
    there = {row.child_id for day, rows in by_day.items() if first <= day <= last for row in rows}
    traits = tuple((child_id, standing.traits(child_id)) for child_id in sorted(there))
    return HomeSpan(kind, first, last, standing.income, traits)


def _by_slot(piece: Piece) -> int:
    return piece.slot_id
