"""The absences of a month in an activity, each with what it is, for who answers for the structure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from marelle.activities.month import month_after
from marelle.bookings.absences.grading import Graded, graded
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor
from marelle.families.models import Person
from marelle.places.scope import in_charge, may_decide


@dataclass(frozen=True, slots=True)
class ListedAbsence:
    child: str
    missed: Graded


def absences_of_month(actor: Actor, activity_id: int, first: date) -> list[ListedAbsence]:
    """By day, then by name; six queries at most. None of an activity that the actor does not answer for."""
    if not may_decide(actor):
        return []
    seen = Attendance.objects.filter(
        opening_id=OuterRef("opening_id"), child_id=OuterRef("child_id"), present=False
    )
    rows = Booking.objects.filter(
        in_charge(actor, "opening__activity__structure__"),
        Q(absence__isnull=False) | Q(Exists(seen)),
        opening__activity_id=activity_id,
        state=BookingState.BOOKED,
        day__gte=first,
        day__lt=month_after(first),
    )
    found = graded(rows.order_by("starts_at", "pk"))
    people = Person.objects.filter(pk__in={one.child_id for one in found})
    names = {person.pk: str(person) for person in people}
    listed = [ListedAbsence(names[one.child_id], one) for one in found]
    return sorted(listed, key=lambda one: (one.missed.opening.day, one.child, one.missed.place.starts_at))
