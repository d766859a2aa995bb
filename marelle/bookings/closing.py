"""The structure closes: what was booked or waited for is cancelled, and the guardians are told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.bookings.freeing import EndedBooking, bookings_end
from marelle.bookings.models import Booking
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.bookings.telling import ClosedFor, tell_closed
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.journal.services import Act, record_many

CLOSED = "booking.closed"


@dataclass(slots=True)
class ChildTouched:
    """A child booked on what closes: the slots that it holds, and those that it waits for."""

    child_id: int
    name: str
    held: list[str] = field(default_factory=list)
    waited: list[str] = field(default_factory=list)


def children_touched(opening_ids: Collection[int]) -> list[ChildTouched]:
    """Whom closing these openings would touch, by name; one query. Rights are the caller's to check."""
    rows = (
        _live(opening_ids)
        .order_by("child__last_name", "child__first_name", "child_id", "starts_at", "pk")
        .values_list("child_id", "child__first_name", "child__last_name", "opening__slot__name", "state")
    )
    found: dict[int, ChildTouched] = {}
    for child_id, first_name, last_name, slot, state in rows:
        one = found.setdefault(child_id, ChildTouched(child_id, f"{first_name} {last_name}"))
        (one.waited if state == BookingState.WAITING else one.held).append(slot)
    return list(found.values())


@transaction.atomic
def closed_bookings_end(
    *,
    actor: Actor,
    structure_id: int,
    opening_ids: Collection[int],
    day: date,
    reason: str,
    now: datetime,
) -> tuple[EndedBooking, ...]:
    """Cancel what lives on openings of one day of a structure, waiting ones too, journal it, and tell it.

    Joins the transaction of who closes them, who has checked that the actor may, and closes them next.
    Every child that could book there is locked first, booked or not: a save that waits for one of them then
    reads the opening as closed, and one that came before is seen here. Freed places of gauges shared with
    other openings go to who waits for those.
    """
    ended = bookings_end(
        actor=actor,
        booking_ids=_live(opening_ids).values_list("pk", flat=True),
        cause=EndCause.STRUCTURE,
        child_ids=_who_could_book(opening_ids, day),
        now=now,
    )
    if ended:
        closed = _by_home_and_child(ended)
        _journal(actor, closed, now)
        tell_closed(closed, structure_id=structure_id, day=day, reason=reason, now=now)
    return ended


def _live(opening_ids: Collection[int]) -> QuerySet[Booking]:
    return Booking.objects.filter(opening_id__in=opening_ids, state__in=LIVE)


def _who_could_book(opening_ids: Collection[int], day: date) -> set[int]:
    enrolled = Enrolment.objects.filter(
        activity__openings__in=opening_ids,
        state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED),
        starts_on__lte=day,
        ends_on__gte=day,
    )
    booked = _live(opening_ids).order_by().values_list("child_id", flat=True)
    return {*enrolled.order_by().values_list("person_id", flat=True), *booked}


def _by_home_and_child(ended: Sequence[EndedBooking]) -> list[ClosedFor]:
    """What each home lost for each child; one query more, for whose they are."""
    of = {row.place.id: row for row in ended}
    rows = (
        Booking.objects.filter(pk__in=of)
        .order_by("family_id", "child_id", "starts_at", "pk")
        .values_list("pk", "family_id", "child_id", "child__first_name")
    )
    found: dict[tuple[int, int], ClosedFor] = {}
    for pk, family_id, child_id, first_name in rows:
        one = found.setdefault((family_id, child_id), ClosedFor(family_id, child_id, first_name))
        one.places.append((of[pk].opening, of[pk].place))
    return list(found.values())


def _journal(actor: Actor, closed: Sequence[ClosedFor], now: datetime) -> None:
    record_many(
        actor=actor,
        acts=[
            Act(
                verb=CLOSED,
                subject=Subject("person", one.child_id, one.child_name),
                family_id=one.family_id,
                data={
                    "cells": [
                        {
                            "result": "cancelled",
                            "opening": opening.id,
                            "day": opening.day.isoformat(),
                            "slot": opening.slot.name,
                            "activity": opening.activity.name,
                        }
                        for opening, _place in one.places
                    ]
                },
            )
            for one in closed
        ],
        now=now,
    )
