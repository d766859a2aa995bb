"""The vocabulary in which the demo world is described: plain data, read by the builder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time

from marelle.activities.absences import AbsenceRule, Delay, Unit
from marelle.activities.generation import DayScope
from marelle.activities.kinds import ActivityKind, BookingMode, EnrolmentMode, Parting, Unpaid
from marelle.activities.models import Gauge
from marelle.activities.rules import After, Limit, Wave
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.places.models import StructureKind
from marelle.pricing.incomes import Counts

TWO_DAYS_TO_PROVE = AbsenceRule(date(2020, 1, 1), None, proofs=(Delay(48, Unit.HOURS),))


@dataclass(frozen=True, slots=True)
class AuthorityPlan:
    key: str
    name: str
    short_name: str
    email: str
    phone: str
    address: str
    communes: tuple[str, ...]
    siret: str = ""
    publication_director: str = ""
    host: tuple[str, str, str] = ("", "", "")
    """Its name, address and telephone."""
    dpo: tuple[str, str] = ("", "")
    """A name and a mail address."""
    incomes_count: Counts = Counts.NEXT_MONTH


@dataclass(frozen=True, slots=True)
class ContactPlan:
    label: str
    ages: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class GaugePlan:
    key: str
    name: str
    capacity: int
    unit: Gauge.Unit = Gauge.Unit.DAY


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
    authority: str
    name: str
    kind: StructureKind
    street: str
    commune: str
    contacts: tuple[ContactPlan, ...]
    gauges: tuple[GaugePlan, ...] = ()
    closures: tuple[ClosurePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupPlan:
    key: str
    name: str
    months: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """`draws` names gauges; "{group}" in a name stands for the group's key. Other slots go by their keys."""

    key: str
    name: str
    starts: time
    ends: time
    draws: tuple[str, ...]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    days: DayScope = DayScope.TERM
    has_meal: bool = False
    by_hour: bool = False
    one_off: bool = False
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    parting: Parting = Parting.HOLDS


@dataclass(frozen=True, slots=True)
class RulePlan:
    since: date
    until: date | None
    book: Limit
    cancel: Limit
    waves: tuple[Wave, ...] = ()
    after: After = After.REFUSE
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class OutingPlan:
    """A dated opening of a one-off slot, with its own seats."""

    slot: str
    day: date
    title: str
    seats: int


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    key: str
    name: str
    kind: ActivityKind
    structure: str
    ages: tuple[int, int | None]
    slots: tuple[SlotPlan, ...]
    rules: tuple[RulePlan, ...]
    groups: tuple[GroupPlan, ...] = ()
    schools: tuple[str, ...] = ()
    enrolment_mode: EnrolmentMode = EnrolmentMode.ASKED
    booking_mode: BookingMode = BookingMode.PARENT
    by_week: bool = False
    asks_times: bool = False
    unpaid: Unpaid = Unpaid.NOTHING
    absences: AbsenceRule = TWO_DAYS_TO_PROVE
    description: str = ""
    cost_text: str = ""
    outings: tuple[OutingPlan, ...] = ()
    days_of_a_period: int | None = None
    """At most, for each child."""
    from_age: int | None = None
    """In years, on the day of each opening."""
    busy_days: tuple[date, ...] = ()
    """Days that more families want than there are places; they then ask for `busy_slots` too."""
    busy_slots: tuple[str, ...] = ()

    def slot(self, key: str) -> SlotPlan:
        return next(slot for slot in self.slots if slot.key == key)


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """A territory over one school year."""

    first_day: date
    last_day: date
    authorities: tuple[AuthorityPlan, ...]
    communes: tuple[tuple[str, str], ...]
    schools: tuple[tuple[str, str], ...]
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
