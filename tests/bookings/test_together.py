"""Slots that go together, of one activity or of several: what a save makes of them, and what a cell says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import BookingMode, Parting
from marelle.bookings.cells import Cell, CellState, Context, cell_state
from marelle.bookings.needs import with_needs
from marelle.bookings.rules import Opening, Why, clash
from marelle.bookings.saving.ledger import Result
from marelle.bookings.states import BookingState, EndCause
from tests.bookings.facts import (
    AFTERNOON,
    CENTRE,
    DAY,
    ELSEWHERE,
    LEO,
    MEAL,
    MORNING,
    NEXT_WEDNESDAY,
    NOW,
    PAST,
    RULE,
    TOO_LATE,
    ZOE,
    activity,
    opening,
    place,
    said,
    slot,
    stay,
    tick,
    untick,
)

SHUTTLE = 101


def shuttles(parting: Parting = Parting.HOLDS, structure_id: int = CENTRE, **fields: Any) -> ActivityFacts:
    """Another activity, whose only slot takes to the morning or to the day."""
    only = replace(
        slot(MORNING),
        id=SHUTTLE,
        name="Navette",
        conflicts=frozenset(),
        requires=frozenset({MORNING}),
        provides=frozenset({SHUTTLE}),
        needs=("Matin",),
        parting=parting,
    )
    return activity(ELSEWHERE, structure_id=structure_id, slots={MORNING: only}, **fields)


def both_held(ledger, parting: Parting, **fields: Any) -> tuple[Opening, Opening]:
    morning, shuttle = ledger.open(MORNING), ledger.open(MORNING, of=shuttles(parting, **fields), capacity=5)
    ledger.hold(ZOE, morning)
    ledger.hold(ZOE, shuttle)
    return morning, shuttle


def test_a_slot_of_another_activity_is_required_on_the_same_day(ledger):
    morning, shuttle = ledger.open(MORNING), ledger.open(MORNING, of=shuttles())
    other_day = ledger.open(MORNING, day=NEXT_WEDNESDAY)
    ledger.hold(ZOE, other_day)
    assert said(ledger.settle(tick(shuttle))) == {(ZOE, shuttle.id): "requires"}
    done = ledger.settle(tick(shuttle), tick(morning))
    assert said(done) == {(ZOE, shuttle.id): "booked", (ZOE, morning.id): "booked"}


def test_what_a_whole_day_includes_is_given_to_another_activity(ledger):
    day, shuttle = ledger.open(DAY), ledger.open(MORNING, of=shuttles())
    ledger.hold(ZOE, day)
    assert said(ledger.settle(tick(shuttle))) == {(ZOE, shuttle.id): "booked"}


def test_of_a_brother_it_is_no_help(ledger):
    morning, shuttle = ledger.open(MORNING), ledger.open(MORNING, of=shuttles())
    ledger.hold(LEO, morning)
    assert said(ledger.settle(tick(shuttle))) == {(ZOE, shuttle.id): "requires"}


def test_what_is_held_by_another_keeps_it(ledger):
    morning, shuttle = both_held(ledger, Parting.HOLDS)
    done = ledger.settle(untick(morning))
    assert said(done) == {(ZOE, morning.id): "required"}
    assert done.outcomes[0].other == "Navette"
    assert not done.ended
    both = ledger.settle(untick(morning), untick(shuttle))
    assert said(both) == {(ZOE, morning.id): "cancelled", (ZOE, shuttle.id): "cancelled"}


def test_it_goes_with_the_other_and_is_told(ledger):
    morning, shuttle = both_held(ledger, Parting.GOES)
    done = ledger.settle(untick(morning))
    assert said(done) == {(ZOE, morning.id): "cancelled", (ZOE, shuttle.id): "cancelled"}
    assert [(one.change.opening_id, one.why) for one in done.outcomes] == [
        (morning.id, None),
        (shuttle.id, Why.WITHOUT),
    ]
    assert {end.cause for end in done.ended} == {EndCause.FAMILY}
    assert len(done.ended) == 2
    assert done.along == {shuttle.id}
    assert ledger.taken(shuttle) == [0]


@pytest.mark.parametrize("first", [0, 1])
def test_taken_back_with_it_it_is_told_once_and_as_asked(ledger, first):
    pair = both_held(ledger, Parting.GOES)
    done = ledger.settle(untick(pair[first]), untick(pair[1 - first]))
    assert [one.result for one in done.outcomes] == [Result.CANCELLED] * 2
    assert {one.why for one in done.outcomes} == {None}
    assert not done.along


def test_replaced_by_what_provides_it_too_nothing_goes(ledger):
    morning, _shuttle = both_held(ledger, Parting.GOES)
    day = ledger.open(DAY)
    done = ledger.settle(untick(morning), tick(day))
    assert said(done) == {(ZOE, morning.id): "cancelled", (ZOE, day.id): "booked"}
    assert not done.along


def test_replaced_by_what_does_not_it_goes(ledger):
    """Matin for an Après-midi that excludes it: the morning's shuttle is of no use any more."""
    facts = activity()
    afternoon = replace(facts.slots[AFTERNOON], requires=frozenset(), conflicts=frozenset({MORNING}))
    facts = replace(facts, slots={**facts.slots, AFTERNOON: afternoon}, windows={})
    morning, shuttle = ledger.open(MORNING, of=facts), ledger.open(MORNING, of=shuttles(Parting.GOES))
    ledger.hold(ZOE, morning)
    ledger.hold(ZOE, shuttle)
    other = ledger.open(AFTERNOON, of=facts)
    done = ledger.settle(untick(morning), tick(other))
    assert said(done)[ZOE, shuttle.id] == "cancelled"
    assert said(done)[ZOE, other.id] == "booked"


