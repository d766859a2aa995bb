"""A calendar read again, and all that follows from it: the definitions, then the openings."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.activities.catalogue import definition_changed
from marelle.activities.mails import tell_calendar_read
from marelle.activities.models import Activity, Opening
from marelle.activities.services import openings_generate
from marelle.bookings.closing.services import bookings_locked
from marelle.bookings.kept import activities_kept_follow
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.flows.catalogue.openings import booked_among
from marelle.places.calendars import UnknownSchoolYearError
from marelle.places.models import Authority, Calendar
from marelle.places.rules import school_year_days, school_year_of
from marelle.places.scope import in_charge
from marelle.places.services import calendar_refresh


@transaction.atomic
def calendar_applied(*, actor: Actor, calendar_id: int, school_year: int, now: datetime) -> int:
    """Refresh one school year of a calendar, and generate again the openings of its activities.

    As a difference, of the days of that year: rows corrected by hand, edited openings and what is booked
    stay, and who books meanwhile waits. Of a calendar that authorities share, only the openings that the
    actor answers for are touched; the other offices are told when holidays have changed, and do it for
    theirs. Returns how many activities of the actor's follow the calendar. Raises what `calendar_refresh`
    raises.
    """
    first_day, _last_day = school_year_days(school_year)
    difference = calendar_refresh(actor=actor, calendar_id=calendar_id, school_year=school_year, now=now)
    activities = Activity.objects.filter(calendar_id=calendar_id).order_by("pk")
    definition_changed(activities)
    ids = list(activities.filter(in_charge(actor, "structure__")).values_list("pk", flat=True))
    others = Authority.objects.filter(structures__activities__in=activities.exclude(pk__in=ids).order_by())
    if difference.add or difference.remove:
        tell_calendar_read(
            actor=actor,
            calendar=Calendar.objects.get(pk=calendar_id),
            school_year=school_year,
            authorities=others.order_by("pk").distinct(),
            now=now,
        )
    of_the_year = Opening.objects.filter(activity__in=ids, day__gte=first_day)
    bookings_locked(list(of_the_year.values_list("pk", flat=True)))
    for activity_id in ids:
        booked = booked_among(Opening.objects.filter(activity_id=activity_id))
        openings_generate(actor=actor, activity_id=activity_id, booked=booked, from_day=first_day, now=now)
    activities_kept_follow(ids, now=now)
    return len(ids)


@transaction.atomic
def calendar_years_read(*, actor: Actor, calendar_id: int, now: datetime) -> tuple[int, ...]:
    """Give a calendar, new or of another zone, the holidays of this school year and of the next.

    Returns those years that are published, by their September. Raises NotYours.
    """
    this_year = school_year_of(local(now).date())
    read = []
    for school_year in (this_year, this_year + 1):
        try:
            calendar_applied(actor=actor, calendar_id=calendar_id, school_year=school_year, now=now)
        except UnknownSchoolYearError:
            continue
        read.append(school_year)
    return tuple(read)
