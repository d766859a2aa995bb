"""An agent answers what a home asked: some cells, all of them, or none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.bookings.freeing import bookings_end
from marelle.bookings.locks import children_locked
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.refusals import NotYours, ReasonMissing
from marelle.bookings.requests import KIND, SUBJECT
from marelle.bookings.states import BookingState
from marelle.bookings.telling import ANSWERED, tell_answered
from marelle.cases.models import Case, CaseState
from marelle.cases.services import OwnFile, decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.places.scope import in_charge, may_decide


@transaction.atomic
def bookings_answer(
    *, actor: Actor, request_id: int, accepted: Collection[int], reason: str = "", now: datetime
) -> None:
    """Validate the `accepted` bookings of a request and refuse its others, for `reason`, which is told.

    What the home took back meanwhile is left alone. Refused places go to who waits. Raises `NotYours`,
    `OwnFile`, `AlreadyDecided`, and `ReasonMissing` when something is refused without one.
    """
    mine = answerable(actor).filter(pk=request_id)
    children_locked(mine.values_list("child_id", flat=True))
    request = mine.select_related("child", "activity").first()
    if request is None:
        raise NotYours
    if is_own_file(actor, family_id=request.family_id, person_id=request.child_id, day=local(now).date()):
        raise OwnFile
    waiting = list(
        request.bookings.filter(state=BookingState.REQUESTED)
        .select_related("opening__slot")
        .order_by("starts_at", "pk")
    )
    taken = [booking for booking in waiting if booking.pk in accepted]
    refused = [booking for booking in waiting if booking.pk not in accepted]
    reason = reason.strip()[:300]
    if refused and not reason:
        raise ReasonMissing
    bookings_end(
        actor=actor, booking_ids=[booking.pk for booking in refused], cause=None, refusal=reason, now=now
    )
    Booking.objects.filter(pk__in=[booking.pk for booking in taken]).update(
        state=BookingState.BOOKED, changed_at=now
    )
    case = Case.objects.get(kind=KIND, subject_kind=SUBJECT, subject_id=request.pk)
    state = CaseState.ACCEPTED if taken else CaseState.REFUSED
    decide_case(actor=actor, case_id=case.pk, state=state, reason=reason if refused else "", now=now)
    _journal(actor, request, taken, refused, now)
    tell_answered(request, taken, refused, reason, now=now)


def answerable(actor: Actor) -> QuerySet[BookingRequest]:
    """Requests to the structures that the actor answers for."""
    if not may_decide(actor):
        return BookingRequest.objects.none()
    return BookingRequest.objects.filter(in_charge(actor, "activity__structure__"))


def _journal(
    actor: Actor, request: BookingRequest, taken: list[Booking], refused: list[Booking], now: datetime
) -> None:
    cells = [
        {
            "result": result,
            "opening": booking.opening_id,
            "day": booking.day.isoformat(),
            "slot": booking.opening.slot.name,
            "activity": request.activity.name,
        }
        for result, rows in (("validated", taken), ("refused", refused))
        for booking in rows
    ]
    record(
        actor=actor,
        verb=ANSWERED,
        subject=Subject("person", request.child_id, request.child.first_name),
        family_id=request.family_id,
        data={"cells": cells},
        now=now,
    )
