"""What becomes of a booking whose other one ends otherwise than by a save, by whatever way it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from marelle.activities.kinds import Parting
from marelle.activities.models import Activity, Opening, Slot
from marelle.bookings.absences.not_coming import not_coming_lines, not_coming_tell
from marelle.bookings.closing.moving import Then
from marelle.bookings.models import Booking
from marelle.bookings.offers.services import offer_decline, offers_expire, place_offer
from marelle.bookings.offers.undoing import place_undo
from marelle.bookings.requests.services import answer_undo, bookings_answer
from marelle.bookings.rules import Why
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.enrolments.models import GroupChoice
from marelle.enrolments.services import end_ask
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.reducing import Fewer, Told, fewer_preview, mark_of, places_reduce
from marelle.flows.catalogue.closing.targets import Part, Target
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.flows.catalogue.moving import child_move, group_plan
from marelle.flows.desk.undoing import end_undo
from marelle.flows.enrolling.ending import enrolment_end
from marelle.mail.models import Message
from marelle.places.models import Closure
from tests.bookings.pair import ALONG, Pair
from tests.bookings.world import (
    NOW,
    TOO_LATE,
    WEDNESDAY,
    assert_counters_equal_bookings,
    tick,
    untick,
)

pytestmark = pytest.mark.django_db

EITHER = pytest.mark.parametrize("parting", [Parting.GOES, Parting.STAYS, Parting.HOLDS])


@EITHER
def test_a_closing_takes_it_along_and_gives_it_back(pair, parting):
    pair.parts(parting)
    world = pair.world
    target = Target(pair.shuttles.structure_id, WEDNESDAY, WEDNESDAY, Part.OPENING, world.opening.pk)
    closed = closing_make(actor=pair.director, target=target, reason="Panne", now=NOW)
    assert pair.is_as(parting)
    assert closed.children == 1
    (mail,) = Message.objects.filter(kind="bookings/day_closed")
    assert ("Navette" in mail.text) is (parting is Parting.GOES)
    closing_undo(
        actor=actor_for(world.made.staff("autre", Role.DIRECTOR)), closure_id=closed.closure.pk, now=NOW
    )
    live = {one.opening.slot.name for one in Booking.objects.live().select_related("opening__slot")}
    assert live == {"Matin", "Navette"}
    assert_counters_equal_bookings()


@EITHER
def test_the_end_of_an_enrolment(pair, parting):
    pair.parts(parting)
    world = pair.world
    end = end_ask(
        actor=world.durand.actor,
        enrolment_id=pair.morning.enrolment_id,
        last_day=WEDNESDAY - timedelta(days=1),
        comment="",
        now=NOW,
    )
    director = pair.director
    enrolment_end(actor=director, end_id=end.pk, now=NOW)
    assert pair.is_as(parting)
    mails = Message.objects.filter(kind=ALONG)
    assert mails.count() == (1 if parting is Parting.GOES else 0)
    end_undo(actor=director, subject_id=end.pk, decided_at=NOW, now=NOW)
    assert Booking.objects.live().count() == 2
    assert not Message.objects.filter(kind=ALONG, state="queued").exists()
    assert_counters_equal_bookings()


@EITHER
def test_a_request_refused(pair, parting):
    pair.parts(parting)
    request = asked(pair)
    director = pair.director
    bookings_answer(actor=director, request_id=request, accepted=[], reason="Non.", now=NOW)
    assert pair.is_as(parting)
    assert Message.objects.filter(kind=ALONG).exists() is (parting is Parting.GOES)
    answer_undo(actor=director, request_id=request, decided_at=NOW, now=NOW)
    assert Booking.objects.live().count() == 2
    assert not Message.objects.filter(kind=ALONG, state="queued").exists()
    assert_counters_equal_bookings()


def asked(pair: Pair) -> int:
    """The morning waits for an agent's answer."""
    world = pair.world
    Activity.objects.filter(pk=world.activity.pk).update(booking_mode="validated")
    pair.follow()
    Booking.objects.filter(pk=pair.morning.pk).delete()
    world.opening.quotas.update(taken=0)
    world.save(tick(world.zoe, world.opening))
    return Booking.objects.get(state=BookingState.REQUESTED).request_id


def offered(pair: Pair) -> Booking:
    """The morning is offered, past what goes by itself."""
    world = pair.world
    Booking.objects.filter(pk=pair.morning.pk).update(state=BookingState.WAITING, queued_at=NOW)
    world.opening.quotas.update(taken=0)
    place_offer(
        actor=pair.director, opening_id=world.opening.pk, until=TOO_LATE + timedelta(hours=2), now=TOO_LATE
    )
    pair.morning.refresh_from_db()
    assert pair.morning.state == BookingState.OFFERED
    return pair.morning


def declined(pair: Pair) -> None:
    offer_decline(actor=pair.world.durand.actor, booking_id=offered(pair).pk, now=TOO_LATE)


