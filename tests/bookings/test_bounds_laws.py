"""How much may be booked, over any ledger, any wishes and any order of them."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.bounds import Bound, BoundKind, Each, Unit, Whose
from marelle.bookings.bounds import overs
from marelle.bookings.cells import CellState, Context, cell_state
from marelle.bookings.rules import Opening, Place, Why
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.states import BookingState
from tests.bookings.bounded import A_WEEK_LATER, FRIDAY, THURSDAY, bounded, run_of
from tests.bookings.facts import (
    DAY,
    LEO,
    MEAL,
    MORNING,
    NOW,
    WEDNESDAY,
    ZOE,
    Ledger,
    place,
    said,
    stay,
    tick,
    untick,
)

PEOPLE = (ZOE, LEO)
DAYS = (WEDNESDAY, THURSDAY, FRIDAY, A_WEEK_LATER)
SLOTS = (MORNING, MEAL, DAY)


@st.composite
def some_bounds(draw: st.DrawFn) -> tuple[Bound, ...]:
    return tuple(
        Bound(
            number,
            BoundKind.MOST,
            draw(st.integers(1, 3)),
            draw(st.sampled_from(Unit)),
            draw(st.sampled_from(Each)),
            draw(st.sampled_from(Whose)),
            draw(st.sampled_from([date(2026, 9, 1), THURSDAY])),
            draw(st.sampled_from([None, FRIDAY])),
            frozenset(draw(st.sets(st.sampled_from(SLOTS), max_size=2))),
        )
        for number in range(draw(st.integers(1, 3)))
    )


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    ledger, of = Ledger(), bounded(*draw(some_bounds()))
    for day in DAYS:
        for slot in SLOTS:
            ledger.open(slot, of=of, day=day, capacity=draw(st.integers(0, 3)))
    cells = st.tuples(st.sampled_from(PEOPLE), st.integers(1, len(ledger.openings)), st.booleans())
    for child, number, mine in draw(st.lists(cells, max_size=6, unique_by=lambda row: row[:2])):
        ledger.hold(child, ledger.openings[number], mine=mine)
    return ledger


changes = st.lists(
    st.builds(
        Change,
        st.sampled_from(PEOPLE),
        st.integers(1, len(DAYS) * len(SLOTS)),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


def counts(ledger: Ledger, places: dict[int, dict[int, bool]]) -> dict[object, int]:
    """How much each bound counts in each of its spans, for each child or the home: counted over again, by the
    day and the slot alone. `places`: by child and opening, whether it is the home's own."""
    found: dict[object, set[object]] = {}
    for child, held in places.items():
        for opening_id, mine in held.items():
            on = ledger.openings[opening_id]
            for bound in on.activity.bounds:
                if not bound.holds(on.slot.id, on.day) or (bound.whose is Whose.HOME and not mine):
                    continue
                whose = child if bound.whose is Whose.CHILD else "home"
                span = bound.span(on.day, on.activity.calendar)
                one = on.day if bound.unit is Unit.DAYS else (child, on.id)
                found.setdefault((bound, whose, span), set()).add(one)
    return {key: len(them) for key, them in found.items()}


def stood(ledger: Ledger, done) -> dict[int, dict[int, bool]]:
    ended = {end.booking_id for end in done.ended}
    found = {
        child: {one.opening_id: one.mine for one in places if one.id not in ended}
        for child, places in ledger.places.items()
    }
    for added in done.added:
        found.setdefault(added.child_id, {})[added.opening.id] = True
    return found


@given(ledgers(), changes)
def test_no_bound_is_ever_passed_nor_further_than_it_was(ledger, asked):
    before = counts(ledger, {c: {p.opening_id: p.mine for p in ps} for c, ps in ledger.places.items()})
    after = counts(ledger, stood(ledger, ledger.settle(*asked)))
    for key, count in after.items():
        bound = key[0]
        assert count <= max(bound.n, before.get(key, 0))


def holes(ledger: Ledger, places: dict[int, set[int]]) -> dict[int, int]:
    """How many open days of a week each child leaves out between two that it has."""
    found = {}
    for child, held in places.items():
        booked = {ledger.openings[pk].day for pk in held}
        days = {one.day for one in ledger.openings.values()}
        found[child] = sum(min(booked) < day < max(booked) for day in days - booked) if booked else 0
    return found


