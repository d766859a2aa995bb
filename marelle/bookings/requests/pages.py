"""What the page of one request reads: its cells, and how full the place is at those hours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from marelle.activities import models as activities
from marelle.activities.generation import half_hours
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.requests.services import answerable
from marelle.bookings.saving.requests import KIND, SUBJECT
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.scope import is_own_file
from marelle.places.scope import in_charge


@dataclass(frozen=True, slots=True)
class AskedCell:
    """A booking of the request. `taken` of `capacity` at its fullest moment, itself counted; None where
    nothing bounds it. `kept` of them are free, and for some only."""

    booking: Booking
    taken: int | None
    capacity: int | None
    kept: int


@dataclass(frozen=True, slots=True)
class RequestToAnswer:
    """`cells` that still wait, in order; `answered` those already answered or taken back.

    `others` are what else the child holds on those days, in any structure that the actor answers for.
    """

    request: BookingRequest
    cells: tuple[AskedCell, ...]
    answered: tuple[Booking, ...]
    others: tuple[Booking, ...]
    case: Case | None
    own_file: bool


def request_to_answer(actor: Actor, request_id: int, *, now: datetime) -> RequestToAnswer | None:
    """One request of the actor's scope; None when it is not within it. Six queries."""
    request = next(iter(_answerable(actor, request_id)), None)
    if request is None:
        return None
    rows = _asked_for(request_id, request.child_id)
    waiting = [row for row in rows if row.state == BookingState.REQUESTED]
    fullest = _fullest(waiting)
    today = local(now).date()
    return RequestToAnswer(
        request=request,
        cells=tuple(AskedCell(row, *fullest.get(row.pk, (None, None, 0))) for row in waiting),
        answered=tuple(row for row in rows if row.state != BookingState.REQUESTED),
        others=tuple(_others(actor, request.child_id, request_id, {row.day for row in waiting})),
        case=cases_about(kind=KIND, subject_kind=SUBJECT, subject_ids=[request.pk]).get(request.pk),
        own_file=is_own_file(actor, family_id=request.family_id, person_id=request.child_id, day=today),
    )


@prepared
def _answerable(actor: Actor, request_id: int) -> QuerySet[BookingRequest]:
    rows = answerable(actor).select_related("child", "family", "activity__structure")
    return rows.filter(pk=request_id)


@prepared
def _asked_for(request_id: int, child_id: int) -> QuerySet[Booking]:
    """Found by the child, whose they all are: where hardly any booking was asked for, SQLite would read them
    all."""
    rows = Booking.objects.filter(request_id=request_id, child_id=child_id).select_related("opening__slot")
    return rows.order_by("starts_at", "pk")


@prepared
def _others(actor: Actor, child_id: int, request_id: int, days: Collection[date]) -> QuerySet[Booking]:
    rows = Booking.objects.holding().filter(
        in_charge(actor, "opening__activity__structure__"), child_id=child_id, day__in=days
    )
    return (
        rows.exclude(request_id=request_id)
        .select_related("opening__slot", "opening__activity")
        .order_by("starts_at", "pk")
    )


def _fullest(bookings: list[Booking]) -> dict[int, tuple[int, int, int]]:
    """By booking, the quota with the least left among those that it draws on."""
    by_opening: dict[int, list[_Drawn]] = {}
    for one in _drawn([booking.opening_id for booking in bookings]):
        by_opening.setdefault(one.opening_id, []).append(one)
    found = {}
    for booking in bookings:
        parts = set(half_hours(local(booking.starts_at).time(), local(booking.ends_at).time()))
        mine = [
            (one.taken, one.capacity, one.kept)
            for one in by_opening.get(booking.opening_id, ())
            if one.part == activities.Quota.WHOLE_DAY or one.part in parts
        ]
        if mine:
            found[booking.pk] = min(mine, key=lambda quota: quota[1] - quota[0])
    return found


class _Drawn(NamedTuple):
    opening_id: int
    part: int
    taken: int
    capacity: int
    kept: int


DRAWN = columns(
    _Drawn,
    "opening_id",
    part="quota__part",
    taken="quota__taken",
    capacity="quota__capacity",
    kept=activities.kept_left("quota__"),
)


def _drawn(opening_ids: Collection[int]) -> QuerySet[Any, _Drawn]:
    return DRAWN.of(activities.Opening.quotas.through.objects.filter(opening_id__in=opening_ids))
