"""What prices stand on, of a home over time: its incomes, where it lives, who lives in it. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from marelle.activities.facts import ActivityFacts
from marelle.families.care.own_meals import MealDays
from marelle.families.incomes.rules import IncomeRow
from marelle.flows.incomes.counting import income_on, is_unread_on
from marelle.places.rules import Lived, commune_on
from marelle.pricing.facts import UNKNOWN_INCOME, Income, Period, Trait, TraitKind, Traits
from marelle.pricing.incomes import Counts, counts_from
from marelle.pricing.tariffs import Slots

DAY: Final = timedelta(days=1)

OUTSIDE, AGREEMENT, STAFF, OWN_MEAL = (
    Trait(kind) for kind in (TraitKind.OUTSIDE, TraitKind.AGREEMENT, TraitKind.STAFF, TraitKind.OWN_MEAL)
)


@dataclass(frozen=True, slots=True)
class Territory:
    """An authority as prices tell homes apart: its communes, those with an agreement, and from when a change
    of income counts. `former`: what it was until a day, in their order, each with its last (`until`)."""

    authority_id: int
    residents: frozenset[int]
    agreement: frozenset[int]
    counts: Counts = Counts.NEXT_MONTH
    former: tuple[Territory, ...] = ()
    until: date | None = None

    def __hash__(self) -> int:
        """It is looked for with each price: few are of one authority."""
        return hash(self.authority_id)

    def on(self, day: date) -> Territory:
        """As it was on that day."""
        if not self.former:
            return self
        return next((one for one in self.former if one.until is not None and day <= one.until), self)

    @classmethod
    def of(cls, activity: ActivityFacts, counts: Counts) -> Territory:
        return cls(activity.authority_id, activity.residents, activity.agreement, counts)

    def traits_of(self, commune_id: int | None) -> Traits:
        """Of who lives there: where no commune is told apart, nobody is from outside. Who comes by an
        agreement pays as it says, not as who comes from anywhere."""
        if commune_id in self.agreement:
            return frozenset({AGREEMENT})
        if not self.residents or commune_id in self.residents:
            return frozenset()
        return frozenset({OUTSIDE})


@dataclass(frozen=True, slots=True)
class Childhood:
    """A child in a home, from a day to another, both included."""

    child_id: int
    birth: date | None
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Employed:
    """That an adult of the home works for an authority, from a day to another, both included."""

    authority_id: int
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Noted:
    """What an agent noted, from a day to another, both included; `child_id` None: of the whole home."""

    trait: Trait
    authority_id: int
    child_id: int | None
    since: date
    until: date | None = None

    def holds(self, day: date, authority_id: int) -> bool:
        there = self.since <= day and (self.until is None or day <= self.until)
        return there and self.authority_id == authority_id


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A product that a home has taken, from a day to another, both included; `child_id` None: for all of it.
    `slots`: those that it covers, each day."""

    since: date
    product: int
    authority_id: int
    period: Period
    child_id: int | None = None
    until: date | None = None
    slots: Slots = frozenset()

    def holds(self, child_id: int, slot_id: int) -> bool:
        return slot_id in self.slots and self.child_id in {None, child_id}


@dataclass(frozen=True, slots=True)
class PaidFor:
    """That somebody else pays all or a part at an authority, from a day to another, both included: `who`, ""
    for the other home of a child. `child_id` None: of all of the home."""

    since: date
    authority_id: int
    who: str
    child_id: int | None = None
    until: date | None = None

    def holds(self, first: date, last: date) -> bool:
        """On one of these days."""
        return self.since <= last and (self.until is None or self.until >= first)


@dataclass(frozen=True, slots=True)
class Standing:
    """A home on a day at an authority. `subscribed`: what it has, the first taken first."""

    income: Income = UNKNOWN_INCOME
    household: tuple[int, ...] = ()
    of_home: Traits = frozenset()
    of_child: Mapping[int, Traits] = field(default_factory=dict)
    subscribed: tuple[Subscribed, ...] = ()

    def prepaid(self, child_id: int, slot_id: int) -> int | None:
        """The product by which the slot is paid already."""
        return next((one.product for one in self.subscribed if one.holds(child_id, slot_id)), None)

    def traits(self, child_id: int) -> Traits:
        return self.of_home | self.of_child.get(child_id, frozenset())


