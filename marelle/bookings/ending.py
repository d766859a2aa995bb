"""When an enrolment ends, what is booked later ends with it, under the locks of every save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from marelle.activities import models as activities
from marelle.activities.generation import half_hours
from marelle.bookings.ledger import Quota
from marelle.bookings.models import Booking
from marelle.bookings.services import places_freed
from marelle.bookings.states import HOLDING, LIVE, BookingState, EndCause
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.families.models import Person
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
def enrolment_bookings_end(
    *, actor: Actor, enrolment_id: int, child_id: int, after: date, now: datetime
) -> int:
    """Cancel the live bookings of an enrolment after a day, and free their places. Returns how many.

    Joins the transaction of who ends the enrolment, who has checked that the actor may and does it next: the
    child stays locked, so that a save that waits for it then reads the enrolment as ended.
    """
    no_key = connection.features.has_select_for_no_key_update
    child = Person.objects.select_for_update(no_key=no_key).get(pk=child_id)
    rows = list(_later(enrolment_id, after).select_related("opening__slot", "opening__activity"))
    if not rows:
        return 0
    _give_back(rows, no_key=no_key)
    Booking.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=BookingState.CANCELLED,
        ended_at=now,
        ended_by=actor.label[:150],
        end_cause=EndCause.ENROLMENT_ENDED,
    )
    record(
        actor=actor,
        verb=ENDED,
        subject=Subject("person", child_id, child.first_name),
        family_id=rows[0].family_id,
        data={"cells": [_cell(row) for row in rows]},
        now=now,
    )
    places_freed(opening_ids={row.opening_id for row in rows}, now=now)
    return len(rows)


def _later(enrolment_id: int, after: date) -> QuerySet[Booking]:
    return Booking.objects.filter(enrolment_id=enrolment_id, day__gt=after, state__in=LIVE)


def _give_back(rows: Sequence[Booking], *, no_key: bool) -> None:
    """Lock the quotas in the order of their keys, then count each place back; overdraft shrinks first."""
    holding = {row.opening_id: row for row in rows if row.state in HOLDING}
    drawn = activities.Opening.quotas.through.objects.filter(opening_id__in=holding)
    links = list(drawn.values_list("opening_id", "quota_id"))
    quotas = {
        row[0]: Quota(*row)
        for row in activities.Quota.objects.filter(pk__in={quota_id for _opening, quota_id in links})
        .order_by("pk")
        .select_for_update(no_key=no_key)
        .values_list("pk", "part", "capacity", "taken", "overdraft")
    }
    for opening_id, quota_id in links:
        if _draws(holding[opening_id], quotas[quota_id]):
            quotas[quota_id].delta -= 1
    changed = [quota for quota in quotas.values() if quota.delta or quota.overdraft_delta]
    activities.Quota.objects.filter(pk__in=[quota.id for quota in changed]).update(
        taken=F("taken") + _by_quota({quota.id: quota.delta for quota in changed}),
        overdraft=F("overdraft") + _by_quota({quota.id: quota.overdraft_delta for quota in changed}),
    )


def _draws(booking: Booking, quota: Quota) -> bool:
    """By the hour, a booking draws on the half-hours that it covers."""
    if quota.part < 0 or not booking.opening.slot.by_hour:
        return True
    return quota.part in half_hours(local(booking.starts_at).time(), local(booking.ends_at).time())


def _by_quota(deltas: dict[int, int]) -> Case:
    return Case(
        *(When(pk=pk, then=Value(delta)) for pk, delta in deltas.items()),
        default=Value(0),
        output_field=IntegerField(),
    )


def _cell(booking: Booking) -> dict[str, Any]:
    return {
        "result": "cancelled",
        "opening": booking.opening_id,
        "day": booking.day.isoformat(),
        "slot": booking.opening.slot.name,
        "activity": booking.opening.activity.name,
    }
