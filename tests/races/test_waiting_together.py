"""Places that come free while a home waits for two of them together, or for one of several."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Booking, Passing
from marelle.bookings.offers.services import offer_accept
from marelle.bookings.saving.services import waiting_served
from marelle.bookings.states import BookingState
from marelle.bookings.waiting.joining import waiting_apart, waiting_for_one, waiting_together
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.together import together
from tests.races.truth import counters_hold, held_on
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


class Pair:
    """Two places, taken by two homes; two of one home wait for them, and behind them two alone."""

    def __init__(self) -> None:
        self.world = Scenario()
        self.activity = self.world.activity()
        self.world.slot(self.activity, capacity=2)
        self.world.rule(self.activity)
        self.opening, self.next = self.world.openings(self.activity, WEDNESDAY, WEDNESDAY + timedelta(days=7))
        self.parents = crowd(self.world, 4, [self.activity])
        self.home: Home = self.world.home("Martin")
        self.kids = [self.world.child(self.home, name) for name in ("Léa", "Tom")]
        for child in self.kids:
            self.world.enrolment(child, self.activity, self.home)
        for parent in self.parents[:2]:
            self.world.booking(parent.child, self.opening)
        self.rows = [self.waits(child.pk, self.opening, 9) for child in self.kids]

    def waits(self, child_id: int, on: Opening, days: int, **fields: object) -> Booking:
        child = type(self.kids[0]).objects.get(pk=child_id)
        state = fields.pop("state", BookingState.WAITING)
        return self.world.booking(child, on, state=state, queued_at=NOW - timedelta(days=days), **fields)

    def states(self) -> list[str]:
        return [Booking.objects.get(pk=row.pk).state for row in self.rows]

    def behind(self) -> list[Parent]:
        for days, parent in enumerate(self.parents[2:], start=1):
            self.waits(parent.child.pk, self.opening, days)
        return self.parents[2:]


def served() -> None:
    waiting_served(now=NOW)


def test_two_places_freed_at_once_go_to_a_group_once_or_each_to_who_comes_after() -> None:
    """Whichever is freed first fits one alone; what never happens is half of the group."""
    pair = Pair()
    waiting_together(actor=pair.home.actor, booking_ids=[row.pk for row in pair.rows], now=NOW)
    behind = pair.behind()
    together([*(parent.cancels(pair.opening) for parent in pair.parents[:2]), served, served])
    served()
    counters_hold()
    kids, singles = {child.pk for child in pair.kids}, {parent.child.pk for parent in behind}
    assert held_on(pair.opening) in (kids, singles)
    if held_on(pair.opening) == singles:
        assert Passing.objects.filter(booking__in=pair.rows).count() == 2


def test_a_group_that_fits_once_is_given_once() -> None:
    pair = Pair()
    waiting_together(actor=pair.home.actor, booking_ids=[row.pk for row in pair.rows], now=NOW)
    together([*(parent.cancels(pair.opening) for parent in pair.parents[:2]), served, served, served])
    served()
    counters_hold()
    assert pair.states() == ["booked"] * 2
    assert held_on(pair.opening) == {child.pk for child in pair.kids}


def test_who_parts_while_places_come_free_has_both_or_one_and_nothing_is_lost() -> None:
    pair = Pair()
    waiting_together(actor=pair.home.actor, booking_ids=[row.pk for row in pair.rows], now=NOW)
    part = partial(waiting_apart, actor=pair.home.actor, booking_id=pair.rows[0].pk, now=NOW)
    together([pair.parents[0].cancels(pair.opening), part, served])
    served()
    counters_hold()
    assert pair.states() == ["booked", "waiting"]


def test_an_offer_accepted_while_a_place_of_another_choice_comes_free_is_one_place() -> None:
    """Léa is offered the second week and waits for the first, of which the only place is given back."""
    pair = Pair()
    lea = pair.kids[0]
    wanted, lesser = pair.rows[0], pair.waits(lea.pk, pair.next, 9)
    waiting_for_one(actor=pair.home.actor, order={wanted.pk: 1, lesser.pk: 2}, now=NOW)
    Booking.objects.filter(pk=lesser.pk).update(
        state=BookingState.OFFERED, offered_until=NOW + timedelta(hours=9), changed_at=NOW
    )
    pair.next.quotas.update(taken=1)
    accept = partial(offer_accept, actor=pair.home.actor, booking_id=lesser.pk, now=NOW)
    together([pair.parents[0].cancels(pair.opening), accept, served])
    served()
    counters_hold()
    assert Booking.objects.get(pk=lesser.pk).state == "booked"
    assert pair.states() == ["cancelled", "booked"], "the place goes to Tom, who waits behind for himself"


def test_two_choices_freed_at_once_are_one_place() -> None:
    pair = Pair()
    lea = pair.kids[0]
    for parent in pair.parents[:2]:
        pair.world.booking(parent.child, pair.next)
    wanted, lesser = pair.rows[0], pair.waits(lea.pk, pair.next, 9)
    waiting_for_one(actor=pair.home.actor, order={wanted.pk: 1, lesser.pk: 2}, now=NOW)
    together([pair.parents[0].cancels(pair.opening), pair.parents[1].cancels(pair.next), served, served])
    served()
    counters_hold()
    held = Booking.objects.holding().filter(child=lea)
    assert held.count() == 1
    assert not Booking.objects.waiting().filter(child=lea).exists()
