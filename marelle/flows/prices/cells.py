"""What adding or taking back each cell of a planning changes for its home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Final, NamedTuple

from marelle.activities.absences import AbsenceGrade
from marelle.bookings.absence_rules import is_missed
from marelle.bookings.absences.grading import graded_by_id, graded_missed, missed_of
from marelle.bookings.cells import Cell
from marelle.bookings.planning import PlannedCell, Planning
from marelle.bookings.reading import HomeBooking
from marelle.core.clock import local
from marelle.flows.prices.held import (
    HeldSlot,
    days_warned,
    held_on,
    home_day,
    home_days,
    home_span,
    like,
    minutes_of,
    rows_by_day,
)
from marelle.flows.prices.homes import territory_of
from marelle.flows.prices.months import Memos, PricedHome, counted_with, whole_months
from marelle.flows.prices.reading import slots_held
from marelle.flows.prices.situations import Situation, Territory
from marelle.flows.prices.spans import DAY, Days, days_before, span_of
from marelle.pricing.amounts import Edge
from marelle.pricing.facts import HomeDay, SpanKind, Wishes
from marelle.pricing.lines import Line, LineKind, Priced
from marelle.pricing.memo import Memo
from marelle.pricing.spans import span_lines, spans_about
from marelle.pricing.wishes import priced_by

ADDED: Final = frozenset(
    {Cell.FREE, Cell.FULL, Cell.WAITING, Cell.OFFERED, Cell.REFUSED, Cell.LOCKED, Cell.NOT_YET}
)
TAKEN_BACK: Final = frozenset({Cell.BOOKED, Cell.REQUESTED})


@dataclass(frozen=True, slots=True)
class CellPrice:
    """`amount`: what having the slot adds to what the home pays, None where no tariff holds it. `added`:
    it is not had yet. `within`: the name of what it is paid with already, "" where it is not."""

    amount: Decimal | None
    added: bool
    within: str = ""


@dataclass(frozen=True, slots=True)
class CellPrices:
    """By the key of a cell. `at_highest`: for want of a quotient or of resources, the highest price is
    counted for some of them; `unread`: the home gave them, and no key opens them."""

    by_key: Mapping[str, CellPrice]
    at_highest: bool = False
    unread: bool = False


NO_PRICES = CellPrices({})


def cell_prices(planning: Planning, home: PricedHome, days: Days, *, now: datetime) -> CellPrices:
    """Of the cells of `days` that are still to come, none of those that another home has booked.

    No query where nothing hangs on a week, a month or a year that has begun, no child was told absent, and
    nothing is late or absent that a warning comes first for. Who is seen today without a booking counts in
    its week, not for what is still to come today.
    """
    known, situation = home.known, home.situation
    cells = [cell for child in planning.shown for cell in _priced(child.cells.values(), now)]
    if not cells:
        return NO_PRICES
    by_key: dict[str, CellPrice] = {}
    highest = False
    counted, today = counted_with(known, days), local(now).date()
    warned = _may_warn(planning, known, cells)
    if warned:
        counted = days_before(counted)[0], whole_months(counted)[1]
    is_read = _is_read(planning, counted)
    begun = _begun(planning, home, counted[0], today) if is_read else None
    if begun and warned:
        rows, begun = begun(), None
    else:
        rows = _booked(planning, today, today) if is_read else _held_on(home, counted)
    for authority_id, of_authority in _by_authority(cells).items():
        if authority_id not in known:
            continue
        territory = territory_of(authority_id)
        there = _Home(known[authority_id], situation, territory, rows, today, begun)
        for cell in of_authority:
            told = there.price(cell)
            by_key[cell.key] = told.price
            highest = highest or told.at_highest
    return CellPrices(by_key, highest, highest and any(row.lost for row in situation.incomes))


def _priced(cells: Iterable[Sequence[PlannedCell]], now: datetime) -> Iterator[PlannedCell]:
    for several in cells:
        for cell in several:
            if cell.opening.ends_at > now and cell.opening.is_open and _is_priced(cell):
                yield cell


def _is_priced(cell: PlannedCell) -> bool:
    """Hours that are still to be chosen have no price yet."""
    place, state = cell.place, cell.state
    if state.cell in TAKEN_BACK:
        return place is not None and place.mine
    if state.cell not in ADDED or (cell.opening.slot.by_hour and (place is None or not place.mine)):
        return False
    return state.editable or state.cell in {Cell.OFFERED, Cell.LOCKED, Cell.NOT_YET}


def _may_warn(planning: Planning, known: Memos, cells: Iterable[PlannedCell]) -> bool:
    """Whether the price of a cell may hang on what happened on other days, or change that of later ones."""
    if not any(memo.book.warning for memo in known.values()):
        return False
    places = [row.place for row in planning.booked]
    late = any(cell.state.late for cell in cells)
    return late or any(place.late or place.absent for place in places)


def _by_authority(cells: Iterable[PlannedCell]) -> Mapping[int, list[PlannedCell]]:
    found: dict[int, list[PlannedCell]] = defaultdict(list)
    for cell in cells:
        found[cell.opening.activity.authority_id].append(cell)
    return found


def _is_read(planning: Planning, counted: Days) -> bool:
    """Whether the planning has read all that is counted."""
    beside = planning.beside
    return beside is not None and beside.first <= counted[0] and counted[1] <= beside.last


def _held_on(home: PricedHome, days: Days) -> Sequence[HeldSlot]:
    return slots_held({home.family_id: home.situation}, days, home.timed)[home.family_id]


def _begun(
    planning: Planning, home: PricedHome, first: date, today: date
) -> Callable[[], Sequence[HeldSlot]] | None:
    """Reads, once, what counts for cells of weeks, months and years that have begun, from `first` on: the
    planning does not tell who was seen there without a booking. None where none has begun."""
    days = {span_of(kind, today)[0] for memo in home.known.values() for kind in memo.book.spans}
    if not days or today < first:
        return None
    return cache(lambda: [*_held_on(home, (min(days), today)), *_booked(planning, today + DAY, today)])


def _booked(planning: Planning, first: date, today: date) -> Sequence[HeldSlot]:
    """What the home has from `first` on, as its planning has read it; a query where one is told absent today,
    who may have come all the same."""
    booked = [row for row in planning.booked if row.day >= first]
    absent = [row for row in booked if row.place.absent]
    coming = [row for row in absent if row.day > today]
    missed = [row for row in coming if is_missed(row.place.state, told=True, attended=None)]
    told = {row.place.id: missed_of(row.told) for row in missed}
    found = graded_missed([row.child_booking for row in missed], told)
    grades = {one.place.id: one.grade for one in found}
    grades |= graded_by_id([row.place.id for row in absent if row.day <= today])
    return [_as_held(row, grades.get(row.place.id)) for row in booked]


def _as_held(row: HomeBooking, grade: AbsenceGrade | None) -> HeldSlot:
    place = row.place
    return HeldSlot(
        row.child_id, row.activity, row.slot, row.day, minutes_of(place), place.late, grade,
        booking_id=place.id, opening_id=place.opening_id,
    )  # fmt: skip


class _Told(NamedTuple):
    """Of a cell: its price, whether the highest was counted for want of an income, and the weeks, months or
    years that may correct what it changes."""

    price: CellPrice
    at_highest: bool
    spans: Collection[SpanKind] = ()


_Span = tuple[SpanKind, date, date]


@dataclass(frozen=True)
class _Home:
    """What one home has at one authority. `rows` may be of others too; `begun` reads those of weeks, months
    and years that have begun, where `rows` are of today and later alone."""

    memo: Memo
    situation: Situation
    territory: Territory
    rows: Collection[HeldSlot]
    today: date
    begun: Callable[[], Sequence[HeldSlot]] | None = None
    known: dict[Hashable, _Told] = field(default_factory=dict)
    likes: dict[date, Hashable] = field(default_factory=dict)
    eras: dict[date, Hashable] = field(default_factory=dict)
    priced: dict[Hashable, Priced] = field(default_factory=dict)
    lines: dict[date, Sequence[Line]] = field(default_factory=dict)
    corrected: dict[_Span, Decimal] = field(default_factory=dict)

    @cached_property
    def by_day(self) -> Mapping[date, list[HeldSlot]]:
        here = self.territory.authority_id
        return rows_by_day(row for row in self.rows if row.activity.authority_id == here)

    @cached_property
    def whole(self) -> _Home:
        """With what was had before today."""
        rows = self.begun() if self.begun else self.rows
        return replace(self, rows=rows, begun=None, likes={}, lines={}, corrected={})

    def price(self, cell: PlannedCell) -> _Told:
        if self._is_warned(cell):
            return self._told_with_others(cell)
        told = self._alike(cell)
        if told.price.amount is None or not told.spans:
            return told
        if self.begun and any(span_of(kind, cell.opening.day)[0] <= self.today for kind in told.spans):
            return self.whole.price(cell)
        if self._warned:
            return self._told_with_others(cell)
        change = sum((self._correction(cell, kind) for kind in told.spans), told.price.amount)
        return told._replace(price=replace(told.price, amount=change))

    def _alike(self, cell: PlannedCell) -> _Told:
        """What it changes on its day. Cells that are alike are priced once."""
        opening, place = cell.opening, cell.place
        hours = (place.starts_at, place.ends_at) if opening.slot.by_hour and place else None
        key = (
            _child(cell),
            opening.slot.id,
            opening.activity.era(opening.day),
            cell.state.cell in ADDED,
            cell.state.late,
            hours,
            self._like(opening.day),
        )
        if key not in self.known:
            before, after = (self._alone(opening.day, rows) for rows in self._sides(cell))
            self.known[key] = self._told(cell, before, after, after)
        return self.known[key]

    def _told_with_others(self, cell: PlannedCell) -> _Told:
        day = cell.opening.day
        before, after = (self._with_others(day, rows) for rows in self._sides(cell))
        return self._told(cell, before, after, after.of(day))

    def _like(self, day: date) -> Hashable:
        if day not in self.likes:
            self.likes[day] = self._key(day, self.by_day.get(day, ()))
        return self.likes[day]

    def _key(self, day: date, rows: Iterable[HeldSlot]) -> Hashable:
        """Two days of one key are priced alike, had the home `rows` on each."""
        if day not in self.eras:
            self.eras[day] = self.memo.book.era(day), id(self.situation.on(day, self.territory))
        return self.eras[day], like(rows)

    def _sides(self, cell: PlannedCell) -> tuple[Sequence[HeldSlot], Sequence[HeldSlot]]:
        """What the home has on its day without it, and with it."""
        opening, place, child_id = cell.opening, cell.place, _child(cell)
        had = self.by_day.get(opening.day, [])
        if cell.state.cell in ADDED:
            hours = place if place and place.mine and place.id else opening
            return had, [*had, held_on(child_id, opening, hours, late=cell.state.late)]
        return [row for row in had if (row.child_id, row.opening_id) != (child_id, opening.id)], had

    def _told(self, cell: PlannedCell, before: Priced, after: Priced, own: Priced) -> _Told:
        """What the home pays without it and with it; `own`: of that, its day, or one that is alike."""
        opening, child_id, added = cell.opening, _child(cell), cell.state.cell in ADDED
        slots = frozenset(opening.activity.then(opening.slot.id, opening.day).parts)
        standing = self.situation.on(opening.day, self.territory)
        lacking = {("slot", slot) for slot in slots}
        lacking |= {("product", standing.prepaid(child_id, slot) or 0) for slot in slots}
        if any(gap.child_id == child_id and (gap.what, gap.id) in lacking for gap in own.gaps):
            return _Told(CellPrice(None, added), at_highest=False)
        lines = [line for line in own.lines if line.child_id == child_id]
        paid = (line for line in lines if line.kind is LineKind.PREPAID and slots <= line.slots)
        within = next((line.name for line in paid), "")
        return _Told(
            CellPrice(after.total - before.total, added, within),
            any(is_at_highest(line) for line in lines),
            spans_about(self.memo.book, (*before.lines, *after.lines)),
        )

    def _alone(self, day: date, rows: Sequence[HeldSlot]) -> Priced:
        """The day, were `rows` what the home has on it: its lines may be those of another that is alike."""
        key = self._key(day, rows)
        if key not in self.priced:
            self.priced[key] = self.memo.alike(home_day(self.situation, self.territory, day, rows))
        return self.priced[key]

    def _correction(self, cell: PlannedCell, kind: SpanKind) -> Decimal:
        """How much more such a week, month or year corrects with the cell than without it."""
        day = cell.opening.day
        span = kind, *span_of(kind, day)
        without, having = self._sides(cell)
        if span not in self.corrected:
            self.corrected[span] = self._corrections(span, day, self.by_day.get(day, ()))
        saved = self.corrected[span]
        if cell.state.cell in ADDED:
            return self._corrections(span, day, having) - saved
        return saved - self._corrections(span, day, without)

    def _corrections(self, span: _Span, day: date, rows: Sequence[HeldSlot]) -> Decimal:
        """Of a span, were `rows` what the home has on `day`."""
        kind, first, last = span
        held = {one: had for one, had in self.by_day.items() if first <= one <= last} | {day: rows}
        told = home_span(self.situation, self.territory, kind, (first, last), held)
        lines = [line for one in held if one != day for line in self._lines(one)]
        return span_lines(self.memo.book, told, [*lines, *self._alone(day, rows).on(day).lines]).total

    def _lines(self, day: date) -> Sequence[Line]:
        """Of what it has on that day."""
        if day not in self.lines:
            self.lines[day] = self._alone(day, self.by_day[day]).on(day).lines
        return self.lines[day]

    def _with_others(self, day: date, rows: Sequence[HeldSlot]) -> Priced:
        """The same with all that hangs on it: the spans that it is in, and later days, which may be warned no
        more."""
        spans = [(kind, span_of(kind, day)) for kind in self.memo.book.spans]
        days = [home_day(self.situation, self.territory, day, rows)]
        earlier: list[HomeDay] = []
        for one in self._days:
            if one.day == day:
                continue
            if any(first <= one.day <= last for _kind, (first, last) in spans):
                days.append(one)
            elif one.day in self._warned:
                (days if one.day > day else earlier).append(one)
        by_day = {**self.by_day, day: rows}
        told = (home_span(self.situation, self.territory, kind, span, by_day) for kind, span in spans)
        return priced_by(self.memo, Wishes(tuple(days), tuple(told), tuple(earlier)))

    def _is_warned(self, cell: PlannedCell) -> bool:
        """Whether a warning may be for the cell, or be spent by it."""
        return bool(self.memo.book.warning and (cell.state.late or cell.opening.day in self._warned))

    @cached_property
    def _warned(self) -> frozenset[date]:
        return days_warned(self.memo.book, self.situation, self.territory, self.by_day)

    @cached_property
    def _days(self) -> Sequence[HomeDay]:
        return home_days(self.situation, self.territory, self.by_day)


def _child(cell: PlannedCell) -> int:
    return int(cell.key.split(".")[0])


def is_at_highest(line: Line) -> bool:
    """Whether the highest price was counted, for want of an income."""
    return any(step.data.get("edge") == Edge.HIGHEST for step in line.steps)
