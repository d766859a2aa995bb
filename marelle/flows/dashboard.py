"""What the dashboard of a family reads, across the domains, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marelle.bookings.selectors import ComingBooking, NothingBooked, coming_days, nothing_booked
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.enrolments.selectors import EnrolmentCounts, live_enrolments
from marelle.families.pages import PersonLine, people
from marelle.families.selectors import children
from marelle.journal.models import Entry
from marelle.journal.verbs import Verb
from marelle.places.rules import DAY
from marelle.places.selectors import StructureCard, structures_to_reach

DAYS_SHOWN = 5
DAYS_READ = 8
"""Five days that are no weekend are within seven; one more costs nothing."""

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayAhead:
    day: date
    bookings: tuple[ComingBooking, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`last_connection` is the account's own, before this one; None for an agent who acts for the family."""

    today: date
    people: tuple[PersonLine, ...]
    nothing_booked: tuple[NothingBooked, ...]
    enrolments: EnrolmentCounts
    days: tuple[DayAhead, ...]
    next_booking: ComingBooking | None
    structures: tuple[StructureCard, ...]
    last_connection: datetime | None


def dashboard(actor: Actor, *, now: datetime) -> Dashboard:
    """The dashboard of the actor's home as it is at `now`."""
    today = local(now).date()
    home = children(actor, day=today)
    coming = coming_days(actor, home, first=today, last=today + timedelta(days=DAYS_READ))
    enrolled = live_enrolments(actor, [child.id for child in home], day=today)
    return Dashboard(
        today=today,
        people=people(actor, day=today),
        nothing_booked=nothing_booked(actor, home, now=now),
        enrolments=enrolled.counts,
        days=days_ahead(coming, today),
        next_booking=next((booking for booking in coming if booking.ends_at > now), None),
        structures=structures_to_reach(enrolled.structure_ids),
        last_connection=_last_connection(actor),
    )


def days_ahead(coming: tuple[ComingBooking, ...], today: date) -> tuple[DayAhead, ...]:
    """The next five days, today first; a day of the weekend only when something is booked on it."""
    by_day: dict[date, list[ComingBooking]] = {}
    for booking in coming:
        by_day.setdefault(booking.day, []).append(booking)
    days = (today + offset * DAY for offset in range(DAYS_READ))
    shown = [day for day in days if day.weekday() < SATURDAY or day in by_day]
    return tuple(DayAhead(day, tuple(by_day.get(day, ()))) for day in shown[:DAYS_SHOWN])


def _last_connection(actor: Actor) -> datetime | None:
    if actor.user_id is None or actor.on_behalf_of:
        return None
    opened = Entry.objects.filter(actor_user_id=actor.user_id, verb=Verb.CONNECTION_OPENED)
    latest = list(opened.order_by("-at", "-id").values_list("at", flat=True)[:2])
    return latest[1] if len(latest) == 2 else None
