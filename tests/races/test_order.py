"""An agent changes the order of a queue while a place comes free: the place follows the order kept."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.bookings.waiting.moves import waiting_place, waiting_prioritise
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import No
from marelle.flows.actor.actors import actor_for
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold, held_on
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=PARIS)


class Queue(Scenario):
    """Zoé holds the only place; Paul, then Nina, wait."""

    def __init__(self) -> None:
        super().__init__()
        wednesdays = self.activity()
        self.slot(wednesdays, capacity=1)
        self.rule(wednesdays)
        (self.opening,) = self.openings(wednesdays, date(2026, 11, 25))
        self.homes = [self.home(name) for name in ("Durand", "Martin", "Petit")]
        self.zoe, self.paul, self.nina = (
            self.child(home, name) for home, name in zip(self.homes, ("Zoé", "Paul", "Nina"), strict=True)
        )
        for home, child in zip(self.homes, (self.zoe, self.paul, self.nina), strict=True):
            self.enrolment(child, wednesdays, home)
        self.booking(self.zoe, self.opening)
        self.waiting = [
            self.booking(
                child, self.opening, state=BookingState.WAITING, queued_at=NOW - timedelta(days=days)
            )
            for child, days in ((self.paul, 2), (self.nina, 1))
        ]
        self.agent = actor_for(self.staff("direction", Role.DIRECTOR))

    def free(self) -> object:
        back = Change(self.zoe.pk, self.opening.pk, seen=True, wanted=False)
        return bookings_save(actor=self.homes[0].actor, changes=[back], now=NOW)

    def nina_first(self) -> object:
        return waiting_prioritise(
            actor=self.agent, booking_id=self.waiting[1].pk, priority=2, seen=0, reason="Fratrie", now=NOW
        )

    def nina_placed(self) -> object:
        return waiting_place(
            actor=self.agent,
            booking_id=self.waiting[1].pk,
            derogation="Urgence",
            past_capacity=True,
            now=NOW,
        )


def test_a_place_freed_while_the_order_changes_follows_the_new_one() -> None:
    world = Queue()
    change = transaction.atomic()
    change.__enter__()
    world.nina_first()

    def keep_once_the_other_waits() -> None:
        time.sleep(0.5)  # it has read who waits, in the old order, and stands before the locks
        change.__exit__(None, None, None)

    together_or_errors([world.free], once_started=keep_once_the_other_waits)
    assert held_on(world.opening) == {world.nina.pk}
    counters_hold()


@pytest.mark.parametrize("round_", range(3))
def test_at_the_same_moment_the_place_goes_to_one_and_the_order_is_kept_or_told_too_late(round_: int) -> None:
    world = Queue()
    answers = together_or_errors([world.free, world.nina_first])
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, No)], answers
    assert len(held_on(world.opening)) == 1
    assert Booking.objects.waiting().count() == 1
    counters_hold()


@pytest.mark.parametrize("round_", range(3))
def test_placed_by_an_agent_while_a_place_comes_free_nobody_is_placed_twice(round_: int) -> None:
    world = Queue()
    answers = together_or_errors([world.free, world.nina_placed, world.nina_placed])
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, No)], answers
    assert world.nina.pk in held_on(world.opening)
    counters_hold()
