"""Laws of slots that go together, over any requirements and any saves one after the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.kinds import Parting
from marelle.bookings.cells import Cell, Context, cell_state
from marelle.bookings.needs import TO_TAKE, with_needs
from marelle.bookings.saving.ledger import Change, Facts, Quota, Result, Settled
from marelle.bookings.saving.settling import settle
from tests.bookings.facts import NOW, TOO_LATE, ZOE, Ledger, activity, slot, stay
from tests.bookings.test_saving_laws import after

SLOTS = (1, 2, 3, 4, 5)
"""Three of one activity and two of another, at hours that do not overlap."""


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Slots that require one or two others, of whatever activity, and go, stay or hold without."""
    ledger = Ledger(ZOE)
    for activity_id, mine in ((1, SLOTS[:3]), (2, SLOTS[3:])):
        made = {}
        for pk in mine:
            requires = draw(
                st.frozensets(st.sampled_from([other for other in SLOTS if other != pk]), max_size=2)
            )
            made[pk] = replace(
                slot(1),
                id=pk,
                name=f"Créneau {pk}",
                conflicts=frozenset(),
                requires=requires,
                provides=frozenset({pk}),
                needs=tuple(f"Créneau {other}" for other in sorted(requires)),
                parting=draw(st.sampled_from(list(Parting))),
            )
        of = activity(activity_id, structure_id=1, slots=made)
        for pk in mine:
            ledger.open(pk, of=of, capacity=draw(st.integers(0, 1)))
    return ledger


saves = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(SLOTS), st.booleans()), min_size=1, max_size=5),
        st.sampled_from([NOW, NOW, TOO_LATE]),
    ),
    min_size=1,
    max_size=4,
)


def saved(ledger: Ledger, facts: Facts, asked: list[tuple[int, bool]], now) -> tuple[Settled, Facts]:
    """A save, and what there is after it."""
    held = {one.opening_id for one in facts.places.get(ZOE, ())}
    changes = [Change(ZOE, pk, seen=pk in held, wanted=wanted) for pk, wanted in asked]
    done = settle(facts, changes, now=now)
    places = {
        child: [
            replace(one, id=one.id or 1000 + len(done.outcomes) * 100 + number)
            for number, one in enumerate(found.values())
        ]
        for child, found in after(facts, done).items()
    }
    quotas = {
        pk: Quota(pk, one.part, one.capacity, one.now_taken, one.overdraft + one.overdraft_delta)
        for pk, one in facts.quotas.items()
    }
    return done, replace(facts, places=places, quotas=quotas)


def alone(facts: Facts) -> set[int]:
    held = [facts.openings[one.opening_id] for one in facts.places.get(ZOE, ()) if one.holds]
    provided = {pk for on in held for pk in on.slot.provides}
    return {on.id for on in held if on.slot.requires and not on.slot.requires & provided}


@given(ledgers(), saves)
def test_nothing_is_held_without_what_it_requires_unless_it_stays_and_is_told(ledger, every):
    facts, told = ledger.facts(), set()
    for asked, now in every:
        by_id = {one.id: one.opening_id for one in facts.places.get(ZOE, ())}
        done, facts = saved(ledger, facts, asked, now)
        told |= {by_id[pk] for pk in done.alone}
        told &= {one.opening_id for one in facts.places.get(ZOE, ())}
        left = alone(facts)
        assert left <= told
        assert {facts.openings[pk].slot.parting for pk in left} <= {Parting.STAYS}
        counted = Counter(
            q for p in facts.places.get(ZOE, ()) if p.holds for q in facts.quotas_of[p.opening_id]
        )
        assert all(quota.taken == counted[pk] for pk, quota in facts.quotas.items())


@given(ledgers(), saves)
def test_only_what_is_asked_or_goes_along_ends_and_each_has_one_answer(ledger, every):
    facts = ledger.facts()
    for asked, now in every:
        by_id = {one.id: one.opening_id for one in facts.places.get(ZOE, ())}
        done, facts = saved(ledger, facts, asked, now)
        last = dict(asked)
        unticked = {pk for pk, wanted in last.items() if not wanted}
        gone = {by_id[end.booking_id] for end in done.ended if end.booking_id in by_id}
        assert gone <= unticked | done.along
        assert not done.along & unticked
        assert all(facts.openings[pk].slot.parting is Parting.GOES for pk in done.along)
        answers = Counter(one.change.opening_id for one in done.outcomes)
        assert set(answers.values()) <= {1}


@given(ledgers(), saves)
def test_the_order_of_what_is_asked_changes_nothing(ledger, every):
    facts = ledger.facts()
    for asked, now in every:
        once = list(dict(asked).items())
        backwards, _ = saved(ledger, _fresh(facts), once[::-1], now)
        done, after_it = saved(ledger, _fresh(facts), once, now)
        if all(not wanted for _pk, wanted in once):
            assert {end.booking_id for end in done.ended} == {end.booking_id for end in backwards.ended}
        facts = after_it


def _fresh(facts: Facts) -> Facts:
    return replace(
        facts,
        quotas={pk: Quota(pk, q.part, q.capacity, q.taken, q.overdraft) for pk, q in facts.quotas.items()},
    )


@given(ledgers(), saves)
def test_a_cell_that_may_be_ticked_is_booked_once_all_that_may_be_is(ledger, every):
    """What one sees before saving is what the save says, of what each cell needs."""
    facts = ledger.facts()
    for asked, now in every:
        _done, facts = saved(ledger, facts, asked, now)
        held = [facts.openings[one.opening_id] for one in facts.places.get(ZOE, ()) if one.holds]
        shown = {}
        for on in facts.openings.values():
            place = next((one for one in facts.places.get(ZOE, ()) if one.opening_id == on.id), None)
            full = any(facts.quotas[pk].taken >= facts.quotas[pk].capacity for pk in facts.quotas_of[on.id])
            context = Context(stay(on.activity.id), full=full)
            shown[on.id] = (on, cell_state(on, place, None, context, NOW))
        changed = with_needs(shown, held)
        states = {pk: changed.get(pk, state) for pk, (_on, state) in shown.items()}
        takes = [pk for pk, state in states.items() if state.editable and state.cell in TO_TAKE]
        free = [pk for pk in takes if states[pk].cell is Cell.FREE]
        done = settle(_fresh(facts), [Change(ZOE, pk, False, True) for pk in free], now=NOW)
        assert {one.change.opening_id for one in done.outcomes if one.result is Result.BOOKED} == set(free)
        for pk in set(facts.openings) - set(takes) - {one.opening_id for one in facts.places.get(ZOE, ())}:
            (told,) = settle(_fresh(facts), [Change(ZOE, pk, False, True)], now=NOW).outcomes
            assert told.result is not Result.BOOKED
