"""The days of a home that is imagined, told as those of any other. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from marelle.activities.facts import ActivityFacts
from marelle.families.incomes.rules import IncomeKind, IncomeRow, IncomeStatus, Told
from marelle.flows.prices.held import MINUTE, HeldSlot, minutes_between, wishes_of
from marelle.flows.prices.situations import Childhood, Situation, Territory
from marelle.flows.prices.spans import DAY, Days, month_of, span_of
from marelle.places.rules import Lived
from marelle.pricing.facts import SpanKind
from marelle.pricing.incomes import Counts
from marelle.pricing.lines import Gap, Line, total
from marelle.pricing.tariffs import TariffBook
from marelle.pricing.wishes import priced

MOST_CHILDREN: Final = 4
ELDEST: Final = date(2010, 1, 1)
ALWAYS: Final = date.min

OpenDays = Mapping[date, Mapping[int, tuple[datetime, datetime]]]
"""The slots that are open on each day, with their hours."""


@dataclass(frozen=True, slots=True)
class Week:
    """What a child would hold each week: its slots by weekday, and the minutes of those held in part."""

    slots: Mapping[int, Collection[int]]
    minutes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imagined:
    """A home; what it does not tell of its income is not in `incomes`. Its children, the eldest first, are
    numbered from 1."""

    commune_id: int | None = None
    incomes: Mapping[IncomeKind, Decimal] = field(default_factory=dict)
    children: tuple[Week, ...] = ()

    def situation(self) -> Situation:
        return Situation(
            0,
            tuple(
                IncomeRow(0, kind, ALWAYS, None, "", told=Told(IncomeStatus.PROVED, amount))
                for kind, amount in self.incomes.items()
            ),
            (Lived(ALWAYS, self.commune_id),),
            children=tuple(
                Childhood(number, ELDEST + number * DAY, ALWAYS)
                for number in range(1, len(self.children) + 1)
            ),
        )


@dataclass(frozen=True, slots=True)
class Simulated:
    """A month: the lines of its days and of the weeks that end in it, and what no tariff holds."""

    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> Decimal:
        return total(self.lines)


def simulated(
    book: TariffBook, activity: ActivityFacts, home: Imagined, opened: OpenDays, month: date
) -> Simulated:
    """`opened`: the days of the month that begins on `month`, and of the weeks that it has a part of. Rules
    of a year are of days that nobody has told: they are left out."""
    first, last = month_of(month)
    territory = Territory.of(activity, Counts.ITS_DATE)
    rows = _held(activity, home, opened)
    found = priced(book, wishes_of(book, home.situation(), territory, weeks_around(month), rows))
    return Simulated(
        tuple(line for line in found.lines if first <= line.day <= last),
        tuple(gap for gap in found.gaps if first <= gap.day <= last),
    )


def weeks_around(month: date) -> Days:
    """The month that begins on `month`, with all of the weeks that it has a part of."""
    first, last = month_of(month)
    return span_of(SpanKind.WEEK, first)[0], span_of(SpanKind.WEEK, last)[1]


def _held(activity: ActivityFacts, home: Imagined, opened: OpenDays) -> Iterator[HeldSlot]:
    for day, slots in sorted(opened.items()):
        for number, week in enumerate(home.children, 1):
            for slot_id in sorted(set(week.slots.get(day.weekday(), ())) & slots.keys()):
                starts_at, ends_at = slots[slot_id]
                if slot_id in week.minutes:
                    ends_at = min(ends_at, starts_at + week.minutes[slot_id] * MINUTE)
                minutes = minutes_between(starts_at, ends_at)
                yield HeldSlot(number, activity, activity.slots[slot_id], day, minutes)
