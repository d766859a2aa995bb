"""What an agent does to a waiting list, and what follows the new order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.activities.kinds import Decider
from marelle.activities.models import Activity, Quota
from marelle.bookings.models import Booking
from marelle.bookings.refusals import WaitingRefused
from marelle.bookings.states import BookingState
from marelle.bookings.waiting.moves import waiting_place, waiting_prioritise, waiting_remove
from marelle.cases.services import OwnFile, open_case
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.bookings.world import NOW, World, assert_counters_equal_bookings, untick

pytestmark = pytest.mark.django_db


class Queue:
    """Zoé holds the only place; Paul, then Nina, wait for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.martin, self.paul = world.another("Martin")
        self.petit, self.nina = world.another("Petit")
        world.made.booking(world.zoe, world.opening)
        for child, days in ((self.paul, 2), (self.nina, 1)):
            world.made.booking(
                child, world.opening, state=BookingState.WAITING, queued_at=NOW - timedelta(days=days)
            )
        self.agent = self.director("direction")

    def director(self, name: str, **where) -> Actor:
        return actor_for(self.world.made.staff(name, Role.DIRECTOR, **where))

    def of(self, child) -> Booking:
        return Booking.objects.get(child=child)

    def first(self, child, *, reason: str = "Fratrie", actor: Actor | None = None) -> None:
        waiting_prioritise(
            actor=actor or self.agent,
            booking_id=self.of(child).pk,
            priority=1,
            seen=0,
            reason=reason,
            now=NOW,
        )

    def place(self, child, derogation: str = "", actor: Actor | None = None, *, past: bool = False) -> None:
        waiting_place(
            actor=actor or self.agent,
            booking_id=self.of(child).pk,
            derogation=derogation,
            past_capacity=past,
            now=NOW,
        )


@pytest.fixture
def queue(world) -> Queue:
    return Queue(world)


def code(error) -> str:
    return error.value.code


def test_the_new_order_is_kept_with_its_reason_and_followed(world, queue):
    queue.first(queue.nina)
    row = queue.of(queue.nina)
    assert (row.priority, row.priority_reason, row.priority_by) == (1, "Fratrie", queue.agent.label)
    entry = Entry.objects.get(verb="booking.prioritised")
    assert (entry.family_id, entry.data["reason"]) == (queue.petit.family.pk, "Fratrie")
    world.save(untick(world.zoe, world.opening))
    assert queue.of(queue.nina).state == BookingState.BOOKED
    assert queue.of(queue.paul).state == BookingState.WAITING


@pytest.mark.parametrize("reason", ["", "   "])
def test_no_order_without_a_reason(queue, reason):
    with pytest.raises(WaitingRefused) as error:
        queue.first(queue.nina, reason=reason)
    assert code(error) == "order_reason_missing"
    assert queue.of(queue.nina).priority == 0


def test_a_place_past_the_capacity_is_a_derogation(queue):
    with pytest.raises(WaitingRefused) as error:
        queue.place(queue.paul)
    assert code(error) == "derogation_missing"
    assert error.value.data["full"]
    with pytest.raises(WaitingRefused) as error:
        queue.place(queue.paul, "Urgence sociale")
    assert code(error) == "full"
    assert queue.of(queue.paul).state == BookingState.WAITING
    queue.place(queue.paul, "Urgence sociale", past=True)
    row = queue.of(queue.paul)
    assert (row.state, row.derogation, row.passed) == (BookingState.BOOKED, "Urgence sociale", "full")
    quota = Quota.objects.get()
    assert (quota.capacity, quota.taken, quota.overdraft) == (1, 2, 1)
    assert Message.objects.get().to == queue.martin.adult.email
    act = Entry.objects.get(verb="booking.placed")
    assert act.actor_user_id == queue.agent.user_id
    assert (act.data["derogation"], act.data["passed"]) == ("Urgence sociale", ["full"])
    assert_counters_equal_bookings()


