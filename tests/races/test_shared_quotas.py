"""Openings that share quotas, asked for in every order, and places by the hour."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import time

import pytest

from marelle.activities.models import Opening, Quota
from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import bookings_save, waiting_served
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.together import together
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PARENTS, ROUNDS = 8, 8
DINING_ROOM, BUILDING, TEAM = 4, 5, 6


def two_activities_in_one_building() -> tuple[list[Opening], list[Parent]]:
    """Meals of both in one dining room, halves of days in one building, a whole day that draws on all; and
    all of them draw on the children whom the team may have in a day, once each."""
    world = Scenario()
    team = world.gauge("Équipe", TEAM)
    dining = world.gauge("Salle à manger", DINING_ROOM)
    morning = world.gauge("Bâtiment le matin", BUILDING)
    afternoon = world.gauge("Bâtiment l’après-midi", BUILDING)
    days: list[Opening] = []
    activities = []
    for name in ("Petits", "Grands"):
        activity = world.activity(name)
        meal = world.slot(activity, "Repas", "12:00", "13:30", gauges=[dining, team])
        first = world.slot(activity, "Matin", "08:00", "12:00", gauges=[morning, team])
        last = world.slot(activity, "Après-midi", "13:30", "18:00", gauges=[afternoon, team])
        whole = world.slot(activity, "Journée", "08:00", "18:00", gauges=[dining, morning, afternoon, team])
        whole.includes.set([meal, first, last])
        world.rule(activity)
        activities.append(activity)
        days += world.openings(activity, WEDNESDAY, WEDNESDAY.replace(day=16))
    return days, crowd(world, PARENTS, activities)


def anything(parent: Parent, openings: list[Opening], chance: random.Random) -> Callable[[], None]:
    """Save after save, of any cells in any order: adding, taking back, queueing, swapping."""

    def go() -> None:
        for _round in range(ROUNDS):
            cells = chance.sample(openings, k=chance.randint(1, len(openings)))
            changes = []
            for opening in cells:
                seen = chance.random() < 0.5
                changes.append(
                    Change(parent.child.pk, opening.pk, seen, not seen, accepts_waiting=chance.random() < 0.5)
                )
            bookings_save(actor=parent.actor, changes=changes, now=NOW)

    return go


@pytest.mark.parametrize("seed", [1, 2])
def test_in_any_order_nothing_locks_up_and_every_counter_is_true(seed: int) -> None:
    openings, parents = two_activities_in_one_building()
    together(
        [anything(parent, openings, random.Random(f"{seed}.{n}")) for n, parent in enumerate(parents)]
        + [_serve_now_and_then]
    )
    counters_hold()
    waiting_served(now=NOW)
    counters_hold()
    assert not Quota.objects.exclude(overdraft=0).exists()
    assert Booking.objects.holding().exists()


def _serve_now_and_then() -> None:
    for _round in range(ROUNDS):
        waiting_served(now=NOW)


def test_by_the_hour_each_half_hour_is_filled_and_no_more() -> None:
    world = Scenario()
    activity = world.activity("Multi-accueil", kind="childcare", years=(0, 12))
    world.slot(activity, "Accueil", "08:00", "12:00", capacity=3, by_hour=True)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    parents = crowd(world, 16, [activity])
    chance = random.Random(7)
    hours = []
    for _parent in parents:
        first, last = sorted(chance.sample(range(16, 25), k=2))
        hours.append((time(first // 2, first % 2 * 30), time(last // 2, last % 2 * 30)))
    answers: list[Outcome] = [
        answer
        for (answer,) in together(
            [
                parent.asks(parent.wants(opening, hours=wanted))
                for parent, wanted in zip(parents, hours, strict=True)
            ]
        )
    ]
    counters_hold()
    assert {answer.result for answer in answers} == {Result.BOOKED, Result.REFUSED}
    full = set(Quota.objects.filter(openings=opening, taken=3).values_list("part", flat=True))
    for answer, (starts, ends) in zip(answers, hours, strict=True):
        if answer.result is Result.REFUSED:
            assert answer.why is Why.FULL
            parts = range(starts.hour * 2 + starts.minute // 30, ends.hour * 2 + ends.minute // 30)
            assert full & set(parts), f"refused though {starts}–{ends} had room"


def test_other_hours_of_everybody_at_once_keep_the_old_ones_or_get_the_new() -> None:
    world = Scenario()
    activity = world.activity("Multi-accueil", kind="childcare", years=(0, 12))
    world.slot(activity, "Accueil", "08:00", "12:00", capacity=4, by_hour=True)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    parents = crowd(world, 8, [activity])
    early, late = (time(8), time(9, 30)), (time(10), time(12))
    for number, parent in enumerate(parents):
        parent.asks(parent.wants(opening, hours=early if number % 2 else late))()
    counters_hold()
    calls = []
    for number, parent in enumerate(parents):
        starts, ends = late if number % 2 else early
        calls.append(parent.asks(Change(parent.child.pk, opening.pk, True, True, starts=starts, ends=ends)))
    answers = [answer for (answer,) in together(calls)]
    counters_hold()
    # Both halves are full, so the first who asks is refused: no one can move, and no one loses its place.
    assert {answer.result for answer in answers} == {Result.REFUSED}
    assert Booking.objects.holding().count() == 8
