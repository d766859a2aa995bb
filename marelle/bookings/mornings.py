"""How the mornings of the relais, which have no booking, stand among those of a home."""

from __future__ import annotations

from django.db.models import Case, CharField, Q, Value, When

from marelle.activities.models import Opening
from marelle.bookings.states import BookingState


def coming_or_closed() -> Q:
    """Of the children of a visit: it holds, or the structure closed its morning."""
    closed = Q(visit__closure__isnull=False, visit__opening__state=Opening.State.CLOSED)
    return Q(visit__cancelled_at=None) | closed


def state_of_visit() -> Case:
    """As if the morning were booked."""
    holds = When(visit__cancelled_at=None, then=Value(BookingState.BOOKED.value))
    return Case(holds, default=Value(BookingState.CANCELLED.value), output_field=CharField())