def test_with_room_the_first_is_placed_without_a_reason_and_the_second_with_one(queue):
    Quota.objects.update(capacity=2)
    with pytest.raises(WaitingRefused) as error:
        queue.place(queue.nina)
    assert code(error) == "derogation_missing"
    assert not error.value.data["full"]
    queue.place(queue.paul)
    assert (queue.of(queue.paul).derogation, queue.of(queue.paul).passed) == ("", "")
    assert_counters_equal_bookings()


def test_a_place_given_before_its_turn_says_so(queue):
    Quota.objects.update(capacity=2)
    queue.place(queue.nina, "Fratrie")
    row = queue.of(queue.nina)
    assert (row.derogation, row.passed) == ("Fratrie", "queue_order")


def test_the_case_of_a_place_to_offer_closes_with_the_place_given(world, queue):
    Quota.objects.update(capacity=2)
    activity = world.opening.activity
    case = open_case(
        actor=SYSTEM,
        kind="place",
        subject=Subject("opening", world.opening.pk, "Matin"),
        authority_id=activity.structure.authority_id,
        structure_id=activity.structure_id,
        now=NOW,
    )
    queue.place(queue.paul)
    case.refresh_from_db()
    assert (case.state, case.decided_by) == ("accepted", queue.agent.label)


def test_a_child_busy_elsewhere_at_that_time_is_not_placed(world, queue):
    away = world.made.activity("Ailleurs", structure=world.made.structure("Ailleurs"))
    world.made.slot(away, "Matin", capacity=5)
    (other,) = world.made.openings(away, world.opening.day)
    world.made.booking(queue.paul, other, enrolment=world.made.enrolment(queue.paul, away, queue.martin))
    with pytest.raises(WaitingRefused) as error:
        waiting_place(
            actor=queue.agent,
            booking_id=Booking.objects.get(child=queue.paul, state="waiting").pk,
            derogation="Urgence",
            now=NOW,
        )
    assert code(error) == "cannot_have_it"


def test_taken_off_the_list_the_home_reads_why(queue):
    booking = queue.of(queue.paul)
    waiting_remove(actor=queue.agent, booking_id=booking.pk, reason="Déjà placé ailleurs", now=NOW)
    booking.refresh_from_db()
    assert (booking.state, booking.refusal) == (BookingState.REFUSED, "Déjà placé ailleurs")
    message = Message.objects.get()
    assert message.kind == "bookings/waiting_removed"
    assert message.to == queue.martin.adult.email
    with pytest.raises(WaitingRefused) as error:
        waiting_remove(actor=queue.agent, booking_id=booking.pk, reason="Encore", now=NOW)
    assert code(error) == "waits_no_more"
    assert Message.objects.count() == 1


def test_out_of_reach_it_is_not_there(world, queue):
    elsewhere = queue.director("autre", structure=world.made.structure("Autre"))
    animator = actor_for(world.made.staff("animation", Role.ANIMATOR))
    for actor in (elsewhere, animator, queue.martin.actor):
        with pytest.raises(NotYours):
            queue.first(queue.paul, actor=actor)
        with pytest.raises(NotYours):
            queue.place(queue.paul, "Urgence", actor=actor)


def test_where_the_office_alone_decides_a_director_does_not_move(queue):
    Activity.objects.update(decided_by=Decider.OFFICE)
    with pytest.raises(NotYours):
        queue.first(queue.paul)
    office = actor_for(queue.world.made.staff("guichet", Role.OFFICE))
    queue.first(queue.nina, actor=office)
    assert queue.of(queue.nina).priority == 1


def test_nobody_moves_its_own_child(queue):
    Post.objects.create(
        user=queue.martin.user, role=Role.DIRECTOR, structure=queue.world.opening.activity.structure
    )
    parent = actor_for(queue.martin.user)
    with pytest.raises(OwnFile):
        queue.first(queue.paul, actor=parent)
    with pytest.raises(OwnFile):
        queue.place(queue.paul, "Urgence", actor=parent)
    queue.first(queue.nina, actor=parent)
