"""What becomes of a booking whose other one ends, by whatever way it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import Parting
from marelle.activities.models import Activity, Opening, Slot
from marelle.bookings.absences.not_coming import not_coming_lines, not_coming_tell
from marelle.bookings.cells import Cell
from marelle.bookings.closing.moving import Then
from marelle.bookings.models import Booking
from marelle.bookings.offers.services import offer_decline, offers_expire, place_offer
from marelle.bookings.offers.undoing import place_undo
from marelle.bookings.planning import planning
from marelle.bookings.requests.services import answer_undo, bookings_answer
from marelle.bookings.rules import Why
from marelle.bookings.saving.alone import KIND, alone_cases_follow, alone_leave, alone_undo
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.services import bookings_preview, bookings_save
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
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
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Closure, Post
from tests.bookings.world import (
    NOW,
    TOO_LATE,
    WEDNESDAY,
    World,
    assert_counters_equal_bookings,
    made_world,
    said,
    tick,
    untick,
)

pytestmark = pytest.mark.django_db

ALONG = "bookings/gone_along"


@dataclass
class Pair:
    """Zoé's morning, and the shuttle of another activity that takes her there; she holds both."""

    world: World
    shuttles: Activity
    slot: Slot
    shuttle: Opening
    morning: Booking
    seat: Booking

    def parts(self, parting: Parting) -> None:
        Slot.objects.filter(pk=self.slot.pk).update(parting=parting)
        self.follow()

    def follow(self) -> None:
        definition_changed(Activity.objects.all())

    def state(self) -> str:
        self.seat.refresh_from_db()
        return self.seat.state

    def cases(self) -> list[int]:
        return list(Case.objects.open().filter(kind=KIND).values_list("subject_id", flat=True))

    def is_as(self, parting: Parting) -> bool:
        """Gone and told, or there and an agent asked."""
        assert_counters_equal_bookings()
        if parting is Parting.GOES:
            return self.state() == BookingState.CANCELLED and not self.cases()
        return self.state() == BookingState.BOOKED and self.cases() == [self.seat.pk]

    @cached_property
    def director(self) -> Actor:
        return actor_for(self.world.made.staff("direction", Role.DIRECTOR))


@pytest.fixture
def pair() -> Pair:
    world = made_world()
    shuttles = world.made.activity("Navettes")
    slot = world.made.slot(shuttles, "Navette", "07:00", "08:00", capacity=1)
    slot.requires.add(world.morning)
    world.made.rule(shuttles)
    (shuttle,) = world.made.openings(shuttles, WEDNESDAY)
    world.made.enrolment(world.zoe, shuttles, world.durand)
    found = Pair(
        world, shuttles, slot, shuttle,
        world.made.booking(world.zoe, world.opening), world.made.booking(world.zoe, shuttle),
    )  # fmt: skip
    found.follow()
    return found


EITHER = pytest.mark.parametrize("parting", [Parting.GOES, Parting.STAYS, Parting.HOLDS])


# A save


def test_it_goes_with_its_counters_and_journal(pair):
    pair.parts(Parting.GOES)
    world = pair.world
    change = untick(world.zoe, world.opening)
    shown = bookings_preview(world.durand.actor, [change], now=NOW)
    outcomes = world.save(change)
    assert [(one.change, one.result, one.why) for one in shown] == [
        (one.change, one.result, one.why) for one in outcomes
    ]
    assert said(outcomes) == ["cancelled", "cancelled"]
    assert pair.is_as(Parting.GOES)
    assert pair.seat.end_cause == EndCause.FAMILY
    cells = Entry.objects.get(verb="booking.saved").data["cells"]
    assert [cell["slot"] for cell in cells] == ["Matin", "Navette"]
    assert not Message.objects.filter(kind=ALONG).exists(), "who did it reads it on the page"


def test_what_it_leaves_goes_to_who_waits(pair):
    """In the same save, though nobody asked about the shuttle."""
    pair.parts(Parting.GOES)
    world = pair.world
    martin, lea = world.another("Léa")
    world.made.enrolment(lea, pair.shuttles, martin)
    world.opening.quotas.update(capacity=2)
    world.made.booking(lea, world.opening)
    waits = world.made.booking(lea, pair.shuttle, state=BookingState.WAITING)
    world.save(untick(world.zoe, world.opening))
    assert pair.state() == BookingState.CANCELLED
    waits.refresh_from_db()
    assert waits.state == BookingState.BOOKED
    assert_counters_equal_bookings()


