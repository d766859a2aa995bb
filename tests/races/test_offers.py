"""An offer answered as it ends, two agents with one place, a request answered while it is taken back."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from marelle.activities.kinds import BookingMode
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.offers.cases import offer_cases_follow, place_leave
from marelle.bookings.offers.services import offer_accept, offer_decline, offers_expire, place_offer
from marelle.bookings.requests.services import bookings_answer
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import No
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=PARIS)
UNTIL = NOW + timedelta(hours=3)
WEDNESDAY = date(2026, 11, 25)


class Queue(Scenario):
    """One place is free on Wednesday, past the free cancellation, and two children wait."""

    def __init__(self, mode: BookingMode = BookingMode.PARENT) -> None:
        super().__init__()
        self.wednesdays = self.activity(booking_mode=mode)
        self.slot(self.wednesdays, capacity=1)
        self.rule(self.wednesdays)
        (self.opening,) = self.openings(self.wednesdays, WEDNESDAY)
        self.homes = [self.home(name) for name in ("Durand", "Martin")]
        self.children = [self.child(home, f"Enfant {home.family.name}") for home in self.homes]
        for home, child in zip(self.homes, self.children, strict=True):
            self.enrolment(child, self.wednesdays, home)
        self.directors = [actor_for(self.staff(f"d{n}", Role.DIRECTOR)) for n in range(2)]

    def both_wait(self) -> list[Booking]:
        return [
            self.booking(
                child, self.opening, state=BookingState.WAITING, queued_at=NOW - timedelta(days=2 - n)
            )
            for n, child in enumerate(self.children)
        ]

    def offer(self, agent: Actor) -> object:
        return place_offer(actor=agent, opening_id=self.opening.pk, until=UNTIL, now=NOW)


def ends(answers: list[object]) -> Counter[str]:
    return Counter(type(one).__name__ if isinstance(one, Exception) else "done" for one in answers)


def states() -> list[str]:
    return list(Booking.objects.order_by("pk").values_list("state", flat=True))


def test_two_agents_offer_one_place_once() -> None:
    world = Queue()
    world.both_wait()
    answers = together_or_errors([lambda a=agent: world.offer(a) for agent in world.directors])
    assert ends(answers) == {"done": 1, "OfferImpossible": 1}
    assert states() == ["offered", "waiting"]
    assert Message.objects.filter(kind="bookings/place_offered").count() == 1
    counters_hold()


@pytest.mark.parametrize("round_", range(3))
def test_accepted_as_it_ends_it_is_kept_or_passed_on_and_never_both(round_: int) -> None:
    world = Queue()
    first, _second = world.both_wait()
    world.offer(world.directors[0])
    parent = world.homes[0].actor
    answers = together_or_errors(
        [
            lambda: offer_accept(actor=parent, booking_id=first.pk, now=UNTIL),
            lambda: offers_expire(now=UNTIL + timedelta(minutes=2)),
            lambda: offers_expire(now=UNTIL + timedelta(minutes=2)),
        ]
    )
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, No)], answers
    assert states() in (["booked", "waiting"], ["cancelled", "offered"])
    counters_hold()


def test_declined_twice_it_is_passed_on_once() -> None:
    world = Queue()
    first, _second = world.both_wait()
    world.offer(world.directors[0])
    parent = world.homes[0].actor
    answers = together_or_errors(
        [lambda: offer_decline(actor=parent, booking_id=first.pk, now=NOW + timedelta(minutes=5))] * 2
    )
    assert ends(answers) == {"done": 1, "OfferImpossible": 1}
    assert states() == ["cancelled", "offered"]
    counters_hold()


@pytest.mark.parametrize("round_", range(3))
def test_a_request_is_answered_or_taken_back(round_: int) -> None:
    world = Queue(BookingMode.VALIDATED)
    early = NOW - timedelta(days=3)
    child, parent, opening = world.children[0], world.homes[0].actor, world.opening
    bookings_save(actor=parent, changes=[Change(child.pk, opening.pk, seen=False, wanted=True)], now=early)
    request, booking = BookingRequest.objects.get(), Booking.objects.get()
    back = Change(child.pk, opening.pk, seen=True, wanted=False)
    answers = together_or_errors(
        [
            lambda: bookings_answer(
                actor=world.directors[0], request_id=request.pk, accepted={booking.pk}, now=early
            ),
            lambda: bookings_save(actor=parent, changes=[back], now=early),
        ]
    )
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, AlreadyDecided)], answers
    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED
    assert Case.objects.get().state in ("accepted", "withdrawn")
    counters_hold()


def test_many_workers_open_one_case_and_an_offer_closes_it():
    world = Queue()
    world.both_wait()
    follow = partial(offer_cases_follow, now=NOW)
    done = together_or_errors([follow] * 4)
    assert sorted(done) == [0, 0, 0, 1]
    offer = partial(world.offer, world.directors[0])
    leave = partial(place_leave, actor=world.directors[1], opening_id=world.opening.pk, now=NOW)
    together_or_errors([offer, leave, follow, follow])
    assert Booking.objects.filter(state=BookingState.OFFERED).count() <= 1
    follow()
    assert not Case.objects.filter(kind="place", state="open").exists(), "the next look puts it right"
    counters_hold()
