"""« Préparer l’année »: where the next school year stands, for those who answer for its activities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.activities.models import Activity
from marelle.activities.selectors import managed
from marelle.activities.services import part_change
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.flows.catalogue.calendars import calendar_applied
from marelle.places.calendars import UnknownSchoolYearError, library_spans, zone_of
from marelle.places.models import Calendar
from marelle.places.rules import school_year_days, school_year_of
from marelle.places.selectors import calendars_that_know


@dataclass(frozen=True, slots=True)
class CalendarAhead:
    """`known`: its holidays of the year are read; `published`: they may be."""

    id: int
    name: str
    known: bool
    published: bool


@dataclass(frozen=True, slots=True)
class YearAhead:
    """`copied` of `current` activities have their next one; `coming` are all those of the year, in order.

    `confirm_from`: from when the portal asks each home to confirm its file for that year.
    """

    school_year: int
    calendars: tuple[CalendarAhead, ...]
    current: int
    copied: int
    coming: tuple[Activity, ...]
    confirm_from: date
    reads_calendars: bool


def year_ahead(actor: Actor, *, day: date) -> YearAhead:
    """Four queries."""
    year = school_year_of(day) + 1
    current = activities_of(actor, school_year=year - 1)
    first, last = school_year_days(year)
    coming = managed(actor).filter(first_day__gte=first, first_day__lte=last)
    calendars = {row.calendar_id: row.calendar for row in current}
    known = calendars_that_know(calendars, year)
    return YearAhead(
        school_year=year,
        calendars=tuple(
            CalendarAhead(pk, row.name, pk in known, _is_published(row, year))
            for pk, row in sorted(calendars.items(), key=lambda pair: pair[1].name)
        ),
        current=len(current),
        copied=sum(hasattr(row, "copied_to") for row in current),
        coming=tuple(coming.order_by("structure__order", "structure__name", "order", "name", "pk")),
        confirm_from=first,
        reads_calendars=_reads_calendars(actor),
    )


def activities_of(actor: Actor, *, school_year: int) -> list[Activity]:
    """Those of the actor held in a school year, each with its copy if it has one; one query."""
    first, last = school_year_days(school_year)
    rows = managed(actor).filter(first_day__lte=last, last_day__gte=first)
    rows = rows.select_related("structure", "calendar", "copied_to")
    return list(rows.order_by("structure__order", "structure__name", "order", "name", "pk"))


def calendar_read(*, actor: Actor, calendar_id: int, day: date, now: datetime) -> int:
    """Read the next school year of a calendar that the actor's activities follow; their openings with it.

    Returns how many activities follow it. Raises NotYours, or UnknownSchoolYearError.
    """
    mine = managed(actor).filter(calendar=calendar_id)
    if not _reads_calendars(actor) or not mine.exists():
        raise NotYours
    return calendar_applied(
        actor=actor, calendar_id=calendar_id, school_year=school_year_of(day) + 1, now=now
    )


@transaction.atomic
def requests_open(*, actor: Actor, activity_ids: Collection[int], opens_at: datetime, now: datetime) -> int:
    """From when families may ask for a place in these activities. Returns how many changed.

    Raises NotYours or NotPossible, and then none has changed.
    """
    changes = {"requests_open_at": opens_at}
    return sum(
        bool(part_change(actor=actor, model=Activity, pk=pk, changes=changes, now=now))
        for pk in sorted(activity_ids)
    )


def _reads_calendars(actor: Actor) -> bool:
    return actor.is_administrator or bool(actor.authorities(Role.OFFICE))


def _is_published(calendar: Calendar, school_year: int) -> bool:
    try:
        library_spans(zone_of(calendar.zone), school_year)
    except UnknownSchoolYearError:
        return False
    return True
