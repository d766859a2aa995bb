"""A home gives a sign as the worker erases it: it is kept whole, or it is erased whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.families.models import Family, HealthSheet
from marelle.flows.home.dormant import dormant_confirm, dormants_erased, dormants_told
from marelle.flows.models import Dormant
from tests.flows.test_dormant import LATER, NOW, Silent
from tests.races.together import together, together_or_errors

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ROUNDS = 4
COMING = date(2027, 3, 3)


@pytest.fixture
def world(time_machine: Any) -> Silent:
    time_machine.move_to(NOW, tick=True)
    world = Silent()
    world.rule(world.wednesdays)
    (world.coming,) = world.openings(world.wednesdays, COMING)
    return world


def test_four_workers_erase_it_once(world: Silent) -> None:
    world.confirmed()
    assert sorted(together([lambda: dormants_erased(now=LATER)] * 4)) == [0, 0, 0, 1]
    assert not HealthSheet.objects.exists()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_booking_at_that_instant_is_a_sign_or_finds_nobody(world: Silent, _round: int) -> None:
    """By an agent, in a new enrolment that it has written just before the worker looked at the list."""
    world.confirmed()
    enrolment = world.enrolled

    def books() -> object:
        type(enrolment).objects.filter(pk=enrolment.pk).update(ends_on=date(2027, 7, 1))
        change = Change(world.zoe.pk, world.coming.pk, False, True)
        return bookings_save(actor=world.durand.actor, changes=[change], now=LATER)

    booked, erased = together_or_errors([books, lambda: dormants_erased(now=LATER)])
    has_place = Booking.objects.filter(day=COMING).exists()
    assert erased in {0, 1}
    if erased == 0:
        assert HealthSheet.objects.exists()
    else:
        assert not has_place, booked
        assert Family.objects.get().left_on is not None


def test_two_workers_tell_it_once(world: Silent) -> None:
    assert sorted(together([lambda: dormants_told(now=NOW)] * 3)) == [0, 0, 1]
    assert Dormant.objects.count() == 1


def test_two_agents_confirm_it_once(world: Silent) -> None:
    dormants_told(now=NOW)

    def confirms() -> tuple[int, int]:
        return dormant_confirm(actor=world.office, family_ids=[world.family.pk], now=LATER)

    assert sorted(together([confirms] * 3)) == [(0, 1), (0, 1), (1, 0)]
