"""Places that are freed while others wait and newcomers post: nobody passes the queue, no place is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Outcome, Result
from marelle.bookings.saving.services import waiting_served
from marelle.bookings.states import BookingState
from marelle.families.models import Person
from marelle.mail.models import Message
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import PATIENCE, alone, together
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def told(parent: Parent) -> int:
    return Message.objects.filter(kind="bookings/place_given", family_id=parent.home.family.pk).count()


def served() -> tuple[Outcome, ...]:
    """A round of the worker."""
    waiting_served(now=NOW)
    return ()


def children(parents: list[Parent]) -> set[int]:
    return {parent.child.pk for parent in parents}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_holders_leave_while_newcomers_post_and_two_workers_pass(seed: int) -> None:
    world = Scenario()
    activity = world.activity()
    world.slot(activity, capacity=5)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    parents = crowd(world, 20, [activity])
    holders, waiters, newcomers = parents[:5], parents[5:13], parents[13:]
    for parent in holders:
        world.booking(parent.child, opening)
    for parent in waiters:
        world.booking(parent.child, opening, state=BookingState.WAITING)
    calls: list[Callable[[], tuple[Outcome, ...]]] = [
        *(parent.cancels(opening) for parent in holders),
        *(parent.books(opening, waits=number % 2 == 0) for number, parent in enumerate(newcomers)),
        *[served] * 2,
    ]
    random.Random(seed).shuffle(calls)
    answers = [answer for outcomes in together(calls) for answer in outcomes]
    served()

    counters_hold()
    assert held_on(opening) == children(waiters[:5])
    queue = queue_of(opening)
    assert queue[:3] == [parent.child.pk for parent in waiters[5:]]
    assert set(queue[3:]) == children(newcomers[::2])
    assert [told(parent) for parent in waiters] == [1] * 5 + [0] * 3
    assert Message.objects.count() == 5
    results = [answer.result for answer in answers if answer.change.child_id in children(newcomers)]
    assert Result.BOOKED not in results


def test_cancellations_one_by_one_of_openings_that_share_a_gauge_feed_the_queues_of_both() -> None:
    """Two activities, one dining room: who waited first is served first, whichever activity it waits for."""
    world = Scenario()
    dining = world.gauge("Salle à manger", 4)
    activities = [world.activity("Petits"), world.activity("Grands")]
    openings: list[Opening] = []
    for activity in activities:
        world.slot(activity, "Repas", "12:00", "13:30", gauges=[dining])
        world.rule(activity)
        openings += world.openings(activity, WEDNESDAY)
    parents = crowd(world, 14, activities)
    holders, waiters, newcomers = parents[:4], parents[4:10], parents[10:]
    for number, parent in enumerate(holders):
        world.booking(parent.child, openings[number % 2])
    for number, parent in enumerate(waiters):
        world.booking(parent.child, openings[number % 2], state=BookingState.WAITING)
    calls = [
        call
        for number, (holder, newcomer) in enumerate(zip(holders, newcomers, strict=True))
        for call in (holder.cancels(openings[number % 2]), newcomer.books(openings[(number + 1) % 2]), served)
    ]
    together(calls)
    served()
    counters_hold()
    assert held_on(openings[0]) | held_on(openings[1]) == children(waiters[:4])
    assert queue_of(openings[0]) + queue_of(openings[1]) == [p.child.pk for p in waiters[4:]]
    assert [told(parent) for parent in waiters] == [1] * 4 + [0] * 2


def test_workers_side_by_side_give_each_place_once() -> None:
    world = Scenario()
    activity = world.activity()
    world.slot(activity, capacity=3)
    world.rule(activity)
    openings = world.openings(activity, WEDNESDAY, WEDNESDAY.replace(day=30))
    waiters = crowd(world, 6, [activity])
    for opening in openings:
        for parent in waiters:
            world.booking(parent.child, opening, state=BookingState.WAITING)
    given = together([lambda: waiting_served(now=NOW)] * 4)
    counters_hold()
    assert sum(given) == Booking.objects.holding().count() == 3 * len(openings)
    for opening in openings:
        assert held_on(opening) == children(waiters[:3])
    assert [told(parent) for parent in waiters] == [len(openings)] * 3 + [0] * 3


@pytest.mark.postgres
@pytest.mark.parametrize("first_to_go", ["holder", "newcomer"])
def test_who_queues_while_others_are_between_reading_and_locking_is_not_passed(first_to_go: str) -> None:
    """The holder who leaves and the newcomer have both read an empty queue when someone joins it."""
    world = Scenario()
    activity = world.activity()
    world.slot(activity, capacity=1)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    holder, waiter, newcomer = crowd(world, 3, [activity])
    world.booking(holder.child, opening)
    with (
        ThreadPoolExecutor(2) as pool,
        held(Person.objects.filter(pk=holder.child.pk)) as free_holder,
        held(Person.objects.filter(pk=newcomer.child.pk)) as free_newcomer,
    ):
        leaving = pool.submit(alone, holder.cancels(opening))
        posting = pool.submit(alone, newcomer.books(opening))
        wait_until_stopped(2)
        (answer,) = waiter.books(opening, waits=True)()
        assert answer.result is Result.WAITING
        order = [(free_holder, leaving), (free_newcomer, posting)]
        for let_go, saving in order if first_to_go == "holder" else order[::-1]:
            let_go()
            saving.result(PATIENCE)
    counters_hold()
    assert held_on(opening) == {waiter.child.pk}, "the save that could not serve has it done at once"
    served()
    assert told(waiter) == 1


def test_by_the_hour_the_worker_looks_at_the_half_hours_that_are_waited_for() -> None:
    world = Scenario()
    activity = world.activity("Multi-accueil", kind="childcare", years=(0, 12))
    world.slot(activity, "Accueil", "08:00", "12:00", capacity=1, by_hour=True)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    early, late, free = crowd(world, 3, [activity])
    world.booking(early.child, opening, hours=("08:00", "10:00"))
    world.booking(late.child, opening, state=BookingState.WAITING, hours=("09:30", "10:30"))
    world.booking(free.child, opening, state=BookingState.WAITING, hours=("10:00", "11:15"))
    served()
    counters_hold()
    assert held_on(opening) == children([early, free])
    assert queue_of(opening) == [late.child.pk]
    assert [told(parent) for parent in (late, free)] == [0, 1]
