"""What a save changes of what a home pays: said before it by the preview, and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Max, Min

from marelle.activities import models as activities
from marelle.activities.absences import AbsenceGrade
from marelle.bookings.rules import Opening, Place
from marelle.bookings.saving.ledger import Outcome, Result
from marelle.core.money import ZERO
from marelle.flows.prices.held import Earlier, HeldSlot, held_on
from marelle.flows.prices.months import (
    MonthPrice,
    PricedHome,
    months_priced,
    read_with,
    totals,
    whole_months,
)
from marelle.flows.prices.reading import earlier_of, slots_held
from marelle.flows.prices.spans import Days
from marelle.pricing.alike import Alike, alike
from marelle.pricing.tariffs import TariffBook

HAD = frozenset({Result.BOOKED, Result.REQUESTED, Result.CHANGED})
GONE = frozenset({Result.CANCELLED, Result.CHANGED})


@dataclass(frozen=True, slots=True)
class MonthChange:
    """`first`: of the month. `amount`: how much more; `total`: what it comes to then, None where that is not
    told."""

    first: date
    amount: Decimal
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Why:
    """What is paid at one authority once it has changed and was not, and what was and is no more: together
    they come to the change. `slots`: their names, in the order in which they are told."""

    book: TariffBook
    slots: Mapping[int, str]
    more: tuple[Alike, ...]
    less: tuple[Alike, ...]


@dataclass(frozen=True, slots=True)
class PriceChange:
    """Month by month, those alone of which a day was asked or the price changes. `lacks_tariff`: something
    that is had then has no price."""

    months: tuple[MonthChange, ...] = ()
    lacks_tariff: bool = False
    why: tuple[Why, ...] = ()


NO_CHANGE = PriceChange()


@dataclass(frozen=True, slots=True)
class Bill:
    """What a home has on some days, before it changes: price the changes on it. `earlier`: what it had before
    those that are counted."""

    home: PricedHome
    days: Days
    rows: Sequence[HeldSlot]
    earlier: Earlier

    def months(self) -> list[MonthPrice]:
        """What each comes to, of each authority."""
        return list(months_priced(self.home.known, self.home.situation, self.rows, self.days, self.earlier))

    def changed_by(self, outcomes: Iterable[Outcome]) -> PriceChange:
        outcomes = list(outcomes)
        return self.changed_to(
            rows_after(self.rows, outcomes), (one.opening.day for one in outcomes if one.opening)
        )

    def changed_to(self, rows: Iterable[HeldSlot], days: Iterable[date]) -> PriceChange:
        """`rows` instead of those that it has, where something of `days` was asked."""
        asked = {day.replace(day=1) for day in days}
        wanted = replace(self, rows=tuple(rows))
        before, after = self.months(), wanted.months()
        had, has = totals(before), totals(after)
        changes = (
            MonthChange(
                first,
                has.get(first, ZERO) - had.get(first, ZERO),
                has.get(first, ZERO) if self.home.tells_totals else None,
            )
            for first in sorted({*had, *has})
        )
        gaps = {(gap.day, gap.child_id, gap.id) for one in before for gap in one.gaps}
        gained = {(gap.day, gap.child_id, gap.id) for one in after for gap in one.gaps} - gaps
        return PriceChange(
            tuple(one for one in changes if one.amount or one.first in asked),
            bool(gained),
            tuple(self._whys(before, after, (*self.rows, *wanted.rows))),
        )

    def _whys(
        self, before: Sequence[MonthPrice], after: Sequence[MonthPrice], rows: Sequence[HeldSlot]
    ) -> Iterator[Why]:
        activities = {row.activity.id: row.activity for row in rows}
        for authority_id in sorted({one.authority_id for one in (*before, *after)}):
            had, has = (
                Counter(line for one in months if one.authority_id == authority_id for line in one.lines)
                for months in (before, after)
            )
            own = [one for one in activities.values() if one.authority_id == authority_id]
            own.sort(key=lambda one: (one.order, one.id))
            names = {slot.id: slot.name for one in own for slot in one.in_order}
            more, less = (alike((one - other).elements()) for one, other in ((has, had), (had, has)))
            if more or less:
                yield Why(self.home.known[authority_id].book, names, more, less)

    def with_places(self, places: Iterable[tuple[int, Opening, Place]]) -> PriceChange:
        """Were these places taken, each by the child of that id."""
        new = [held_on(child_id, opening, place, late=place.late) for child_id, opening, place in places]
        return self.changed_to([*self.rows, *new], [row.day for row in new])

    def without(self, gone: Collection[int], missed: Mapping[int, AbsenceGrade]) -> PriceChange:
        """Were the bookings `gone` given back, and those `missed` what they would be, by id."""
        rows = [
            row._replace(grade=missed.get(row.booking_id or 0, row.grade))
            for row in self.rows
            if row.booking_id not in gone
        ]
        touched = {*gone, *missed}
        return self.changed_to(rows, [row.day for row in self.rows if row.booking_id in touched])


def bill_of(home: PricedHome, days: Days) -> Bill:
    """One query, and those of what was missed; as many again where a warning comes first and something that
    it is about has happened."""
    whole = whole_months(days)
    counted = read_with(home.known, home.situation, whole)
    rows = slots_held({home.family_id: home.situation}, counted, home.timed)
    return Bill(home, whole, rows[home.family_id], earlier_of(home.situation, counted))


def bill_before(home: PricedHome, opening_ids: Collection[int]) -> Bill | None:
    """Of the days of these openings; one query more. None where there is no such opening."""
    days = activities.Opening.objects.filter(pk__in=opening_ids).aggregate(first=Min("day"), last=Max("day"))
    return bill_of(home, (days["first"], days["last"])) if days["first"] else None


def price_change(home: PricedHome, outcomes: Collection[Outcome]) -> PriceChange:
    """What a preview would change."""
    days = [one.opening.day for one in outcomes if one.opening is not None]
    return bill_of(home, (min(days), max(days))).changed_by(outcomes) if days else NO_CHANGE


def rows_after(rows: Iterable[HeldSlot], outcomes: Iterable[Outcome]) -> list[HeldSlot]:
    """What the home has once these came about."""
    outcomes = list(outcomes)
    gone = {(one.change.child_id, one.change.opening_id) for one in outcomes if one.result in GONE}
    kept = [row for row in rows if (row.child_id, row.opening_id) not in gone or not row.booked]
    return kept + [_had(one) for one in outcomes if one.result in HAD]


def _had(outcome: Outcome) -> HeldSlot:
    opening = outcome.opening
    if opening is None:
        raise LookupError("What is booked has an opening.")
    return held_on(outcome.change.child_id, opening, outcome.hours or opening, late=outcome.late)
