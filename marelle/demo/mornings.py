"""Three who come to the mornings of the holidays at the youth club: one all the week, two some days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Final

from marelle.activities.models import Opening
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import BookingState
from marelle.demo.apart import youths
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment

MORNINGS: Final = ((0, 1, 2, 3, 4), (0, 1, 3), (1, 2, 3, 4))
"""The weekdays of each child. The first is the one that agents know to come to all club."""
EATS: Final = 2
"""How many of them stay for the meal."""
BOOKED_AHEAD: Final = timedelta(days=38)


def come_in_the_mornings(places: Places, year: SchoolYear) -> None:
    """What they booked of the days gone by, on which each was seen, and of the next weeks."""
    activity = places.activities["matinees"]
    days: dict[date, list[Opening]] = defaultdict(list)
    rows = Opening.objects.filter(activity=activity, state=Opening.State.OPEN)
    for opening in rows.filter(day__lte=year.today + BOOKED_AHEAD).order_by("day", "starts_at"):
        days[opening.day].append(opening)
    children = youths(places)[: len(MORNINGS)]
    bookings: list[Booking] = []
    for number, (club, weekdays) in enumerate(zip(children, MORNINGS, strict=False)):
        own = Enrolment.objects.create(
            family_id=club.family_id,
            person_id=club.person_id,
            activity=activity,
            state=Enrolment.State.ACCEPTED,
            starts_on=club.starts_on,
            ends_on=club.ends_on,
            requested_at=club.requested_at,
            requested_by=club.requested_by,
            decided_at=club.decided_at,
            decided_by=club.decided_by,
        )
        slots = 2 if number < EATS else 1
        bookings += [
            _booking(own, opening)
            for day, openings in days.items()
            if day >= own.starts_on and day.weekday() in weekdays
            for opening in openings[:slots]
        ]
    Booking.objects.bulk_create(bookings)
    Attendance.objects.bulk_create(_seen(one) for one in bookings if one.day < year.today)


def _booking(enrolment: Enrolment, opening: Opening) -> Booking:
    return Booking(
        opening=opening,
        child_id=enrolment.person_id,
        family_id=enrolment.family_id,
        enrolment=enrolment,
        day=opening.day,
        starts_at=opening.starts_at,
        ends_at=opening.ends_at,
        state=BookingState.BOOKED.value,
        created_at=enrolment.requested_at,
        created_by=enrolment.requested_by,
    )


def _seen(booking: Booking) -> Attendance:
    return Attendance(
        opening=booking.opening,
        child_id=booking.child_id,
        day=booking.day,
        present=True,
        arrived_at=booking.starts_at,
        left_at=booking.ends_at,
        noted_at=booking.ends_at,
        noted_by="Samir Lenoir",
    )
