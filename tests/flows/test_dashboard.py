"""Which days the dashboard shows."""

from __future__ import annotations

from datetime import date, time

from marelle.bookings.selectors import ComingBooking
from marelle.bookings.states import BookingState
from marelle.core.clock import instant_at
from marelle.flows.dashboard import days_ahead

WEDNESDAY = date(2026, 11, 25)
SATURDAY = date(2026, 11, 28)


def coming(day: date) -> ComingBooking:
    starts_at, ends_at = instant_at(day, time(8)), instant_at(day, time(12))
    return ComingBooking(day, 1, "Zoé", "Matin", starts_at, ends_at, False, BookingState.BOOKED)


def test_a_weekend_with_nothing_is_left_out():
    shown = [ahead.day.day for ahead in days_ahead((), WEDNESDAY)]
    assert shown == [25, 26, 27, 30, 1]


def test_a_saturday_with_something_is_shown():
    shown = days_ahead((coming(SATURDAY),), WEDNESDAY)
    assert [ahead.day.day for ahead in shown] == [25, 26, 27, 28, 30]
    assert shown[3].bookings == (coming(SATURDAY),)


def test_five_days_even_from_a_saturday():
    assert [ahead.day.day for ahead in days_ahead((), SATURDAY)] == [30, 1, 2, 3, 4]
