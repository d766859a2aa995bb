"""The morning goes while its shuttle is booked: nobody is left on a shuttle alone."""

from __future__ import annotations

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import Parting
from marelle.activities.models import Activity, Opening, Slot
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import Part, Target
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 6


def on_a_shuttle(parting: Parting) -> tuple[Scenario, list[Parent], Opening, Opening]:
    """Who has a morning each, on two Wednesdays, and may take the shuttle of another activity."""
    world = Scenario()
    mornings, shuttles = world.activity("Mercredis"), world.activity("Navettes")
    # The shuttle comes first in the order of the keys: what goes along is locked before what it goes with.
    shuttle = world.slot(shuttles, "Navette", "07:00", "08:00", capacity=CROWD, parting=parting)
    morning = world.slot(mornings, "Matin", capacity=CROWD)
    shuttle.requires.add(morning)
    for activity in (mornings, shuttles):
        world.rule(activity)
    definition_changed(Activity.objects.all())
    rides = world.openings(shuttles, WEDNESDAY)
    (first,) = world.openings(mornings, WEDNESDAY)
    parents = crowd(world, CROWD, [mornings, shuttles])
    for number, parent in enumerate(parents):
        world.booking(parent.child, first)
        if number % 2:
            world.booking(parent.child, rides[0])
    return world, parents, first, rides[0]


def change(parent: Parent, on: Opening, *, wanted: bool):
    changes = [Change(parent.child.pk, on.pk, seen=not wanted, wanted=wanted)]
    return lambda: bookings_save(actor=parent.actor, changes=changes, now=NOW)


def nobody_is_alone(morning: Opening, shuttle: Opening) -> None:
    counters_hold()
    there = set(Booking.objects.holding().filter(opening=morning).values_list("child_id", flat=True))
    ride = set(Booking.objects.holding().filter(opening=shuttle).values_list("child_id", flat=True))
    assert ride <= there


@pytest.mark.parametrize("parting", [Parting.GOES, Parting.HOLDS])
def test_one_tab_takes_the_morning_back_while_another_books_its_shuttle(parting: Parting) -> None:
    _world, parents, morning, shuttle = on_a_shuttle(parting)
    calls = [change(parent, morning, wanted=False) for parent in parents]
    calls += [change(parent, shuttle, wanted=True) for parent in parents[::-1]]
    answers = together_or_errors(calls)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    nobody_is_alone(morning, shuttle)


def test_the_structure_closes_the_morning_while_its_shuttle_is_booked() -> None:
    world, parents, morning, shuttle = on_a_shuttle(Parting.GOES)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    target = Target(morning.activity.structure_id, WEDNESDAY, WEDNESDAY, Part.OPENING, morning.pk)
    calls = [change(parent, shuttle, wanted=True) for parent in parents]
    calls.insert(2, lambda: closing_make(actor=director, target=target, reason="Panne", now=NOW))
    answers = together_or_errors(calls)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    nobody_is_alone(morning, shuttle)
    assert not Booking.objects.holding().exists()
    assert Slot.objects.count() == 2