def test_it_stays_and_the_agents_are_asked_until_it_is_alone_no_more(pair):
    pair.parts(Parting.STAYS)
    world = pair.world
    assert said(world.save(untick(world.zoe, world.opening))) == ["cancelled", "unchanged"]
    assert pair.is_as(Parting.STAYS)
    (case,) = Case.objects.filter(kind=KIND)
    assert (case.structure_id, case.family_id) == (pair.shuttles.structure_id, world.durand.family.pk)
    assert "Navette" in case.label
    assert alone_cases_follow(now=NOW) == 0
    world.save(tick(world.zoe, world.opening))
    assert alone_cases_follow(now=NOW) == 1
    assert not pair.cases()


def test_an_agent_leaves_it_and_takes_that_back(pair):
    pair.parts(Parting.STAYS)
    world = pair.world
    world.save(untick(world.zoe, world.opening))
    with pytest.raises(NotYours):
        alone_leave(actor=world.durand.actor, booking_id=pair.seat.pk, now=NOW)
    parent = world.durand.adult.account
    Post.objects.create(user=parent, role=Role.DIRECTOR.value, structure=world.made.the_structure)
    with pytest.raises(OwnFile):
        alone_leave(actor=actor_for(parent), booking_id=pair.seat.pk, now=NOW)
    director = pair.director
    alone_leave(actor=director, booking_id=pair.seat.pk, now=NOW)
    assert not pair.cases()
    alone_undo(actor=director, booking_id=pair.seat.pk, decided_at=NOW, now=NOW)
    assert pair.cases() == [pair.seat.pk]
    assert list(Entry.objects.filter(verb__startswith="booking.left").values_list("verb", flat=True)[:2]) == [
        "booking.left_alone_undone",
        "booking.left_alone",
    ]


def test_a_case_ends_with_the_booking_or_with_its_day(pair):
    pair.parts(Parting.STAYS)
    world = pair.world
    world.save(untick(world.zoe, world.opening))
    assert alone_cases_follow(now=NOW + timedelta(days=3)) == 1
    Case.objects.filter(kind=KIND).delete()
    Booking.objects.filter(pk=pair.seat.pk).update(state=BookingState.CANCELLED)
    Case.objects.create(kind=KIND, subject_kind="booking", subject_id=pair.seat.pk, label="x", opened_at=NOW)
    assert alone_cases_follow(now=NOW) == 1


def test_a_save_pays_for_it_only_when_something_goes(pair, count_queries):
    world = pair.world
    pair.parts(Parting.GOES)
    world.save(untick(world.zoe, world.opening), untick(world.zoe, pair.shuttle))
    plain = made_booking(world)
    with count_queries() as alone:
        world.save(untick(world.zoe, plain))
    booking = world.made.booking(world.zoe, world.opening)
    seat = world.made.booking(world.zoe, pair.shuttle)
    with count_queries() as both:
        world.save(untick(world.zoe, world.opening), untick(world.zoe, pair.shuttle))
    assert len(both) <= len(alone)
    assert booking.pk < seat.pk


def made_booking(world: World) -> Opening:
    (later,) = world.made.openings(world.activity, WEDNESDAY + timedelta(7))
    world.made.booking(world.zoe, later)
    return later


# The page


def cells(pair: Pair, now=NOW, actor: Actor | None = None) -> dict[str, tuple[Cell, bool, tuple[str, ...]]]:
    world = pair.world
    (shown,) = planning(
        actor or world.durand.actor, first=WEDNESDAY, last=WEDNESDAY, child_id=world.zoe.pk, now=now
    ).shown
    every = [cell for found in shown.cells.values() for cell in found]
    return {one.opening.slot.name: (one.state.cell, one.state.editable, one.state.needs) for one in every}


def test_the_page_says_what_it_is_taken_with(pair, count_queries):
    Booking.objects.all().delete()
    for opening in (pair.world.opening, pair.shuttle):
        for quota in opening.quotas.all():
            quota.taken = 0
            quota.save()
    actor = pair.world.durand.actor
    planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    with count_queries() as linked:
        planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    assert len(linked) <= 5
    assert cells(pair)["Navette"] == (Cell.FREE, True, ("Matin",))
    Opening.objects.filter(pk=pair.world.opening.pk).update(state=Opening.State.CLOSED)
    assert cells(pair)["Navette"] == (Cell.NOT_OFFERED, False, ("Matin",))
    agent = pair.world.agent()
    assert cells(pair, actor=agent)["Navette"][:2] == (Cell.FREE, True)
    assert said(pair.world.save(tick(pair.world.zoe, pair.shuttle))) == ["requires"]


# Every other way


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
