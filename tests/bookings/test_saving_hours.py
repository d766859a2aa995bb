"""Bookings by the hour, and what an agent passes with a reason."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from marelle.bookings.saving.ledger import Change, Hours, Result
from marelle.bookings.states import EndCause
from tests.bookings.facts import (
    BY_HOUR,
    MEAL,
    TOO_LATE,
    ZOE,
    said,
    tick,
    untick,
)

PAUL, NINA = 20, 21
"""Children of other homes."""


# By the hour


@pytest.fixture
def nursery(ledger):
    """Two places in each half-hour from 8:00 to 18:00."""
    parts = [ledger.quota(2, part=part) for part in range(16, 36)]
    return ledger.open(BY_HOUR, quotas=parts)


def hours(on: Any, start: str, end: str, *, seen: bool = False) -> Change:
    return Change(
        ZOE, on.id, seen=seen, wanted=True, starts=time.fromisoformat(start), ends=time.fromisoformat(end)
    )


def at(on: Any, start: int, end: int) -> dict[str, Any]:
    return {"starts_at": on.starts_at.replace(hour=start), "ends_at": on.starts_at.replace(hour=end)}


def test_by_the_hour_only_the_half_hours_asked_for_are_taken(ledger, nursery):
    done = ledger.settle(hours(nursery, "08:30", "09:30"))
    assert said(done) == {(ZOE, nursery.id): "booked"}
    assert ledger.taken(nursery)[:5] == [0, 1, 1, 0, 0]


def test_by_the_hour_full_half_hours_only_stop_those_who_want_them(ledger, nursery):
    for child in (PAUL, NINA):
        ledger.hold(child, nursery, **at(nursery, 10, 12))
    assert said(ledger.settle(hours(nursery, "08:00", "10:00"))) == {(ZOE, nursery.id): "booked"}
    assert said(ledger.settle(hours(nursery, "09:00", "11:00", seen=False)))[ZOE, nursery.id] == "full"


@pytest.mark.parametrize(
    ("start", "end"), [("10:00", "09:00"), ("09:00", "09:00"), ("09:10", "10:00"), ("07:30", "10:00")]
)
def test_hours_that_are_not_half_hours_of_the_opening(ledger, nursery, start, end):
    assert said(ledger.settle(hours(nursery, start, end))) == {(ZOE, nursery.id): "bad_hours"}


def test_no_hours_at_all(ledger, nursery):
    assert said(ledger.settle(tick(nursery))) == {(ZOE, nursery.id): "bad_hours"}


def test_other_hours_are_one_change(ledger, nursery):
    held = ledger.hold(ZOE, nursery, **at(nursery, 8, 9))
    done = ledger.settle(hours(nursery, "08:30", "09:30", seen=True))
    assert [o.result for o in done.outcomes] == [Result.CHANGED]
    assert [(e.booking_id, e.cause) for e in done.ended] == [(held.id, EndCause.CHANGED)]
    assert ledger.taken(nursery)[:4] == [0, 1, 1, 0]


def test_the_same_hours_are_no_change(ledger, nursery):
    ledger.hold(ZOE, nursery, **at(nursery, 8, 9))
    assert not ledger.settle(hours(nursery, "08:00", "09:00", seen=True)).outcomes


def test_an_outcome_tells_the_hours_that_are_held_and_not_those_that_were_asked(ledger, nursery):
    """Another tab booked 8 h – 9 h meanwhile: who asks for 10 h – 12 h learns what is held."""
    ledger.hold(ZOE, nursery, **at(nursery, 8, 9))
    (outcome,) = ledger.settle(hours(nursery, "10:00", "12:00", seen=False)).outcomes
    assert outcome.result is Result.UNCHANGED
    assert outcome.hours == Hours(**at(nursery, 8, 9))


def test_only_where_hours_are_chosen_are_they_told(ledger, nursery):
    (booked,) = ledger.settle(hours(nursery, "10:00", "12:00")).outcomes
    assert booked.hours == Hours(**at(nursery, 10, 12))
    (forged,) = ledger.settle(hours(ledger.open(), "03:00", "23:30")).outcomes
    assert (forged.result, forged.hours) == (Result.BOOKED, None)


@pytest.mark.parametrize(
    ("start", "end", "why"), [("09:00", "11:00", "full"), ("11:00", "10:00", "bad_hours")]
)
def test_the_old_hours_are_kept_when_the_new_fail(ledger, nursery, start, end, why):
    ledger.hold(ZOE, nursery, **at(nursery, 8, 9))
    for child in (PAUL, NINA):
        ledger.hold(child, nursery, **at(nursery, 10, 12))
    before = ledger.taken(nursery)
    done = ledger.settle(hours(nursery, start, end, seen=True))
    assert said(done) == {(ZOE, nursery.id): why}
    assert not done.ended
    assert not done.added
    assert ledger.taken(nursery) == before


# Agents


def test_a_parent_has_no_derogation(ledger):
    morning = ledger.open(capacity=0)
    done = ledger.settle(tick(morning), derogation="Je suis pressé")
    assert said(done) == {(ZOE, morning.id): "full"}
    assert not done.outcomes[0].needs_derogation


def test_an_agent_is_told_that_a_derogation_is_needed(ledger):
    late = ledger.open()
    done = ledger.settle(tick(late), now=TOO_LATE, agent=True)
    assert said(done) == {(ZOE, late.id): "too_late"}
    assert done.outcomes[0].needs_derogation


def test_with_a_reason_an_agent_passes_a_capacity_and_the_overdraft_grows(ledger):
    full = ledger.open(capacity=1)
    ledger.hold(PAUL, full)
    done = ledger.settle(tick(full), agent=True, derogation="Fratrie", past_capacity=True)
    assert said(done) == {(ZOE, full.id): "booked"}
    assert done.added[0].derogation == done.outcomes[0].derogation == "Fratrie"
    assert [(q.now_taken, q.overdraft_delta) for q in ledger.quotas.values()] == [(2, 1)]


def test_a_reason_alone_passes_no_capacity_nor_does_saying_so_without_one(ledger):
    full, late = ledger.open(capacity=1), ledger.open(MEAL)
    ledger.hold(PAUL, full)
    done = ledger.settle(tick(full), tick(late), now=TOO_LATE, agent=True, derogation="Fratrie")
    assert said(done) == {(ZOE, full.id): "full", (ZOE, late.id): "booked"}
    assert done.outcomes[-1].needs_derogation or done.outcomes[0].needs_derogation
    assert ledger.taken(full) == [1]
    for agent, reason in ((True, ""), (False, "Fratrie")):
        again = ledger.settle(tick(full), agent=agent, derogation=reason, past_capacity=True)
        assert said(again) == {(ZOE, full.id): "full"}


def test_a_derogation_that_nothing_needed_is_not_written(ledger):
    free = ledger.open(capacity=1)
    done = ledger.settle(tick(free), agent=True, derogation="Fratrie")
    assert done.added[0].derogation == done.outcomes[0].derogation == ""


def test_a_freed_place_shrinks_the_overdraft_before_anybody_gets_it(ledger):
    over = ledger.open(capacity=1)
    ledger.hold(PAUL, over)
    ledger.hold(ZOE, over)
    ledger.wait(NINA, over)
    done = ledger.settle(untick(over), serve=True)
    assert [(q.now_taken, q.overdraft_delta) for q in ledger.quotas.values()] == [(1, -1)]
    assert not done.placed


def test_with_a_reason_an_agent_passes_a_deadline_both_ways(ledger):
    morning, next_morning = ledger.open(), ledger.open(MEAL)
    ledger.hold(ZOE, next_morning)
    done = ledger.settle(
        tick(morning), untick(next_morning), now=TOO_LATE, agent=True, derogation="Hospitalisation"
    )
    assert set(said(done).values()) == {"booked", "cancelled"}
    assert {o.derogation for o in done.outcomes} == {"Hospitalisation"}


def test_no_reason_opens_a_closed_day_even_for_another_group(ledger):
    closed = ledger.open(group_id=7, is_open=False, reason="Grève")
    done = ledger.settle(tick(closed), agent=True, derogation="Urgence")
    assert said(done) == {(ZOE, closed.id): "closed"}
    assert done.outcomes[0].other == "Grève"


def test_no_reason_books_a_child_that_is_not_enrolled(ledger):
    morning = ledger.open()
    ledger.stays = {}
    assert said(ledger.settle(tick(morning), agent=True, derogation="Urgence")) == {
        (ZOE, morning.id): "not_enrolled"
    }


def test_with_a_reason_an_agent_gives_a_place_to_a_child_that_waits(ledger):
    full = ledger.open(capacity=1)
    ledger.hold(PAUL, full)
    waiter = ledger.wait(ZOE, full)
    done = ledger.settle(tick(full), agent=True, derogation="Fratrie", past_capacity=True)
    assert said(done) == {(ZOE, full.id): "booked"}
    assert [e.booking_id for e in done.ended] == list(waiter.booking_ids)
    assert ledger.taken(full) == [2]
