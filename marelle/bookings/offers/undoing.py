"""A place offered, given or left free by an agent, undone within its minute: its case waits again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import KIND, SUBJECT, first_is_own, given_by, latest_case
from marelle.bookings.offers.services import offerable
from marelle.bookings.reading import held
from marelle.bookings.saving.freeing import parted_by, parted_end, places_given_back
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.saving.telling import OFFER_UNDONE
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import CaseState
from marelle.cases.services import CannotUndo, OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.places.undoing import decision_undo

LEFT_UNDONE = "booking.place_left_undone"


@transaction.atomic
def place_undo(*, actor: Actor, opening_id: int, decided_at: datetime, now: datetime) -> None:
    """The child who was offered the place, or given it, waits where it did, and the place is to be offered.

    The same locks as a save, in the same order. Raises `NotYours`, `OwnFile` (as leaving the place does, of
    who is first), and `CannotUndo`: "answered" once the home has taken the offer or declined it.
    """
    opening = offerable(actor).filter(given_by(actor), pk=opening_id).first()
    case = latest_case(opening_id) if opening is not None else None
    if opening is None or case is None:
        raise NotYours
    was_given = case.state == CaseState.ACCEPTED
    if not was_given and first_is_own(actor, opening_id, now=now):
        raise OwnFile
    there = Q(opening_id=opening_id)
    if opening.bundle_id is not None:
        there |= Q(opening__bundle_id=opening.bundle_id)
    with_it = Booking.objects.filter(there, changed_at=decided_at, waits_with__isnull=False)
    there |= Q(waits_with__in=with_it.values("waits_with"))
    queued = Booking.objects.filter(there, queued_at__isnull=False)
    children_locked(set(queued.filter(changed_at=decided_at).values_list("child_id", flat=True)))
    given = queued.filter(changed_at=decided_at, state__in=(BookingState.OFFERED, BookingState.BOOKED))
    rows = held(given.order_by("pk"), None) if was_given else []
    parted = parted_by(rows, now=now)
    places_given_back([*rows, *parted.go], now=now)
    decision_undo(actor=actor, kind=KIND, subject_id=opening_id, decided_at=decided_at, now=now)
    if was_given and not rows:
        raise CannotUndo("answered")
    if not was_given:
        record(actor=actor, verb=LEFT_UNDONE, subject=Subject(SUBJECT, opening_id, case.label), now=now)
    given = Booking.objects.filter(pk__in=[row.place.id for row in rows])
    told = set(given.values_list("child_id", "family_id", "child__first_name", "one_of"))
    for child_id, family_id, name, _one_of in told:
        if is_own_file(actor, family_id=family_id, person_id=child_id, day=local(now).date()):
            raise OwnFile
        subject = Subject("person", child_id, name)
        record(actor=actor, verb=OFFER_UNDONE, subject=subject, family_id=family_id, now=now)
    # Only giving a place writes a derogation; what the child waits by is its own.
    given.filter(state=BookingState.BOOKED).update(
        derogation=F("derogation_before"), passed=F("passed_before"), derogation_before="", passed_before=""
    )
    given.update(state=BookingState.WAITING, offered_until=None, changed_at=now)
    _others_wait_again({one_of for *_told, one_of in told if one_of is not None}, decided_at)
    parted_end(actor=actor, parted=parted, now=now)


def _others_wait_again(numbers: Collection[int], decided_at: datetime) -> None:
    """What had left the list since one was enough; no query where nothing had."""
    if numbers:
        again = Booking.objects.live().filter(
            child_id=OuterRef("child_id"), opening_id=OuterRef("opening_id")
        )
        gone = Booking.objects.filter(
            ~Exists(again), one_of__in=numbers, end_cause=EndCause.ONE_ENOUGH, ended_at=decided_at
        )
        gone.update(state=BookingState.WAITING, ended_at=None, ended_by="", ended_state="", end_cause="")