def test_what_can_no_more_be_cancelled_keeps_the_other_and_says_until_when_it_could(ledger):
    early = replace(RULE, cancel=replace(RULE.cancel, n=30))
    morning, shuttle = both_held(ledger, Parting.GOES, rules=(early,))
    done = ledger.settle(untick(morning))
    (told,) = done.outcomes
    assert (told.why, told.other, told.needs_derogation) == (Why.GOES_NOT, "Navette", False)
    assert told.limit == shuttle.window.cancel_until
    assert not done.ended


def test_an_agent_passes_that_with_a_reason_that_names_the_rule(ledger):
    early = replace(RULE, cancel=replace(RULE.cancel, n=30))
    morning, shuttle = both_held(ledger, Parting.GOES, rules=(early,))
    (asked,) = ledger.settle(untick(morning), agent=True).outcomes
    assert (asked.why, asked.needs_derogation) == (Why.GOES_NOT, True)
    done = ledger.settle(untick(morning), agent=True, derogation="Panne du car")
    passed = {one.change.opening_id: (one.derogation, one.passed) for one in done.outcomes}
    assert passed == {
        morning.id: ("", ()),
        shuttle.id: ("Panne du car", (Why.TOO_LATE_TO_CANCEL,)),
    }


def test_what_the_other_home_booked_does_not_go(ledger):
    morning, shuttle = ledger.open(MORNING), ledger.open(MORNING, of=shuttles(Parting.GOES))
    ledger.hold(ZOE, morning)
    ledger.hold(ZOE, shuttle, mine=False)
    assert said(ledger.settle(untick(morning))) == {(ZOE, morning.id): "goes_not"}


def test_half_a_bundle_does_not_go(ledger):
    morning = ledger.open(MORNING)
    there = shuttles(Parting.GOES)
    shuttle = ledger.open(MORNING, of=there, bundle_id=1)
    later = ledger.open(MORNING, of=there, bundle_id=1, day=NEXT_WEDNESDAY)
    for on in (morning, shuttle, later):
        ledger.hold(ZOE, on)
    assert said(ledger.settle(untick(morning))) == {(ZOE, morning.id): "goes_not"}


def test_it_stays_and_an_agent_is_asked(ledger):
    morning, shuttle = both_held(ledger, Parting.STAYS)
    done = ledger.settle(untick(morning))
    assert said(done) == {(ZOE, morning.id): "cancelled", (ZOE, shuttle.id): "unchanged"}
    (held,) = [one.id for one in ledger.places[ZOE] if one.opening_id == shuttle.id]
    assert done.alone == [held]
    assert not done.along
    assert ledger.taken(shuttle) == [1]


def test_all_that_require_it_go(ledger):
    morning, shuttle = both_held(ledger, Parting.GOES)
    snack = replace(_needs(MORNING), parting=Parting.GOES)
    third = ledger.open(MEAL, of=activity(3, structure_id=CENTRE, slots={MEAL: snack}))
    ledger.hold(ZOE, third)
    assert ledger.settle(untick(morning)).along == {shuttle.id, third.id}


def test_what_goes_takes_along_what_requires_it(ledger):
    morning, shuttle = both_held(ledger, Parting.GOES)
    snack = replace(
        slot(MEAL), id=201, name="Goûter", conflicts=frozenset(), provides=frozenset({201}),
        requires=frozenset({SHUTTLE}), parting=Parting.GOES,
    )  # fmt: skip
    third = ledger.open(MEAL, of=activity(3, structure_id=CENTRE, slots={MEAL: snack}))
    ledger.hold(ZOE, third)
    done = ledger.settle(untick(morning))
    assert set(said(done).values()) == {"cancelled"}
    assert done.along == {shuttle.id, third.id}


