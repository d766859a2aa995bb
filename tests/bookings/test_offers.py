"""Places that an agent offers, once cancelling is no more free."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.bookings.models import Booking
from marelle.bookings.offers.services import offer_accept, offer_decline, offers_expire, place_offer
from marelle.bookings.refusals import OfferImpossible
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.saving.services import bookings_save, waiting_served
from marelle.bookings.states import BookingState, EndCause
from marelle.bookings.waiting.moves import waiting_place
from marelle.cases.services import OwnFile
from marelle.core.actor import Role
from marelle.core.french import day_long
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message
from tests.bookings.world import TOO_LATE, assert_counters_equal_bookings

pytestmark = pytest.mark.django_db

UNTIL = TOO_LATE + timedelta(hours=3)


@pytest.fixture
def queue(world):
    """Two children wait, Léa first; the only place is free and nobody can cancel free any more."""
    bookings = []
    for number, name in enumerate(("Léa", "Tom")):
        home, child = world.another(name)
        queued = TOO_LATE - timedelta(days=2 - number)
        bookings.append(
            (home, world.made.booking(child, world.opening, state=BookingState.WAITING, queued_at=queued))
        )
    return bookings


@pytest.fixture
def director(world):
    return actor_for(world.made.staff("direction", Role.DIRECTOR))


def offer(director, world, until=UNTIL):
    return place_offer(actor=director, opening_id=world.opening.pk, until=until, now=TOO_LATE)


def states(queue) -> list[str]:
    return [Booking.objects.get(pk=booking.pk).state for _home, booking in queue]


def test_nobody_is_given_it_unasked_and_the_first_is_offered_it(world, queue, director):
    assert waiting_served(now=TOO_LATE) == 0
    offer(director, world)
    assert states(queue) == ["offered", "waiting"]
    assert Booking.objects.get(pk=queue[0][1].pk).offered_until == UNTIL
    mail = Message.objects.get(kind="bookings/place_offered")
    assert mail.to == queue[0][0].adult.email
    assert f"/reservations/proposition/{queue[0][1].pk}/" in mail.text
    assert f"- {day_long(world.opening.day)} · Matin, 8 h – 12 h\n" in mail.text
    assert_counters_equal_bookings()
    with pytest.raises(OfferImpossible):
        offer(director, world)


def the_mail() -> str:
    return Message.objects.get(kind="bookings/place_offered").text


def test_the_mail_says_until_when_the_place_could_still_be_given_back(world, queue, director):
    """An agent may offer what would have gone by itself: it can then still be cancelled, for hours."""
    early = TOO_LATE - timedelta(hours=5)
    place_offer(actor=director, opening_id=world.opening.pk, until=UNTIL, now=early)
    assert "vous pourrez encore l’annuler dans votre espace, jusqu’au mardi 8 septembre à 12" in the_mail()
    offer_accept(actor=queue[0][0].actor, booking_id=queue[0][1].pk, now=early)
    untick = Change(queue[0][1].child_id, world.opening.pk, seen=True, wanted=False)
    (outcome,) = bookings_save(actor=queue[0][0].actor, changes=[untick], now=TOO_LATE - timedelta(minutes=2))
    assert outcome.result is Result.CANCELLED


def test_the_mail_says_that_a_place_offered_late_cannot_be_given_back(world, queue, director):
    offer(director, world)
    assert "elle ne pourra plus être annulée dans votre espace" in the_mail()
    offer_accept(actor=queue[0][0].actor, booking_id=queue[0][1].pk, now=UNTIL)
    untick = Change(queue[0][1].child_id, world.opening.pk, seen=True, wanted=False)
    (outcome,) = bookings_save(actor=queue[0][0].actor, changes=[untick], now=UNTIL)
    assert outcome.why is Why.TOO_LATE_TO_CANCEL


@pytest.mark.parametrize("late", [False, True])
def test_a_place_given_says_until_when_it_is_cancelled_only_while_it_can_be(world, queue, director, late):
    now = TOO_LATE if late else TOO_LATE - timedelta(hours=5)
    waiting_place(actor=director, booking_id=queue[0][1].pk, derogation="", now=now)
    said = Message.objects.get(kind="bookings/place_given").text
    assert ("vous pouvez annuler jusqu’au mardi 8 septembre" in said) is not late


def test_it_is_accepted_in_time(world, queue, director):
    offer(director, world)
    home, booking = queue[0]
    offer_accept(actor=home.actor, booking_id=booking.pk, now=UNTIL)
    assert states(queue) == ["booked", "waiting"]
    assert offers_expire(now=UNTIL + timedelta(days=1)) == 0
    with pytest.raises(OfferImpossible):
        offer_accept(actor=home.actor, booking_id=booking.pk, now=UNTIL)
    assert_counters_equal_bookings()


def test_the_next_has_until_the_start_at_the_latest(
    world, queue, director, django_capture_on_commit_callbacks
):
    offer(director, world, until=TOO_LATE + timedelta(hours=19))
    home, booking = queue[0]
    with django_capture_on_commit_callbacks(execute=True):
        offer_decline(actor=home.actor, booking_id=booking.pk, now=TOO_LATE + timedelta(hours=2))
    assert Booking.objects.get(pk=queue[1][1].pk).offered_until == world.opening.starts_at


def test_declined_it_goes_to_the_next(world, queue, director, django_capture_on_commit_callbacks):
    offer(director, world)
    home, booking = queue[0]
    with django_capture_on_commit_callbacks(execute=True):
        offer_decline(actor=home.actor, booking_id=booking.pk, now=TOO_LATE + timedelta(hours=1))
    assert states(queue) == ["cancelled", "offered"]
    assert Booking.objects.get(pk=queue[1][1].pk).offered_until == TOO_LATE + timedelta(hours=4)
    assert_counters_equal_bookings()


def test_left_without_an_answer_it_goes_to_the_next_and_stops_at_the_start(
    world, queue, director, django_capture_on_commit_callbacks
):
    offer(director, world)
    assert offers_expire(now=UNTIL) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert offers_expire(now=UNTIL + timedelta(minutes=2)) == 1
    assert states(queue) == ["cancelled", "offered"]
    assert Booking.objects.get(pk=queue[0][1].pk).end_cause == EndCause.EXPIRED
    with pytest.raises(OfferImpossible):
        offer_accept(actor=queue[0][0].actor, booking_id=queue[0][1].pk, now=UNTIL + timedelta(minutes=3))
    with django_capture_on_commit_callbacks(execute=True):
        offers_expire(now=world.opening.starts_at)
    assert states(queue) == ["cancelled", "cancelled"]
    assert_counters_equal_bookings()


@pytest.mark.parametrize("hours", [0, 0.4, 48])
def test_an_offer_leaves_time_and_ends_before_the_start(world, queue, director, hours):
    with pytest.raises(OfferImpossible):
        offer(director, world, TOO_LATE + timedelta(hours=hours))
    assert states(queue) == ["waiting", "waiting"]


def test_where_no_place_is_free_none_is_offered(world, queue, director):
    world.made.booking(world.zoe, world.opening)
    with pytest.raises(OfferImpossible):
        offer(director, world)
    assert states(queue) == ["waiting", "waiting"]


def test_each_answers_for_its_own(world, queue, director):
    for role in (Role.ANIMATOR, Role.OFFICE):
        where = {"authority": world.made.authority("Mairie")} if role is Role.OFFICE else {}
        with pytest.raises(NotYours):
            offer(actor_for(world.made.staff(f"x{role.value}", role, **where)), world)
    offer(director, world)
    for actor in (world.durand.actor, queue[1][0].actor):
        with pytest.raises(NotYours):
            offer_accept(actor=actor, booking_id=queue[0][1].pk, now=TOO_LATE)
    assert states(queue) == ["offered", "waiting"]


def test_nobody_offers_a_place_to_its_own_child(world, queue):
    parent = queue[0][0].adult
    parent.account = world.made.staff("parente", Role.DIRECTOR)
    parent.save()
    with pytest.raises(OwnFile):
        offer(actor_for(parent.account), world)
    assert states(queue) == ["waiting", "waiting"]
