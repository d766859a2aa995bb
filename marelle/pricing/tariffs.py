"""A tariff: who × what × when → amount; an adjustment: who × what × when × in which case → effect.

Few notions that compose, instead of one class for each published rule: docs/prices.md shows what they come
to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from marelle.activities.absences import Told
from marelle.activities.rules import Dated
from marelle.pricing.amounts import Amount, TariffError, changes_of
from marelle.pricing.facts import ANYBODY, Piece, SpanKind, Traits
from marelle.pricing.lines import Ledger
from marelle.pricing.trying import BySlot, by_step

Slots = frozenset[int]

ALL_SLOTS: Slots = frozenset()

NO_LEDGER = Ledger()


class Hours(StrEnum):
    """Which hours count. What was missed counts as booked, what was not booked as seen."""

    BOOKED = "booked"
    SEEN = "seen"
    """As booked until they are seen."""
    LONGER = "longer"
    """The longer of both."""


@dataclass(frozen=True, slots=True)
class Started:
    """Counted by `step` minutes begun, the price being that of `per` minutes: half-hours of an hourly
    price."""

    hours: Hours
    step: int = 30
    per: int = 30

    def __post_init__(self) -> None:
        if self.step <= 0 or self.per <= 0 or 100 * self.step % self.per:
            raise TariffError("step")

    def quantity(self, minutes: int) -> Decimal:
        """Exact: a step is some hundredths of what is priced."""
        return Decimal(-(-minutes // self.step) * self.step) / self.per

    def minutes(self, piece: Piece) -> int:
        """Those that count of a slot."""
        seen = piece.booked_minutes if piece.seen_minutes is None else piece.seen_minutes
        if not piece.booked:
            return seen
        if piece.grade is not None or self.hours is Hours.BOOKED:
            return piece.booked_minutes
        return seen if self.hours is Hours.SEEN else max(seen, piece.booked_minutes)


@dataclass(frozen=True, slots=True)
class Sets:
    """Slots of one day that have a price together, whatever they were clicked as; each of `sets` is one
    way."""

    sets: tuple[Slots, ...]
    started: Started | None = None


@dataclass(frozen=True, slots=True)
class LateFetch:
    """A child fetched after the end of one of `slots`. The first `spared` times are told, and free."""

    slots: Slots = ALL_SLOTS
    started: Started | None = None
    spared: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """Paid at once for a span: a fee, a card, a month. `given_back` for each day that it covers and that was
    missed in one of the ways `gives_back`. `extra`: how hours beyond a contract count."""

    id: int
    given_back: Amount | None = None
    gives_back: tuple[Missed, ...] = ()
    extra: Started = field(default=Started(Hours.SEEN, 30, 60))


@dataclass(frozen=True, slots=True)
class Voted:
    """The délibération."""

    number: str
    on: date


class Priority(Dated):
    """Of several that hold, the one that asks for most traits comes first, then the order of the agent."""

    __slots__ = ()

    id: int
    who: Traits
    order: int

    @property
    def priority(self) -> tuple[int, int, int]:
        return -len(self.who), self.order, self.id

    def is_for(self, traits: Traits, day: date) -> bool:
        return self.holds(day) and self.who <= traits


@dataclass(frozen=True, slots=True)
class Tariff(Priority):
    """`food`: the part of the price that pays the plate, where care is told apart."""

    id: int
    name: str
    since: date
    until: date | None
    what: Sets | LateFetch | Product
    amount: Amount
    who: Traits = ANYBODY
    weekdays: frozenset[int] = frozenset()
    order: int = 0
    food: Amount | None = None
    ledger: Ledger = NO_LEDGER
    voted: Voted | None = None


@dataclass(frozen=True, slots=True)
class Always:
    """Because of who comes."""


class By(StrEnum):
    """Who is the first child."""

    PRICE = "price"
    """Of those of the day, the one with the highest full price, then the eldest."""
    ELDEST = "eldest"
    """Of those of the day, the eldest."""
    HOUSEHOLD = "household"
    """Of all who live in the home, the eldest, whoever comes."""


@dataclass(frozen=True, slots=True)
class Rank:
    """The children of a home from the `first` to the `last`, both included."""

    first: int
    last: int | None = None
    by: By = By.PRICE

    def holds(self, rank: int | None) -> bool:
        return rank is not None and self.first <= rank and (self.last is None or rank <= self.last)


@dataclass(frozen=True, slots=True)
class Late:
    """Booked past the limit."""

    def holds(self, piece: Piece) -> bool:
        return piece.booked and piece.late


@dataclass(frozen=True, slots=True)
class Unbooked:
    """Seen without a booking."""

    def holds(self, piece: Piece) -> bool:
        return not piece.booked


@dataclass(frozen=True, slots=True)
class Missed:
    """`told`: when it was. `excused`: by a proof that came within one of the first delays, up to `within`
    (None: within any), on a day that a proof excuses; None: whether or not it is."""

    told: frozenset[Told] = frozenset(Told)
    excused: bool | None = None
    within: int | None = None

    def holds(self, piece: Piece) -> bool:
        grade = piece.grade
        if grade is None or not piece.booked or grade.told not in self.told:
            return False
        proved = grade.proof is not None and (self.within is None or grade.proof <= self.within)
        return self.excused is None or self.excused == (proved and not grade.waiting)


OwnCase = Always | Rank
DoneCase = Late | Unbooked | Missed


@dataclass(frozen=True, slots=True)
class Percent:
    """Added to the price: -10 takes a tenth off, 100 doubles it."""

    percent: Decimal


@dataclass(frozen=True, slots=True)
class Plus:
    """Added to the price of each set, in euros; the price is never less than nothing."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class Becomes:
    """Takes the place of the price."""

    amount: Amount


