"""A booking and the one that it requires, for the tests of what becomes of it without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import Parting
from marelle.activities.models import Activity, Opening, Slot
from marelle.bookings.models import Booking
from marelle.bookings.saving.alone import KIND
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.core.actor import Actor, Role
from marelle.flows.actor.actors import actor_for
from tests.bookings.world import (
    WEDNESDAY,
    World,
    assert_counters_equal_bookings,
    made_world,
)

ALONG = "bookings/gone_along"


@dataclass
class Pair:
    """Zoé's morning, and the shuttle of another activity that takes her there; she holds both."""

    world: World
    shuttles: Activity
    slot: Slot
    shuttle: Opening
    morning: Booking
    seat: Booking

    def parts(self, parting: Parting) -> None:
        Slot.objects.filter(pk=self.slot.pk).update(parting=parting)
        self.follow()

    def follow(self) -> None:
        definition_changed(Activity.objects.all())

    def state(self) -> str:
        self.seat.refresh_from_db()
        return self.seat.state

    def cases(self) -> list[int]:
        return list(Case.objects.open().filter(kind=KIND).values_list("subject_id", flat=True))

    def is_as(self, parting: Parting) -> bool:
        """Gone and told, or there and an agent asked."""
        assert_counters_equal_bookings()
        if parting is Parting.GOES:
            return self.state() == BookingState.CANCELLED and not self.cases()
        return self.state() == BookingState.BOOKED and self.cases() == [self.seat.pk]

    @cached_property
    def director(self) -> Actor:
        return actor_for(self.world.made.staff("direction", Role.DIRECTOR))


def made_pair() -> Pair:
    world = made_world()
    shuttles = world.made.activity("Navettes")
    slot = world.made.slot(shuttles, "Navette", "07:00", "08:00", capacity=1)
    slot.requires.add(world.morning)
    world.made.rule(shuttles)
    (shuttle,) = world.made.openings(shuttles, WEDNESDAY)
    world.made.enrolment(world.zoe, shuttles, world.durand)
    found = Pair(
        world, shuttles, slot, shuttle,
        world.made.booking(world.zoe, world.opening), world.made.booking(world.zoe, shuttle),
    )  # fmt: skip
    found.follow()
    return found
