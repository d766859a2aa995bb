"""Ticks taken before an instant was held to its opening's day: set right or put aside, once."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from marelle.attendance.models import Call, Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.projecting import attendance_project, calls_project
from marelle.attendance.redating import Redated, ticks_redate
from marelle.cases.models import Case
from tests.attendance.door import DAY, EIGHT, MINUTE, Door, made_door, tick_of
from tests.standing import built_once

SEPTEMBER = EIGHT.replace(month=9, day=10)
LATER = datetime(2026, 12, 20, 9, tzinfo=EIGHT.tzinfo)


built = built_once(made_door)


@pytest.fixture
def door(built, db) -> Door:
    return deepcopy(built)


def as_before(door: Door, raw: dict, at: datetime, *, said: datetime | None = None, **columns: Any) -> Tick:
    """A tick as it was kept then: applied at any instant, and projected."""
    door.sends(raw)
    Tick.objects.filter(pk=raw["id"]).update(at=at, at_tablet=said or at, outcome="applied", **columns)
    tick = tick_of(raw)
    if tick.child_id:
        attendance_project({(tick.opening_id, tick.child_id)})
    else:
        calls_project({tick.opening_id})
    return tick


def test_one_dated_months_before_counts_no_more_until_somebody_settles_it(door: Door) -> None:
    as_before(door, door.raw("arrived", door.zoe), SEPTEMBER)
    right = door.raw("arrived", door.tom, minutes=3)
    door.sends(right)
    assert door.seen(door.zoe).arrived_at == SEPTEMBER
    assert ticks_redate(now=LATER) == [Redated(door.made.the_structure.name, DAY, 0, 1)]
    assert door.seen(door.zoe) is None
    assert door.seen(door.tom).arrived_at == EIGHT + 3 * MINUTE
    (waiting,) = Tick.objects.to_settle()
    assert (waiting.outcome, waiting.at, waiting.at_tablet) == ("wrong_clock", door.now, SEPTEMBER)
    assert Case.objects.open().get(kind="attendance").structure_id == door.structure_id
    assert ticks_redate(now=LATER) == []


def test_what_the_device_said_of_the_day_is_believed(door: Door) -> None:
    """Its clock was put right between the touch and the sending: that had moved a right date."""
    as_before(door, door.raw("arrived", door.zoe), SEPTEMBER, said=EIGHT + 2 * MINUTE)
    assert ticks_redate(now=LATER) == [Redated(door.made.the_structure.name, DAY, 1, 0)]
    assert door.seen(door.zoe).arrived_at == EIGHT + 2 * MINUTE
    assert not Case.objects.filter(kind="attendance").exists()


def test_an_hour_that_nobody_typed_is_not_that_of_the_correction(door: Door) -> None:
    weeks = {"received_at": EIGHT + timedelta(days=9)}
    as_before(door, door.raw("left", door.zoe), EIGHT + timedelta(days=9), **weeks)
    typed = door.raw("left", door.tom, hour="11:30")
    as_before(door, typed, EIGHT + timedelta(days=9), **weeks)
    here = door.raw("present", door.lea)
    as_before(door, here, EIGHT + timedelta(days=9), **weeks)
    assert [one.to_settle for one in ticks_redate(now=LATER)] == [1]
    assert Tick.objects.to_settle().get().child == door.zoe
    assert door.seen(door.zoe) is None
    assert door.seen(door.tom).left_at == EIGHT.replace(hour=11, minute=30)
    assert door.seen(door.lea).present


def test_a_call_of_another_day_is_open_again(door: Door) -> None:
    as_before(door, door.raw("call_closed"), SEPTEMBER)
    assert Call.objects.get().closed_at == SEPTEMBER
    ticks_redate(now=LATER)
    assert not Call.objects.exists()


def test_what_somebody_settled_and_what_is_of_its_day_stay(door: Door) -> None:
    kept = as_before(door, door.raw("arrived", door.zoe), SEPTEMBER, settled="kept")
    left = door.raw("left", door.tom, minutes=200)
    door.sends(door.raw("present", door.tom), left, now=EIGHT + 220 * MINUTE)
    assert ticks_redate(now=LATER) == []
    assert tick_of({"id": str(kept.pk)}).outcome == OutcomeCode.APPLIED


def test_the_command_says_what_it_did(door: Door, time_machine) -> None:
    time_machine.move_to(LATER, tick=False)
    as_before(door, door.raw("arrived", door.zoe), SEPTEMBER)
    said = [StringIO(), StringIO()]
    for out in said:
        call_command("redate", stdout=out)
    assert "25/11/2026 : 0 pointage(s) remis à leur jour, 1 à régler." in said[0].getvalue()
    assert "attendent leur direction" in said[0].getvalue()
    assert said[1].getvalue() == "0 pointage(s) revu(s).\n"
