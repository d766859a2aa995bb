"""A calendar read again, and all that follows from it: the definitions, then the openings."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity
from marelle.activities.services import openings_generate
from marelle.bookings.models import Booking
from marelle.core.actor import Actor
from marelle.places.services import calendar_refresh


@transaction.atomic
def calendar_applied(*, actor: Actor, calendar_id: int, school_year: int, now: datetime) -> int:
    """Refresh one school year of a calendar, and generate again the openings of its activities.

    As a difference: rows corrected by hand, edited openings and what is booked stay. Returns how many
    activities follow the calendar. Raises what `calendar_refresh` raises.
    """
    calendar_refresh(actor=actor, calendar_id=calendar_id, school_year=school_year, now=now)
    activities = Activity.objects.filter(calendar_id=calendar_id).order_by("pk")
    definition_changed(activities)
    ids = list(activities.values_list("pk", flat=True))
    for activity_id in ids:
        booked = Booking.objects.filter(opening__activity_id=activity_id).values_list("opening_id", flat=True)
        openings_generate(actor=actor, activity_id=activity_id, booked=frozenset(booked), now=now)
    return len(ids)
