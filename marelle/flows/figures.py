"""Attendance counted: by structure, activity, month, age on the day and commune of residence on the day.

The database adds up, by child and by month; where a child turns an age that counts, lives in two homes or
moves meanwhile, by day. Rules are in `figures_rules`. Rights are the caller's to check.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    Expression,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.fields import BigIntegerField
from django.db.models.functions import Coalesce

from marelle.activities.models import Activity, Opening
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.families.models import Member, Person, Residence
from marelle.flows.figures_rules import BIRTHDAYS, LATE, Band, Stay, Tally, band_of, home_of

IDS_AT_MOST: Final = 2_000
"""Openings named one by one in a statement; beyond, they are described."""


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

    def activities(self) -> QuerySet[Activity]:
        rows = Activity.objects.filter(structure_id__in=self.structure_ids)
        return rows if self.activity_id is None else rows.filter(pk=self.activity_id)

    def openings(self) -> QuerySet[Opening]:
        return Opening.objects.filter(
            activity__in=self.activities(), day__gte=self.first, day__lte=self.last
        ).order_by()


@dataclass(frozen=True, slots=True)
class Key:
    """What a tally is of. `commune_id` is None where nobody knows where the child lived."""

    activity_id: int
    month: date
    band: Band
    commune_id: int | None


@dataclass(slots=True)
class Attended:
    """The tallies, and the names of what they are of: activities with their structure, communes."""

    cells: dict[Key, Tally] = field(default_factory=dict)
    activities: dict[int, tuple[str, int]] = field(default_factory=dict)
    communes: dict[int, str] = field(default_factory=dict)


Row = tuple[int, int, date | None, int]
"""Activity, child, day (None: all of the month), place of the month."""


def attended(wanted: Wanted, *, named_at_most: int = IDS_AT_MOST) -> Attended:
    """Eight queries, whatever the number of children; one when nothing is held on these days."""
    found = Attended()
    scope = _scope(wanted, named_at_most)
    if scope is None:
        return found
    apart = _by_day(wanted)
    booked = _booked(scope, apart, wanted)
    present = _present(scope, apart, wanted)
    rows = {**booked, **present}
    found.activities = {
        pk: (name, place) for pk, name, place in wanted.activities().values_list("pk", "name", "structure_id")
    }
    children = _Children({row[1] for row in rows}, wanted, {f for _t, f in booked.values() if f})
    found.communes = children.communes
    for row in rows:
        activity_id, child_id, day, place = row
        month = wanted.months[place]
        on = day or month
        tally, family_id = booked.get(row, (Tally(), None))
        if row in present:
            tally.add(present[row][0])
        key = Key(activity_id, month, children.band(child_id, on), children.commune(child_id, on, family_id))
        found.cells.setdefault(key, Tally()).add(tally)
    return found


@dataclass(frozen=True, slots=True)
class _Scope:
    """The openings as a condition on what points at them, and on the bookings beside an attendance.

    By their ids where they are few: with a join, PostgreSQL walks the bookings of every day.
    """

    rows: Q
    held: Q


def _scope(wanted: Wanted, named_at_most: int) -> _Scope | None:
    """None when nothing is held on these days. One query."""
    ids = list(wanted.openings().values_list("pk", flat=True)[: named_at_most + 1])
    if not ids:
        return None
    if len(ids) <= named_at_most:
        return _Scope(Q(opening_id__in=ids), Q(opening__bookings__opening_id__in=ids))
    first, last = wanted.first, wanted.last
    return _Scope(
        Q(opening__activity__in=wanted.activities(), day__gte=first, day__lte=last),
        Q(opening__bookings__day__gte=first, opening__bookings__day__lte=last),
    )


def _by_day(wanted: Wanted) -> list[int]:
    """Children whose age band or home is not the same on all the days. One query.

    A day more on both sides: too many here costs a little time, one too few would be counted wrong.
    """
    margin = timedelta(days=1)
    turning = Q()
    for years in BIRTHDAYS:
        earliest = _years_before(wanted.first, years) - margin
        turning |= Q(birth_date__gte=earliest, birth_date__lte=_years_before(wanted.last, years) + margin)
    stays = (
        _stays(wanted)
        .values("person_id")
        .annotate(n=Count("pk"), latest=Max("since"), soonest=Min("until"))
        .filter(Q(n__gt=1) | Q(latest__gt=wanted.first) | Q(soonest__lt=wanted.last))
        .values_list("person_id")
    )
    moved = Residence.objects.filter(since__gt=wanted.first, since__lte=wanted.last)
    moving = _stays(wanted).filter(Exists(moved.filter(family_id=OuterRef("family_id"))))
    children = Person.objects.filter(turning).order_by().values_list("pk")
    return [pk for (pk,) in children.union(stays, moving.values_list("person_id"))]


def _years_before(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap_day else day.day)


def _stays(wanted: Wanted) -> QuerySet[Member]:
    return (
        Member.objects.filter(kind=Member.Kind.CHILD, since__lte=wanted.last)
        .filter(Q(until=None) | Q(until__gte=wanted.first))
        .order_by()
    )


def _grouped(rows: QuerySet[Any], apart: Collection[int], wanted: Wanted) -> QuerySet[Any, dict[str, Any]]:
    """The rows by activity, child, month, and by day for those `apart`."""
    day = F("day")
    on: Expression = Value(None, output_field=DateField())
    if apart:
        on = Case(When(child_id__in=apart, then=day), default=on)
    later = [When(day__gte=first, then=Value(n)) for n, first in reversed([*enumerate(wanted.months)][1:])]
    place = Case(*later, default=Value(0), output_field=IntegerField())
    named = rows.order_by().annotate(on=on, place=place)
    grouped: QuerySet[Any, dict[str, Any]] = named.values("opening__activity_id", "child_id", "on", "place")
    return grouped


def _booked(scope: _Scope, apart: Collection[int], wanted: Wanted) -> dict[Row, tuple[Tally, int | None]]:
    """What was booked, with the home that did. One query."""
    held = Q(state=BookingState.BOOKED)
    late = Q(state=BookingState.CANCELLED, end_cause=EndCause.FAMILY, waited=0) & Q(
        ended_seconds__gt=Epoch("starts_at") - int(LATE.total_seconds())
    )
    bookings = Booking.objects.filter(
        scope.rows, state__in=(BookingState.BOOKED, BookingState.CANCELLED)
    ).alias(
        ended_seconds=Epoch("ended_at"),
        waited=Case(
            When(ended_state__in=("", BookingState.BOOKED), then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        ),
    )
    rows = _grouped(bookings, apart, wanted).annotate(
        booked=Count("pk", filter=held),
        due=Count("pk", filter=held & Q(day__lte=wanted.today)),
        days=Count("day", filter=held, distinct=True),
        seconds=Sum(Epoch("ends_at") - Epoch("starts_at"), filter=held),
        told=Count("absence", filter=held),
        late=Count("pk", filter=late),
        home=Min("family_id", filter=held),
    )
    return {
        _row(row): (
            Tally(
                booked=row["booked"],
                due=row["due"],
                booked_days=row["days"],
                booked_seconds=row["seconds"] or 0,
                told=row["told"],
                late=row["late"],
            ),
            row["home"],
        )
        for row in rows
    }


def _present(scope: _Scope, apart: Collection[int], wanted: Wanted) -> dict[Row, tuple[Tally, None]]:
    """Who was seen at the door, and what it counts for. One query."""
    came, by_hour = Q(present=True), Q(opening__slot__by_hour=True)
    begins = Coalesce(Epoch("held__starts_at"), Epoch("opening__starts_at"))
    ends = Coalesce(Epoch("held__ends_at"), Epoch("opening__ends_at"))
    seen = (
        Attendance.objects.filter(scope.rows)
        .annotate(
            held=FilteredRelation(
                "opening__bookings",
                condition=scope.held
                & Q(
                    opening__bookings__child_id=F("child_id"),
                    # That of the opening, by which the index of a child's bookings finds them.
                    opening__bookings__day=F("day"),
                    opening__bookings__state=BookingState.BOOKED,
                ),
            )
        )
        .alias(
            planned=ends - begins,
            real=Coalesce(Epoch("left_at"), ends) - Coalesce(Epoch("arrived_at"), begins),
        )
    )
    rows = _grouped(seen, apart, wanted).annotate(
        came=Count("pk", filter=came),
        unbooked=Count("pk", filter=came & Q(held__pk=None)),
        absent=Count("pk", filter=Q(present=False, held__pk__isnull=False)),
        days=Count("day", filter=came, distinct=True),
        seconds=Sum(
            Case(When(by_hour & Q(real__gt=0), then=F("real")), default=F("planned")),
            filter=came,
            output_field=BigIntegerField(),
        ),
    )
    return {
        _row(row): (
            Tally(
                present=row["came"],
                unbooked=row["unbooked"],
                absent=row["absent"],
                present_days=row["days"],
                present_seconds=row["seconds"] or 0,
            ),
            None,
        )
        for row in rows
    }


def _row(row: dict[str, Any]) -> Row:
    return row["opening__activity_id"], row["child_id"], row["on"], row["place"]


class _Children:
    """How old the children are and where they live, on any day of the span. Four queries."""

    def __init__(self, ids: Collection[int], wanted: Wanted, families: Iterable[int]) -> None:
        self.births = dict(Person.objects.filter(pk__in=ids).order_by().values_list("pk", "birth_date"))
        self.stays: dict[int, list[Stay]] = {}
        rows = _stays(wanted).filter(person_id__in=ids)
        for child_id, family_id, since, until in rows.values_list("person_id", "family_id", "since", "until"):
            self.stays.setdefault(child_id, []).append(Stay(family_id, since, until))
        homes = {stay.family_id for stays in self.stays.values() for stay in stays} | set(families)
        self.moves: dict[int, tuple[list[date], list[int | None]]] = {}
        self.communes: dict[int, str] = {}
        lived = Residence.objects.filter(family_id__in=homes, since__lte=wanted.last).order_by("since")
        for family_id, since, commune_id, name in lived.values_list(
            "family_id", "since", "commune_id", "commune__name"
        ):
            dates, communes = self.moves.setdefault(family_id, ([], []))
            dates.append(since)
            communes.append(commune_id)
            if commune_id is not None:
                self.communes[commune_id] = name

    def band(self, child_id: int, day: date) -> Band:
        return band_of(self.births[child_id], day)

    def commune(self, child_id: int, day: date, family_id: int | None) -> int | None:
        home = home_of(self.stays.get(child_id, ()), day, booked_by=family_id)
        dates, communes = self.moves.get(home, ((), ())) if home is not None else ((), ())
        at = bisect_right(dates, day)
        return communes[at - 1] if at else None
