"""The days of a home that is imagined, as `pricing` counts those of any other. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from marelle.activities.audiences import Audience, AudienceKind, Public, is_of
from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.places.rules import Lived
from marelle.pricing.facts import (
    ANYBODY,
    UNKNOWN_INCOME,
    ChildDay,
    HomeDay,
    HomeSpan,
    Income,
    Piece,
    SpanKind,
    Trait,
    TraitKind,
    Traits,
    Wishes,
)
from marelle.pricing.lines import Gap, Line, total
from marelle.pricing.tariffs import TariffBook
from marelle.pricing.wishes import priced

MOST_CHILDREN: Final = 4
DAY: Final = timedelta(days=1)
ELDEST: Final = date(2010, 1, 1)

OpenDays = Mapping[date, Mapping[int, int]]
"""The slots that are open on each day, with how many minutes each lasts."""


@dataclass(frozen=True, slots=True)
class Week:
    """What a child would hold each week: its slots by weekday, and the minutes of those held in part."""

    slots: Mapping[int, Collection[int]]
    minutes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imagined:
    """A home: its children, the eldest first, are numbered from 1."""

    commune_id: int | None = None
    income: Income = UNKNOWN_INCOME
    children: tuple[Week, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulated:
    """A month: `lines` of its days and of the weeks that end in it, and what no tariff holds."""

    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> Decimal:
        return total(self.lines)


def simulated(
    book: TariffBook, activity: ActivityFacts, home: Imagined, opened: OpenDays, month: date
) -> Simulated:
    """`opened`: the days of the month that begins on `month`, and of the weeks that it has a part of."""
    first, last = month, month_end(month)
    found = priced(book, wishes_of(book, activity, home, opened, month))
    return Simulated(
        tuple(line for line in found.lines if first <= line.day <= last),
        tuple(gap for gap in found.gaps if first <= gap.day <= last),
    )


def wishes_of(
    book: TariffBook, activity: ActivityFacts, home: Imagined, opened: OpenDays, month: date
) -> Wishes:
    """Rules of a year are of days that nobody has told: they are left out."""
    days = tuple(_home_day(activity, home, day, slots) for day, slots in sorted(opened.items()))
    kinds = {rule.span for rule in book.span_rules}
    spans = [*_weeks(month), (SpanKind.MONTH, month, month_end(month))]
    return Wishes(
        days,
        tuple(_span(activity, home, *span) for span in spans if span[0] in kinds),
    )


def widened(month: date) -> tuple[date, date]:
    """The month that begins on `month`, with all of the weeks that it has a part of."""
    last = month_end(month)
    return month - month.weekday() * DAY, last + (6 - last.weekday()) * DAY


def month_end(month: date) -> date:
    return (month + 31 * DAY).replace(day=1) - DAY


def traits_of(commune_id: int | None, activity: ActivityFacts, day: date) -> Traits:
    """Where no commune is told apart, nobody is from outside; who comes by an agreement pays as it says."""
    public = Public(lived=(Lived(date.min, commune_id),))

    def lives(kind: AudienceKind) -> bool:
        return is_of(public, Audience(kind), activity.offered, day)

    if lives(AudienceKind.AGREEMENT):
        return frozenset({Trait(TraitKind.AGREEMENT)})
    if not activity.residents or lives(AudienceKind.RESIDENTS):
        return ANYBODY
    return frozenset({Trait(TraitKind.OUTSIDE)})


def _home_day(activity: ActivityFacts, home: Imagined, day: date, slots: Mapping[int, int]) -> HomeDay:
    traits = traits_of(home.commune_id, activity, day)
    children = tuple(
        ChildDay(number, pieces, traits, ELDEST + number * DAY)
        for number, week in enumerate(home.children, 1)
        if (pieces := tuple(_pieces(activity, week, day, slots).values()))
    )
    return HomeDay(day, home.income, children, tuple(range(1, len(home.children) + 1)))


def _pieces(activity: ActivityFacts, week: Week, day: date, slots: Mapping[int, int]) -> Mapping[int, Piece]:
    """« Journée » is its parts, each once."""
    found: dict[int, Piece] = {}
    for slot_id in sorted(set(week.slots.get(day.weekday(), ())) & slots.keys()):
        minutes = min(week.minutes.get(slot_id, slots[slot_id]), slots[slot_id])
        for part, length in _parts(activity, activity.slots[slot_id], minutes):
            found.setdefault(part, Piece(part, booked_minutes=length))
    return found


def _parts(activity: ActivityFacts, slot: SlotFacts, minutes: int) -> Iterator[tuple[int, int]]:
    parts = [part for part in sorted(slot.provides) if part != slot.id]
    if not parts:
        yield slot.id, minutes
    for part in parts:
        yield part, _length(activity.slots[part]) if part in activity.slots else 0


def _length(slot: SlotFacts) -> int:
    start, end = (60 * at.hour + at.minute for at in (slot.starts, slot.ends))
    return end - start


def _weeks(month: date) -> Iterator[tuple[SpanKind, date, date]]:
    first, last = widened(month)
    for ahead in range(0, (last - first).days, 7):
        monday = first + ahead * DAY
        yield SpanKind.WEEK, monday, monday + 6 * DAY


def _span(activity: ActivityFacts, home: Imagined, kind: SpanKind, first: date, last: date) -> HomeSpan:
    traits = traits_of(home.commune_id, activity, first)
    return HomeSpan(
        kind, first, last, home.income, tuple((n, traits) for n, _week in enumerate(home.children, 1))
    )
