"""What prices stand on: a home's day and its spans, as the floors above tell them. No booking, no bill, no
name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from marelle.activities.absences import AbsenceGrade


class TraitKind(StrEnum):
    """What sets a child apart for a price, as it stands on the day."""

    OUTSIDE = "outside"
    """Its home lives outside the communes."""
    AGREEMENT = "agreement"
    """It comes by an agreement of its commune."""
    STAFF = "staff"
    OWN_MEAL = "own_meal"
    """It brings the meal of its PAI."""
    IN_CARE = "in_care"
    """In care of the département (ASE)."""
    REGULAR = "regular"
    EVERY_SCHOOL_DAY = "every_school_day"
    DECISION = "decision"
    """A decision for this home, of the CCAS for instance: `id` names it, with its dates and its reason."""


@dataclass(frozen=True, slots=True, order=True)
class Trait:
    kind: TraitKind
    id: int = 0


Traits = frozenset[Trait]

ANYBODY: Traits = frozenset()


class IncomeStatus(StrEnum):
    PROVED = "proved"
    DECLARED = "declared"
    REFUSED = "refused"
    """The home does not want to show it."""
    NONE = "none"
    """No income, no payslip, no benefits."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """An amount of a home's, in euros, and how it is known. One that is None is unknown, whatever the status
    says."""

    status: IncomeStatus = IncomeStatus.UNKNOWN
    amount: Decimal | None = None


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Income:
    """What is held of a home on a day: its quotient, its resources of a month, its dependent children and how
    many of those have an AEEH."""

    quotient: Known = NOTHING_KNOWN
    resources: Known = NOTHING_KNOWN
    dependants: int = 1
    aeeh: int = 0


UNKNOWN_INCOME = Income()


Before = tuple[tuple[int, int], ...]


class Piece(NamedTuple):
    """One slot of a child on a day, of those that no other includes: « Journée » is handed as its parts.

    `booked`: held by this home, else seen without a booking. `late`: booked past the limit. `grade`: what
    it is when it was missed; a day that the structure closed is told in time and proved. `before`: by the id
    of an adjustment that warns first, how many times it has held already (`before.with_before`). `prepaid`:
    the product that the home took for it.
    """

    slot_id: int
    booked: bool = True
    late: bool = False
    grade: AbsenceGrade | None = None
    booked_minutes: int = 0
    seen_minutes: int | None = None
    before: Before = ()
    prepaid: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A child fetched after the end of a slot, and how many times it was before (`before.with_before`)."""

    slot_id: int
    minutes: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class ChildDay:
    child_id: int
    pieces: tuple[Piece, ...] = ()
    traits: Traits = ANYBODY
    birth: date | None = None
    fetched: tuple[Fetched, ...] = ()

    def __post_init__(self) -> None:
        slots = {piece.slot_id for piece in self.pieces}
        if len(slots) != len(self.pieces):
            raise ValueError("A slot is held once a day by a child.")


@dataclass(frozen=True, slots=True)
class HomeDay:
    """All that one home holds on a day at one authority. `household`: the children who live in it that day,
    the eldest first, whether or not they come."""

    day: date
    income: Income = UNKNOWN_INCOME
    children: tuple[ChildDay, ...] = ()
    household: tuple[int, ...] = ()


class SpanKind(StrEnum):
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    """Calendar or school year: its two days say which."""


class Period(StrEnum):
    """When what is taken at once is paid, each time whole."""

    ONCE = "once"
    MONTH = "month"
    SCHOOL_YEAR = "school_year"
    CALENDAR_YEAR = "calendar_year"


@dataclass(frozen=True, slots=True)
class Contract:
    """Hours promised for a month, of `weeks` in a year paid in `months`, and what differed (PSU)."""

    weeks: int
    minutes_a_week: int
    months: int
    extra_minutes: int = 0
    deducted_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a home has for a span: a fee because it is enrolled, a card, a month paid at once, a contract.

    `on`: the day whose tariff and income count. `child_id` None: for the home.
    """

    product: int
    on: date
    child_id: int | None = None
    traits: Traits = ANYBODY
    income: Income = UNKNOWN_INCOME
    contract: Contract | None = None


@dataclass(frozen=True, slots=True)
class HomeSpan:
    """A week, a month or a year of a home. Both days are in it. `traits`: of its children, on the first."""

    kind: SpanKind
    first: date
    last: date
    income: Income = UNKNOWN_INCOME
    traits: tuple[tuple[int, Traits], ...] = ()
    taken: tuple[Taken, ...] = ()

    @property
    def second_month(self) -> date | None:
        """Of a week over two months, the first day of the second."""
        month = self.last.replace(day=1)
        return month if self.kind is SpanKind.WEEK and self.first < month else None


@dataclass(frozen=True, slots=True)
class Wishes:
    """Days of a home with the spans that they are in, whole: a week that begins before the month too.

    `earlier`: those of the school year that come before, which cost nothing here: warnings are counted from
    them.
    """

    days: tuple[HomeDay, ...] = ()
    spans: tuple[HomeSpan, ...] = ()
    earlier: tuple[HomeDay, ...] = ()
