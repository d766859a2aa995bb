"""Homes that arrive at once on the real server: who is booked is who was told so, no place is of two."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from time import monotonic, sleep

import pytest

from marelle.bookings.models import Booking
from marelle.demo.rush.serving import workers_of
from marelle.demo.rush.visitors import CELLS
from tests.morning import Morning
from tests.races.truth import counters_hold

pytestmark = pytest.mark.django_db(transaction=True)

HOMES, PLACES, WITHIN = 30, 11, 3
LONGEST = 30


def killed(server: int, *, after: float) -> None:
    """A process that answers is killed, once it has begun to."""
    sleep(after)
    until = monotonic() + LONGEST
    while len(found := workers_of(server)) < 2:
        assert monotonic() < until
        sleep(0.05)
    os.kill(found[0], signal.SIGKILL)


@pytest.mark.parametrize("time", [0, *(pytest.param(time, marks=pytest.mark.prove) for time in range(1, 20))])
def test_thirty_homes_go_through_the_waiting_room_while_processes_are_killed(
    tmp_path: Path, time: int
) -> None:
    """Once where all tests run, at other moments of the rush by `make prove`."""
    morning = Morning(HOMES, PLACES)
    morning.await_now()
    with morning.server(tmp_path) as (port, server):

        def meanwhile() -> None:
            for _time in range(2):
                killed(server, after=0.6 + 0.15 * ((time + 4) % 20))

        figures, told = morning.rush(port, within=WITHIN, meanwhile=meanwhile)
    # Nothing that was acknowledged is missing, nothing is there twice, nobody gave up.
    assert figures.is_right, figures
    assert figures.steps["log in"].count >= HOMES // 2
    assert figures.steps["read again"].count >= HOMES
    # It was scarce: all is taken, and some found less than the ten cells that they wanted.
    assert Booking.objects.holding().count() == figures.booked == PLACES * len(morning.openings)
    assert any(len(home["booked"]) < CELLS for home in told["homes"])
    counters_hold()
    # Each kept the number that it was given, whoever answered it, and no number is of two.
    numbers = [home["numbers"] for home in told["homes"]]
    assert all(len(one) == 1 for one in numbers), numbers
    assert len({one[0] for one in numbers}) == HOMES
