"""How many are let in, and what who waits is told: whatever the numbers are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marelle.room import rules
from marelle.room.rules import AFTER, BEFORE, Load

HOURS = st.floats(0, 1e6, allow_nan=False)
PLACES = st.floats(0, 1e5, allow_nan=False)
COUNTS = st.integers(0, 10**6)
LOADS = st.builds(Load, COUNTS, st.integers(1, 512), st.floats(0, 60, allow_nan=False))
RATES = st.floats(0, 1e4, allow_nan=False)


@given(PLACES, COUNTS, COUNTS, LOADS, HOURS)
def test_there_are_always_places_and_never_more_at_once_than_a_third(places, taken, waiting, load, elapsed):
    after = rules.places_next(places, taken=taken, waiting=waiting, load=load, elapsed=elapsed)
    lowest = rules.least(load.threads)
    assert after >= lowest >= rules.LEAST
    assert after <= max(lowest, places + max(1.0, places * rules.GROWTH))


@given(PLACES, COUNTS, LOADS)
def test_who_is_served_badly_is_joined_by_nobody(places, waiting, load):
    if load.in_flight >= load.threads or load.seconds >= rules.TOO_SLOW:
        after = rules.places_next(places, taken=10**6, waiting=waiting, load=load, elapsed=1)
        assert after <= max(places, rules.least(load.threads))
    if load.in_flight > load.threads * rules.BUSY + 1:
        assert rules.free(places, active=0, load=load) == 0


@given(PLACES, COUNTS, LOADS, RATES, COUNTS, COUNTS)
def test_who_was_called_first_is_let_in_first(places, active, load, rate, one, other):
    first, last = (rules.turn_of(ahead, rate=rate) for ahead in sorted((one, other)))
    assert 0 <= first <= last <= 1
    free = [rules.free(places, active=active, load=load, turn=turn) for turn in (first, last)]
    assert free[0] >= free[1]


def test_the_first_of_the_called_comes_in_where_the_last_waits_for_a_thread():
    busy = Load(in_flight=12, threads=16)
    assert [rules.free(100, active=0, load=busy, turn=turn) for turn in (0.0, 0.5, 1.0)] == [1, 0, 0]
    assert rules.free(100, active=0, load=Load(in_flight=16, threads=16), turn=0.0) == 0
    assert rules.free(100, active=0, load=Load(in_flight=6, threads=16), turn=1.0) == 1


@given(PLACES, COUNTS, LOADS, RATES)
def test_who_is_called_may_soon_come_in(places, active, load, rate):
    now_free = rules.free(places, active=active, load=load)
    assert 0 <= now_free <= max(0, int(places) - active)
    assert now_free <= rules.called_most(now_free, rate=rate) <= now_free + 3 * rate + 1


def test_places_grow_while_all_is_well_and_are_forgotten_when_nobody_comes():
    quiet, full = Load(2, 16, 0.1), Load(16, 16, 0.1)
    grown = rules.places_next(40, taken=40, waiting=5, load=quiet, elapsed=1)
    assert grown == 40 * 1.3
    # Nobody waits for more, or those there are are not taken.
    assert rules.places_next(40, taken=40, waiting=0, load=quiet, elapsed=1) == 40
    assert rules.places_next(40, taken=10, waiting=5, load=quiet, elapsed=1) == 40
    assert rules.places_next(80, taken=80, waiting=5, load=full, elapsed=1) == 40
    assert rules.places_next(500, taken=0, waiting=0, load=quiet, elapsed=60) == rules.least(16)


@given(COUNTS, RATES, st.floats(0, 1))
def test_who_waits_asks_again_soon_enough_and_not_too_soon(ahead, rate, chance):
    again = rules.again_after(ahead, rate, chance)
    assert 1 <= again <= rules.LONGEST * (1 + rules.JITTER)
    # Twice it may be late before it is not waited for any more.
    assert 2 * again <= rules.ABSENT
    told = rules.wait_of(ahead, rate)
    minutes = rules.minutes_told(told)
    assert (told is None) == (minutes is None)
    if told is not None:
        assert minutes * 60 >= told


def test_those_who_came_together_do_not_ask_together():
    asked = {rules.again_after(500, 10, chance / 10) for chance in range(11)}
    assert len(asked) > 5


@given(st.lists(st.floats(0, 1e6, allow_nan=False), max_size=6), HOURS)
def test_the_room_is_open_around_what_was_named_and_nowhere_else(instants, now):
    first, last = rules.opened(instants, now)
    near = any(at - BEFORE <= now < at + AFTER for at in instants)
    assert (first <= now < last) == near
    assert (first, last) != (0.0, 0.0) or all(now >= at + AFTER for at in instants)
