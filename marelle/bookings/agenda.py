"""What a home booked, booking by booking: the list to print, and the calendar that follows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, CharField, DateTimeField, Q, QuerySet, Value

from marelle.bookings.models import Booking
from marelle.bookings.mornings import coming_or_closed, state_of_visit
from marelle.bookings.states import HOLDING, BookingState, EndCause
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.families.selectors import Child
from marelle.relay.models import VisitChild

KEPT_IN_CALENDAR = timedelta(days=60)
"""How long a calendar still shows what was cancelled, and the days gone by."""

CALENDAR_AHEAD = timedelta(days=400)

ENDED = (BookingState.CANCELLED, BookingState.REFUSED)


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One booking of the home. `title` is that of an outing; `address` the structure's, in one line.

    `changed_at` is the last instant at which anything told here changed.
    """

    booking_id: int
    opening_id: int
    child_id: int
    child_first_name: str
    activity_name: str
    structure_name: str
    address: str
    slot_name: str
    title: str
    day: date
    starts_at: datetime
    ends_at: datetime
    state: BookingState
    cause: EndCause | None
    closing_reason: str
    is_absent: bool
    created_at: datetime
    changed_at: datetime


def calendar_lines(actor: Actor, home: Sequence[Child], *, now: datetime) -> tuple[AgendaLine, ...]:
    """What a calendar shows of these children, by start: what holds a place, and what lately ceased to.

    Only what the actor's home booked; a place that was only waited for is not told. Of what was booked and
    cancelled over and over, a child has one line an opening. One query. `home` is what
    `families.selectors.children` gave to this actor.
    """
    today = local(now).date()
    ended = Q(state__in=ENDED, ended_at__gte=now - KEPT_IN_CALENDAR)
    only_waited = Q(queued_at__isnull=False, changed_at__isnull=True)
    rows = _of_home(actor, [child.id for child in home]).filter(
        Q(state__in=HOLDING) | (ended & ~only_waited),
        day__gte=today - KEPT_IN_CALENDAR,
        day__lte=today + CALENDAR_AHEAD,
    )
    return _told_once(_lines(_told(rows.order_by("starts_at", "pk"))))


def coming_lines(actor: Actor, home: Sequence[Child], *, first: date, last: date) -> tuple[AgendaLine, ...]:
    """What these children have booked or wait for between two days, both included, the mornings of the relais
    to which they come, and what the structure cancelled, by day; one query."""
    if actor.family_id is None:
        return ()
    eldest_first = {child.id: rank for rank, child in enumerate(home)}
    lines = _lines(_coming(actor, list(eldest_first), first, last))
    by_day = sorted(lines, key=lambda line: (line.day, line.starts_at, eldest_first[line.child_id]))
    return tuple(by_day)


def _told_once(lines: Sequence[AgendaLine]) -> tuple[AgendaLine, ...]:
    """Of what has ended, the last of a child on an opening, and nothing where a place is held again."""
    by_last = sorted(lines, key=lambda line: (line.state not in ENDED, line.changed_at, line.booking_id))
    last = {(line.child_id, line.opening_id): line.booking_id for line in by_last}
    shown = set(last.values())
    return tuple(line for line in lines if line.state not in ENDED or line.booking_id in shown)


@prepared
def _coming(
    actor: Actor, child_ids: Collection[int], first: date, last: date
) -> QuerySet[Booking, tuple[Any, ...]]:
    rows = _of_home(actor, child_ids).filter(
        Q(state__in=(*HOLDING, BookingState.WAITING))
        | Q(state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE),
        day__gte=first,
        day__lte=last,
    )
    return _told(rows.order_by()).union(_mornings(actor, child_ids, first, last), all=True)


def _mornings(
    actor: Actor, child_ids: Collection[int], first: date, last: date
) -> QuerySet[VisitChild, tuple[Any, ...]]:
    """The mornings to which these children come, and those that were closed, in the columns of `_told`."""
    structure = "visit__opening__activity__structure__"
    rows = VisitChild.objects.filter(
        coming_or_closed(),
        visit__family_id=actor.home_id,
        child_id__in=child_ids,
        visit__opening__day__gte=first,
        visit__opening__day__lte=last,
    )
    return rows.order_by().values_list(
        Value(0, output_field=BigIntegerField()),
        "visit__opening_id",
        "child_id",
        "child__first_name",
        "visit__opening__activity__name",
        f"{structure}name",
        f"{structure}street",
        f"{structure}commune__postal_code",
        f"{structure}commune__name",
        "visit__opening__slot__name",
        "visit__opening__title",
        "visit__opening__day",
        "visit__opening__starts_at",
        "visit__opening__ends_at",
        state_of_visit(),
        Value("", output_field=CharField()),
        "visit__opening__reason",
        Value(None, output_field=BigIntegerField()),
        "visit__booked_at",
        Value(None, output_field=DateTimeField()),
        "visit__cancelled_at",
    )


def _of_home(actor: Actor, child_ids: Collection[int]) -> QuerySet[Booking]:
    if actor.family_id is None:
        return Booking.objects.none()
    return Booking.objects.filter(family_id=actor.family_id, child_id__in=child_ids)


def _told(rows: QuerySet[Booking]) -> QuerySet[Booking, tuple[Any, ...]]:
    """The columns of `_lines`."""
    structure = "opening__activity__structure__"
    return rows.values_list(
        "pk",
        "opening_id",
        "child_id",
        "child__first_name",
        "opening__activity__name",
        f"{structure}name",
        f"{structure}street",
        f"{structure}commune__postal_code",
        f"{structure}commune__name",
        "opening__slot__name",
        "opening__title",
        "day",
        "starts_at",
        "ends_at",
        "state",
        "end_cause",
        "opening__reason",
        "absence__pk",
        "created_at",
        "changed_at",
        "ended_at",
    )


def _lines(found: Iterable[tuple[Any, ...]]) -> tuple[AgendaLine, ...]:
    return tuple(
        AgendaLine(
            booking_id=row[0],
            opening_id=row[1],
            child_id=row[2],
            child_first_name=row[3],
            activity_name=row[4],
            structure_name=row[5],
            address=", ".join(part for part in (row[6], f"{row[7]} {row[8]}".strip()) if part),
            slot_name=row[9],
            title=row[10],
            day=row[11],
            starts_at=row[12],
            ends_at=row[13],
            state=BookingState(row[14]),
            cause=EndCause(row[15]) if row[15] else None,
            closing_reason=row[16],
            is_absent=row[17] is not None,
            created_at=row[18],
            changed_at=max(at for at in row[18:21] if at is not None),
        )
        for row in found
    )
