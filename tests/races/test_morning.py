"""Homes that arrive at once on the real server: who is booked is what is told, and no place is sold twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from marelle.bookings.models import Booking
from tests.morning import Morning
from tests.races.truth import counters_hold

pytestmark = pytest.mark.django_db(transaction=True)

HOMES, PLACES = 30, 11


def test_thirty_homes_within_a_second_are_served_and_told_the_truth(tmp_path: Path) -> None:
    morning = Morning(HOMES, PLACES)
    with morning.server(tmp_path) as (port, _pid):
        figures, _told = morning.rush(port, within=1)
    assert figures.is_right, figures
    assert figures.steps["log in"].count >= HOMES // 2
    assert figures.steps["read again"].count == HOMES
    # It was scarce: all is taken, and some asked for what others had.
    assert Booking.objects.holding().count() == figures.booked == PLACES * len(morning.openings)
    assert figures.asked > figures.booked
    counters_hold()
