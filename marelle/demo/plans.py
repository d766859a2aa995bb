"""The vocabulary in which the demo world is described: plain data, read by the builder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from marelle.activities.generation import DayScope
from marelle.activities.kinds import ActivityKind, EnrolmentMode
from marelle.families.rules import CustodyHolidays, CustodyWeeks


@dataclass(frozen=True, slots=True)
class ClosurePlan:
    """`announced_late`: families had booked, and the structure cancelled."""

    reason: str
    first_day: date
    last_day: date
    announced_late: bool = False


@dataclass(frozen=True, slots=True)
class StructurePlan:
    key: str
    closures: tuple[ClosurePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupPlan:
    key: str
    months: tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """Other slots go by their keys."""

    key: str
    starts: time
    ends: time
    weekdays: tuple[int, ...]
    days: DayScope
    one_off: bool
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """`opens`: when bookings open to each who waits for it."""

    since: date
    until: date | None
    opens: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class OutingPlan:
    """A dated opening of a one-off slot, with its own seats."""

    slot: str
    day: date
    title: str
    seats: int


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """An activity of the file, and how families use it: `busy_days` are those that more of them want than
    there are places; they then ask for `busy_slots` too."""

    key: str
    kind: ActivityKind
    structure: str
    ages: tuple[int, int | None]
    slots: tuple[SlotPlan, ...]
    rules: tuple[RulePlan, ...]
    groups: tuple[GroupPlan, ...]
    schools: tuple[str, ...]
    enrolment_mode: EnrolmentMode
    by_week: bool
    outings: tuple[OutingPlan, ...]
    busy_days: tuple[date, ...]
    busy_slots: tuple[str, ...]

    def slot(self, key: str) -> SlotPlan:
        return next(slot for slot in self.slots if slot.key == key)


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """A territory over one school year."""

    first_day: date
    last_day: date
    structures: tuple[StructurePlan, ...]
    activities: tuple[ActivityPlan, ...]

    def activity(self, key: str) -> ActivityPlan:
        return next(activity for activity in self.activities if activity.key == key)


@dataclass(frozen=True, slots=True)
class AdultPlan:
    first_name: str
    last_name: str
    link: str
    email: str
    phone: str
    identifier: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ChildPlan:
    """Two homes that share a child hold the same object."""

    first_name: str
    last_name: str
    birth_date: date
    school: str | None


@dataclass(frozen=True, slots=True)
class CustodyPlan:
    weeks: CustodyWeeks
    holidays: CustodyHolidays


@dataclass(frozen=True, slots=True, eq=False)
class HomePlan:
    key: str
    name: str
    adults: tuple[AdultPlan, ...]
    children: tuple[ChildPlan, ...]
    commune: str
    street: str
    quotient: int | None
    custody: dict[ChildPlan, CustodyPlan] = field(default_factory=dict)

    @property
    def speaker(self) -> str:
        """Who signs what the home does."""
        return f"{self.adults[0].first_name} {self.adults[0].last_name}"


@dataclass(frozen=True, slots=True, eq=False)
class StayPlan:
    """A child in an activity, and how it is booked.

    `week` gives the slots by weekday; `hours` the arrival and the departure of a day by the hour; `until`
    the last day booked; `regularity` how many of those openings are booked, from 0 to 1. Those told by hand
    (`is_told`) keep to their week, whatever the others do.
    """

    home: HomePlan
    child: ChildPlan
    activity: str
    state: str
    week: dict[int, tuple[str, ...]] = field(default_factory=dict)
    hours: tuple[time, time] | None = None
    since: date | None = None
    until: date | None = None
    regularity: float = 0.95
    is_told: bool = False
    reason: str = ""
