"""How much may be booked, over any ledger, any wishes and any order of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.bounds import Bound, BoundKind, Each, Unit, Whose
from marelle.bookings.bounds import days_counted, overs, shorts
from marelle.bookings.cells import Cell, CellState, Context, cell_state
from marelle.bookings.rules import Opening, Place, Why
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.states import BookingState
from tests.bookings.facts import (
    AFTERNOON,
    BY_HOUR,
    DAY,
    LEO,
    MEAL,
    MORNING,
    NOW,
    TOO_LATE,
    WEDNESDAY,
    ZOE,
    Ledger,
    activity,
    place,
    said,
    stay,
    tick,
    untick,
)

A_WEEK_LATER = WEDNESDAY + timedelta(weeks=1)
THURSDAY = WEDNESDAY + timedelta(days=1)
FRIDAY = WEDNESDAY + timedelta(days=2)
WEEKLY = Bound(1, BoundKind.MOST, 1, Unit.DAYS, Each.WEEK, Whose.CHILD, date(2026, 9, 1))


def bounded(*bounds: Bound):
    return activity(bounds=bounds)


def week(*bounds: Bound, days: Iterable[date] = (WEDNESDAY, THURSDAY, FRIDAY), slot: int = MORNING, **fields):
    """A ledger with an opening on each of these days."""
    ledger, of = Ledger(), bounded(*bounds)
    return ledger, [ledger.open(slot, of=of, day=day, **fields) for day in days]


def test_no_more_than_it_says_and_the_answer_tells_it():
    ledger, (wednesday, thursday, _friday) = week(WEEKLY)
    done = ledger.settle(tick(wednesday), tick(thursday))
    assert said(done) == {(ZOE, wednesday.id): "booked", (ZOE, thursday.id): "at_most"}
    reached = done.outcomes[1].reached
    assert (reached.bound, reached.count) == (WEEKLY, 2)
    assert reached.days == (date(2026, 9, 7), date(2026, 9, 13))


def test_each_span_and_each_child_by_itself():
    ledger, (here, there) = week(WEEKLY, days=(WEDNESDAY, A_WEEK_LATER))
    done = ledger.settle(tick(here), tick(there), tick(here, LEO))
    assert set(said(done).values()) == {"booked"}


def test_for_the_whole_home():
    ledger, (here, there, _friday) = week(replace(WEEKLY, whose=Whose.HOME))
    done = ledger.settle(tick(here), tick(here, LEO), tick(there, LEO))
    assert list(said(done).values()) == ["booked", "booked", "at_most"], "a day counts once, whoever comes"
    by_slot = replace(WEEKLY, whose=Whose.HOME, unit=Unit.SLOTS)
    ledger, (here, *_others) = week(by_slot)
    assert list(said(ledger.settle(tick(here), tick(here, LEO))).values()) == ["booked", "at_most"]


def test_what_the_other_home_has_counts_for_the_child_alone():
    ledger, (here, there, _friday) = week(WEEKLY)
    ledger.hold(ZOE, here, mine=False)
    assert said(ledger.settle(tick(there))) == {(ZOE, there.id): "at_most"}
    ledger, (here, there, _friday) = week(replace(WEEKLY, whose=Whose.HOME))
    ledger.hold(ZOE, here, mine=False)
    assert said(ledger.settle(tick(there))) == {(ZOE, there.id): "booked"}


def test_days_of_another_activity_or_slot_do_not_count():
    ledger, (here, there, _friday) = week(replace(WEEKLY, slots=frozenset({MEAL})))
    ledger.hold(ZOE, here)
    assert said(ledger.settle(tick(there))) == {(ZOE, there.id): "booked"}
    elsewhere = ledger.open(MEAL, of=activity(2, bounds=(WEEKLY,)), day=THURSDAY)
    assert said(ledger.settle(tick(elsewhere)))[ZOE, elsewhere.id] == "booked"


def test_monday_given_back_for_tuesday_in_whatever_order():
    ledger, (here, there, _friday) = week(WEEKLY)
    ledger.hold(ZOE, here)
    for changes in ([untick(here), tick(there)], [tick(there), untick(here)]):
        assert set(said(ledger.settle(*changes)).values()) == {"cancelled", "booked"}


def test_what_replaces_two_is_booked_before_what_needs_its_room():
    """Matin and Repas become Journée, which leaves one slot for another day, whichever comes first."""
    ledger, of = Ledger(), bounded(replace(WEEKLY, unit=Unit.SLOTS, n=3))
    morning, meal, whole = (ledger.open(slot, of=of) for slot in (MORNING, MEAL, DAY))
    *parts, other = (ledger.open(slot, of=of, day=THURSDAY) for slot in (MORNING, MEAL, DAY))
    for on in (morning, meal, other):
        ledger.hold(ZOE, on)
    grows = [untick(other), *(tick(on) for on in parts)]
    shrinks = [untick(morning), untick(meal), tick(whole)]
    for changes in ([*grows, *shrinks], [*shrinks, *grows]):
        assert "at_most" not in said(ledger.settle(*changes)).values()


def test_who_is_past_it_may_change_as_long_as_it_does_not_grow():
    ledger, of = Ledger(), bounded(replace(WEEKLY, unit=Unit.SLOTS))
    morning, meal, whole = (ledger.open(slot, of=of) for slot in (MORNING, MEAL, DAY))
    other = ledger.open(MORNING, of=of, day=THURSDAY)
    more = ledger.open(AFTERNOON, of=of, day=THURSDAY)
    for on in (morning, other):
        ledger.hold(ZOE, on)
    done = said(ledger.settle(untick(morning), tick(whole), tick(more)))
    assert done[ZOE, whole.id] == "booked"
    assert done[ZOE, more.id] == "at_most"
    assert said(ledger.settle(tick(meal)))[ZOE, meal.id] == "at_most"


def test_who_is_past_it_gives_one_day_back_for_another():
    ledger, (here, there, friday) = week(WEEKLY)
    ledger.hold(ZOE, here)
    ledger.hold(ZOE, there, mine=False)
    for changes in ([untick(here), tick(friday)], [tick(friday), untick(here)]):
        assert set(said(ledger.settle(*changes)).values()) == {"cancelled", "booked"}


def test_other_hours_are_no_more():
    ledger, (on, *_others) = week(replace(WEEKLY, unit=Unit.SLOTS), slot=BY_HOUR)
    ledger.hold(ZOE, on)
    change = Change(ZOE, on.id, seen=True, wanted=True, starts=time(9), ends=time(10))
    assert said(ledger.settle(change)) == {(ZOE, on.id): "changed"}


def test_who_waits_holds_its_share():
    ledger, (here, there, friday) = week(WEEKLY, capacity=0)
    done = ledger.settle(tick(here, accepts_waiting=True), tick(there, accepts_waiting=True))
    assert list(said(done).values()) == ["waiting", "at_most"]
    ledger, (here, there, friday) = week(WEEKLY)
    ledger.wait(ZOE, here)
    assert said(ledger.settle(tick(friday))) == {(ZOE, friday.id): "at_most"}


def test_what_waits_to_replace_another_counts_with_it():
    """Journée is full: to wait for it while the morning is kept would be two."""
    ledger, of = Ledger(), bounded(replace(WEEKLY, unit=Unit.SLOTS))
    morning, whole = ledger.open(MORNING, of=of), ledger.open(DAY, of=of, capacity=0)
    ledger.hold(ZOE, morning)
    done = said(ledger.settle(untick(morning), tick(whole, accepts_waiting=True)))
    assert done == {(ZOE, whole.id): "at_most", (ZOE, morning.id): "unchanged"}


def test_a_bundle_goes_whole_or_not_at_all():
    ledger, openings = week(replace(WEEKLY, n=2), bundle_id=1)
    done = ledger.settle(*(tick(on) for on in openings))
    assert set(said(done).values()) == {"at_most"}
    assert done.outcomes[0].reached.count == 3
    ledger, openings = week(replace(WEEKLY, n=3), bundle_id=1)
    assert set(said(ledger.settle(*(tick(on) for on in openings))).values()) == {"booked"}


def test_an_agent_in_charge_passes_it_with_a_reason_that_is_kept():
    ledger, (here, there, _friday) = week(WEEKLY)
    ledger.hold(ZOE, here)
    asked = ledger.settle(tick(there), agent=True).outcomes[0]
    assert (asked.why, asked.needs_derogation) == (Why.AT_MOST, True)
    done = ledger.settle(tick(there), agent=True, derogation="Urgence")
    assert (said(done), done.added[0].derogation) == ({(ZOE, there.id): "booked"}, "Urgence")
    assert (done.outcomes[0].derogation, done.outcomes[0].passed) == ("Urgence", (Why.AT_MOST,))
    full = ledger.open(MORNING, of=here.activity, day=FRIDAY, capacity=0)
    done = ledger.settle(tick(full, accepts_waiting=True), agent=True, derogation="Urgence")
    assert (said(done), done.added[0].derogation) == ({(ZOE, full.id): "waiting"}, "Urgence")
    assert said(ledger.settle(tick(there), derogation="Urgence")) == {(ZOE, there.id): "at_most"}


def test_what_no_derogation_passes_is_said_before():
    ledger, of = Ledger(), bounded(replace(WEEKLY, unit=Unit.SLOTS))
    morning, whole = ledger.open(MORNING, of=of), ledger.open(DAY, of=of)
    ledger.hold(ZOE, morning)
    assert said(ledger.settle(tick(whole))) == {(ZOE, whole.id): "conflict"}


# At least


def test_what_another_home_has_is_no_debt_of_this_one():
    of = bounded(replace(WEEKLY, kind=BoundKind.LEAST, n=2, whose=Whose.HOME))
    ledger = Ledger()
    here, there = ledger.open(MORNING, of=of), ledger.open(MORNING, of=of, day=THURSDAY)
    assert shorts([(ZOE, here, place(here, mine=False))], [here, there]) == []
    (short,) = shorts([(ZOE, here, place(here)), (ZOE, there, place(there, mine=False))], [here, there])
    assert (short.count, len(short.held)) == (1, 1)


# Days that follow each other

RUN = replace(WEEKLY, kind=BoundKind.RUN)
MONDAY = WEDNESDAY - timedelta(days=2)
FIVE = tuple(MONDAY + timedelta(days=n) for n in range(7, 12))


def run_of(*booked: int, **fields) -> tuple[Ledger, list[Opening]]:
    """A week of five open days, those of `booked` held."""
    ledger, openings = week(RUN, days=FIVE, **fields)
    for number in booked:
        ledger.hold(ZOE, openings[number])
    return ledger, openings


def test_days_are_booked_in_a_run_in_whatever_order():
    for order in permutations(range(3)):
        ledger, openings = run_of()
        assert set(said(ledger.settle(*(tick(openings[n]) for n in order))).values()) == {"booked"}
    ledger, openings = run_of()
    assert list(said(ledger.settle(tick(openings[0]), tick(openings[2]))).values()) == ["booked", "in_a_run"]
    ledger, openings = run_of(0)
    assert said(ledger.settle(tick(openings[1], LEO)))[LEO, openings[1].id] == "booked", "each child its own"


def test_a_day_is_taken_back_from_an_end_alone():
    ledger, openings = run_of(0, 1, 2, 3)
    assert said(ledger.settle(untick(openings[1]))) == {(ZOE, openings[1].id): "in_a_run"}
    assert set(said(ledger.settle(untick(openings[1]), untick(openings[0]))).values()) == {"cancelled"}
    ledger, openings = run_of(0, 1, 2, 3)
    moved = ledger.settle(untick(openings[0]), tick(openings[4]))
    assert set(said(moved).values()) == {"cancelled", "booked"}


def test_a_closed_day_makes_no_hole_and_another_slot_of_the_day_none_either():
    ledger, openings = week(RUN, days=FIVE)
    ledger.openings[openings[1].id] = replace(openings[1], is_open=False)
    ledger.hold(ZOE, openings[0])
    assert said(ledger.settle(tick(openings[2]))) == {(ZOE, openings[2].id): "booked"}
    ledger, openings = run_of(0)
    meal = ledger.open(MEAL, of=openings[1].activity, day=FIVE[1])
    done = said(ledger.settle(tick(meal), tick(openings[2])))
    assert set(done.values()) == {"booked"}
    other = ledger.open(MORNING, of=openings[1].activity, day=FIVE[3], group_id=7)
    assert other.group_id == 7
    assert said(ledger.settle(tick(openings[4])))[ZOE, openings[4].id] == "in_a_run"


def test_a_group_follows_its_own_days():
    ledger, openings = week(RUN, days=(FIVE[0], FIVE[2]), group_id=None)
    ledger.open(MORNING, of=openings[0].activity, day=FIVE[1], group_id=7)
    ledger.hold(ZOE, openings[0])
    assert said(ledger.settle(tick(openings[1]))) == {(ZOE, openings[1].id): "booked"}


def test_what_waits_is_of_the_run_and_nobody_waits_apart():
    ledger, openings = run_of(0)
    full = ledger.open(MEAL, of=openings[0].activity, day=FIVE[1], capacity=0)
    apart = ledger.open(MEAL, of=openings[0].activity, day=FIVE[3], capacity=0)
    changes = [tick(apart, accepts_waiting=True), tick(full, accepts_waiting=True), tick(openings[2])]
    assert list(said(ledger.settle(*changes[:1])).values()) == ["in_a_run"]
    assert set(said(ledger.settle(*changes)).values()) == {"waiting", "booked"}


def test_a_run_that_is_broken_may_be_mended_bit_by_bit():
    ledger, openings = run_of(0, 3)
    assert said(ledger.settle(tick(openings[2]))) == {(ZOE, openings[2].id): "booked"}
    assert said(ledger.settle(tick(openings[4]))) == {(ZOE, openings[4].id): "booked"}
    ledger, openings = run_of(0, 2, 3)
    assert said(ledger.settle(untick(openings[2]))) == {(ZOE, openings[2].id): "in_a_run"}


def test_an_agent_breaks_a_run_with_a_reason():
    ledger, openings = run_of(0, 1, 2)
    asked = ledger.settle(tick(openings[4]), agent=True).outcomes[0]
    assert (asked.why, asked.needs_derogation) == (Why.IN_A_RUN, True)
    done = ledger.settle(tick(openings[4]), untick(openings[1]), agent=True, derogation="Urgence")
    assert set(said(done).values()) == {"booked", "cancelled"}
    assert {one.passed for one in done.outcomes} == {(Why.IN_A_RUN,)}


# The cell


def shown(on: Opening, held: list[tuple[Opening, Place]], now=NOW, adds=(), **context):
    rows = [(ZOE, other, one) for other, one in held]
    found = overs((ZOE, on), [(ZOE, on), *((ZOE, one) for one in adds)], rows)
    return cell_state(on, None, None, Context(stay(), overs=found, **context), now)


def test_a_cell_says_that_nothing_more_may_be_booked():
    _ledger, (here, there, _friday) = week(WEEKLY)
    state = shown(there, [(here, place(here, mine=False))])
    assert (state.cell, state.why, state.editable) == (Cell.NOT_OFFERED, Why.AT_MOST, False)
    assert state.reached.bound is WEEKLY


def test_a_cell_stays_open_in_exchange_for_what_can_be_given_back():
    _ledger, (here, there, _friday) = week(WEEKLY)
    free = shown(there, [])
    assert (free.cell, free.reached) == (Cell.FREE, None)
    state = shown(there, [(here, place(here))])
    assert (state.cell, state.editable, state.reached.count) == (Cell.FREE, True, 2)
    locked = shown(there, [(here, place(here))], now=TOO_LATE)
    assert (locked.cell, locked.why) == (Cell.NOT_OFFERED, Why.AT_MOST)
    full = shown(there, [(here, place(here))], full=True)
    assert (full.cell, full.editable, full.reached.count) == (Cell.FULL, True, 2)


def test_a_day_is_given_back_whole_and_so_is_a_bundle():
    of = bounded(WEEKLY)
    ledger = Ledger()
    morning, meal = ledger.open(MORNING, of=of), ledger.open(MEAL, of=of)
    there = ledger.open(MORNING, of=of, day=THURSDAY)
    kept = [(morning, place(morning)), (meal, place(meal, pk=2, mine=False))]
    assert shown(there, kept).why is Why.AT_MOST
    assert shown(there, [(morning, place(morning)), (meal, place(meal, pk=2))]).editable
    ledger, (here, near, far) = week(replace(WEEKLY, n=2, unit=Unit.SLOTS))
    here, near = replace(here, bundle_id=1), replace(near, bundle_id=1)
    assert shown(far, [(here, place(here)), (near, place(near, pk=2))]).editable
    assert shown(far, [(here, place(here, mine=False)), (near, place(near, pk=2))]).why is Why.AT_MOST


def test_as_much_as_is_too_much_has_to_be_given_back():
    _ledger, (here, near, far) = week(WEEKLY, bundle_id=1)
    other = replace(here, id=9, bundle_id=None, day=WEDNESDAY - timedelta(days=1))
    assert shown(near, [(other, place(other))], adds=[far]).why is Why.AT_MOST
    two = replace(WEEKLY, n=2)
    _ledger, (here, near, far) = week(two, bundle_id=1)
    other = replace(other, activity=here.activity)
    assert shown(near, [(other, place(other))], adds=[here, far]).why is Why.AT_MOST
    assert shown(near, [(other, place(other))], adds=[far]).editable


def test_the_days_read_are_those_of_every_span_touched():
    _ledger, (here, *_others) = week(WEEKLY, replace(WEEKLY, each=Each.MONTH))
    assert days_counted([here]) == (date(2026, 9, 1), date(2026, 9, 30))
    assert days_counted([]) is None
    _ledger, (here, *_others) = week()
    assert days_counted([here]) is None
    _ledger, (here, *_others) = week(replace(WEEKLY, until=WEDNESDAY - timedelta(days=1)))
    assert days_counted([here]) is None


# The laws

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
