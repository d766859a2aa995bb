"""When an enrolment ends, what is booked later ends with it, under the locks of every save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.bookings.models import Attendance, Booking
from marelle.bookings.reading import ChildBooking
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.journal.services import record

ENDED = "booking.enrolment_ended"


@dataclass(frozen=True, slots=True)
class LaterBooking:
    """A live booking of an enrolment after its last day."""

    day: date
    slot_name: str
    starts_at: datetime
    ends_at: datetime
    by_hour: bool
    state: BookingState


def later_bookings(enrolment_id: int, after: date) -> tuple[LaterBooking, ...]:
    """Live bookings of an enrolment, which the caller has found, on the days after `after`; one query."""
    return tuple(LATER.of(_later(enrolment_id, after)))


def _later_booking(
    day: date, slot_name: str, starts_at: datetime, ends_at: datetime, by_hour: bool, state: str
) -> LaterBooking:
    return LaterBooking(day, slot_name, starts_at, ends_at, by_hour, BookingState(state))


LATER = columns(
    _later_booking,
    "day",
    "starts_at",
    "ends_at",
    "state",
    slot_name="opening__slot__name",
    by_hour="opening__slot__by_hour",
)


def last_attended(enrolment: Enrolment, *, day: date) -> tuple[date, bool] | None:
    """The last day, until `day` included, on which the child of an enrolment came to its activity.

    With whether it was seen at the door; else a place was booked that day and no absence told. None when
    neither is known. Two queries at most.
    """
    for last in _last_seen(enrolment.person_id, enrolment.activity_id, day):
        return last, True
    for last in _last_booked(enrolment.pk, day):
        return last, False
    return None


@prepared
def _last_seen(child_id: int, activity_id: int, day: date) -> QuerySet[Attendance, date]:
    seen = Attendance.objects.filter(
        child_id=child_id, opening__activity_id=activity_id, present=True, day__lte=day
    )
    return seen.order_by("-day").values_list("day", flat=True)[:1]


def _last_booked(enrolment_id: int, day: date) -> QuerySet[Booking, date]:
    booked = Booking.objects.filter(
        enrolment_id=enrolment_id, state=BookingState.BOOKED, day__lt=day, absence__isnull=True
    )
    return booked.order_by("-day").values_list("day", flat=True)[:1]


@dataclass(frozen=True, slots=True)
class EndedWith:
    """What ended with an enrolment: its own bookings, and those of other activities that went `along`."""

    own: tuple[ChildBooking, ...]
    along: tuple[ChildBooking, ...]


@transaction.atomic
def enrolment_bookings_end(*, actor: Actor, enrolment: Enrolment, after: date, now: datetime) -> EndedWith:
    """Cancel the live bookings of an enrolment after a day, and free their places. What went along is the
    caller's to tell.

    Joins the transaction of who ends the enrolment, who has checked that the actor may and does it next: the
    child stays locked, so that a save that waits for it then reads the enrolment as ended.
    """
    ended = bookings_end(
        actor=actor,
        booking_ids=_later(enrolment.pk, after).values_list("pk", flat=True),
        cause=EndCause.ENROLMENT_ENDED,
        child_ids=[enrolment.person_id],
        tells=True,
        now=now,
    )
    own = tuple(row for row in ended if row.opening.activity.id == enrolment.activity_id)
    if own:
        record(
            actor=actor,
            verb=ENDED,
            subject=Subject("person", enrolment.person_id, enrolment.person.first_name),
            family_id=enrolment.family_id,
            data={"cells": [_cell(row) for row in own]},
            now=now,
        )
    return EndedWith(own, tuple(row for row in ended if row not in own))


def _later(enrolment_id: int, after: date) -> QuerySet[Booking]:
    return Booking.objects.filter(enrolment_id=enrolment_id, day__gt=after, state__in=LIVE)


def _cell(row: ChildBooking) -> dict[str, object]:
    return {
        "result": "cancelled",
        "opening": row.opening.id,
        "day": row.opening.day.isoformat(),
        "slot": row.opening.slot.name,
        "activity": row.opening.activity.name,
    }
