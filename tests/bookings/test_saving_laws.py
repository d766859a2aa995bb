"""Laws of a save, over any ledger and any wishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from marelle.bookings.rules import Opening, Place, clash
from marelle.bookings.saving.ledger import Change, Facts, Settled, quotas_held
from marelle.bookings.states import HOLDING, BookingState
from tests.bookings.facts import (
    AFTERNOON,
    DAY,
    ELSEWHERE,
    LEO,
    MEAL,
    MORNING,
    NEXT_WEDNESDAY,
    NOW,
    TOO_LATE,
    WEDNESDAY,
    ZOE,
    Ledger,
    activity,
)

OTHERS = (20, 21, 22)
HERE, THERE = activity(), activity(ELSEWHERE)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Two Wednesdays of a centre, whose slots share a building and two of them a room, a place elsewhere, a
    bundle; some of it held, some waited for, by the home and by others."""
    ledger = Ledger()
    for day in (WEDNESDAY, NEXT_WEDNESDAY):
        morning, meal, afternoon = (ledger.quota(draw(st.integers(0, 3))) for _ in range(3))
        building, room = ledger.quota(draw(st.integers(0, 4))), ledger.quota(draw(st.integers(0, 3)))
        ledger.open(MORNING, of=HERE, day=day, quotas=[morning, building, room])
        ledger.open(MEAL, of=HERE, day=day, quotas=[meal, building])
        ledger.open(AFTERNOON, of=HERE, day=day, quotas=[afternoon, building, room])
        ledger.open(DAY, of=HERE, day=day, quotas=[morning, meal, afternoon, building, room])
        ledger.open(MORNING, of=THERE, day=day, capacity=draw(st.integers(0, 2)), bundle_id=1)
    people = (ZOE, LEO, *OTHERS)
    for child, number, waits in draw(
        st.lists(
            st.tuples(st.sampled_from(people), st.integers(1, 10), st.booleans()),
            max_size=12,
            unique_by=lambda row: row[:2],
        )
    ):
        on = ledger.openings[number]
        if on.bundle_id is None and not _in_the_way(ledger, child, on):
            if waits:
                ledger.wait(child, on)
            elif on.slot.id != AFTERNOON and _has_room(ledger, child, on):
                ledger.hold(child, on)
    return ledger


def _has_room(ledger: Ledger, child: int, on: Opening) -> bool:
    new = set(ledger.quotas_of[on.id]) - ledger.drawn_by(child)
    return all(ledger.quotas[pk].taken < ledger.quotas[pk].capacity for pk in new)


def _in_the_way(ledger: Ledger, child: int, on: Opening) -> bool:
    return any(
        clash(on, on.starts_at, on.ends_at, ledger.openings[held.opening_id], held) is not None
        for held in ledger.places.get(child, ())
    )


