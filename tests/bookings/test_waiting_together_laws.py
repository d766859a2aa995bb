"""Laws of what homes wait for together, and of which one is enough, over any queue and any places."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from marelle.bookings.saving.ledger import Facts, Settled, Waiter
from marelle.bookings.saving.queue import Preferred, Queued, waiters
from marelle.bookings.states import BookingState
from tests.bookings.facts import NOW, WEDNESDAY, Ledger, activity

HERE = activity()
CHILDREN_OF = {home: (10 * home, 10 * home + 1) for home in range(1, 6)}


@st.composite
def queues(draw: st.DrawFn) -> Ledger:
    """Three days of a few places, two of which share a room; five homes that wait: for one place, for several
    of one child or of two together, or for any one of these, in an order."""
    ledger = Ledger()
    room = ledger.quota(draw(st.integers(0, 4)))
    days = [
        ledger.open(
            of=HERE,
            day=WEDNESDAY + timedelta(days=number),
            capacity=draw(st.integers(0, 3)),
            quotas=[room] if number else [],
        )
        for number in range(3)
    ]
    for home in draw(st.permutations(list(CHILDREN_OF))):
        kids = CHILDREN_OF[home][: draw(st.integers(1, 2))]
        plans = draw(st.lists(st.sets(st.integers(0, 2), min_size=1), max_size=3))
        taken: set[int] = set()
        plans = [plan for plan in plans if not (plan & taken or taken.update(plan))]
        is_choice = len(plans) > 1 and draw(st.booleans())
        made = []
        for plan in plans:
            pairs = [(child, days[number]) for number in sorted(plan) for child in kids]
            rows = [ledger.hold(child, on, BookingState.WAITING) for child, on in pairs]
            made.append(
                Waiter(
                    pairs[0][0],
                    home,
                    tuple(row.id for row in rows),
                    tuple(on.id for _child, on in pairs),
                    child_ids=tuple(child for child, _on in pairs) if len(pairs) > 1 else (),
                )
            )
        asleep = is_choice and draw(st.booleans()) and draw(st.booleans())
        for number, one in enumerate(made, start=1):
            rest = tuple(pk for other in made if other is not one for pk in other.booking_ids)
            chosen = {"one_of": home, "preference": number, "rest": rest, "asleep": asleep}
            ledger.waiters.append(replace(one, **chosen) if is_choice else one)
    return ledger


def served(ledger: Ledger) -> tuple[Facts, Settled]:
    return ledger.facts(serve=True), ledger.settle(now=NOW, serve=True)


def given_by(done: Settled) -> set[int]:
    return {pk for one in done.placed for pk in one.booking_ids}


def lacks(facts: Facts, waiter: Waiter, taken: dict[int, set[int]]) -> bool:
    """Whether a quota has fewer places left than the children who would come onto it."""
    wants: dict[int, set[int]] = {}
    for child, opening in waiter.pairs:
        for quota in facts.quotas_of[opening]:
            wants.setdefault(quota, set()).add(child)
    return any(
        len(taken[quota] | children) > facts.quotas[quota].capacity for quota, children in wants.items()
    )


def come_onto(facts: Facts, waiter: Waiter, taken: dict[int, set[int]]) -> None:
    for child, opening in waiter.pairs:
        for quota in facts.quotas_of[opening]:
            taken[quota].add(child)


@given(queues())
def test_no_place_is_given_twice_and_a_group_goes_whole_or_not_at_all(ledger):
    facts, done = served(ledger)
    on: dict[int, set[int]] = {quota: set() for quota in facts.quotas}
    for one in done.placed:
        come_onto(facts, one, on)
    assert all(len(on[pk]) == quota.now_taken <= quota.capacity for pk, quota in facts.quotas.items())
    given_then = given_by(done)
    for waiter in facts.waiters:
        assert len(given_then & set(waiter.booking_ids)) in {0, len(waiter.booking_ids)}


@given(queues())
def test_places_go_to_the_first_who_fits_and_nobody_who_fitted_is_passed(ledger):
    """The same again, told simply: each in turn, if all of it is free and nothing better was had."""
    facts, done = served(ledger)
    on: dict[int, set[int]] = {quota: set() for quota in facts.quotas}
    expected, content = set(), set()
    for waiter in facts.waiters:
        enough = waiter.one_of is not None and (waiter.asleep or waiter.family_id in content)
        if enough or lacks(facts, waiter, on):
            continue
        come_onto(facts, waiter, on)
        expected |= set(waiter.booking_ids)
        if waiter.one_of is not None:
            content.add(waiter.family_id)
    assert given_by(done) == expected


@given(queues())
def test_one_is_enough_and_the_others_leave_the_list(ledger):
    facts, done = served(ledger)
    given_then = given_by(done)
    for home in CHILDREN_OF:
        plans = [one for one in facts.waiters if one.family_id == home and one.one_of is not None]
        had = [one for one in plans if set(one.booking_ids) <= given_then]
        assert len(had) <= 1
        others = {pk for one in plans if one not in had for pk in one.booking_ids}
        assert others & set(done.left) == (others if had else set())


@given(queues())
def test_who_is_passed_is_told_what_it_lacked_and_nobody_else_is(ledger):
    facts, done = served(ledger)
    given_then, before = given_by(done), []
    passed = set()
    for waiter in facts.waiters:
        if set(waiter.booking_ids) <= given_then:
            passed |= {
                ahead.booking_ids
                for ahead in before
                if set(ahead.opening_ids) & set(waiter.opening_ids) and not ahead.asleep
            }
        else:
            before.append(waiter)
    for one in passed - {ids for ids in passed if set(ids) <= set(done.left)}:
        assert set(one) & set(done.passed)
    assert not set(done.passed) & (given_then | set(done.left))
    assert all(0 <= short.left < short.needed for short in done.passed.values())


rows = st.lists(
    st.builds(
        Queued,
        booking_id=st.integers(1, 30),
        child_id=st.integers(1, 4),
        child_name=st.just("Zoé"),
        family_id=st.integers(1, 2),
        opening_id=st.integers(1, 3),
        bundle_id=st.sampled_from([None, 1]),
        alone_at=st.none(),
        waits_with=st.sampled_from([None, None, 1, 2]),
        one_of=st.sampled_from([None, None, 3]),
        preference=st.integers(0, 2),
        priority=st.integers(-1, 1),
        queued_at=st.sampled_from([NOW, NOW + timedelta(minutes=1)]),
    ),
    max_size=8,
    unique_by=lambda row: row.booking_id,
)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_are_read_changes_nothing(found, random):
    places = {row.child_id: [] for row in found}
    ledger = Ledger()
    on = ledger.open(of=HERE, capacity=1)
    for row in found:
        held = replace(ledger.hold(row.child_id, on, BookingState.WAITING), id=row.booking_id)
        places[row.child_id].append(held)
    among = [Preferred(row.booking_id, row.family_id, row.one_of, "waiting") for row in found if row.one_of]
    shuffled, others = random.sample(found, len(found)), random.sample(among, len(among))
    ours, theirs = waiters(found, places, among), waiters(shuffled, places, others)
    assert [replace(one, rest=()) for one in ours] == [replace(one, rest=()) for one in theirs]
    assert [set(one.rest) for one in ours] == [set(one.rest) for one in theirs]
