"""Killed at any point, the process that frees or hands on a place loses nothing and gives nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.saving.services import waiting_served
from marelle.bookings.saving.telling import PLACED
from marelle.bookings.states import BookingState
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.races import victim
from tests.races.crowd import NOW, WEDNESDAY, crowd
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

STEPS_AT_LEAST = 6
"""Fewer statements would mean that the job did not do its work at all."""


class World:
    """Full openings of one place, one for each way of dying: one child holds it, two wait."""

    def __init__(self) -> None:
        world = Scenario()
        self.activity = world.activity()
        self.slot = world.slot(self.activity, capacity=1)
        world.rule(self.activity)
        self.holder, self.first, self.second = crowd(world, 3, [self.activity])
        self.scenario = world
        self.weeks = count()

    def opening(self, *, held: bool = True) -> Opening:
        opening = self.scenario.opening(self.slot, WEDNESDAY + timedelta(weeks=next(self.weeks)))
        if held:
            self.scenario.booking(self.holder.child, opening)
        for parent in (self.first, self.second):
            self.scenario.booking(parent.child, opening, state=BookingState.WAITING)
        return opening


def all_is_well(opening: Opening, world: World) -> None:
    """The first of the queue has the place, was told once; the second still waits."""
    counters_hold()
    assert held_on(opening) == {world.first.child.pk}
    assert queue_of(opening) == [world.second.child.pk]
    told = Message.objects.filter(kind="bookings/place_given", family_id=world.first.home.family.pk)
    placed = Entry.objects.filter(verb=PLACED, subject_id=world.first.child.pk)
    given = Booking.objects.holding().filter(child=world.first.child).count()
    assert told.count() == placed.count() == given
    assert not Message.objects.filter(family_id=world.second.home.family.pk).exists()


@pytest.mark.parametrize("job", [victim.cancels, victim.frees, victim.serves])
def test_killed_after_any_statement(job: victim.Job, dies: Callable[..., bool]) -> None:
    world = World()
    for step in count(1):
        opening = world.opening(held=job is not victim.serves)
        arguments = (world.holder.actor, world.holder.child.pk, opening.pk, NOW)
        killed = dies(victim.live_until, step, job, *arguments)
        counters_hold()
        if killed:
            # The parent, or the other service, tries again; then the worker passes, twice.
            job(*arguments)
        waiting_served(now=NOW)
        waiting_served(now=NOW)
        all_is_well(opening, world)
        if not killed:
            break
    assert step > STEPS_AT_LEAST


@pytest.mark.parametrize("job", [victim.cancels, victim.frees])
def test_killed_between_the_commit_and_what_follows_it(job: victim.Job, dies: Callable[..., bool]) -> None:
    world = World()
    opening = world.opening()
    assert dies(
        victim.die_between_commit_and_follow_up,
        job,
        world.holder.actor,
        world.holder.child.pk,
        opening.pk,
        NOW,
    )
    counters_hold()
    assert world.holder.child.pk not in held_on(opening)
    waiting_served(now=NOW)
    waiting_served(now=NOW)
    all_is_well(opening, world)


def test_until_the_worker_passes_nobody_takes_the_place_of_who_waits(dies: Callable[..., bool]) -> None:
    world = World()
    opening = world.opening()
    (newcomer,) = crowd(world.scenario, 1, [world.activity])
    assert dies(
        victim.die_between_commit_and_follow_up,
        victim.frees,
        world.holder.actor,
        world.holder.child.pk,
        opening.pk,
        NOW,
    )
    assert opening.quotas.get().taken == 0
    newcomer.books(opening)()
    assert newcomer.child.pk not in held_on(opening)
    waiting_served(now=NOW)
    all_is_well(opening, world)