Effect = Percent | Plus | Becomes


@dataclass(frozen=True, slots=True)
class Adjustment(Priority):
    """Of those of one `step`, the first that holds is applied; steps are applied in order, those that say
    who comes before those that say what was done.

    `slots` that it is about, none said: all. `whole`: one slot is enough for its whole set. `spared`: that
    many times it is told, and costs nothing.
    """

    id: int
    name: str
    since: date
    until: date | None
    step: int
    case: OwnCase | DoneCase
    effect: Effect
    slots: Slots = ALL_SLOTS
    who: Traits = ANYBODY
    weekdays: frozenset[int] = frozenset()
    order: int = 0
    whole: bool = False
    spared: int = 0

    def is_about(self, slots: Slots) -> bool:
        return not self.slots or bool(self.slots & slots)

    def times_before(self, piece: Piece) -> int:
        return dict(piece.before).get(self.id, 0)

    def spares(self, piece: Piece) -> bool:
        return self.spared > 0 and self.times_before(piece) < self.spared

    def takes_apart(self, piece: Piece) -> bool:
        """Whether the slot leaves its set: what takes the place of its price is its own."""
        return isinstance(self.effect, Becomes) and not self.whole and not self.spares(piece)


@dataclass(frozen=True, slots=True)
class Most:
    """What the days of a span come to at most."""

    amount: Amount


@dataclass(frozen=True, slots=True)
class Flat:
    """What they come to from so many days on, be it less or more."""

    days: int
    amount: Amount


@dataclass(frozen=True, slots=True)
class Nth:
    """Percent added to the price of the day of that number in the span, and of each later one."""

    days: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class SpanRule(Priority):
    """What a span makes of the days of a child, as its tariffs stand on the first day of the span.

    Of those of one `step` about some of the same `slots`, the first that holds is applied.
    """

    id: int
    name: str
    since: date
    until: date | None
    span: SpanKind
    step: int
    rule: Most | Flat | Nth
    slots: Slots = ALL_SLOTS
    who: Traits = ANYBODY
    weekdays: frozenset[int] = frozenset()
    order: int = 0
    ledger: Ledger = NO_LEDGER


