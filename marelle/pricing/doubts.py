"""What to look at before tariffs count: overlaps, holes, opposite rules, with the first day each bites. Pure.

None of it keeps a price from being counted, always in the same way: it is what nobody meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations, pairwise, product

from marelle.activities.absences import AbsenceGrade, Told
from marelle.activities.rules import Dated
from marelle.pricing.amounts import Amount, Asked, Brackets, ByNumber, Effort, Fixed, Linear, price_of
from marelle.pricing.facts import ANYBODY, Income, IncomeStatus, Known, Piece, Traits
from marelle.pricing.lines import HUNDRED, Step
from marelle.pricing.sets import cheapest
from marelle.pricing.tariffs import (
    Adjustment,
    Always,
    Becomes,
    DoneCase,
    OwnCase,
    Percent,
    Plus,
    Product,
    Rank,
    Sets,
    Slots,
    Tariff,
    TariffBook,
)

DAYS_OF_A_WEEK = 7

LAST_CHILD = 12
"""How far the children of a home are looked at."""

LAST_DELAY = 10
"""How far the delays of a proof are."""

HIGHEST_OF_A_DAY = Decimal(500)
HIGHEST_AT_ONCE = Decimal(5_000)
"""Of a card, a fee, a month."""


GRADES = [
    AbsenceGrade(told, proof, waiting=waiting)
    for told, proof, waiting in product(Told, (None, *range(LAST_DELAY)), (False, True))
]
EVERY_PIECE = [
    Piece(0, booked, late, grade)
    for booked, late, grade in product((False, True), (False, True), (None, *GRADES))
]
"""All that may have been done with a slot."""


class Doubt(StrEnum):
    OVERLAP = "overlap"
    """Two tariffs answer for the same slots and the same children, in the same place of the order."""
    OPPOSITE = "opposite"
    """So do two adjustments of one step."""
    HOLE = "hole"
    """A slot is offered, and no set of that day holds it for everybody."""
    DEARER = "dearer"
    """A set costs more than its parts for somebody, who is asked for the parts."""
    RISING = "rising"
    """A later child of a home pays more than the one before it."""
    FALLING = "falling"
    """Of two brackets, the higher quotient pays less."""
    HIGH = "high"
    """A price that no day comes to: a comma was forgotten."""
    FALLING_INSTEAD = "falling_instead"
    HIGH_INSTEAD = "high_instead"
    """The same, of what an adjustment makes of a price."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """`ids` of the tariffs or adjustments at fault; `slots` that it is about."""

    doubt: Doubt
    day: date
    ids: tuple[int, ...]
    slots: Slots = frozenset()


def doubts(book: TariffBook, offered: Mapping[date, Slots]) -> tuple[Doubted, ...]:
    """All that should be looked at; `offered`: the slots of each day, of the days that come."""
    found = (
        *_overlaps(book),
        *_opposites(book),
        *_holes(book, offered),
        *_dearer(book),
        *_rising(book),
        *_mistyped(book),
    )
    return tuple(sorted(found, key=lambda one: (one.day, one.doubt, one.ids, sorted(one.slots))))


def together(one: Dated, other: Dated) -> date | None:
    """The first day on which both hold."""
    first = max(one.since, other.since)
    week = (first + timedelta(days=ahead) for ahead in range(DAYS_OF_A_WEEK))
    return next((day for day in week if one.holds(day) and other.holds(day)), None)


def _overlaps(book: TariffBook) -> Iterator[Doubted]:
    for one, other in combinations(sorted(book.tariffs, key=lambda row: row.id), 2):
        day = together(one, other)
        if day is None or (one.who, one.order) != (other.who, other.order):
            continue
        if isinstance(one.what, Sets) and isinstance(other.what, Sets):
            same = set(one.what.sets) & set(other.what.sets)
            for slots in sorted(same, key=sorted):
                yield Doubted(Doubt.OVERLAP, day, (one.id, other.id), slots)
        elif one.what == other.what:
            yield Doubted(Doubt.OVERLAP, day, (one.id, other.id))


def _opposites(book: TariffBook) -> Iterator[Doubted]:
    for one, other in combinations(sorted(book.adjustments, key=lambda row: row.id), 2):
        day = together(one, other)
        if day is None or _question(one) != _question(other) or one.effect == other.effect:
            continue
        if one.is_about(other.slots or one.slots) and _may_both(one.case, other.case):
            slots = one.slots & other.slots if one.slots and other.slots else one.slots or other.slots
            yield Doubted(Doubt.OPPOSITE, day, (one.id, other.id), slots)


def _question(row: Adjustment) -> tuple[int, Traits, int]:
    return row.step, row.who, row.order


def _may_both(one: OwnCase | DoneCase, other: OwnCase | DoneCase) -> bool:
    """Whether both may hold at once: of some child, or of some slot."""
    if isinstance(one, Always | Rank) != isinstance(other, Always | Rank):
        return False
    if isinstance(one, Rank) and isinstance(other, Rank) and one.by is other.by:
        return any(one.holds(place) and other.holds(place) for place in range(1, LAST_CHILD + 1))
    if isinstance(one, Always | Rank) or isinstance(other, Always | Rank):
        return True
    return any(one.holds(piece) and other.holds(piece) for piece in EVERY_PIECE)


def _holes(book: TariffBook, offered: Mapping[date, Slots]) -> Iterator[Doubted]:
    seen: set[int] = set()
    for day in sorted(offered):
        priced = frozenset[int]().union(*book.sets_for(ANYBODY, day))
        for slot in sorted(offered[day] - priced - seen):
            seen.add(slot)
            yield Doubted(Doubt.HOLE, day, (), frozenset({slot}))


def _dearer(book: TariffBook) -> Iterator[Doubted]:
    """Looked at where prices turn: between two such quotients they are straight."""
    days = sorted({day for tariff in book.tariffs for day in _turns(tariff)})
    seen: set[tuple[int, Slots]] = set()
    for day in days:
        for who in sorted({tariff.who for tariff in book.tariffs}, key=sorted):
            tariffs = {
                slots: tariff
                for slots, tariff in book.sets_for(who, day).items()
                if isinstance(tariff.what, Sets) and tariff.what.started is None
            }
            for slots, tariff in tariffs.items():
                if (tariff.id, slots) not in seen and _costs_more(slots, tariffs, who, day):
                    seen.add((tariff.id, slots))
                    yield Doubted(Doubt.DEARER, day, (tariff.id,), slots)


def _turns(row: Dated) -> Iterator[date]:
    """Days on which it begins, and on which others are alone again."""
    yield from (row.since + timedelta(days=ahead) for ahead in range(DAYS_OF_A_WEEK))
    if row.until is not None:
        yield from (row.until + timedelta(days=ahead) for ahead in range(1, DAYS_OF_A_WEEK + 1))


def _costs_more(slots: Slots, tariffs: Mapping[Slots, Tariff], who: Traits, day: date) -> bool:
    parts = [one for one in tariffs if one < slots]
    values = {value for one in (slots, *parts) for value in _values(tariffs[one].amount)}
    for income in _incomes(values):
        asked = Asked(day, income, who)

        def price(one: Slots, asked: Asked = asked) -> Step | None:
            return price_of(tariffs[one].amount, asked, tariffs[one].id, "")

        whole, cut = price(slots), cheapest(slots, parts, price)
        if whole is not None and not cut.gaps and cut.amount < whole.amount:
            return True
    return False


def _values(amount: Amount) -> Iterable[Decimal]:
    match amount:
        case Brackets(rows):
            return [row.since for row in rows]
        case Linear(percent, floor, ceiling) if percent:
            return [floor * HUNDRED / percent, ceiling * HUNDRED / percent]
        case _:
            return []


def _incomes(values: Iterable[Decimal]) -> Iterator[Income]:
    yield from (Income(Known(status)) for status in (IncomeStatus.NONE, IncomeStatus.UNKNOWN))
    yield from (Income(Known(IncomeStatus.PROVED, value)) for value in (Decimal(0), *sorted(values)))


def _rising(book: TariffBook) -> Iterator[Doubted]:
    ranked = [row for row in book.adjustments if isinstance(row.case, Rank)]
    days = sorted({day for row in ranked for day in _turns(row)})
    seen: set[tuple[int, ...]] = set()
    for day, (step, rows) in product(days, _by_step_and_slots(ranked).items()):
        worst = _first_rise([row for row in rows if row.holds(day)])
        if worst is not None and worst not in seen:
            seen.add(worst)
            yield Doubted(Doubt.RISING, day, worst, step[1])


def _by_step_and_slots(rows: Iterable[Adjustment]) -> Mapping[tuple[int, Slots, Traits], list[Adjustment]]:
    found: dict[tuple[int, Slots, Traits], list[Adjustment]] = {}
    for row in sorted(rows, key=lambda row: row.priority):
        found.setdefault((row.step, row.slots, row.who), []).append(row)
    return found


def _first_rise(rows: Sequence[Adjustment]) -> tuple[int, ...] | None:
    """The adjustments, of percents alone, between which a later child pays more; one alone where none comes
    after it."""
    places = range(1, LAST_CHILD + 1)
    held = [next((row for row in rows if _is_of(row, place)), None) for place in places]
    if any(row is not None and not isinstance(row.effect, Percent) for row in held):
        return None
    rises = (pair for pair in pairwise(held) if _percent(pair[1]) > _percent(pair[0]))
    return next((tuple(row.id for row in pair if row is not None) for pair in rises), None)


def _is_of(row: Adjustment, place: int) -> bool:
    return isinstance(row.case, Rank) and row.case.holds(place)


def _percent(row: Adjustment | None) -> Decimal:
    return row.effect.percent if row is not None and isinstance(row.effect, Percent) else Decimal(0)


def _mistyped(book: TariffBook) -> Iterator[Doubted]:
    for row in book.tariffs:
        most = HIGHEST_AT_ONCE if isinstance(row.what, Product) else HIGHEST_OF_A_DAY
        amounts = [row.amount] if row.food is None else [row.amount, row.food]
        if any(_falls(one) for one in amounts):
            yield Doubted(Doubt.FALLING, row.since, (row.id,))
        if any(_highest(one) > most for one in amounts):
            yield Doubted(Doubt.HIGH, row.since, (row.id,))
    for change in book.adjustments:
        match change.effect:
            case Becomes(amount):
                highest, falls = _highest(amount), _falls(amount)
            case Plus(more):
                highest, falls = more, False
            case Percent():
                continue
        if falls:
            yield Doubted(Doubt.FALLING_INSTEAD, change.since, (change.id,))
        if highest > HIGHEST_OF_A_DAY:
            yield Doubted(Doubt.HIGH_INSTEAD, change.since, (change.id,))


def _highest(amount: Amount) -> Decimal:
    """In euros; a rate of effort names none."""
    match amount:
        case Fixed(price):
            return price
        case Brackets(rows):
            return max(row.price for row in rows)
        case Linear(_percent, _floor, ceiling):
            return ceiling
        case ByNumber(amounts):
            return max(_highest(one) for one in amounts)
        case Effort():
            return Decimal(0)


def _falls(amount: Amount) -> bool:
    match amount:
        case Brackets(rows):
            return any(after.price < before.price for before, after in pairwise(rows))
        case ByNumber(amounts):
            return any(_falls(one) for one in amounts)
        case _:
            return False