def expired(pair: Pair) -> None:
    offered(pair)
    assert offers_expire(now=TOO_LATE + timedelta(hours=3)) == 1


def taken_back(pair: Pair) -> None:
    """The offer is undone within its minute."""
    world = pair.world
    Case.objects.create(
        kind="place", subject_kind="opening", subject_id=world.opening.pk, label="x", opened_at=NOW,
        authority_id=world.made.the_authority.pk, structure_id=world.made.the_structure.pk,
    )  # fmt: skip
    offered(pair)
    agent = actor_for(world.made.staff("autre", Role.DIRECTOR))
    place_undo(actor=agent, opening_id=world.opening.pk, decided_at=TOO_LATE, now=TOO_LATE)


def fewer(pair: Pair, slot: Slot, places: int, *, queued: bool = False) -> None:
    gauge = slot.draws.get().gauge
    asked = Fewer({gauge.pk: places}, WEDNESDAY, WEDNESDAY, queued=queued)
    places_reduce(
        actor=pair.director,
        structure_id=gauge.structure_id,
        asked=asked,
        told=Told("Grève"),
        mark=mark_of(fewer_preview(asked, now=NOW), asked),
        now=NOW,
    )


WAYS: dict[str, Callable[[Pair], None]] = {
    "declined": declined,
    "expired": expired,
    "offer taken back": taken_back,
    "fewer places": lambda pair: fewer(pair, pair.world.morning, 0),
    "put on the waiting list": lambda pair: fewer(pair, pair.world.morning, 0, queued=True),
}


@EITHER
@pytest.mark.parametrize("way", WAYS)
def test_every_other_way(pair, parting, way):
    pair.parts(parting)
    WAYS[way](pair)
    assert not Booking.objects.holding().filter(pk=pair.morning.pk).exists()
    assert pair.is_as(parting)


@EITHER
@pytest.mark.parametrize("then", [Then.QUEUE, Then.CANCEL])
def test_a_group_where_there_is_no_place(pair, parting, then):
    pair.parts(parting)
    world = pair.world
    small, big = (world.made.group(world.activity, name, (3, 11)) for name in ("Petits", "Grands"))
    Opening.objects.filter(pk=world.opening.pk).update(group=small)
    gauge = world.made.gauge("Grands", 0)
    world.made.draws(world.morning, gauge, big)
    world.made.opening(world.morning, WEDNESDAY, group=big)
    enrolment = pair.morning.enrolment
    GroupChoice.objects.create(enrolment=enrolment, group=small, since=enrolment.starts_on)
    director = pair.director
    plan = group_plan(
        actor=director, enrolment_id=enrolment.pk, group_id=big.pk, since=date(2026, 9, 8), now=NOW
    )
    child_move(
        actor=director, enrolment_id=enrolment.pk, group_id=big.pk, since=date(2026, 9, 8),
        then=then, reason="", mark=plan.mark, now=NOW,
    )  # fmt: skip
    assert not Booking.objects.holding().filter(pk=pair.morning.pk).exists()
    assert pair.is_as(parting)


def test_who_will_not_come_keeps_the_place_and_what_goes_with_it(pair):
    pair.parts(Parting.GOES)
    world = pair.world
    chosen = [pair.morning.pk]
    lines = not_coming_lines(
        world.durand.actor, world.zoe.pk, first=WEDNESDAY, last=WEDNESDAY, chosen=chosen, now=TOO_LATE
    )
    shown = {line.place.id: line.fate for line in lines}
    not_coming_tell(
        actor=world.durand.actor, child_id=world.zoe.pk, booking_ids=chosen, shown=shown, now=TOO_LATE
    )
    assert Booking.objects.holding().count() == 2
    assert not pair.cases()


def test_what_is_replaced_parts_nobody(pair):
    pair.parts(Parting.GOES)
    bookings_end(actor=pair.director, booking_ids=[pair.morning.pk], cause=EndCause.CHANGED, now=NOW)
    assert pair.state() == BookingState.BOOKED
    assert not pair.cases()


def test_what_was_alone_already_is_left_as_it_was(pair):
    """A slot that came to require another after it was booked."""
    world = pair.world
    alone = world.made.slot(pair.shuttles, "Car", "18:00", "19:00", parting=Parting.GOES)
    alone.requires.add(world.made.slot(world.activity, "Soir", "17:00", "18:00", weekdays=()))
    held = world.made.booking(world.zoe, world.made.opening(alone, WEDNESDAY))
    pair.parts(Parting.GOES)
    bookings_end(actor=pair.director, booking_ids=[pair.morning.pk], cause=EndCause.STRUCTURE, now=NOW)
    assert pair.state() == BookingState.CANCELLED
    held.refresh_from_db()
    assert held.state == BookingState.BOOKED
    assert not pair.cases()