@dataclass(frozen=True)
class Situation:
    """`employed`: where its adults have a post; `meals`: on which days each child
    brings the meal of its PAI; `unread`: the children of whom no key opens whether they do; `paid_for`: who
    else pays, whatever the price."""

    family_id: int
    incomes: tuple[IncomeRow, ...] = ()
    lived: tuple[Lived, ...] = ()
    employed: tuple[Employed, ...] = ()
    children: tuple[Childhood, ...] = ()
    meals: Mapping[int, MealDays] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    noted: tuple[Noted, ...] = ()
    subscribed: tuple[Subscribed, ...] = ()
    paid_for: tuple[PaidFor, ...] = ()
    _known: dict[tuple[Territory, int], Standing] = field(default_factory=dict, compare=False, repr=False)

    @property
    def child_ids(self) -> frozenset[int]:
        """Of all who are or were in it."""
        return frozenset(one.child_id for one in self.children)

    def birth(self, child_id: int) -> date | None:
        return self._births.get(child_id)

    @cached_property
    def _births(self) -> Mapping[int, date | None]:
        return {one.child_id: one.birth for one in self.children}

    def subscribed_at(self, authority_id: int) -> list[Subscribed]:
        return [one for one in self.subscribed if one.authority_id == authority_id]

    def had(self, one: Subscribed) -> list[tuple[date, date]]:
        """From when to when it has it, both included: as long as whom it is for is of the home."""
        last = one.until or date.max
        stays = [
            (max(one.since, whose.since), min(last, whose.until or date.max))
            for whose in self.children
            if one.child_id in {None, whose.child_id}
        ]
        return sorted(stay for stay in stays if stay[0] <= stay[1])

    def on(self, day: date, territory: Territory) -> Standing:
        then = territory.on(day)
        key = then, bisect_right(self._changes, day)
        if key not in self._known:
            self._known[key] = self._standing(day, then)
        return self._known[key]

    def is_unread(self, days: Iterable[date], territory: Territory) -> bool:
        """Whether an income that counts on one of these days is one that no key opens."""
        if not any(row.lost for row in self.incomes):
            return False
        return any(
            is_unread_on(
                self.incomes, day, authority_id=territory.authority_id, counts=territory.on(day).counts
            )
            for day in days
        )

    def _standing(self, day: date, territory: Territory) -> Standing:
        here = sorted(
            (one for one in self.children if one.holds(day) and one.birth is not None and one.birth <= day),
            key=lambda one: (one.birth or date.max, one.child_id),
        )
        of_home = set(territory.traits_of(commune_on(self.lived, day)))
        if any(one.authority_id == territory.authority_id and one.holds(day) for one in self.employed):
            of_home.add(STAFF)
        of_child = {
            child_id: {OWN_MEAL}
            for child_id, periods in self.meals.items()
            if any(first <= day <= last for first, last in periods)
        }
        for one in self.noted:
            if one.holds(day, territory.authority_id):
                whose = of_home if one.child_id is None else of_child.setdefault(one.child_id, set())
                whose.add(one.trait)
        return Standing(
            income_on(self.incomes, day, authority_id=territory.authority_id, counts=territory.counts),
            tuple(one.child_id for one in here),
            frozenset(of_home),
            {child_id: frozenset(traits) for child_id, traits in of_child.items()},
            tuple(
                one
                for one in sorted(self.subscribed_at(territory.authority_id), key=_by_age)
                if any(first <= day <= last for first, last in self.had(one))
            ),
        )

    @cached_property
    def _changes(self) -> list[date]:
        """The days on which it may be another: between two of them it is the same."""
        begun = {one.since for one in self.incomes} | {one.since for one in self.lived}
        begun |= {one.since for one in self.children} | {one.since for one in self.noted}
        begun |= {counts_from(one.since, Counts.NEXT_MONTH) for one in self.incomes}
        begun |= {one.birth for one in self.children if one.birth}
        begun |= {one.since for one in self.subscribed} | {one.since for one in self.employed}
        brought = [period for periods in self.meals.values() for period in periods]
        begun |= {first for first, _last in brought}
        ended: Collection[date | None] = [
            *(one.until for one in self.incomes),
            *(one.until for one in self.children),
            *(one.until for one in self.noted),
            *(one.until for one in self.subscribed),
            *(one.until for one in self.employed),
            *(last for _first, last in brought),
        ]
        return sorted(begun | {day + DAY for day in ended if day is not None and day < date.max})


def _by_age(one: Subscribed) -> tuple[date, int]:
    return one.since, one.product
