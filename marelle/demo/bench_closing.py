"""Closing a day that hundreds of bookings are on, and undoing it: the longest save of an agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.kept import revision_once
from marelle.demo.bench_clock import Clock
from marelle.demo.bench_queries import counting
from marelle.demo.bench_search import office
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import Target
from marelle.flows.catalogue.closing.undoing import closing_undo


@dataclass(frozen=True, slots=True)
class ClosingFigures:
    """Milliseconds and queries of each, `make_worked_ms` of processors; `bookings` that the day held."""

    bookings: int
    make_ms: float
    make_worked_ms: float
    make_queries: int
    undo_ms: float
    undo_queries: int


def closing_figures(today: date) -> ClosingFigures:
    """The fullest day of one structure within a month, as one request does it; nothing of it is kept."""
    actor, now = actor_for(office()), timezone.now()
    days = Booking.objects.filter(
        state=BookingState.BOOKED, day__gt=today, day__lte=today + timedelta(days=31)
    )
    fullest = days.values_list("opening__activity__structure", "day").annotate(n=Count("pk"))
    structure_id, day, bookings = fullest.order_by("-n")[0]
    with revision_once(), transaction.atomic():
        with counting() as made:
            clock = Clock()
            closed = closing_make(actor=actor, target=Target(structure_id, day, day), reason="Neige", now=now)
            make = clock.spent()
        with counting() as undone:
            clock = Clock()
            closing_undo(actor=actor, closure_id=closed.closure.pk, now=now)
            undo = clock.spent()
        transaction.set_rollback(True)
    return ClosingFigures(bookings, make.ms, make.worked_ms, len(made), undo.ms, len(undone))
