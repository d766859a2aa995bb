"""How much may be booked, and in what a save answers of it: a number of days, days that follow each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from itertools import permutations

from marelle.activities.bounds import BoundKind, Unit, Whose
from marelle.bookings.bounds import shorts
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change
from tests.bookings.bounded import A_WEEK_LATER, FIVE, FRIDAY, RUN, THURSDAY, WEEKLY, bounded, run_of, week
from tests.bookings.facts import (
    AFTERNOON,
    BY_HOUR,
    DAY,
    LEO,
    MEAL,
    MORNING,
    WEDNESDAY,
    ZOE,
    Ledger,
    activity,
    place,
    said,
    tick,
    untick,
)


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


def test_what_another_home_has_is_no_debt_of_this_one():
    of = bounded(replace(WEEKLY, kind=BoundKind.LEAST, n=2, whose=Whose.HOME))
    ledger = Ledger()
    here, there = ledger.open(MORNING, of=of), ledger.open(MORNING, of=of, day=THURSDAY)
    assert shorts([(ZOE, here, place(here, mine=False))], [here, there]) == []
    (short,) = shorts([(ZOE, here, place(here)), (ZOE, there, place(there, mine=False))], [here, there])
    assert (short.count, len(short.held)) == (1, 1)


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
