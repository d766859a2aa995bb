"""Places given back and handed on, on the database; and in how many statements."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Opening, Quota
from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.models import Booking
from marelle.bookings.saving.services import places_freed, waiting_served
from marelle.bookings.states import BookingState, EndCause
from marelle.families.models import Person
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.bookings.world import (
    NOW,
    TOO_LATE,
    WEDNESDAY,
    World,
    assert_counters_equal_bookings,
    said,
    tick,
    untick,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(world):
    """Zoé holds the only place; Paul, then Nina, wait for it."""
    martin, paul = world.another("Martin")
    petit, nina = world.another("Petit")
    world.made.booking(world.zoe, world.opening)
    world.made.booking(paul, world.opening, state=BookingState.WAITING, queued_at=NOW - timedelta(days=2))
    world.made.booking(nina, world.opening, state=BookingState.WAITING, queued_at=NOW - timedelta(days=1))
    return martin, paul, petit, nina


def test_a_place_given_back_goes_to_the_first_who_is_told(world, queue):
    martin, paul, _petit, nina = queue
    world.save(untick(world.zoe, world.opening))
    assert Booking.objects.get(child=paul).state == "booked"
    assert Booking.objects.get(child=nina).state == "waiting"
    assert list(Message.objects.values_list("to", "family_id")) == [(martin.adult.email, martin.family.pk)]
    entry = Entry.objects.get(verb="booking.placed")
    assert (entry.subject_id, entry.subject_label, entry.family_id) == (paul.pk, "Martin", martin.family.pk)
    assert_counters_equal_bookings()


def test_priority_comes_before_time(world, queue):
    _martin, paul, _petit, nina = queue
    Booking.objects.filter(child=nina).update(priority=1)
    world.save(untick(world.zoe, world.opening))
    assert Booking.objects.get(child=nina).state == "booked"
    assert Booking.objects.get(child=paul).state == "waiting"


def test_only_the_home_that_waited_is_told_and_only_who_wants_to_be(world, queue):
    martin, paul, petit, _nina = queue
    world.made.shared(paul, martin, petit)
    silent = world.made.adult(martin, "Alex")
    world.made.guardian(silent, paul, is_told=False)
    stranger = world.made.adult(martin, "Dominique")
    world.save(untick(world.zoe, world.opening))
    told = set(Message.objects.values_list("to", flat=True))
    assert told == {martin.adult.email}
    assert stranger.email not in told


def test_a_couple_that_shares_an_address_gets_one_mail_and_who_may_not_see_the_child_none(world, queue):
    martin, paul, _petit, _nina = queue
    partner = world.made.adult(martin, "Alex")
    world.made.guardian(partner, paul)
    Person.objects.filter(pk=partner.pk).update(email=martin.adult.email.upper())
    unseeing = world.made.adult(martin, "Sacha")
    world.made.guardian(unseeing, paul, may_see=False)
    world.save(untick(world.zoe, world.opening))
    assert [to.lower() for to in Message.objects.values_list("to", flat=True)] == [martin.adult.email.lower()]


def test_past_the_limit_to_cancel_nobody_is_served_nor_passed(world, queue):
    agent = world.agent()
    world.save(untick(world.zoe, world.opening), actor=agent, now=TOO_LATE, derogation="Malade")
    assert Booking.objects.waiting().count() == 2
    assert waiting_served(now=TOO_LATE) == 0
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, world.activity, world.durand)
    world.activity.booking_rules.update(book_n=0, book_time=time(8))
    definition_changed(Activity.objects.all())
    assert said(world.save(tick(leo, world.opening), now=TOO_LATE)) == ["full"]


def test_after_a_crash_the_follow_up_gives_the_place_and_only_once(world, queue):
    _martin, paul, _petit, nina = queue
    Booking.objects.filter(child=world.zoe).update(state="cancelled", end_cause=EndCause.STRUCTURE)
    world.opening.quotas.update(taken=0)
    assert waiting_served(now=NOW) == 1
    assert waiting_served(now=NOW) == 0
    assert Booking.objects.get(child=paul).state == "booked"
    assert Booking.objects.get(child=nina).state == "waiting"
    assert Message.objects.count() == 1
    assert_counters_equal_bookings()


def test_a_place_freed_elsewhere_is_given_after_the_commit(world, queue, django_capture_on_commit_callbacks):
    _martin, paul, _petit, _nina = queue
    with django_capture_on_commit_callbacks(execute=True):
        Booking.objects.filter(child=world.zoe).update(state="cancelled", end_cause=EndCause.STRUCTURE)
        world.opening.quotas.update(taken=0)
        places_freed(opening_ids=[world.opening.pk], now=NOW)
        assert Booking.objects.get(child=paul).state == "waiting"
    assert Booking.objects.get(child=paul).state == "booked"


def test_the_follow_up_serves_those_who_wait_by_the_hour(world):
    nursery = world.made.activity("Multi-accueil", kind="childcare", years=(0, 3))
    world.made.slot(nursery, "Accueil", "08:00", "10:00", capacity=1, by_hour=True)
    world.made.rule(nursery)
    (opening,) = world.made.openings(nursery, WEDNESDAY)
    noe, mia = (world.made.child(world.durand, name, born=date(2025, 7, 1)) for name in ("Noé", "Mia"))
    for child in (noe, mia):
        world.made.enrolment(child, nursery, world.durand)
    world.made.booking(noe, opening, hours=("08:00", "09:00"))
    world.made.booking(mia, opening, hours=("09:00", "10:00"), state=BookingState.WAITING)
    assert waiting_served(now=NOW) == 1


def test_where_an_agent_validates_a_freed_place_is_held_and_nobody_is_told_yet(world, queue):
    _martin, paul, _petit, _nina = queue
    Activity.objects.update(booking_mode="validated")
    definition_changed(Activity.objects.all())
    world.save(untick(world.zoe, world.opening))
    assert Booking.objects.get(child=paul).state == "requested"
    assert not Message.objects.exists()
    assert_counters_equal_bookings()


# How many statements


@pytest.fixture
def twenty(world) -> list[Opening]:
    days = [date(2026, 9, 16) + timedelta(weeks=number) for number in range(20)]
    return [world.made.opening(world.morning, day) for day in days]


def _crowd(world: World, openings: list[Opening], number: int) -> None:
    Quota.objects.update(capacity=100)
    for count in range(number):
        _home, child = world.another(f"Famille{count}")
        for opening in openings:
            world.made.booking(child, opening)


@pytest.mark.parametrize("families", [0, 12])
def test_twenty_cells_are_saved_in_ten_statements(world, twenty, count_queries, families):
    _crowd(world, twenty, families)
    world.save(tick(world.zoe, world.opening))
    actor = world.durand.actor
    with count_queries(10):
        outcomes = world.save(*(tick(world.zoe, one) for one in twenty), actor=actor)
    assert said(outcomes) == ["booked"] * 20
    assert_counters_equal_bookings()


@pytest.mark.parametrize("waiting", [1, 5])
def test_twenty_places_are_given_back_to_those_who_wait_in_sixteen_statements(
    world, twenty, count_queries, waiting
):
    for one in twenty:
        world.made.booking(world.zoe, one)
    for count in range(waiting):
        _home, child = world.another(f"Attente{count}")
        for one in twenty:
            world.made.booking(child, one, state=BookingState.WAITING)
    world.save(tick(world.zoe, world.opening))
    actor = world.durand.actor
    with count_queries(16):
        outcomes = world.save(*(untick(world.zoe, one) for one in twenty), actor=actor)
    assert said(outcomes) == ["cancelled"] * 20
    assert Booking.objects.holding().exclude(child=world.zoe).count() == 20
    assert_counters_equal_bookings()


def test_a_limit_that_never_lets_cancel_serves_nobody(world, queue):
    row = world.activity.booking_rules.get()
    row.set_limits(book=Limit(LimitKind.START), cancel=Limit(LimitKind.NEVER))
    row.save()
    definition_changed(Activity.objects.all())
    assert said(world.save(untick(world.zoe, world.opening))) == ["too_late_to_cancel"]
    world.save(untick(world.zoe, world.opening), actor=world.agent(), derogation="Erreur du guichet")
    assert Booking.objects.waiting().count() == 2