@dataclass(frozen=True)
class TariffBook:
    """The tariffs of an authority."""

    tariffs: tuple[Tariff, ...]
    adjustments: tuple[Adjustment, ...] = ()
    span_rules: tuple[SpanRule, ...] = ()

    def sets_for(self, traits: Traits, day: date) -> Mapping[Slots, Tariff]:
        """The tariff of each set of slots, for such a child."""
        key = self.era(day), traits
        if key not in self._sets:
            self._sets[key] = self._sets_for(traits, day)
        return self._sets[key]

    def sets_within(self, held: Slots, traits: Traits, day: date) -> Mapping[Slots, Tariff]:
        """Those of the sets that a child who holds these slots may be charged for."""
        key = self.era(day), traits, held
        if key not in self._within:
            every = self.sets_for(traits, day)
            self._within[key] = {slots: tariff for slots, tariff in every.items() if slots <= held}
        return self._within[key]

    def _sets_for(self, traits: Traits, day: date) -> Mapping[Slots, Tariff]:
        found: dict[Slots, Tariff] = {}
        for tariff in self._sorted:
            if isinstance(tariff.what, Sets) and tariff.is_for(traits, day):
                for slots in tariff.what.sets:
                    found.setdefault(slots, tariff)
        return found

    def fetching(self, slot_id: int, traits: Traits, day: date) -> tuple[Tariff, LateFetch] | None:
        found = self._fetching(slot_id, day)
        return next(((tariff, what) for tariff, what in found if tariff.who <= traits), None)

    def charges_fetching(self, slot_id: int, day: date) -> bool:
        """Whether a late fetching has a price that day, be it for others."""
        return any(True for _found in self._fetching(slot_id, day))

    def _fetching(self, slot_id: int, day: date) -> Iterator[tuple[Tariff, LateFetch]]:
        return ((row, what) for row, what in self._fetches.some_of((slot_id,)) if row.holds(day))

    @cached_property
    def product_of(self) -> Mapping[int, int]:
        """By tariff, the product that it is the price of."""
        return {row.id: row.what.id for row in self.tariffs if isinstance(row.what, Product)}

    def product(self, product: int, traits: Traits, day: date) -> tuple[Tariff, Product] | None:
        rows = self._products.get(product, ())
        return next(((tariff, what) for tariff, what in rows if tariff.is_for(traits, day)), None)

    def steps(self, traits: Traits, day: date, slots: Slots) -> Sequence[Sequence[Adjustment]]:
        """The adjustments about some of these slots, for such a child, step by step, the first to be tried
        first."""
        key = self.era(day), traits, slots
        if key not in self._steps:
            rows = (row for row in self._adjustments.some_of(slots) if row.is_for(traits, day))
            self._steps[key] = tuple(by_step(rows))
        return self._steps[key]

    def era(self, day: date) -> tuple[int, int]:
        """Two days of one era are priced alike: the same rows hold on both."""
        weekday = day.weekday() if self._tells_weekdays else 0
        return bisect_right(self._changes, day), weekday

    @cached_property
    def rules(self) -> BySlot[SpanRule]:
        """What is made of the days of a span."""
        return BySlot(self.span_rules, lambda row: row.slots)

    @cached_property
    def spans(self) -> frozenset[SpanKind]:
        """What its rules correct the days of."""
        return frozenset(row.span for row in self.span_rules)

    @cached_property
    def timed(self) -> Slots:
        """The slots of which the hours that were seen count, were they booked."""
        whats = (row.what for row in self.tariffs)
        sets = (
            what.sets
            for what in whats
            if isinstance(what, Sets) and what.started and what.started.hours is not Hours.BOOKED
        )
        return frozenset[int]().union(*(slots for one in sets for slots in one))

    @cached_property
    def warning(self) -> tuple[Adjustment, ...]:
        """The adjustments that warn first."""
        return tuple(row for row in self.adjustments if row.spared)

    @cached_property
    def warning_at(self) -> BySlot[Adjustment]:
        return BySlot(self.warning, lambda row: row.slots)

    @cached_property
    def warning_of_fetching(self) -> BySlot[tuple[Tariff, LateFetch]]:
        """The tariffs of late fetching that do."""
        fetching = ((row, row.what) for row in self.tariffs if isinstance(row.what, LateFetch))
        return BySlot([(row, what) for row, what in fetching if what.spared], lambda one: one[1].slots)

    @property
    def warns(self) -> bool:
        """Whether a price may hang on what happened before its day."""
        return bool(self.warning or self.warning_of_fetching)

    @cached_property
    def giving_back(self) -> frozenset[int]:
        """The products of which a day missed gives something back."""
        whats = (row.what for row in self.tariffs)
        return frozenset(
            what.id for what in whats if isinstance(what, Product) and what.given_back is not None
        )

    @cached_property
    def priced(self) -> dict[Hashable, Any]:
        """What `memo` keeps with the book."""
        return {}

    @cached_property
    def holding(self) -> dict[tuple[date, date], Any]:
        """What `digest` keeps with it: the fingerprint of which rows hold on which days."""
        return {}

    @cached_property
    def _sets(self) -> dict[tuple[tuple[int, int], Traits], Mapping[Slots, Tariff]]:
        """Those already looked for; there are as many as eras and kinds of children."""
        return {}

    @cached_property
    def _within(self) -> dict[tuple[tuple[int, int], Traits, Slots], Mapping[Slots, Tariff]]:
        return {}

    @cached_property
    def _steps(self) -> dict[tuple[tuple[int, int], Traits, Slots], Sequence[Sequence[Adjustment]]]:
        return {}

    @cached_property
    def _sorted(self) -> Sequence[Tariff]:
        return sorted(self.tariffs, key=lambda tariff: tariff.priority)

    @cached_property
    def _fetches(self) -> BySlot[tuple[Tariff, LateFetch]]:
        rows = [(row, row.what) for row in self._sorted if isinstance(row.what, LateFetch)]
        return BySlot(rows, lambda one: one[1].slots)

    @cached_property
    def _products(self) -> Mapping[int, Sequence[tuple[Tariff, Product]]]:
        """By product, the first to be tried first."""
        found: dict[int, list[tuple[Tariff, Product]]] = {}
        for row in self._sorted:
            if isinstance(row.what, Product):
                found.setdefault(row.what.id, []).append((row, row.what))
        return found

    @cached_property
    def _adjustments(self) -> BySlot[Adjustment]:
        return BySlot(self.adjustments, lambda row: row.slots)

    @cached_property
    def _changes(self) -> Sequence[date]:
        """The days on which something begins, or no longer holds."""
        rows: tuple[Tariff | Adjustment | SpanRule, ...] = (
            *self.tariffs,
            *self.adjustments,
            *self.span_rules,
        )
        found = {row.since for row in rows}
        found |= {row.until + timedelta(days=1) for row in rows if row.until and row.until < date.max}
        return sorted(found.union(*(changes_of(amount) for amount in self._amounts)))

    @cached_property
    def _amounts(self) -> Sequence[Amount]:
        effects = (row.effect for row in self.adjustments)
        becomes = [effect.amount for effect in effects if isinstance(effect, Becomes)]
        foods = [row.food for row in self.tariffs if row.food is not None]
        return [row.amount for row in self.tariffs] + foods + becomes

    @cached_property
    def _tells_weekdays(self) -> bool:
        return any(row.weekdays for row in (*self.tariffs, *self.adjustments))
