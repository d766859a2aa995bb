"""What was noted at the door, read only where it says more than that a child came to what it had booked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.bookings.models import Absence, Attendance, Booking
from marelle.flows.prices.held import HeldSlot
from marelle.flows.prices.homes import situations_of
from marelle.flows.prices.reading import NO_SLOTS, There, slots_held
from tests.flows.prices.priced import NOVEMBER, WEDNESDAYS, Priced
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING

pytestmark = pytest.mark.django_db
FIRST = WEDNESDAYS[0]


def seen(booking: Booking, **noted: Any) -> None:
    Attendance.objects.create(
        opening=booking.opening, child=booking.child, day=booking.day,
        **{"present": True, "noted_at": timezone.now(), "noted_by": "Sam", **noted},
    )  # fmt: skip


def held(world: Priced, home: Any, timed: frozenset[int] = NO_SLOTS) -> list[HeldSlot]:
    """Of the home, read in both ways."""
    situations = situations_of([home.family.pk])
    found = slots_held(situations, NOVEMBER, timed)
    assert slots_held(situations, NOVEMBER, timed, There(world.the_authority.pk)) == found
    return found[home.family.pk]


def test_who_was_told_absent_and_came_was_not_absent():
    world = Priced()
    home = world.home("Roy")
    came, stayed = world.books(world.enrols(home, "Zoé"), FIRST, MORNING, AFTERNOON)
    for booking in (came, stayed):
        Absence.objects.create(booking=booking, declared_at=booking.starts_at, declared_by="Ana Roy")
    seen(came)
    assert [row.grade is None for row in held(world, home)] == [True, False]


def test_who_is_seen_where_it_waits_for_a_place_went_on_there():
    world = Priced()
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    (morning,) = world.books(zoe, FIRST, MORNING)
    seen(morning, left_at=morning.ends_at + timedelta(minutes=10))
    assert [row.fetched for row in held(world, home)] == [10]
    (meal,) = world.books(zoe, FIRST, MEAL, state="waiting")
    seen(meal)
    assert [row.fetched for row in held(world, home)] == [0]


def test_hours_seen_are_told_where_they_count():
    world = Priced()
    home = world.home("Roy")
    morning, meal = world.books(world.enrols(home, "Zoé"), FIRST, MORNING, MEAL)
    for booking in (morning, meal):
        seen(booking, arrived_at=booking.starts_at, left_at=booking.ends_at + timedelta(minutes=5))
    assert [row.seen_minutes for row in held(world, home)] == [None, None]
    assert [row.seen_minutes for row in held(world, home, frozenset({MEAL}))] == [None, 125]


def test_hours_seen_of_a_whole_day_are_those_of_its_parts():
    world = Priced()
    home = world.home("Roy")
    [booking] = world.books(world.enrols(home, "Zoé"), FIRST, world.whole_day)
    seen(booking, arrived_at=booking.starts_at, left_at=booking.ends_at)
    assert [row.seen_minutes for row in held(world, home)] == [None]
    assert [row.seen_minutes for row in held(world, home, frozenset({MEAL}))] == [600]


def test_its_own_hours_count_not_those_of_the_opening():
    world = Priced()
    home = world.home("Roy")
    morning, meal = world.books(world.enrols(home, "Zoé"), FIRST, MORNING, MEAL)
    Booking.objects.filter(pk=morning.pk).update(ends_at=morning.ends_at - timedelta(hours=1))
    Booking.objects.filter(pk=meal.pk).update(starts_at=meal.starts_at + timedelta(minutes=30))
    assert [row.minutes for row in held(world, home)] == [180, 90]