def test_what_goes_and_is_held_by_a_third_keeps_all_three(ledger):
    morning, _shuttle = both_held(ledger, Parting.GOES)
    snack = replace(
        slot(MEAL), id=201, name="Goûter", conflicts=frozenset(), provides=frozenset({201}),
        requires=frozenset({SHUTTLE}),
    )  # fmt: skip
    ledger.hold(ZOE, ledger.open(MEAL, of=activity(3, structure_id=CENTRE, slots={MEAL: snack})))
    done = ledger.settle(untick(morning))
    assert said(done) == {(ZOE, morning.id): "required"}
    assert (done.outcomes[0].other, done.ended) == ("Goûter", [])


def test_what_this_save_adds_does_not_go_unasked(ledger):
    """Who takes the morning back and asks for its shuttle at once is told that it does not work."""
    morning, shuttle = ledger.open(MORNING), ledger.open(MORNING, of=shuttles(Parting.GOES))
    meal = ledger.open(MEAL, of=activity(3, structure_id=CENTRE, slots={MEAL: _needs(MORNING)}))
    for on in (morning, meal):
        ledger.hold(ZOE, on)
    done = ledger.settle(untick(morning), tick(shuttle), untick(meal))
    assert said(done)[ZOE, meal.id] == "cancelled"
    assert {end.booking_id for end in done.ended} <= {one.id for one in ledger.places[ZOE]}


def _needs(required: int) -> Any:
    return replace(
        slot(MEAL), id=301, conflicts=frozenset(), provides=frozenset({301}), requires=frozenset({required})
    )


def test_who_waits_waits_on_and_is_not_served_alone(ledger):
    morning, shuttle = ledger.open(MORNING), ledger.open(MORNING, of=shuttles(Parting.GOES), capacity=1)
    ledger.hold(ZOE, morning)
    ledger.wait(ZOE, shuttle)
    done = ledger.settle(untick(morning), serve=True)
    assert said(done) == {(ZOE, morning.id): "cancelled"}
    assert not done.placed


def test_exclusion_holds_across_activities_and_both_ways():
    shuttle = shuttles()
    excluding = replace(shuttle.slots[MORNING], conflicts=frozenset({AFTERNOON}), requires=frozenset())
    there = replace(shuttle, slots={MORNING: excluding}, windows={})
    facts = activity()
    told = replace(facts.slots[AFTERNOON], conflicts=frozenset({SHUTTLE}))
    here = replace(facts, slots={**facts.slots, AFTERNOON: told}, windows={})
    one, other = _opening(1, there, MORNING), _opening(2, here, AFTERNOON)
    assert clash(one, one.starts_at, one.ends_at, other, place(other)) is Why.CONFLICT
    assert clash(other, other.starts_at, other.ends_at, one, place(one)) is Why.CONFLICT
    later = _opening(3, here, AFTERNOON, day=NEXT_WEDNESDAY)
    assert clash(one, one.starts_at, one.ends_at, later, place(later)) is None


def test_what_takes_to_the_other_is_not_another_place():
    """A shuttle of another structure, at the hours of the morning that it takes to."""
    there = shuttles(structure_id=ELSEWHERE)
    shuttle, morning = _opening(1, there, MORNING), _opening(2, activity(), MORNING)
    assert clash(shuttle, shuttle.starts_at, shuttle.ends_at, morning, place(morning)) is None
    assert clash(morning, morning.starts_at, morning.ends_at, shuttle, place(shuttle)) is None
    day = _opening(3, activity(), DAY)
    assert clash(shuttle, shuttle.starts_at, shuttle.ends_at, day, place(day)) is None
    night = _opening(5, activity(), MORNING, day=NEXT_WEDNESDAY)
    hours = {"starts_at": shuttle.starts_at, "ends_at": shuttle.ends_at}
    assert clash(shuttle, shuttle.starts_at, shuttle.ends_at, night, place(night, **hours)) is Why.ELSEWHERE
    other = _opening(4, activity(3), MORNING)
    assert clash(shuttle, shuttle.starts_at, shuttle.ends_at, other, place(other)) is Why.ELSEWHERE


def _opening(pk: int, of: ActivityFacts, slot_id: int, **fields: Any) -> Opening:
    return opening(pk, slot_id, of=of, **fields)


# What the page says


