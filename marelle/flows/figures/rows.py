"""What the figures are counted from, read in a few statements: one row for each opening, not for each child.

A structure holds some ten thousand bookings a month: the database lists the children of each opening in one
text, where it would else find out for each row when it begins, sort and group. Instants are whole seconds
since 1970, as `figures_rules` counts them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar

from django.db.models import Func, Max, Min, Q, QuerySet
from django.db.models.fields import BigIntegerField

from marelle.activities.models import Activity, Opening
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.core.listed import Listed, integers
from marelle.core.prepared import Prepared, prepared, rounded
from marelle.core.rows import columns
from marelle.flows.figures.rules import Hours

IDS_AT_MOST: Final = 2_000
"""Openings named one by one in a statement; beyond, they are described."""

ROUNDED_AT_MOST: Final = 128
"""Beyond, PostgreSQL would read whole tables for what `rounded` adds."""

Row = TypeVar("Row")

Place = tuple[int, int]
"""A child on an opening: the ids of the opening and of the child."""


Span = tuple[Collection[int], int | None, date, date]
"""Structures, one activity of theirs or all, the first day and the last, both included: a `Wanted` as
prepared queries take it."""


class Epoch(Func):
    """An instant as the whole seconds since 1970: both databases count with it alike, and fast."""

    output_field = BigIntegerField()
    template = "CAST(FLOOR(DATE_PART('epoch', %(expressions)s)) AS bigint)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)", **context
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """The structures counted, one activity of theirs or all, and the months, each by its first day, in order.

    `last` is the last day of the last month. What is booked is due until `today`, included.
    """

    structure_ids: tuple[int, ...]
    months: tuple[date, ...]
    last: date
    today: date
    activity_id: int | None = None

    @property
    def first(self) -> date:
        return self.months[0]

    @property
    def span(self) -> Span:
        return self.structure_ids, self.activity_id, self.first, self.last


class Held(NamedTuple):
    """An opening, as the figures need it."""

    activity_id: int
    day: date
    month: date
    by_hour: bool
    hours: Hours


class Booked(NamedTuple):
    """Who holds a booking of an opening, who of these told that it will not come, and from when to when.

    `hours` is None where they are not the same for all.
    """

    children: list[int]
    told: list[int]
    hours: Hours | None


class Seen(NamedTuple):
    """Who was noted present on an opening, and who absent."""

    present: list[int]
    absent: list[int]


class Cancelled(NamedTuple):
    """A booking given back, when, and its start."""

    opening_id: int
    child_id: int
    ended: int
    starts: int


CANCELLED = columns(Cancelled, "opening_id", "child_id", ended=Epoch("ended_at"), starts=Epoch("starts_at"))


class Rows:
    """The openings of a span, and what points at them; each method is one query.

    By their ids where they are few: with a join, PostgreSQL walks the bookings of every day.
    """

    def __init__(self, wanted: Wanted, *, named_at_most: int = IDS_AT_MOST) -> None:
        self.wanted = wanted
        self.named_at_most = named_at_most
        self.openings = {one.opening_id: one.held for one in _held(*wanted.span)}

    def booked(self) -> dict[int, Booked]:
        """By opening."""
        rows = self._read(_booked, self.openings)
        return {
            one.opening_id: Booked(
                integers(one.children),
                integers(one.told),
                Hours(one.starts, one.ends)
                if (one.starts, one.ends) == (one.starts_last, one.ends_first)
                else None,
            )
            for one in rows
        }

    def own_hours(self, ids: Collection[int]) -> dict[Place, Hours]:
        """From when to when each child is booked on these openings, and maybe on others."""
        rows = self._read(_own_hours, ids)
        return {(one.opening_id, one.child_id): one.hours for one in rows}

    def homes(self, children: Collection[int]) -> dict[tuple[int, int, date], int]:
        """The home that booked, by activity, child and day; the oldest file where both did."""
        rows = _homes(rounded(children), self.wanted.first, self.wanted.last)
        return {
            (self.openings[one.opening_id].activity_id, one.child_id, one.day): one.family_id
            for one in rows
            if one.opening_id in self.openings
        }

    def cancelled(self) -> list[Cancelled]:
        """Those of the families alone, of a booking that was theirs."""
        return self._read(_cancelled, self.openings)

    def seen(self) -> dict[int, Seen]:
        """By opening."""
        return {
            one.opening_id: Seen(integers(one.present), integers(one.absent))
            for one in self._read(_seen, self.openings)
        }

    def times(self, ids: Collection[int]) -> dict[Place, tuple[int | None, int | None]]:
        """When the children present on these openings by the hour, and maybe on others, came and left, where
        it was noted."""
        rows = self._read(_times, ids)
        return {(one.opening_id, one.child_id): (one.arrived, one.left) for one in rows}

    def _read(self, query: Prepared[..., Row], ids: Collection[int]) -> list[Row]:
        """What points at these openings; of many, at all."""
        if len(ids) > self.named_at_most:
            return query(None, *self.wanted.span)
        return query(rounded(ids)) if len(ids) <= ROUNDED_AT_MOST else list(query.build(list(ids)))


def activities_of(structure_ids: Collection[int], activity_id: int | None) -> QuerySet[Activity]:
    rows = Activity.objects.filter(structure_id__in=structure_ids)
    return rows if activity_id is None else rows.filter(pk=activity_id)


def openings_of(
    structure_ids: Collection[int], activity_id: int | None, first: date, last: date
) -> QuerySet[Opening]:
    activities = activities_of(structure_ids, activity_id)
    return Opening.objects.filter(activity__in=activities, day__gte=first, day__lte=last).order_by()


class _Opened(NamedTuple):
    opening_id: int
    held: Held


def _as_held(activity_id: int, day: date, by_hour: bool, starts: int, ends: int) -> Held:
    return Held(activity_id, day, day.replace(day=1), by_hour, Hours(starts, ends))


OPENED = columns(
    _Opened,
    opening_id="pk",
    held=columns(
        _as_held,
        "activity_id",
        "day",
        by_hour="slot__by_hour",
        starts=Epoch("starts_at"),
        ends=Epoch("ends_at"),
    ),
)


@prepared
def _held(*span: Any) -> QuerySet[Opening, _Opened]:
    return OPENED.of(openings_of(*span))


def _at(ids: Collection[int] | None, *span: Any) -> Q:
    """What points at these openings, or at all of a span."""
    return Q(opening__in=openings_of(*span)) if ids is None else Q(opening_id__in=ids)


class _BookedOn(NamedTuple):
    opening_id: int
    children: str
    told: str | None
    starts: int
    starts_last: int
    ends_first: int
    ends: int


BOOKED_ON = columns(
    _BookedOn,
    "opening_id",
    "children",
    "told",
    starts=Epoch(Min("starts_at")),
    starts_last=Epoch(Max("starts_at")),
    ends_first=Epoch(Min("ends_at")),
    ends=Epoch(Max("ends_at")),
)


@prepared
def _booked(*asked: Any) -> QuerySet[Booking, _BookedOn]:
    rows = Booking.objects.filter(_at(*asked), state=BookingState.BOOKED).order_by().values("opening_id")
    return BOOKED_ON.of(
        rows.annotate(children=Listed("child_id"), told=Listed("child_id", filter=Q(absence__isnull=False)))
    )


class _OwnHours(NamedTuple):
    opening_id: int
    child_id: int
    hours: Hours


OWN_HOURS = columns(
    _OwnHours,
    "opening_id",
    "child_id",
    hours=columns(Hours, starts=Epoch("starts_at"), ends=Epoch("ends_at")),
)


@prepared
def _own_hours(*asked: Any) -> QuerySet[Booking, _OwnHours]:
    return OWN_HOURS.of(Booking.objects.filter(_at(*asked), state=BookingState.BOOKED).order_by())


class _Home(NamedTuple):
    opening_id: int
    child_id: int
    day: date
    family_id: int


HOME = columns(_Home, "opening_id", "child_id", "day", "family_id")


@prepared
def _homes(children: Collection[int], first: date, last: date) -> QuerySet[Booking, _Home]:
    """The oldest file last."""
    rows = Booking.objects.filter(child_id__in=children, day__gte=first, day__lte=last)
    return HOME.of(rows.filter(state=BookingState.BOOKED).order_by("-family_id"))


@prepared
def _cancelled(*asked: Any) -> QuerySet[Booking, Cancelled]:
    rows = Booking.objects.filter(
        _at(*asked),
        state=BookingState.CANCELLED,
        end_cause=EndCause.FAMILY,
        ended_state__in=("", BookingState.BOOKED),
    ).order_by()
    return CANCELLED.of(rows)


class _SeenOn(NamedTuple):
    opening_id: int
    present: str | None
    absent: str | None


SEEN_ON = columns(_SeenOn, "opening_id", "absent", present="came")


@prepared
def _seen(*asked: Any) -> QuerySet[Attendance, _SeenOn]:
    rows = Attendance.objects.filter(_at(*asked)).order_by().values("opening_id")
    return SEEN_ON.of(
        rows.annotate(
            came=Listed("child_id", filter=Q(present=True)),
            absent=Listed("child_id", filter=Q(present=False)),
        )
    )


class _Times(NamedTuple):
    opening_id: int
    child_id: int
    arrived: int | None
    left: int | None


TIMES = columns(_Times, "opening_id", "child_id", arrived=Epoch("arrived_at"), left=Epoch("left_at"))


@prepared
def _times(*asked: Any) -> QuerySet[Attendance, _Times]:
    return TIMES.of(
        Attendance.objects.filter(_at(*asked), present=True, opening__slot__by_hour=True).order_by()
    )
