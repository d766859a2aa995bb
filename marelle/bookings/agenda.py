"""What a home booked, booking by booking: the list to print, and the calendar that follows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import BigIntegerField, CharField, DateTimeField, Q, QuerySet, Value

from marelle.bookings.models import Booking
from marelle.bookings.mornings import coming_or_closed, state_of_visit
from marelle.bookings.states import HOLDING, BookingState, EndCause
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns
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
    return _told_once(BOOKED.of(rows.order_by("starts_at", "pk")))


def coming_lines(actor: Actor, home: Sequence[Child], *, first: date, last: date) -> tuple[AgendaLine, ...]:
    """What these children have booked or wait for between two days, both included, the mornings of the relais
    to which they come, and what the structure cancelled, by day; one query."""
    if actor.family_id is None:
        return ()
    eldest_first = {child.id: rank for rank, child in enumerate(home)}
    lines = _coming(actor, list(eldest_first), first, last)
    by_day = sorted(lines, key=lambda line: (line.day, line.starts_at, eldest_first[line.child_id]))
    return tuple(by_day)


def _told_once(lines: Collection[AgendaLine]) -> tuple[AgendaLine, ...]:
    """Of what has ended, the last of a child on an opening, and nothing where a place is held again."""
    by_last = sorted(lines, key=lambda line: (line.state not in ENDED, line.changed_at, line.booking_id))
    last = {(line.child_id, line.opening_id): line.booking_id for line in by_last}
    shown = set(last.values())
    return tuple(line for line in lines if line.state not in ENDED or line.booking_id in shown)


@prepared
def _coming(
    actor: Actor, child_ids: Collection[int], first: date, last: date
) -> QuerySet[Booking, AgendaLine]:
    rows = _of_home(actor, child_ids).filter(
        Q(state__in=(*HOLDING, BookingState.WAITING))
        | Q(state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE),
        day__gte=first,
        day__lte=last,
    )
    return BOOKED.of(rows.order_by()).union(_mornings(actor, child_ids, first, last), all=True)


def _mornings(
    actor: Actor, child_ids: Collection[int], first: date, last: date
) -> QuerySet[VisitChild, AgendaLine]:
    """The mornings to which these children come, and those that were closed."""
    rows = VisitChild.objects.filter(
        coming_or_closed(),
        visit__family_id=actor.home_id,
        child_id__in=child_ids,
        visit__opening__day__gte=first,
        visit__opening__day__lte=last,
    )
    return MORNINGS.of(rows.order_by())


def _of_home(actor: Actor, child_ids: Collection[int]) -> QuerySet[Booking]:
    if actor.family_id is None:
        return Booking.objects.none()
    return Booking.objects.filter(family_id=actor.family_id, child_id__in=child_ids)


def _line(
    booking_id: int, opening_id: int, child_id: int, child_first_name: str, activity_name: str,
    structure_name: str, street: str, postal_code: str, commune: str, slot_name: str, title: str,
    day: date, starts_at: datetime, ends_at: datetime, state: str, cause: str, closing_reason: str,
    absence_id: int | None, created_at: datetime, changed_at: datetime | None, ended_at: datetime | None,
) -> AgendaLine:  # fmt: skip
    return AgendaLine(
        booking_id=booking_id,
        opening_id=opening_id,
        child_id=child_id,
        child_first_name=child_first_name,
        activity_name=activity_name,
        structure_name=structure_name,
        address=", ".join(part for part in (street, f"{postal_code} {commune}".strip()) if part),
        slot_name=slot_name,
        title=title,
        day=day,
        starts_at=starts_at,
        ends_at=ends_at,
        state=BookingState(state),
        cause=EndCause(cause) if cause else None,
        closing_reason=closing_reason,
        is_absent=absence_id is not None,
        created_at=created_at,
        changed_at=max(at for at in (created_at, changed_at, ended_at) if at is not None),
    )


BOOKED = columns(
    _line,
    booking_id="pk",
    opening_id="opening_id",
    child_id="child_id",
    child_first_name="child__first_name",
    activity_name="opening__activity__name",
    structure_name="opening__activity__structure__name",
    street="opening__activity__structure__street",
    postal_code="opening__activity__structure__commune__postal_code",
    commune="opening__activity__structure__commune__name",
    slot_name="opening__slot__name",
    title="opening__title",
    day="day",
    starts_at="starts_at",
    ends_at="ends_at",
    state="state",
    cause="end_cause",
    closing_reason="opening__reason",
    absence_id="absence__pk",
    created_at="created_at",
    changed_at="changed_at",
    ended_at="ended_at",
)

MORNINGS = columns(
    _line,
    booking_id=Value(0, output_field=BigIntegerField()),
    opening_id="visit__opening_id",
    child_id="child_id",
    child_first_name="child__first_name",
    activity_name="visit__opening__activity__name",
    structure_name="visit__opening__activity__structure__name",
    street="visit__opening__activity__structure__street",
    postal_code="visit__opening__activity__structure__commune__postal_code",
    commune="visit__opening__activity__structure__commune__name",
    slot_name="visit__opening__slot__name",
    title="visit__opening__title",
    day="visit__opening__day",
    starts_at="visit__opening__starts_at",
    ends_at="visit__opening__ends_at",
    state=state_of_visit(),
    cause=Value("", output_field=CharField()),
    closing_reason="visit__opening__reason",
    absence_id=Value(None, output_field=BigIntegerField()),
    created_at="visit__booked_at",
    changed_at=Value(None, output_field=DateTimeField()),
    ended_at="visit__cancelled_at",
)
