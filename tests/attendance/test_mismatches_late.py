"""A call known only once its day is over: closed near midnight, or handed in by a tablet that was away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.attendance.mismatch_rules import DELAY, Answer, may_tell
from marelle.attendance.mismatches import mismatches_answer
from marelle.attendance.models import Mismatch
from marelle.flows.door.mismatches import mismatches_tell
from tests.attendance.door import CLOSED, DAY, EIGHT, MINUTE, Door, call_close, close, mails, mixed_door

MIDNIGHT = (EIGHT + timedelta(days=1)).replace(hour=0)


@pytest.fixture
def door(db: None) -> Door:
    return mixed_door()


def test_what_is_known_once_its_day_is_over_is_told_within_a_day_as_long_as_it_may_be_answered() -> None:
    told = {"day": DAY, "closed_at": CLOSED, "received_at": CLOSED + timedelta(days=30)}
    due = told["received_at"] + DELAY
    assert not may_tell(**told, now=due - MINUTE)
    assert may_tell(**told, now=due)
    assert not may_tell(**told, now=due + timedelta(days=1))
    told["received_at"] = CLOSED + timedelta(days=3)
    due = told["received_at"] + DELAY
    assert may_tell(**told, now=due + timedelta(days=1) - MINUTE)
    assert not may_tell(**told, now=due + timedelta(days=1))


def test_a_call_closed_near_midnight_is_told_the_day_after_with_its_date(door: Door) -> None:
    close(door, now=MIDNIGHT - 5 * MINUTE)
    assert mismatches_tell(now=MIDNIGHT + 4 * MINUTE) == 0
    assert mismatches_tell(now=MIDNIGHT + 5 * MINUTE) == 2
    assert set(Mismatch.objects.values_list("day", "told_at")) == {(DAY, MIDNIGHT + 5 * MINUTE)}
    (mail,) = mails()
    assert "L’appel du mercredi 25 novembre nous est parvenu trop tard" in mail.text
    assert "Une place était réservée" in mail.text
    assert "Une présence a été notée" in mail.text
    assert "aujourd’hui" not in mail.text
    assert "sans attendre" not in mail.text
    assert mismatches_tell(now=MIDNIGHT + 6 * MINUTE) == 0
    ids = [Mismatch.objects.get(child=door.tom).pk]
    (row,) = mismatches_answer(
        actor=door.durand.actor, mismatch_ids=ids, answer=Answer.ERROR, now=MIDNIGHT + 10 * MINUTE
    )
    assert row.day == DAY


def test_a_call_that_a_tablet_brings_days_later_is_told_and_looked_at_for_a_day(
    door: Door,
) -> None:
    monday = EIGHT + timedelta(days=3)
    door.sends(door.raw("call_closed", minutes=12), now=monday)
    assert mismatches_tell(now=monday + DELAY + timedelta(days=1)) == 0
    assert mismatches_tell(now=monday + DELAY) == 2
    assert len(mails()) == 1


def test_two_days_told_at_once_are_two_mails_each_of_its_own(door: Door) -> None:
    """The tablet of Wednesday comes back on Thursday, when that day's call is closed too."""
    thursday, next_day = CLOSED + timedelta(days=1), DAY + timedelta(days=1)
    again = door.made.opening(door.morning.slot, next_day)
    door.made.booking(door.tom, again)
    door.sends(door.raw("call_closed", minutes=12), now=thursday)
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=again.pk, now=thursday)
    assert mismatches_tell(now=thursday + DELAY) == 3
    assert set(door.tom.mismatches.values_list("opening_id", "day")) == {
        (door.morning.pk, DAY),
        (again.pk, next_day),
    }
    late, fresh = sorted(mails(), key=lambda mail: "aujourd’hui" in mail.text)
    assert "mercredi 25 novembre" in late.text
    assert "- Tom : Matin\n\nVotre enfant devait être là ?" in fresh.text
