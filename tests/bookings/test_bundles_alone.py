"""Days of a bundle that are booked alone from an instant on: whole weeks first, single days then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.activities.models import Bundle, Opening
from marelle.bookings.models import Booking
from marelle.bookings.planning import planning
from marelle.bookings.saving.services import bookings_preview, waiting_served
from marelle.bookings.states import BookingState
from marelle.planning.cells import Words, grid_cell
from tests.bookings.facts import MORNING, ZOE, Ledger
from tests.bookings.facts import said as said_of
from tests.bookings.facts import tick as ticked
from tests.bookings.facts import untick as unticked
from tests.bookings.world import NOW, WEDNESDAY, World, made_world, said, tick, untick


def of_a_week(alone_at) -> tuple[Ledger, list]:
    ledger = Ledger()
    days = [WEDNESDAY + timedelta(days=n) for n in (0, 1)]
    return ledger, [ledger.open(MORNING, day=day, bundle_id=1, alone_at=alone_at) for day in days]


@pytest.mark.parametrize(
    ("alone_at", "alone"), [(None, False), (NOW, True), (NOW + timedelta(seconds=1), False)]
)
def test_a_day_goes_alone_from_that_very_instant(alone_at, alone):
    ledger, (first, second) = of_a_week(alone_at)
    told = "booked" if alone else "half_bundle"
    assert said_of(ledger.settle(ticked(first))) == {(ZOE, first.id): told}
    assert set(said_of(ledger.settle(ticked(first), ticked(second))).values()) == {"booked"}
    for on in (first, second):
        ledger.hold(ZOE, on)
    told = "cancelled" if alone else "half_bundle"
    assert said_of(ledger.settle(unticked(second))) == {(ZOE, second.id): told}


def test_what_is_alone_fails_alone():
    ledger, (first, second) = of_a_week(NOW)
    ledger.quotas_of[second.id] = [ledger.quota(0)]
    assert list(said_of(ledger.settle(ticked(first), ticked(second))).values()) == ["booked", "full"]


@pytest.fixture
def world() -> World:
    return made_world()


def week(world: World, alone_at) -> list[Opening]:
    slot = world.made.slot(world.activity, "Soir", "17:00", "18:00", capacity=1)
    openings = [world.made.opening(slot, WEDNESDAY + timedelta(days=n)) for n in (1, 2)]
    world.made.bundle(world.activity, "Fin de semaine", openings)
    Bundle.objects.update(alone_at=alone_at)
    return openings


def bundles_shown(world: World, day: date) -> set[str]:
    found = planning(world.durand.actor, first=day, last=day, now=NOW)
    cells = [one for cells in found.shown[0].cells.values() for one in cells]
    return {grid_cell(one, Words(NOW), may_book=True).bundle for one in cells}


@pytest.mark.django_db
def test_the_page_ticks_them_together_until_then(world):
    first, second = week(world, NOW + timedelta(minutes=1))
    assert "" not in bundles_shown(world, first.day)
    assert said(world.save(tick(world.zoe, first))) == ["half_bundle"]
    Bundle.objects.update(alone_at=NOW)
    assert bundles_shown(world, first.day) == {""}
    assert said(bookings_preview(world.durand.actor, [tick(world.zoe, first)], now=NOW)) == ["booked"]
    assert said(world.save(tick(world.zoe, first), tick(world.zoe, second))) == ["booked", "booked"]
    assert said(world.save(untick(world.zoe, first))) == ["cancelled"]


@pytest.mark.django_db
def test_who_waits_for_the_days_is_given_each_by_itself(world):
    first, second = week(world, NOW)
    _other, ines = world.another("Martin")
    held = [world.made.booking(ines, on) for on in (first, second)]
    assert said(world.save(*(tick(world.zoe, on, accepts_waiting=True) for on in (first, second)))) == [
        "waiting",
        "waiting",
    ]
    Booking.objects.filter(pk=held[0].pk).update(state=BookingState.CANCELLED)
    first.quotas.update(taken=0)
    assert waiting_served(now=NOW) == 1
    rows = dict(Booking.objects.filter(child=world.zoe).values_list("opening_id", "state"))
    assert rows == {first.pk: BookingState.BOOKED, second.pk: BookingState.WAITING}
