"""An agent answers what a home asked: some cells, all of them, or none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.bookings.closing.reviving import bookings_revive, ended_locked
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.refusals import ReasonMissing
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.saving.requests import KIND, SUBJECT
from marelle.bookings.saving.telling import ANSWERED, tell_answered
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import CannotUndo, OwnFile, decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.mail.services import held_mails
from marelle.places.scope import check_decides, in_charge, may_decide
from marelle.places.undoing import decision_undo

UNDONE = "booking.answer_undone"


@transaction.atomic
def bookings_answer(
    *, actor: Actor, request_id: int, accepted: Collection[int], reason: str = "", now: datetime
) -> None:
    """Validate the `accepted` bookings of a request and refuse its others, for `reason`, which is told.

    What the home took back meanwhile is left alone. Refused places go to who waits. Raises `NotYours`,
    `OwnFile`, `AlreadyDecided`, and `ReasonMissing` when something is refused without one.
    """
    request = _locked(actor, request_id, now)
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
    case = Case.objects.get(kind=KIND, subject_kind=SUBJECT, subject_id=request.pk)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        bookings_end(
            actor=actor, booking_ids=[booking.pk for booking in refused], cause=None, refusal=reason, now=now
        )
    Booking.objects.filter(pk__in=[booking.pk for booking in taken]).update(
        state=BookingState.BOOKED, changed_at=now
    )
    state = CaseState.ACCEPTED if taken else CaseState.REFUSED
    check_decides(actor, case)
    decide_case(actor=actor, case_id=case.pk, state=state, reason=reason if refused else "", now=now)
    _journal(actor, request, taken, refused, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_answered(request, taken, refused, reason, now=now)


@transaction.atomic
def answer_undo(*, actor: Actor, request_id: int, decided_at: datetime, now: datetime) -> None:
    """What was answered waits again, refused places included. Raises `NotYours`, `OwnFile` and `CannotUndo`.

    "places_gone": a place that was refused is another's by now; "booked": the home has changed one of these
    bookings since.
    """
    request = _locked(actor, request_id, now)
    decision_undo(actor=actor, kind=KIND, subject_id=request_id, decided_at=decided_at, now=now)
    bookings = request.bookings.all()
    along = Q(child_id=request.child_id, state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE)
    ended = Booking.objects.filter(Q(request=request, state=BookingState.REFUSED) | along)
    refused = ended_locked(ended, decided_at=decided_at)
    decided = bookings.filter(changed_at=decided_at).exclude(pk__in=[row.pk for row in refused])
    if decided.exclude(state=BookingState.BOOKED).exists():
        raise CannotUndo("booked")
    if bookings.filter(Q(changed_at__gt=decided_at) | Q(ended_at__gt=decided_at)).exists():
        raise CannotUndo("booked")
    stayed = list(decided.values_list("pk", flat=True))
    decided.update(state=BookingState.REQUESTED, changed_at=now)
    bookings_revive(refused, decided_at=decided_at, stayed=stayed, now=now)
    record(
        actor=actor,
        verb=UNDONE,
        subject=Subject("person", request.child_id, request.child.first_name),
        family_id=request.family_id,
        now=now,
    )


def answerable(actor: Actor) -> QuerySet[BookingRequest]:
    """Requests to the structures that the actor answers for."""
    if not may_decide(actor):
        return BookingRequest.objects.none()
    return BookingRequest.objects.filter(in_charge(actor, "activity__structure__"))


def _locked(actor: Actor, request_id: int, now: datetime) -> BookingRequest:
    """A request that the actor answers for, and not its own; its child is locked."""
    mine = answerable(actor).filter(pk=request_id, family__erased_at=None)
    children_locked(mine.values_list("child_id", flat=True))
    request = mine.select_related("child", "activity").first()
    if request is None:
        raise NotYours
    if is_own_file(actor, family_id=request.family_id, person_id=request.child_id, day=local(now).date()):
        raise OwnFile
    return request


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
