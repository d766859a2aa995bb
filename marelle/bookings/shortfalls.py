"""Spans in which less is booked than the least, read for the page and the dashboard of a home while more may
still be booked; and who has more than the most, after what nobody asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from marelle.activities.rules import is_before
from marelle.bookings.bounds import Held, Short, days_counted, is_past, shorts
from marelle.bookings.models import Booking
from marelle.bookings.reading import PLACED, Placed, openings_between, placed
from marelle.bookings.rules import Opening
from marelle.bookings.states import LIVE
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.families.models import Member

LONGEST_SPAN = timedelta(days=366)
"""A period of school without a holiday is its year."""


def booked_of_home(family_id: int, activity_ids: Collection[int], first: date, last: date) -> list[Held]:
    """What the home's children have in these activities on these days, of whichever home; one query."""
    return list(placed(_of_home(family_id, activity_ids, first, last), family_id))


@prepared
def _of_home(
    family_id: int, activity_ids: Collection[int], first: date, last: date
) -> QuerySet[Booking, Placed]:
    home = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD).order_by().values("person_id")
    rows = Booking.objects.filter(
        child_id__in=home,
        day__gte=first,
        day__lte=last,
        state__in=LIVE,
        opening__activity_id__in=activity_ids,
    )
    return PLACED.of(rows.order_by("pk"))


def children_past(cells: Iterable[tuple[int, int, Opening]]) -> frozenset[int]:
    """Of homes, their children and openings that these are on: the children who now have more than a bound
    allows. One query for each home that a bound concerns."""
    found: dict[int, list[tuple[int, Opening]]] = {}
    for family_id, child_id, opening in cells:
        found.setdefault(family_id, []).append((child_id, opening))
    past = set()
    for family_id, theirs in found.items():
        openings = [opening for _child, opening in theirs]
        days = days_counted(openings)
        if days is not None:
            booked = booked_of_home(family_id, {opening.activity.id for opening in openings}, *days)
            past |= {child for child, opening in theirs if is_past((child, opening), booked)}
    return frozenset(past)


def shorts_to_complete(booked: Collection[Held], now: datetime) -> tuple[Short, ...]:
    """The spans that the home can still complete, the nearest limit first; one query, none where all have
    their least."""
    today = local(now).date()
    likely = [short for short in shorts(booked) if short.days[1] >= today]
    if not likely:
        return ()
    first, last = min(short.days[0] for short in likely), max(short.days[1] for short in likely)
    openings = openings_between({short.activity.id for short in likely}, first, last)
    found = [
        short
        for short in shorts(booked, openings)
        if is_before(now, short.until) and any(place.mine for _child, _opening, place in short.held)
    ]
    return tuple(sorted(found, key=lambda short: (short.until or now, short.bound.id, short.child_id or 0)))


def home_shorts(family_id: int, activity_ids: Collection[int], now: datetime) -> tuple[Short, ...]:
    """Those of a home in these activities; two queries at most, none where there is no activity."""
    if not activity_ids:
        return ()
    today = local(now).date()
    booked = booked_of_home(family_id, activity_ids, today - LONGEST_SPAN, today + LONGEST_SPAN)
    return shorts_to_complete(booked, now)
