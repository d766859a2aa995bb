"""Places kept for some: parents, agents and the worker at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest

from marelle.activities.models import KeptPlaces, Opening, Quota
from marelle.bookings.kept import kept_add, kept_change, kept_name, kept_released
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save, waiting_served
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.actors import actor_for
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.together import together
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PARENTS, ROUNDS, CAPACITY, KEPT = 8, 6, 5, 2


class Room:
    """Two slots that share a gauge of five places, two of which are kept for the first three children."""

    def __init__(self) -> None:
        world = Scenario()
        self.activity = world.activity("Mercredis")
        self.gauge = world.gauge("Bâtiment", CAPACITY)
        slots = [
            world.slot(self.activity, name, starts, ends, gauges=[self.gauge])
            for name, starts, ends in (("Matin", "08:00", "12:00"), ("Après-midi", "14:00", "18:00"))
        ]
        world.rule(self.activity)
        self.openings = [world.opening(slot, WEDNESDAY) for slot in slots]
        self.parents = crowd(world, PARENTS, [self.activity])
        self.director = actor_for(world.staff("direction", Role.DIRECTOR))
        self.kept = self.keeps(KEPT)
        self.names(self.parents[:3])()

    def keeps(self, places: int) -> KeptPlaces:
        values = {
            "gauge": self.gauge, "name": "Suivi social", "places": places, "audience": "named",
            "communes": [], "schools": [], "since": date(2026, 9, 1), "until": None, "release_n": 1,
            "release_counting": "calendar", "release_time": time(10), "release_at": None,
        }  # fmt: skip
        return kept_add(actor=self.director, activity_id=self.activity.pk, values=values, now=NOW)

    def names(self, parents: list[Parent]) -> Callable[[], object]:
        ids = Enrolment.objects.filter(person__in=[parent.child for parent in parents])
        found = list(ids.values_list("pk", flat=True))
        actor: Actor = self.director
        return lambda: kept_name(actor=actor, pk=self.kept.pk, enrolment_ids=found, now=NOW)


def anything(parent: Parent, openings: list[Opening], chance: random.Random) -> Callable[[], None]:
    def go() -> None:
        for _round in range(ROUNDS):
            changes = []
            for opening in chance.sample(openings, k=chance.randint(1, len(openings))):
                seen = chance.random() < 0.5
                waits = chance.random() < 0.5
                changes.append(Change(parent.child.pk, opening.pk, seen, not seen, accepts_waiting=waits))
            bookings_save(actor=parent.actor, changes=changes, now=NOW)

    return go


@pytest.mark.parametrize("seed", [1, 2])
def test_in_any_order_what_is_kept_is_counted_and_given_to_nobody_else(seed: int) -> None:
    room = Room()
    together([
        *(anything(one, room.openings, random.Random(f"{seed}.{n}")) for n, one in enumerate(room.parents)),
        lambda: [waiting_served(now=NOW) for _round in range(ROUNDS)],
    ])  # fmt: skip
    counters_hold()
    for quota in Quota.objects.all():
        assert quota.taken + quota.kept - quota.kept_taken <= quota.capacity
        assert quota.overdraft == 0


def test_seven_others_never_take_what_is_kept() -> None:
    room = Room()
    together([one.books(room.openings[0]) for one in room.parents[3:]])
    counters_hold()
    assert Booking.objects.holding().count() == CAPACITY - KEPT
    together([one.books(room.openings[0]) for one in room.parents[:3]])
    counters_hold()
    assert Booking.objects.holding().count() == CAPACITY


@pytest.mark.parametrize("seed", [1, 2])
def test_agents_change_what_is_kept_and_for_whom_while_parents_book(seed: int) -> None:
    room, chance = Room(), random.Random(seed)

    def changes() -> None:
        for _round in range(3):
            kept_change(
                actor=room.director, pk=room.kept.pk, changes={"places": chance.randint(1, 4)}, now=NOW
            )

    def renames() -> None:
        for _round in range(3):
            room.names(chance.sample(room.parents, k=3))()

    together([
        *(anything(one, room.openings, random.Random(f"{seed}.{n}")) for n, one in enumerate(room.parents)),
        changes,
        renames,
    ])  # fmt: skip
    counters_hold()
    assert not Quota.objects.exclude(overdraft=0).exists()


def test_two_workers_release_while_parents_book_and_the_queue_comes_first() -> None:
    room = Room()
    over = datetime(2026, 9, 8, 10, 1, tzinfo=PARIS)
    before = over - timedelta(minutes=5)
    for one in room.parents[3:6]:
        one.asks(one.wants(room.openings[0]))()
    (waits,) = room.parents[6:7]
    waits.asks(waits.wants(room.openings[0], waits=True))()
    late = room.parents[7]
    together([
        lambda: kept_released(now=over),
        lambda: kept_released(now=over),
        late.asks(late.wants(room.openings[0], waits=True), now=before),
    ])  # fmt: skip
    waiting_served(now=before)
    counters_hold()
    assert not Quota.objects.exclude(kept=0).exists()
    assert Booking.objects.holding().filter(child=waits.child).exists()
