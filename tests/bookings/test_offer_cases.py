"""A place that nobody is given by itself waits on the desk, once, until it is offered, taken or left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import Decider
from marelle.activities.models import Activity
from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import KIND, offer_cases_follow, place_leave
from marelle.bookings.offers.pages import queues
from marelle.bookings.offers.services import offers_expire, place_offer
from marelle.bookings.saving.services import waiting_served
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from tests.bookings.world import NOW, TOO_LATE, made_world

pytestmark = pytest.mark.django_db

UNTIL = TOO_LATE + timedelta(hours=3)


def waits(world, name: str, **fields) -> Booking:
    _home, child = world.another(name)
    queued = {"queued_at": TOO_LATE - timedelta(days=1), **fields}
    return world.made.booking(child, world.opening, state=BookingState.WAITING, **queued)


@pytest.fixture
def world():
    world = made_world()
    waits(world, "Léa")
    return world


@pytest.fixture
def director(world):
    return actor_for(world.made.staff("direction", Role.DIRECTOR))


def states() -> list[str]:
    return list(Case.objects.filter(kind=KIND).order_by("pk").values_list("state", flat=True))


def test_it_opens_once_when_nobody_is_given_the_place(world):
    assert offer_cases_follow(now=NOW) == 0, "given by itself, as long as one can cancel free"
    assert offer_cases_follow(now=TOO_LATE) == 1
    assert offer_cases_follow(now=TOO_LATE) == 0
    case = Case.objects.get(kind=KIND)
    assert case.label == "Mercredi 9 septembre · Matin, Mercredis"
    assert (case.structure_id, case.until) == (world.made.the_structure.pk, world.opening.starts_at)


def test_past_a_limit_that_makes_all_wait_an_agent_is_asked_though_one_can_cancel(world):
    world.activity.booking_rules.update(cancel_kind="start", after="wait")
    definition_changed(Activity.objects.all())
    assert waiting_served(now=TOO_LATE) == 0
    assert offer_cases_follow(now=TOO_LATE) == 1
    assert waiting_served(now=NOW) == 1


def test_too_near_the_start_nothing_is_asked(world):
    start = world.opening.starts_at
    assert offer_cases_follow(now=start - timedelta(minutes=30)) == 0
    assert offer_cases_follow(now=start - timedelta(minutes=31)) == 1
    assert offer_cases_follow(now=start + timedelta(minutes=1)) == 1
    assert states() == ["withdrawn"]


def test_offering_closes_it_and_an_offer_that_nobody_takes_opens_it_again(world, director):
    offer_cases_follow(now=TOO_LATE)
    place_offer(actor=director, opening_id=world.opening.pk, until=UNTIL, now=TOO_LATE)
    assert states() == ["accepted"]
    assert Case.objects.get(kind=KIND).decided_by == director.label
    waits(world, "Tom", queued_at=TOO_LATE)
    assert offer_cases_follow(now=TOO_LATE) == 0, "the place is held by the offer"
    after = UNTIL + timedelta(minutes=2)
    assert offers_expire(now=after) == 1
    assert offer_cases_follow(now=after) == 1
    assert states() == ["accepted", "open"]


def test_once_the_place_is_taken_or_nobody_waits_it_is_withdrawn(world):
    offer_cases_follow(now=TOO_LATE)
    taken = world.made.booking(world.zoe, world.opening)
    assert offer_cases_follow(now=TOO_LATE) == 1
    assert states() == ["withdrawn"]
    taken.opening.quotas.update(taken=0)
    Booking.objects.filter(pk=taken.pk).update(state=BookingState.CANCELLED)
    assert offer_cases_follow(now=TOO_LATE) == 1
    Booking.objects.waiting().update(state=BookingState.CANCELLED)
    assert offer_cases_follow(now=TOO_LATE) == 1
    assert states() == ["withdrawn", "withdrawn"]


def test_a_place_left_free_is_not_asked_about_until_somebody_joins(world, director):
    offer_cases_follow(now=TOO_LATE)
    place_leave(actor=director, opening_id=world.opening.pk, now=TOO_LATE)
    assert offer_cases_follow(now=TOO_LATE + timedelta(minutes=1)) == 0
    with pytest.raises(AlreadyDecided):
        place_leave(actor=director, opening_id=world.opening.pk, now=TOO_LATE)
    waits(world, "Tom", queued_at=TOO_LATE + timedelta(minutes=2))
    assert offer_cases_follow(now=TOO_LATE + timedelta(minutes=3)) == 1
    assert states() == ["refused", "open"]


def test_a_bundle_is_one_case(world):
    other = world.made.opening(world.morning, world.opening.day + timedelta(days=1))
    waiting = Booking.objects.waiting().get()
    world.made.booking(waiting.child, other, state=BookingState.WAITING)
    world.made.bundle(world.activity, "Deux jours", [world.opening, other])
    assert offer_cases_follow(now=TOO_LATE) == 1
    assert Case.objects.get(kind=KIND).subject_id == world.opening.pk


def test_only_who_answers_for_the_structure_leaves_it(world):
    offer_cases_follow(now=TOO_LATE)
    elsewhere = world.made.structure("Ailleurs")
    for outsider in (
        actor_for(world.made.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
        actor_for(world.made.staff("animation", Role.ANIMATOR)),
        world.durand.actor,
    ):
        with pytest.raises(NotYours):
            place_leave(actor=outsider, opening_id=world.opening.pk, now=TOO_LATE)
    assert states() == ["open"]


def test_where_the_office_alone_decides_a_director_neither_offers_nor_leaves(world, director, time_machine):
    time_machine.move_to(TOO_LATE)
    Activity.objects.update(decided_by=Decider.OFFICE)
    office = world.made.staff("guichet", Role.OFFICE)
    assert offer_cases_follow(now=TOO_LATE) == 1
    assert Case.objects.get(kind=KIND).structure_id is None
    opening_id = world.opening.pk
    with pytest.raises(NotYours):
        place_leave(actor=director, opening_id=opening_id, now=TOO_LATE)
    with pytest.raises(NotYours):
        place_offer(actor=director, opening_id=opening_id, until=UNTIL, now=TOO_LATE)
    shown = [[one.gives for one in queues(actor, now=TOO_LATE)] for actor in (director, actor_for(office))]
    assert shown == [[False], [True]]
    client = Client()
    client.force_login(User.objects.get(pk=director.user_id))
    page = client.get(f"/agents/reservations/places/{opening_id}/").content.decode()
    assert "le guichet décide seul" in page
    assert "Proposer au premier" not in page
    place_offer(actor=actor_for(office), opening_id=opening_id, until=UNTIL, now=TOO_LATE)
    assert states() == ["accepted"]


def test_from_the_queue_to_the_offer(world, time_machine):
    time_machine.move_to(TOO_LATE)
    offer_cases_follow(now=TOO_LATE)
    director = Client()
    director.force_login(world.made.staff("direction", Role.DIRECTOR))
    address = f"/agents/reservations/places/{world.opening.pk}/"
    assert address in director.get("/agents/").content.decode()
    page = director.get(address).content.decode()
    assert "1. Léa Léa" in page
    told = director.post(address, {"hours": "4"}, follow=True).content.decode()
    assert "Place proposée à Léa" in told
    again = director.post(address, {"hours": "4"}, follow=True).content.decode()
    assert "Personne n’attend cette place" in again
    assert "a proposé la place" in again
    assert states() == ["accepted"]