def test_a_seat_that_goes_with_a_request_refused_goes_to_who_waits(pair, django_capture_on_commit_callbacks):
    pair.parts(Parting.GOES)
    world = pair.world
    martin, lea = world.another("Léa")
    world.made.enrolment(lea, pair.shuttles, martin)
    world.opening.quotas.update(capacity=2)
    world.made.booking(lea, world.opening)
    waits = world.made.booking(lea, pair.shuttle, state=BookingState.WAITING)
    with django_capture_on_commit_callbacks(execute=True):
        bookings_end(actor=pair.director, booking_ids=[pair.morning.pk], cause=None, refusal="Non", now=NOW)
    waits.refresh_from_db()
    assert (pair.state(), waits.state) == (BookingState.CANCELLED, BookingState.BOOKED)


def test_a_whole_day_that_ends_takes_along_what_requires_its_morning(pair):
    pair.parts(Parting.GOES)
    world = pair.world
    whole = world.made.slot(world.activity, "Journée", "08:00", "18:00")
    whole.includes.add(world.morning)
    pair.follow()
    day = world.made.booking(world.zoe, world.made.opening(whole, WEDNESDAY))
    bookings_end(actor=pair.director, booking_ids=[pair.morning.pk], cause=EndCause.STRUCTURE, now=NOW)
    assert pair.state() == BookingState.BOOKED, "the whole day gives the morning"
    bookings_end(actor=pair.director, booking_ids=[day.pk], cause=EndCause.STRUCTURE, now=NOW)
    assert pair.state() == BookingState.CANCELLED


def test_a_whole_structure_that_closes_takes_both_and_asks_nobody(pair):
    world = pair.world
    target = Target(pair.shuttles.structure_id, WEDNESDAY, WEDNESDAY)
    closing_make(actor=pair.director, target=target, reason="Panne", now=NOW)
    assert not Booking.objects.live().exists()
    assert not pair.cases()
    assert Person.objects.filter(pk=world.zoe.pk).exists()


def test_fewer_seats_of_what_requires_another_activity_leave_who_has_a_morning_there(pair):
    """The morning is of another activity, and draws on none of those gauges."""
    martin, lea = pair.world.another("Léa")
    pair.world.made.enrolment(lea, pair.shuttles, martin)
    pair.shuttle.quotas.update(capacity=2)
    pair.world.opening.quotas.update(capacity=2)
    pair.world.made.booking(lea, pair.world.opening)
    last = pair.world.made.booking(lea, pair.shuttle, created_at=NOW)
    fewer(pair, pair.slot, 1)
    assert pair.state() == BookingState.BOOKED
    last.refresh_from_db()
    assert last.state == BookingState.CANCELLED


@pytest.mark.parametrize("queued", [False, True])
def test_fewer_places_undone_give_back_what_went_along(pair, queued):
    pair.parts(Parting.GOES)
    fewer(pair, pair.world.morning, 0, queued=queued)
    closure = Closure.objects.get()
    assert set(closure.bookings.values_list("booking_id", flat=True)) == {pair.morning.pk, pair.seat.pk}
    closing_undo(actor=pair.director, closure_id=closure.pk, now=NOW)
    held = Booking.objects.holding().values_list("opening__slot__name", flat=True)
    assert sorted(held) == ["Matin", "Navette"]
    assert_counters_equal_bookings()


@EITHER
def test_fewer_mornings_take_the_meal_of_the_same_activity_unless_it_stays(pair, parting):
    world = pair.world
    meal = world.made.slot(world.activity, "Repas", "12:00", "13:00", parting=parting)
    meal.requires.add(world.morning)
    pair.parts(Parting.GOES)
    held = world.made.booking(world.zoe, world.made.opening(meal, WEDNESDAY))
    fewer(pair, world.morning, 0)
    held.refresh_from_db()
    stays = parting is Parting.STAYS
    assert held.state == (BookingState.BOOKED if stays else BookingState.CANCELLED)
    assert pair.cases() == ([held.pk] if stays else [])


def test_who_loses_another_place_keeps_the_seat_of_a_morning_elsewhere(pair):
    """What is held in an activity that draws on none of the gauges is not read, and not missed."""
    world = pair.world
    car = world.made.slot(pair.shuttles, "Car", "18:00", "19:00", capacity=1)
    lost = world.made.booking(world.zoe, world.made.opening(car, WEDNESDAY))
    pair.parts(Parting.GOES)
    fewer(pair, car, 0)
    lost.refresh_from_db()
    assert lost.state == BookingState.CANCELLED
    assert pair.state() == BookingState.BOOKED
    assert not pair.cases()


def test_a_save_of_both_homes_of_the_child(pair):
    """The other home booked the shuttle: it is not this one's to take back."""
    pair.parts(Parting.GOES)
    world = pair.world
    other = world.made.home("Petit")
    Booking.objects.filter(pk=pair.seat.pk).update(family=other.family)
    (outcome,) = bookings_save(actor=world.durand.actor, changes=[untick(world.zoe, world.opening)], now=NOW)
    assert (outcome.why, outcome.other) == (Why.GOES_NOT, "Navette")
    assert Booking.objects.holding().count() == 2
