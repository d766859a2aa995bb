"""A place offered, given or left free, undone in its minute: each row is as before, or nothing changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.activities.models import Quota
from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import KIND, offer_cases_follow, place_leave
from marelle.bookings.offers.services import offer_accept, offer_decline, place_offer
from marelle.bookings.offers.undoing import place_undo
from marelle.bookings.states import BookingState
from marelle.bookings.waiting.moves import waiting_place
from marelle.cases.models import Case
from marelle.cases.services import CannotUndo, OwnFile
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.mail.services import send_due
from marelle.places.models import Post
from tests.bookings.world import TOO_LATE, made_world
from tests.races.truth import counters_hold

pytestmark = pytest.mark.django_db

UNTIL = TOO_LATE + timedelta(hours=3)
LATER = TOO_LATE + timedelta(seconds=59)


@pytest.fixture
def world():
    world = made_world()
    home, child = world.another("Léa")
    world.home = home
    world.made.booking(
        child, world.opening, state=BookingState.WAITING, queued_at=TOO_LATE - timedelta(days=1)
    )
    offer_cases_follow(now=TOO_LATE)
    return world


@pytest.fixture
def director(world):
    return actor_for(world.made.staff("direction", Role.DIRECTOR))


def offer(world, director):
    place_offer(actor=director, opening_id=world.opening.pk, until=UNTIL, now=TOO_LATE)


def give(_world, director):
    waiting_place(actor=director, booking_id=Booking.objects.get().pk, derogation="", now=TOO_LATE)


def leave(world, director):
    place_leave(actor=director, opening_id=world.opening.pk, now=TOO_LATE)


def undo(world, actor):
    place_undo(actor=actor, opening_id=world.opening.pk, decided_at=TOO_LATE, now=LATER)


def rows() -> list[dict[str, object]]:
    """When a booking last changed is for calendars that follow it."""
    return [
        {name: value for name, value in row.items() if name != "changed_at"}
        for model in (Booking, Quota, Case)
        for row in model._default_manager.order_by("pk").values()
    ]


@pytest.mark.parametrize("decide", [offer, give, leave])
def test_the_place_is_to_be_offered_again(world, director, decide):
    before = rows()
    decide(world, director)
    assert rows() != before
    send_due(now=LATER)
    undo(world, director)
    assert rows() == before
    counters_hold()
    assert set(Message.objects.values_list("state", flat=True)) <= {MessageState.REVOKED}
    assert offer_cases_follow(now=LATER) == 0
    decide(world, director)


def test_the_mail_of_an_offer_leaves_after_its_minute(world, director):
    offer(world, director)
    assert send_due(now=LATER).sent == 0
    assert send_due(now=LATER + timedelta(seconds=1)).sent == 1
    with pytest.raises(CannotUndo) as refused:
        undo(world, director)
    assert refused.value.data["why"] == "mail_gone"


@pytest.mark.parametrize("answer", [offer_accept, offer_decline])
def test_an_offer_that_was_answered_stays(world, director, answer):
    offer(world, director)
    answer(actor=world.home.actor, booking_id=Booking.objects.get().pk, now=TOO_LATE + timedelta(seconds=5))
    after = rows()
    with pytest.raises(CannotUndo) as refused:
        undo(world, director)
    assert refused.value.data["why"] == "answered"
    assert rows() == after


def test_a_bundle_is_taken_back_whole(world, director):
    other = world.made.opening(world.morning, world.opening.day + timedelta(days=1))
    waiting = Booking.objects.waiting().get()
    world.made.booking(waiting.child, other, state=BookingState.WAITING)
    world.made.bundle(world.activity, "Deux jours", [world.opening, other])
    before = rows()
    offer(world, director)
    assert Booking.objects.filter(state=BookingState.OFFERED).count() == 2
    undo(world, director)
    assert rows() == before


def test_only_who_gives_the_place_takes_it_back(world, director):
    offer(world, director)
    elsewhere = world.made.structure("Ailleurs")
    for outsider in (
        actor_for(world.made.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
        actor_for(world.made.staff("animation", Role.ANIMATOR)),
        world.home.actor,
    ):
        with pytest.raises(NotYours):
            undo(world, outsider)
    undo(world, actor_for(world.made.staff("guichet", Role.OFFICE)))
    assert Case.objects.get(kind=KIND).state == "open"


@pytest.mark.parametrize("decide", [offer, give, leave])
def test_with_two_places_and_two_who_wait_the_worker_does_not_stand_in_the_way(world, director, decide):
    Quota.objects.update(capacity=2)
    _home, child = world.another("Tom")
    world.made.booking(
        child, world.opening, state=BookingState.WAITING, queued_at=TOO_LATE - timedelta(hours=1)
    )
    before = rows()
    if decide is give:
        first = Booking.objects.waiting().order_by("queued_at").first()
        waiting_place(actor=director, booking_id=first.pk, derogation="", now=TOO_LATE)
    else:
        decide(world, director)
    after = TOO_LATE + timedelta(seconds=30)
    assert offer_cases_follow(now=after) == 0
    undo(world, director)
    assert rows() == before


def test_once_it_is_undone_no_more_the_next_place_is_asked_about(world, director):
    Quota.objects.update(capacity=2)
    _home, child = world.another("Tom")
    world.made.booking(child, world.opening, state=BookingState.WAITING, queued_at=TOO_LATE)
    offer(world, director)
    assert offer_cases_follow(now=LATER) == 0
    assert offer_cases_follow(now=LATER + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("decide", [offer, give])
def test_the_derogation_by_which_a_child_waits_stays_its_own(world, director, decide):
    Booking.objects.update(derogation="Fratrie")
    before = rows()
    decide(world, director)
    assert Booking.objects.get().derogation == "Fratrie"
    undo(world, director)
    assert rows() == before


def test_a_place_given_by_derogation_gives_the_former_one_back(world, director):
    Booking.objects.update(derogation="Fratrie")
    _home, child = world.another("Tom")
    last = world.made.booking(
        child,
        world.opening,
        state=BookingState.WAITING,
        queued_at=TOO_LATE - timedelta(hours=1),
        derogation="Hors délai",
        passed="too_late",
    )
    before = rows()
    waiting_place(actor=director, booking_id=last.pk, derogation="Urgence", now=TOO_LATE)
    last.refresh_from_db()
    assert (last.state, last.derogation, last.passed) == (BookingState.BOOKED, "Urgence", "queue_order")
    undo(world, director)
    assert rows() == before


def test_leaving_a_place_and_undoing_it_are_written_in_the_journal(world, director):
    leave(world, director)
    undo(world, director)
    acts = Entry.objects.filter(subject_kind="opening", subject_id=world.opening.pk).order_by("pk")
    assert [(act.verb, act.actor_label) for act in acts] == [
        ("booking.place_left", director.label),
        ("booking.place_left_undone", director.label),
    ]
    assert acts[0].subject_label == "Mercredi 9 septembre · Matin, Mercredis"


def test_a_place_left_free_is_not_taken_back_for_ones_own_child(world, director):
    leave(world, director)
    Post.objects.create(user=world.home.user, role=Role.DIRECTOR, structure=world.made.the_structure)
    with pytest.raises(OwnFile):
        undo(world, actor_for(world.home.user))
    assert Case.objects.get(kind=KIND).state == "refused"