def cells(*openings: Opening, now: Any = NOW, **context: Any) -> dict[int, tuple[Opening, CellState]]:
    return {
        on.id: (on, cell_state(on, None, None, Context(stay(on.activity.id), **context), now))
        for on in openings
    }


def test_a_cell_says_what_to_take_with_it():
    morning, shuttle = _opening(1, activity(), MORNING), _opening(2, shuttles(), MORNING)
    changed = with_needs(cells(morning, shuttle), [])
    assert set(changed) == {shuttle.id}
    assert (changed[shuttle.id].editable, changed[shuttle.id].needs) == (True, ("Matin",))
    assert with_needs(cells(morning, shuttle), [morning]) == {}
    assert with_needs(cells(morning, shuttle), [_opening(3, activity(), DAY)]) == {}


def test_a_cell_is_not_offered_where_what_it_needs_cannot_be_had():
    closed = _opening(1, activity(), MORNING, is_open=False)
    shuttle = _opening(2, shuttles(), MORNING)
    for around in (cells(shuttle), cells(closed, shuttle)):
        state = with_needs(around, [])[shuttle.id]
        assert (state.cell, state.editable, state.why) == (Cell.NOT_OFFERED, False, Why.REQUIRES)
        assert state.needs == ("Matin",)


def test_a_place_in_a_queue_gives_nothing():
    morning, shuttle = _opening(1, activity(), MORNING), _opening(2, shuttles(), MORNING)
    around = cells(morning) | cells(shuttle)
    around[morning.id] = (morning, CellState(Cell.FULL, editable=True))
    assert with_needs(around, [])[shuttle.id].why is Why.REQUIRES


def test_what_needs_what_needs_what_cannot_be_had_is_not_offered():
    shuttle = _opening(2, shuttles(), MORNING)
    snack = replace(_needs(SHUTTLE), needs=("Navette",))
    third = _opening(3, activity(3, slots={MEAL: snack}), MEAL)
    changed = with_needs(cells(shuttle, third), [])
    assert {state.why for state in changed.values()} == {Why.REQUIRES}
    morning = _opening(1, activity(), MORNING)
    changed = with_needs(cells(morning, shuttle, third), [])
    assert {state.editable for state in changed.values()} == {True}


def test_what_needs_what_can_be_had_beside_what_is_held_is_offered():
    snack = replace(_needs(SHUTTLE), needs=("Navette",))
    pair = cells(_opening(2, shuttles(), MORNING), _opening(3, activity(3, slots={MEAL: snack}), MEAL))
    changed = with_needs(pair, [_opening(1, activity(), MORNING)])
    assert {pk: state.editable for pk, state in changed.items()} == {3: True}


def test_two_that_need_each_other_are_taken_together():
    here = activity()
    told = replace(here.slots[MORNING], requires=frozenset({SHUTTLE}), needs=("Navette",))
    here = replace(here, slots={**here.slots, MORNING: told}, windows={})
    pair = cells(_opening(1, here, MORNING), _opening(2, shuttles(), MORNING))
    assert {state.editable for state in with_needs(pair, []).values()} == {True}


def test_what_is_over_or_booked_says_nothing_of_it():
    shuttle = _opening(2, shuttles(), MORNING)
    assert with_needs(cells(shuttle, now=PAST), []) == {}
    booked = cell_state(shuttle, place(shuttle), None, Context(stay(ELSEWHERE)), NOW)
    assert with_needs({shuttle.id: (shuttle, booked)}, []) == {}
    assert booked.editable


def test_the_full_cell_of_what_cannot_be_had_takes_no_place_in_the_queue(ledger):
    """As the save refuses it: nobody waits for what could not be had."""
    shuttle = ledger.open(MORNING, of=shuttles(), capacity=0)
    state = with_needs(cells(shuttle, full=True), [])[shuttle.id]
    assert state.why is Why.REQUIRES
    assert said(ledger.settle(tick(shuttle, accepts_waiting=True))) == {(ZOE, shuttle.id): "requires"}


def test_where_an_agent_validates_what_is_asked_goes_too(ledger):
    morning, shuttle = (
        ledger.open(MORNING),
        ledger.open(MORNING, of=shuttles(Parting.GOES, booking_mode=BookingMode.VALIDATED)),
    )
    ledger.hold(ZOE, morning)
    ledger.hold(ZOE, shuttle, BookingState.REQUESTED)
    assert said(ledger.settle(untick(morning)))[ZOE, shuttle.id] == "cancelled"
    assert said(ledger.settle(untick(morning), now=TOO_LATE)) == {(ZOE, morning.id): "too_late_to_cancel"}