@given(
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 5)), max_size=6, unique=True),
    st.lists(
        st.builds(
            Change, st.sampled_from(PEOPLE), st.integers(1, 5), st.booleans(), st.booleans(), st.booleans()
        ),
        max_size=10,
    ),
    st.sets(st.integers(1, 5), max_size=3),
)
def test_no_save_leaves_a_hole_that_was_not_there(booked, asked, full):
    ledger, openings = run_of()
    for number in full:
        ledger.quotas_of[openings[number - 1].id] = [ledger.quota(0)]
    for child, number in booked:
        ledger.hold(
            child, openings[number - 1], BookingState.WAITING if number in full else BookingState.BOOKED
        )
    before = holes(ledger, {c: {p.opening_id for p in ps} for c, ps in ledger.places.items()})
    after = holes(ledger, {c: set(held) for c, held in stood(ledger, ledger.settle(*asked)).items()})
    assert all(count <= before.get(child, 0) for child, count in after.items())


@given(
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 4),
    st.randoms(use_true_random=False),
)
def test_any_run_becomes_any_other_in_one_save(first, last, later, latest, random):
    """Whatever the order of its ticks."""
    old, new = set(range(first, last + 1)), set(range(later, latest + 1))
    ledger, openings = run_of(*old)
    asked = [untick(openings[n]) for n in old - new] + [tick(openings[n]) for n in new - old]
    random.shuffle(asked)
    assert set(said(ledger.settle(*asked)).values()) <= {"booked", "cancelled"}


@given(ledgers(), changes, st.randoms(use_true_random=False))
def test_several_saves_pass_it_no_more_than_one(ledger, asked, random):
    """Whatever the order, and each save by itself, as of two tabs."""
    before = counts(ledger, {c: {p.opening_id: p.mine for p in ps} for c, ps in ledger.places.items()})
    random.shuffle(asked)
    for one in asked:
        done = ledger.settle(one)
        ended = {end.booking_id for end in done.ended}
        for child, places in ledger.places.items():
            ledger.places[child] = [held for held in places if held.id not in ended]
        for quota in ledger.quotas.values():
            quota.taken, quota.delta = quota.now_taken, 0
        for added in done.added:
            pk = 1_000 + sum(len(found) for found in ledger.places.values()) + added.opening.id * 100
            kept = place(added.opening, added.state, pk=pk)
            ledger.places.setdefault(added.child_id, []).append(kept)
    after = counts(ledger, {c: {p.opening_id: p.mine for p in ps} for c, ps in ledger.places.items()})
    for key, count in after.items():
        assert count <= max(key[0].n, before.get(key, 0))


def cell(ledger: Ledger, child: int, on: Opening, held: list[tuple[int, Opening, Place]]) -> CellState:
    others = [(other, p) for c, other, p in held if c == child and other.day == on.day]
    full = {pk for pk in ledger.quotas_of[on.id] if ledger.quotas[pk].taken >= ledger.quotas[pk].capacity}
    context = Context(
        stay(),
        others=others,
        full=bool(full - ledger.drawn_by(child)),
        overs=overs((child, on), [(child, on)], held),
    )
    return cell_state(on, None, None, context, NOW)


@given(ledgers(), st.sampled_from(PEOPLE), st.integers(1, len(DAYS) * len(SLOTS)))
def test_what_a_cell_says_is_what_a_save_of_it_says(ledger, child, number):
    """A cell that a bound closes is refused for it; one that says nothing of it is not."""
    on = ledger.openings[number]
    held = [(c, ledger.openings[p.opening_id], p) for c, ps in ledger.places.items() for p in ps]
    if any(c == child and other.id == on.id for c, other, _p in held):
        return
    state = cell(ledger, child, on, held)
    (outcome,) = ledger.settle(tick(on, child, accepts_waiting=True)).outcomes
    if state.why is Why.AT_MOST:
        assert outcome.why in {Why.AT_MOST, Why.CONFLICT}
    if state.editable and state.reached is None:
        assert outcome.why is not Why.AT_MOST
    if outcome.why is Why.AT_MOST:
        assert state.reached is not None
        assert outcome.result is Result.REFUSED


@given(ledgers(), st.sampled_from(PEOPLE), st.integers(1, len(DAYS) * len(SLOTS)))
def test_a_cell_open_in_exchange_is_had_by_giving_back_all_that_can_be(ledger, child, number):
    on = ledger.openings[number]
    held = [(c, ledger.openings[p.opening_id], p) for c, ps in ledger.places.items() for p in ps]
    if any(c == child and other.id == on.id for c, other, _p in held):
        return
    state = cell(ledger, child, on, held)
    back = [untick(other, c) for c, other, p in held if p.mine]
    done = ledger.settle(*back, tick(on, child, accepts_waiting=True))
    (outcome,) = (one for one in done.outcomes if one.change.wanted)
    if state.editable:
        assert outcome.why is not Why.AT_MOST
    elif state.why is Why.AT_MOST:
        assert outcome.why in {Why.AT_MOST, Why.CONFLICT}
