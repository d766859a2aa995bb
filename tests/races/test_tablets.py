"""Two tablets on one child at the very same moment, and one batch sent twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marelle.attendance.models import Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.projecting import as_rule
from marelle.attendance.rules import standing_of
from marelle.bookings.models import Attendance
from marelle.cases.models import Case
from tests.attendance.door import MINUTE, Door, made_door
from tests.races.together import alone, together

pytestmark = pytest.mark.django_db(transaction=True)


ROUNDS = 6


def sends(door: Door, *raw: dict[str, Any], **by: Any) -> Callable[[], list[OutcomeCode]]:
    return lambda: alone(lambda: door.sends(*raw, **by))


def test_two_tablets_on_two_children_lose_nothing_and_tell_that_they_disagree() -> None:
    door = made_door()
    other = door.another_tablet()
    mine = [door.raw("present", door.zoe), door.raw("present", door.tom)]
    theirs = [door.raw("absent", door.tom, minutes=1), door.raw("absent", door.zoe, minutes=1)]

    stranger = door.raw("noted", name="Un cousin")
    together(
        [
            sends(door, *mine),
            sends(door, *theirs, tablet=other),
            sends(door, *reversed(mine), stranger),
            sends(door, *theirs, stranger, tablet=other, now=door.now + MINUTE),
        ]
    )
    assert Tick.objects.count() == 5
    seen = Attendance.objects.values_list("present", "in_conflict")
    assert list(seen) == [(False, True)] * 2
    assert Case.objects.filter(kind="attendance").count() == 1


def test_what_is_written_is_what_all_tablets_told_whoever_came_last() -> None:
    door = made_door()
    tablets = [door.tablet, *(door.another_tablet(name) for name in ("Cour", "Salle", "Jardin"))]
    for minute in range(ROUNDS):
        ticks = [door.raw("arrived", door.zoe, minutes=minute) for _tablet in tablets]
        together([sends(door, tick, tablet=tablet) for tick, tablet in zip(ticks, tablets, strict=True)])
        told = standing_of(as_rule(row) for row in Tick.objects.all())
        seen = Attendance.objects.get()
        assert (seen.last_tick, seen.arrived_at, seen.in_conflict) == (
            told.last,
            told.arrived_at,
            bool(told.conflicts),
        )
