"""What other tariffs would have made of a month that is over, home by home: tried before they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from statistics import median

from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Slot
from marelle.bookings.models import Booking
from marelle.bookings.states import TAKEN
from marelle.core.money import ZERO, rounded
from marelle.core.uncollected import uncollected
from marelle.flows.prices.held import (
    Hanging,
    HeldSlot,
    home_day,
    home_days,
    like,
    rows_by_day,
    wishes_of,
)
from marelle.flows.prices.homes import situations_of, territory_of
from marelle.flows.prices.months import widened
from marelle.flows.prices.reading import NO_SLOTS, There, slots_held
from marelle.flows.prices.situations import Situation, Standing, Territory
from marelle.flows.prices.spans import Days, days_before
from marelle.pricing.days import day_lines
from marelle.pricing.facts import HomeDay
from marelle.pricing.likeness import Likeness
from marelle.pricing.lines import Priced
from marelle.pricing.tariffs import Slots, TariffBook
from marelle.pricing.wishes import priced

Books = tuple[TariffBook, TariffBook]
"""Those that hold, and those that are tried."""

MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class HomeCompared:
    family_id: int
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Compared:
    """`gaps`: by slot, how many homes would have it without a price; `slots`, the names of those."""

    first: date
    homes: tuple[HomeCompared, ...]
    gaps: Mapping[int, int]
    slots: Mapping[int, str]

    @property
    def before(self) -> Decimal:
        return sum((one.before for one in self.homes), ZERO)

    @property
    def after(self) -> Decimal:
        return sum((one.after for one in self.homes), ZERO)

    @property
    def more(self) -> int:
        return sum(one.change > 0 for one in self.homes)

    @property
    def less(self) -> int:
        return sum(one.change < 0 for one in self.homes)

    @property
    def same(self) -> int:
        return len(self.homes) - self.more - self.less

    @property
    def median(self) -> Decimal:
        """What changes for the home in the middle."""
        return rounded(median(one.change for one in self.homes)) if self.homes else ZERO

    @property
    def losers(self) -> tuple[HomeCompared, ...]:
        """Those that would pay most in addition, the most first."""
        paying = [one for one in self.homes if one.change > 0]
        return tuple(sorted(paying, key=lambda one: (-one.change, one.family_id))[:MOST_NAMED])


@uncollected()
def compared(authority_id: int, books: Books, days: Days, own: Slots | None = None) -> Compared:
    """A whole month of all the homes that have booked something of it, in the activities of `own` slots; each
    pays all that it has at the authority. In a fixed number of queries."""
    both = _Both(*books, days)
    situations = situations_of(_homes(authority_id, days, own))
    there = There(authority_id)
    read = slots_held(situations, both.counted, both.timed, there)
    territory = territory_of(authority_id)
    homes: list[HomeCompared] = []
    gaps: Counter[int] = Counter()
    names: dict[int, str] = {}
    hanging = Hanging(*books)
    warned = {pk: one for pk, one in situations.items() if hanging.has(one, territory, read[pk])}
    earlier = slots_held(warned, days_before(both.counted), NO_SLOTS, there)
    for family_id, situation in situations.items():
        rows = read[family_id]
        if rows:
            before, after, missing = both.priced(situation, territory, rows, earlier.get(family_id))
            homes.append(HomeCompared(family_id, before, after))
            missing = missing if own is None else missing & own
            gaps.update(missing)
            names.update(_named(missing, rows))
    return Compared(days[0], tuple(homes), gaps, names)


_Came = tuple[Decimal, Decimal, set[int]]
"""What a day comes to with each book, and the slots that would have no price."""


@dataclass(frozen=True)
class _Both:
    """Prices a month with both books."""

    before: TariffBook
    after: TariffBook
    days: Days

    @cached_property
    def spans(self) -> TariffBook:
        """The rules of both, for the weeks, months and years that are to be told."""
        return TariffBook((), span_rules=(*self.before.span_rules, *self.after.span_rules))

    @cached_property
    def likeness(self) -> Likeness:
        return Likeness((self.before, self.after))

    @property
    def timed(self) -> Slots:
        return self.before.timed | self.after.timed

    @cached_property
    def known(self) -> dict[Hashable, _Came]:
        return {}

    @cached_property
    def _corrected(self) -> dict[tuple[int, ...], bool]:
        return {}

    @cached_property
    def counted(self) -> Days:
        return widened(self.spans, self.days)

    def priced(
        self,
        situation: Situation,
        territory: Territory,
        rows: Sequence[HeldSlot],
        earlier: Sequence[HeldSlot] | None,
    ) -> tuple[Decimal, Decimal, set[int]]:
        """What the home pays, what it would, and the slots that would have no price. `earlier`: what it had
        before, where that counts. Days that are alike are priced once, whoever's they are, but for those that
        weeks, months or years correct, and those of which something is paid at once."""
        if earlier is not None:
            return self._with_others(situation, territory, rows, earlier)
        by_day = rows_by_day(rows)
        subscribed = situation.subscribed_at(territory.authority_id)
        corrected = {
            day
            for day, held in by_day.items()
            if any(map(self._is_corrected, held))
            or (subscribed and _is_prepaid(situation.on(day, territory), held))
        }
        known: dict[Hashable, _Came] = {}
        found = []
        if corrected or subscribed:
            those = [row for row in rows if row.day in corrected]
            found.append(self._with_others(situation, territory, those, ()))
        for day, held in by_day.items():
            if day in corrected or not self.days[0] <= day <= self.days[1]:
                continue
            eras = self.before.era(day), self.after.era(day)
            key = eras, id(situation.on(day, territory)), like(held)
            if key not in known:
                known[key] = self._day(eras, home_day(situation, territory, day, held))
            found.append(known[key])
        return (
            sum((one[0] for one in found), ZERO),
            sum((one[1] for one in found), ZERO),
            set[int]().union(*(one[2] for one in found)),
        )

    def _is_corrected(self, row: HeldSlot) -> bool:
        parts = row.parts
        if parts not in self._corrected:
            self._corrected[parts] = any(
                not rule.slots or not rule.slots.isdisjoint(parts) for rule in self.spans.span_rules
            )
        return self._corrected[parts]

    def _day(self, eras: Hashable, home: HomeDay) -> _Came:
        key = eras, self.likeness.of(home)
        if key not in self.known:
            after = day_lines(self.after, home)
            self.known[key] = day_lines(self.before, home).total, after.total, _missing(after)
        return self.known[key]

    def _with_others(
        self,
        situation: Situation,
        territory: Territory,
        rows: Sequence[HeldSlot],
        earlier: Sequence[HeldSlot],
    ) -> tuple[Decimal, Decimal, set[int]]:
        wishes = replace(
            wishes_of(self.spans, situation, territory, self.counted, rows),
            earlier=home_days(situation, territory, rows_by_day(earlier)),
        )
        before, after = (self._within(priced(book, wishes)) for book in (self.before, self.after))
        return before.total, after.total, _missing(after)

    def _within(self, priced: Priced) -> Priced:
        first, last = self.days
        return Priced(
            tuple(line for line in priced.lines if first <= line.day <= last),
            tuple(gap for gap in priced.gaps if first <= gap.day <= last),
        )


def _is_prepaid(standing: Standing, rows: Iterable[HeldSlot]) -> bool:
    return any(standing.prepaid(row.child_id, slot_id) is not None for row in rows for slot_id in row.parts)


def _missing(priced: Priced) -> set[int]:
    return {gap.id for gap in priced.gaps if gap.what == "slot"}


def _homes(authority_id: int, days: Days, own: Slots | None) -> list[int]:
    rows = Booking.objects.filter(
        state__in=TAKEN,
        day__gte=days[0],
        day__lte=days[1],
        opening__activity__structure__authority_id=authority_id,
    )
    if own is not None:
        rows = rows.filter(opening__activity__in=Slot.objects.filter(pk__in=own).values("activity"))
    return sorted(set(rows.order_by().values_list("family_id", flat=True).distinct()))


def _named(missing: set[int], rows: Iterable[HeldSlot]) -> Mapping[int, str]:
    activities: dict[int, ActivityFacts] = {row.activity.id: row.activity for row in rows}
    return {
        slot.id: f"{slot.name} ({activity.name})"
        for activity in (activities.values() if missing else ())
        for slot in activity.slots.values()
        if slot.id in missing
    }