wishes = st.lists(
    st.builds(
        Change,
        st.sampled_from([ZOE, LEO, OTHERS[0], 999]),
        st.sampled_from([*range(1, 11), 999]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=14,
)
moments = st.sampled_from([NOW, TOO_LATE])


def after(facts: Facts, done: Settled) -> dict[int, dict[int, Place]]:
    """What each child holds or waits for once the effects are written, as the database would."""
    ended = {end.booking_id for end in done.ended}
    placed = {pk for waiter in done.placed for pk in waiter.booking_ids}
    found: dict[int, dict[int, Place]] = {}
    for child, places in facts.places.items():
        for one in places:
            if one.id in ended:
                assert one.id not in placed
                continue
            state = BookingState.BOOKED if one.id in placed else one.state
            found.setdefault(child, {})[one.opening_id] = Place(
                one.id, one.opening_id, state, one.starts_at, one.ends_at
            )
    for added in done.added:
        held = found.setdefault(added.child_id, {})
        assert added.opening.id not in held, "the database refuses two live bookings on one opening"
        held[added.opening.id] = Place(0, added.opening.id, added.state, added.starts_at, added.ends_at)
    return found


@given(ledgers(), wishes, moments, st.booleans())
def test_no_capacity_is_passed_and_counters_equal_bookings(ledger, changes, now, serve):
    facts = ledger.facts(serve=serve)
    done = ledger.settle(*changes, now=now, serve=serve)
    counted: Counter[int] = Counter()
    for places in after(facts, done).values():
        counted.update(_on(facts, places.values()))
    for quota in facts.quotas.values():
        assert counted[quota.id] == quota.now_taken <= quota.capacity
        assert quota.overdraft + quota.overdraft_delta == 0


def _on(facts: Facts, places: Iterable[Place]) -> set[int]:
    """The quotas that a child is on with these places."""
    held = [(facts.openings[one.opening_id], one) for one in places if one.state in HOLDING]
    return {quota.id for on, one in held for quota in quotas_held(on, one, facts)}


@given(ledgers(), wishes, moments, st.booleans())
def test_nobody_is_in_two_places_at_once(ledger, changes, now, serve):
    facts = ledger.facts(serve=serve)
    done = ledger.settle(*changes, now=now, serve=serve)
    for places in after(facts, done).values():
        for one, two in combinations([p for p in places.values() if p.holds], 2):
            here, there = facts.openings[one.opening_id], facts.openings[two.opening_id]
            assert clash(here, one.starts_at, one.ends_at, there, two) is None


@given(ledgers(), wishes, moments, st.booleans())
def test_a_slot_is_never_booked_without_the_one_that_it_requires(ledger, changes, now, serve):
    facts = ledger.facts(serve=serve)
    for places in after(facts, ledger.settle(*changes, now=now, serve=serve)).values():
        held = [facts.openings[p.opening_id] for p in places.values() if p.holds]
        for on in held:
            given_then = {slot for o in held if o.day == on.day for slot in o.slot.provides}
            assert not on.slot.requires or on.slot.requires & given_then


@given(ledgers(), wishes, moments)
def test_a_bundle_is_never_cut(ledger, changes, now):
    facts = ledger.facts()
    for places in after(facts, ledger.settle(*changes, now=now)).values():
        bundled = {p.opening_id: p.holds for p in places.values() if facts.openings[p.opening_id].bundle_id}
        assert len(bundled) in {0, 2}
        assert len(set(bundled.values())) <= 1


@given(ledgers(), wishes, moments, st.booleans())
def test_each_change_has_one_answer_and_nothing_else_has(ledger, changes, now, serve):
    done = ledger.settle(*changes, now=now, serve=serve)
    last = {(c.child_id, c.opening_id): c for c in changes}
    asked = {
        key
        for key, c in last.items()
        if c.seen != c.wanted or key[0] not in ledger.children or key[1] not in ledger.openings
    }
    told = Counter((o.change.child_id, o.change.opening_id) for o in done.outcomes)
    assert set(told) == asked
    assert set(told.values()) <= {1}


@given(ledgers(), wishes, moments, st.booleans())
def test_what_is_not_asked_for_is_left_alone(ledger, changes, now, serve):
    """Nothing is ended that was not seen and unticked, but a place in the queue for the place itself."""
    done = ledger.settle(*changes, now=now, serve=serve)
    unticked = {(c.child_id, c.opening_id) for c in changes if c.seen and not c.wanted}
    ticked = {(c.child_id, c.opening_id) for c in changes if c.wanted and not c.seen}
    by_id = {one.id: (child, one) for child, places in ledger.places.items() for one in places}
    for end in done.ended:
        child, one = by_id[end.booking_id]
        waited_for = one.state is BookingState.WAITING and (child, one.opening_id) in ticked
        assert (child, one.opening_id) in unticked or waited_for


@given(ledgers(), wishes)
def test_no_place_stays_free_while_someone_could_have_it(ledger, changes):
    facts = ledger.facts(serve=True)
    done = ledger.settle(*changes, now=NOW, serve=True)
    stood = after(facts, done)
    for waiter in facts.waiters:
        (opening_id,) = waiter.opening_ids
        on, places = facts.openings[opening_id], stood.get(waiter.child_id, {})
        waits = opening_id in places and places[opening_id].state is BookingState.WAITING
        others = [(facts.openings[p.opening_id], p) for p in places.values() if p.holds]
        clashing = any(clash(on, on.starts_at, on.ends_at, other, p) for other, p in others)
        given_then = {slot for other, _p in others if other.day == on.day for slot in other.slot.provides}
        lacking = bool(on.slot.requires) and not on.slot.requires & given_then
        if waits and not clashing and not lacking:
            mine = _on(facts, places.values())
            drawn = [q for q in quotas_held(on, places[opening_id], facts) if q.id not in mine]
            assert any(q.now_taken >= q.capacity for q in drawn)


@given(ledgers(), wishes)
def test_nobody_passes_those_who_wait(ledger, changes):
    """Whom a free place would go to before others ask still gets it once they have asked."""
    first = _served(ledger.settle(now=NOW, serve=True))
    for quota in ledger.quotas.values():
        quota.delta = 0
    ticks = [replace(change, seen=False, wanted=True) for change in changes]
    assert first <= _served(ledger.settle(*ticks, now=NOW, serve=True))


def _served(done: Settled) -> set[int]:
    return {pk for waiter in done.placed if waiter.child_id in OTHERS for pk in waiter.booking_ids}
