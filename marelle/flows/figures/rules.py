"""How attendance is counted. Pure.

What the CAF asks (caf.fr, its pages for those who run an « accueil de loisirs », and its guide of the
« prestation de service unique » for a nursery): the hours of a leisure centre are those of the whole slot
as soon as the child was there for a part of it; those of a nursery, booked by the hour, are those from
arrival to departure. What caps them by day depends on what was agreed with each CAF, and is not applied.
A child-day is a child who came on a day to an activity, whatever its slots.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from marelle.families.rules import age_on
from marelle.places.rules import school_year_days

LATE: Final = 48 * 3600
"""A cancellation nearer to the start than that is late."""

TENTH: Final = Decimal("0.1")
SECONDS: Final = Decimal(3600)


class Band(StrEnum):
    """The age on the day, as the declarations ask it."""

    UNDER_6 = "under_6"
    FROM_6 = "from_6"
    FROM_14 = "from_14"
    ADULT = "adult"
    UNKNOWN = "unknown"


BIRTHDAYS: Final = {6: Band.FROM_6, 14: Band.FROM_14, 18: Band.ADULT}
"""The birthdays from which another band counts."""


def band_of(birth: date | None, day: date) -> Band:
    """`UNKNOWN` without a birth date, and before the birth."""
    years = -1 if birth is None else age_on(birth, day)
    if years < 0:
        return Band.UNKNOWN
    return BIRTHDAYS[max(reached)] if (reached := [n for n in BIRTHDAYS if n <= years]) else Band.UNDER_6


class Hours(NamedTuple):
    """From when to when, in whole seconds since 1970: those that pass, whatever the clocks on the wall do."""

    starts: int
    ends: int

    @property
    def seconds(self) -> int:
        return self.ends - self.starts


def attended(planned: Hours, *, by_hour: bool, arrived: int | None, left: int | None) -> int:
    """Seconds that a child who came counts for; `planned` is what was booked, or the opening's hours.

    By the hour, what was not noted is as planned, and times that do not follow each other count as planned.
    """
    if not by_hour:
        return planned.seconds
    begins = planned.starts if arrived is None else arrived
    ends = planned.ends if left is None else left
    return ends - begins if ends > begins else planned.seconds


def is_late(ended: int, starts: int) -> bool:
    """Whether a booking that its family cancelled was so at the last moment; both in seconds since 1970."""
    return starts - ended < LATE


@dataclass(frozen=True, slots=True)
class Stay:
    """A child in a home, between two days, both included."""

    family_id: int
    since: date
    until: date | None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def home_of(stays: Iterable[Stay], day: date, *, booked_by: int | None) -> int | None:
    """The home that a child came from: the one that booked when there are several, else the oldest file."""
    homes = {stay.family_id for stay in stays if stay.holds(day)}
    return booked_by if booked_by in homes or not homes else min(homes)


@dataclass(slots=True)
class Tally:
    """What is added up; times in seconds until they are shown.

    Bookings are those that a child holds, or held until it came; `due` are those whose day has come. `told`
    had an absence declared, `late` were cancelled by their family at the last moment. `present` counts who
    came, `unbooked` of them without a booking; `absent` who was booked and was noted absent.
    """

    booked: int = 0
    due: int = 0
    booked_days: int = 0
    booked_seconds: int = 0
    told: int = 0
    late: int = 0
    present: int = 0
    unbooked: int = 0
    absent: int = 0
    present_days: int = 0
    present_seconds: int = 0

    def add(self, other: Tally) -> None:
        """Written out: it runs twice for each child of a month."""
        self.booked += other.booked
        self.due += other.due
        self.booked_days += other.booked_days
        self.booked_seconds += other.booked_seconds
        self.told += other.told
        self.late += other.late
        self.present += other.present
        self.unbooked += other.unbooked
        self.absent += other.absent
        self.present_days += other.present_days
        self.present_seconds += other.present_seconds

    @property
    def expected(self) -> int:
        """Who was booked and came."""
        return self.present - self.unbooked

    @property
    def unseen(self) -> int:
        """Booked, the day has come, and nobody noted anything."""
        return max(0, self.due - self.expected - self.absent)

    @property
    def came(self) -> int | None:
        """Percent of the bookings due that came; None without any."""
        return percent(self.expected, self.due)


def percent(part: int, whole: int) -> int | None:
    """Rounded to the nearest, a half upwards; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def hours(seconds: int) -> Decimal:
    """Hours to the tenth: what is added up is exact, only what is shown is rounded."""
    return (Decimal(seconds) / SECONDS).quantize(TENTH, ROUND_HALF_UP)


def months_of(school_year: int) -> tuple[date, ...]:
    """The first day of each of the twelve months of a school year."""
    first, _last = school_year_days(school_year)
    return tuple(
        date(first.year + (first.month + n - 1) // 12, (first.month + n - 1) % 12 + 1, 1) for n in range(12)
    )
