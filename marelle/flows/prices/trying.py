"""A day tried before it is booked: what it would cost a home, beside what the home has already. Nothing is
written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Final

from marelle.activities.absences import AbsenceGrade, Told
from marelle.activities.facts import ActivityFacts
from marelle.core.clock import instant_at
from marelle.families.incomes.rules import IncomeKind, IncomeRow, IncomeStatus
from marelle.families.incomes.rules import Told as IncomeTold
from marelle.flows.prices.held import Earlier, HeldSlot, minutes_between, nothing_earlier, wishes_of
from marelle.flows.prices.homes import situations_of, territory_of
from marelle.flows.prices.reading import earlier_of, slots_held
from marelle.flows.prices.situations import DAY, Childhood, Employed, Situation
from marelle.places.rules import Lived
from marelle.pricing.lines import Priced
from marelle.pricing.memo import Memo
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import TariffBook
from marelle.pricing.wishes import priced_by

TRIED: Final = 1
"""The id of the child that is invented; its brothers and sisters follow, younger by a year each."""
AGE: Final = 8


class Happened(StrEnum):
    """What became of a slot, as prices tell it."""

    IN_TIME = "in_time"
    LATE = "late"
    UNBOOKED = "unbooked"
    TOLD = "told"
    TOLD_LATE = "told_late"
    NEVER_TOLD = "never_told"
    PROVED = "proved"


GRADES: Final = {
    Happened.TOLD: AbsenceGrade(Told.IN_TIME, None, waiting=False),
    Happened.TOLD_LATE: AbsenceGrade(Told.LATE, None, waiting=False),
    Happened.NEVER_TOLD: AbsenceGrade(Told.NEVER, None, waiting=False),
    Happened.PROVED: AbsenceGrade(Told.NEVER, 0, waiting=False),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`hours`: of the slots that are booked by the hour, else their own."""

    day: date
    slot_ids: Collection[int]
    happened: Happened = Happened.IN_TIME
    hours: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class InventedHome:
    """None: unknown. `others`: how many children of the home come with the one that is tried, to the same
    slots."""

    quotient: Decimal | None = None
    resources: Decimal | None = None
    dependants: int | None = None
    commune_id: int | None = None
    others: int = 0
    staff: bool = False


@dataclass(frozen=True, slots=True)
class DayTried:
    """All that the home has on the day, with what is tried. `before`: without it. `slots`: the names of those
    that count, in the order in which they are told; `activities`: of which activity each is. `spans`: weeks,
    months or years correct such a day, which this does not say."""

    book: TariffBook
    priced: Priced
    before: Priced
    slots: Mapping[int, str]
    activities: Mapping[int, int]
    spans: bool

    @property
    def added(self) -> Decimal:
        return self.priced.total - self.before.total


def tried_for_home(activity: ActivityFacts, family_id: int, child_id: int, wanted: Wanted) -> DayTried:
    """Of a child of a home, as it stands that day, with what it has booked; four queries, those of what was
    missed, and those of what it had before where a warning comes first."""
    situation = situations_of([family_id])[family_id]
    days = (wanted.day, wanted.day)
    timed = book_of(activity.authority_id).timed
    rows = slots_held({family_id: situation}, days, timed)[family_id]
    held = [row for row in rows if row.activity.authority_id == activity.authority_id]
    return _tried(activity, situation, held, [child_id], wanted, earlier_of(situation, days))


def tried_for_invented(activity: ActivityFacts, home: InventedHome, wanted: Wanted) -> DayTried:
    """Of a home that is not, which has nothing else."""
    children = range(TRIED, TRIED + home.others + 1)
    return _tried(activity, _situation(activity, home, wanted.day, children), [], children, wanted)


def _tried(
    activity: ActivityFacts,
    situation: Situation,
    held: Sequence[HeldSlot],
    children: Collection[int],
    wanted: Wanted,
    earlier: Earlier = nothing_earlier,
) -> DayTried:
    book = book_of(activity.authority_id)
    memo, days = Memo(book), (wanted.day, wanted.day)
    territory = territory_of(activity.authority_id)
    tried = [row for child_id in children for row in _slots(activity, child_id, wanted)]
    taken = {(row.child_id, row.slot.id) for row in tried}
    others = [row for row in held if (row.child_id, row.slot.id) not in taken]
    own = {one.id: one for one in (activity, *(row.activity for row in held))}.values()
    every = [(one, slot) for one in own for slot in one.in_order]

    def of_day(rows: Sequence[HeldSlot]) -> Priced:
        return priced_by(memo, wishes_of(book, situation, territory, days, rows, earlier))

    # What is tried comes first: a slot that « Journée » holds already is tried all the same.
    return DayTried(
        book,
        of_day([*tried, *others]),
        of_day(held),
        {slot.id: slot.name for _activity, slot in every},
        {slot.id: one.id for one, slot in every},
        bool(book.spans),
    )


def _slots(activity: ActivityFacts, child_id: int, wanted: Wanted) -> Iterator[HeldSlot]:
    for slot_id in sorted(wanted.slot_ids):
        slot = activity.slots[slot_id]
        hours = wanted.hours if wanted.hours and slot.by_hour else (slot.starts, slot.ends)
        minutes = minutes_between(*(instant_at(wanted.day, hour) for hour in hours))
        row = HeldSlot(
            child_id, activity, slot, wanted.day, minutes,
            late=wanted.happened is Happened.LATE, grade=GRADES.get(wanted.happened),
        )  # fmt: skip
        unbooked = wanted.happened is Happened.UNBOOKED
        yield row._replace(booked=False, seen_minutes=row.minutes) if unbooked else row


def _situation(
    activity: ActivityFacts, home: InventedHome, day: date, children: Collection[int]
) -> Situation:
    told = {
        IncomeKind.QUOTIENT: home.quotient,
        IncomeKind.RESOURCES: home.resources,
        IncomeKind.DEPENDANTS: None if home.dependants is None else Decimal(home.dependants),
    }
    return Situation(
        0,
        tuple(_income(kind, amount) for kind, amount in told.items() if amount is not None),
        (Lived(date.min, home.commune_id),),
        (Employed(activity.authority_id, date.min),) if home.staff else (),
        tuple(
            Childhood(child_id, day - (365 * (AGE - place)) * DAY, date.min)
            for place, child_id in enumerate(children)
        ),
    )


def _income(kind: IncomeKind, amount: Decimal) -> IncomeRow:
    return IncomeRow(0, kind, date.min, None, "", None, IncomeTold(IncomeStatus.DECLARED, amount))


def priced_slots(activity: ActivityFacts) -> dict[int, str]:
    """The slots that are priced, with their names: one that includes others is priced as those."""
    rows = activity.in_order
    return {slot.id: slot.name for slot in rows if activity.parts[slot.id] == (slot.id,)}
