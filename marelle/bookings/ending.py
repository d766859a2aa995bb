"""When an enrolment ends, what is booked later ends with it, under the locks of every save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.bookings.freeing import EndedBooking, bookings_end
from marelle.bookings.models import Booking
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor
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
    rows = _later(enrolment_id, after).values_list(
        "day", "opening__slot__name", "starts_at", "ends_at", "opening__slot__by_hour", "state"
    )
    return tuple(LaterBooking(*row[:5], BookingState(row[5])) for row in rows)


@transaction.atomic
def enrolment_bookings_end(*, actor: Actor, enrolment: Enrolment, after: date, now: datetime) -> int:
    """Cancel the live bookings of an enrolment after a day, and free their places. Returns how many.

    Joins the transaction of who ends the enrolment, who has checked that the actor may and does it next: the
    child stays locked, so that a save that waits for it then reads the enrolment as ended.
    """
    ended = bookings_end(
        actor=actor,
        booking_ids=_later(enrolment.pk, after).values_list("pk", flat=True),
        cause=EndCause.ENROLMENT_ENDED,
        child_ids=[enrolment.person_id],
        now=now,
    )
    if ended:
        record(
            actor=actor,
            verb=ENDED,
            subject=Subject("person", enrolment.person_id, enrolment.person.first_name),
            family_id=enrolment.family_id,
            data={"cells": [_cell(row) for row in ended]},
            now=now,
        )
    return len(ended)


def _later(enrolment_id: int, after: date) -> QuerySet[Booking]:
    return Booking.objects.filter(enrolment_id=enrolment_id, day__gt=after, state__in=LIVE)


def _cell(row: EndedBooking) -> dict[str, object]:
    return {
        "result": "cancelled",
        "opening": row.opening.id,
        "day": row.opening.day.isoformat(),
        "slot": row.opening.slot.name,
        "activity": row.opening.activity.name,
    }
