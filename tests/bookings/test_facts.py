"""What a save knows of a whole home: enough for a rule that counts by week, for a child or for its home."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from marelle.bookings.saving.facts import facts_seen
from marelle.bookings.saving.ledger import Facts
from marelle.bookings.states import BookingState
from tests.bookings.world import NOW, WEDNESDAY, World, tick

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def asked(facts: Facts) -> Counter[date]:
    """How many places the home has, or waits for, by day, whoever the child."""
    mine = [place for places in facts.places.values() for place in places if place.mine]
    return Counter(facts.openings[place.opening_id].day for place in mine)


def test_all_that_the_home_has_between_the_days_touched_is_known(world: World) -> None:
    """Of a child that the save does not touch, on a day that it does not touch, past or still waited for."""
    made, leo = world.made, world.made.child(world.durand, "Léo")
    made.enrolment(leo, world.activity, world.durand)
    before, last, after = (made.opening(world.morning, WEDNESDAY + n * DAY) for n in (-1, 4, 5))
    between = [made.opening(world.morning, WEDNESDAY + n * DAY) for n in (1, 2)]
    for on in (before, *between, after):
        made.booking(leo, on)
    made.booking(world.zoe, between[0], state=BookingState.WAITING, queued_at=NOW)
    changes = [tick(world.zoe, world.opening), tick(world.zoe, last)]
    facts = facts_seen(world.durand.actor, changes, now=NOW)
    assert asked(facts) == {between[0].day: 2, between[1].day: 1}
    assert facts.names == {world.zoe.pk: "Zoé"}, "nothing is asked for Léo, and nothing may be"


def test_what_the_other_home_booked_for_a_shared_child_is_not_of_this_one(world: World) -> None:
    made, petit = world.made, world.made.home("Petit")
    made.shared(world.zoe, world.durand, petit)
    theirs = made.enrolment(world.zoe, world.activity, petit)
    middle, last = (made.opening(world.morning, WEDNESDAY + n * DAY) for n in (1, 2))
    made.booking(world.zoe, middle, enrolment=theirs)
    facts = facts_seen(world.durand.actor, [tick(world.zoe, on) for on in (world.opening, last)], now=NOW)
    assert [place.opening_id for place in facts.places[world.zoe.pk]] == [middle.pk]
    assert not asked(facts)


def test_of_who_waits_nothing_more_is_read(world: World) -> None:
    """A crowd waits for what a home gives back: of each, the days touched alone."""
    made = world.made
    middle, last = (made.opening(world.morning, WEDNESDAY + n * DAY) for n in (1, 2))
    _home, paul = world.another("Martin")
    waits = made.booking(paul, world.opening, state=BookingState.WAITING, queued_at=NOW)
    made.booking(paul, middle)
    facts = facts_seen(world.durand.actor, [tick(world.zoe, on) for on in (world.opening, last)], now=NOW)
    assert [place.id for place in facts.places[paul.pk]] == [waits.pk]
