"""What the page of one request reads: its cells, and how full the place is at those hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marelle.activities import models as activities
from marelle.activities.generation import half_hours
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.requests import KIND, SUBJECT
from marelle.bookings.states import BookingState
from marelle.bookings.validation import answerable
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.scope import is_own_file


@dataclass(frozen=True, slots=True)
class AskedCell:
    """A booking of the request. `taken` of `capacity` at its fullest moment, itself counted; None where
    nothing bounds it."""

    booking: Booking
    taken: int | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class RequestToAnswer:
    """`cells` that still wait, in order; `answered` those already answered or taken back."""

    request: BookingRequest
    cells: tuple[AskedCell, ...]
    answered: tuple[Booking, ...]
    case: Case | None
    own_file: bool


def request_to_answer(actor: Actor, request_id: int, *, now: datetime) -> RequestToAnswer | None:
    """One request of the actor's scope; None when it is not within it. Five queries."""
    request = (
        answerable(actor)
        .select_related("child", "family", "activity__structure")
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        return None
    rows = list(request.bookings.select_related("opening__slot").order_by("starts_at", "pk"))
    waiting = [row for row in rows if row.state == BookingState.REQUESTED]
    fullest = _fullest(waiting)
    today = local(now).date()
    return RequestToAnswer(
        request=request,
        cells=tuple(AskedCell(row, *fullest.get(row.pk, (None, None))) for row in waiting),
        answered=tuple(row for row in rows if row.state != BookingState.REQUESTED),
        case=cases_about(kind=KIND, subject_kind=SUBJECT, subject_ids=[request.pk]).get(request.pk),
        own_file=is_own_file(actor, family_id=request.family_id, person_id=request.child_id, day=today),
    )


def _fullest(bookings: list[Booking]) -> dict[int, tuple[int, int]]:
    """By booking, the quota with the least left among those that it draws on."""
    by_opening: dict[int, list[tuple[int, int, int]]] = {}
    drawn = activities.Opening.quotas.through.objects.filter(
        opening_id__in=[booking.opening_id for booking in bookings]
    )
    for opening_id, *quota in drawn.values_list(
        "opening_id", "quota__part", "quota__taken", "quota__capacity"
    ):
        part, taken, capacity = quota
        by_opening.setdefault(opening_id, []).append((part, taken, capacity))
    found = {}
    for booking in bookings:
        parts = set(half_hours(local(booking.starts_at).time(), local(booking.ends_at).time()))
        mine = [
            (taken, capacity)
            for part, taken, capacity in by_opening.get(booking.opening_id, ())
            if part == activities.Quota.WHOLE_DAY or part in parts
        ]
        if mine:
            found[booking.pk] = min(mine, key=lambda quota: quota[1] - quota[0])
    return found
