"""Decisions that ended bookings, undone within their minute: every row is as before, or nothing changes."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from marelle.activities.models import Opening, Quota
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.requests.services import answer_undo, bookings_answer
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.services import CannotUndo
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.flows.desk.undoing import end_undo
from marelle.flows.enrolling.ending import enrolment_end
from marelle.mail.models import Message, MessageState
from tests.flows.test_ending import NOW, Village
from tests.races.truth import counters_hold
from tests.standing import built_once

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(seconds=30)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def rows() -> list[dict[str, object]]:
    """All that deciding writes; when a booking last changed is for calendars that follow it."""
    found: list[dict[str, object]] = []
    for model in (Enrolment, EndRequest, Booking, BookingRequest, Quota, Case):
        found += [
            {name: value for name, value in row.items() if name != "changed_at"}
            for row in model._default_manager.order_by("pk").values()
        ]
    return found


def undo(world: Village) -> None:
    end_undo(actor=world.office, subject_id=world.asked.pk, decided_at=NOW, now=LATER)


@pytest.mark.parametrize("state", [BookingState.BOOKED, BookingState.REQUESTED, BookingState.WAITING])
def test_an_end_undone_gives_back_what_was_booked(world, state):
    Booking.objects.filter(child=world.ines).delete()
    last = Booking.objects.get(opening=world.days[-1])
    if state is BookingState.WAITING:
        Quota.objects.filter(openings=world.days[-1]).update(taken=0)
    Booking.objects.filter(pk=last.pk).update(state=state)
    before = rows()
    enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    assert Booking.objects.get(pk=last.pk).state == BookingState.CANCELLED
    undo(world)
    assert rows() == before
    counters_hold()
    told = Message.objects.filter(kind="enrolments/end_accepted")
    assert {mail.state for mail in told} == {MessageState.REVOKED}


def test_a_request_that_the_end_had_emptied_waits_again(world):
    Booking.objects.filter(child=world.ines).delete()
    last = Booking.objects.get(opening=world.days[-1])
    request = BookingRequest.objects.create(
        child=world.zoe,
        family=world.durand.family,
        activity=world.wednesdays,
        asked_at=NOW,
        asked_by="Camille",
    )
    Booking.objects.filter(pk=last.pk).update(state=BookingState.REQUESTED, request=request)
    Case.objects.create(
        kind="booking",
        subject_kind="booking_request",
        subject_id=request.pk,
        structure_id=world.the_structure.pk,
        opened_at=NOW,
        opened_by="Camille",
    )
    before = rows()
    enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    assert Case.objects.get(kind="booking").state == "withdrawn"
    undo(world)
    assert rows() == before


def test_a_place_that_another_child_has_keeps_the_end_and_is_named(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    after = rows()
    with pytest.raises(CannotUndo) as refused:
        undo(world)
    assert refused.value.data == {"why": "places_gone", "places": [(world.days[-1].day, "Matin")]}
    assert rows() == after


def test_what_a_family_had_cancelled_before_stays_cancelled(world):
    Booking.objects.filter(child=world.ines).delete()
    Booking.objects.filter(opening=world.days[-1]).update(
        state=BookingState.CANCELLED, ended_at=NOW - timedelta(days=1), end_cause="family"
    )
    Quota.objects.filter(openings=world.days[-1]).update(taken=0)
    before = rows()
    enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    undo(world)
    assert rows() == before


def request_of(world: Village) -> BookingRequest:
    """Zoé asks for the first two days."""
    request = BookingRequest.objects.create(
        child=world.zoe,
        family=world.durand.family,
        activity=world.wednesdays,
        asked_at=NOW,
        asked_by="Camille",
    )
    mine = Booking.objects.filter(child=world.zoe, opening__in=world.days[:2])
    mine.update(state=BookingState.REQUESTED, request=request)
    Case.objects.create(
        kind="booking",
        subject_kind="booking_request",
        subject_id=request.pk,
        structure_id=world.the_structure.pk,
        authority_id=world.the_authority.pk,
        opened_at=NOW,
        opened_by="Camille",
    )
    return request


@pytest.mark.parametrize("accepted", [0, 1, 2])
def test_what_was_answered_is_asked_again_refused_places_included(world, accepted):
    request = request_of(world)
    before = rows()
    cells = set(request.bookings.order_by("pk").values_list("pk", flat=True)[:accepted])
    bookings_answer(actor=world.office, request_id=request.pk, accepted=cells, reason="Complet.", now=NOW)
    assert request.bookings.filter(state=BookingState.REFUSED).count() == 2 - accepted
    answer_undo(actor=world.office, request_id=request.pk, decided_at=NOW, now=LATER)
    assert rows() == before
    counters_hold()


def test_a_refused_place_that_another_has_stays_refused(world):
    request = request_of(world)
    bookings_answer(actor=world.office, request_id=request.pk, accepted=(), reason="Complet.", now=NOW)
    world.booking(world.ines, world.days[0], created_at=NOW)
    after = rows()
    with pytest.raises(CannotUndo) as refused:
        answer_undo(actor=world.office, request_id=request.pk, decided_at=NOW, now=LATER)
    assert refused.value.data["places"] == [(world.days[0].day, "Matin")]
    assert rows() == after


def test_a_child_booked_anew_on_a_refused_place_keeps_it(world):
    request = request_of(world)
    bookings_answer(actor=world.office, request_id=request.pk, accepted=(), reason="Complet.", now=NOW)
    world.booking(world.zoe, world.days[0])
    with pytest.raises(CannotUndo) as refused:
        answer_undo(actor=world.office, request_id=request.pk, decided_at=NOW, now=LATER)
    assert refused.value.data["why"] == "booked"


def lower(world: Village, day: int) -> None:
    """One place more than the capacity is held on that day: Inès has one too."""
    world.booking(world.ines, world.days[day], created_at=NOW - timedelta(days=1))
    counters_hold()


@pytest.mark.parametrize("accepted", [0, 1])
def test_places_held_past_a_lowered_capacity_are_asked_for_again(world, accepted):
    request = request_of(world)
    lower(world, 0)
    lower(world, 1)
    before = rows()
    cells = set(request.bookings.order_by("pk").values_list("pk", flat=True)[:accepted])
    bookings_answer(actor=world.office, request_id=request.pk, accepted=cells, reason="Complet.", now=NOW)
    answer_undo(actor=world.office, request_id=request.pk, decided_at=NOW, now=LATER)
    assert rows() == before
    counters_hold()


def test_two_slots_of_one_quota_past_its_capacity_come_back_together(world):
    """One was accepted, the other refused, where the quota is of the day and of both slots: one child."""
    request = request_of(world)
    first, second = world.days[:2]
    shared = second.quotas.get()
    first.quotas.set([shared])
    Quota.objects.filter(pk=shared.pk).update(capacity=0, taken=1, overdraft=1)
    before = rows()
    accepted = {request.bookings.order_by("pk").values_list("pk", flat=True)[0]}
    bookings_answer(actor=world.office, request_id=request.pk, accepted=accepted, reason="Complet.", now=NOW)
    answer_undo(actor=world.office, request_id=request.pk, decided_at=NOW, now=LATER)
    assert rows() == before


def test_an_end_undone_gives_back_a_place_past_a_lowered_capacity(world):
    Booking.objects.filter(child=world.ines).delete()
    lower(world, -1)
    before = rows()
    enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    undo(world)
    assert rows() == before
    counters_hold()


def test_past_the_capacity_somebody_who_came_since_keeps_the_place(world):
    Booking.objects.filter(child=world.ines).delete()
    lower(world, -1)
    enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    paul = world.child(world.martin, "Paul")
    world.enrolment(paul, world.wednesdays, world.martin)
    world.booking(paul, world.days[-1], created_at=LATER)
    after = rows()
    with pytest.raises(CannotUndo) as refused:
        undo(world)
    assert refused.value.data["why"] == "places_gone"
    assert rows() == after


def test_a_child_that_has_changed_group_has_not_booked(world):
    request = request_of(world)
    bookings_answer(actor=world.office, request_id=request.pk, accepted=(), reason="Complet.", now=NOW)
    group = world.group(world.wednesdays, "Grands", (6, 12))
    Opening.objects.filter(pk=world.days[0].pk).update(group=group)
    with pytest.raises(CannotUndo) as refused:
        answer_undo(actor=world.office, request_id=request.pk, decided_at=NOW, now=LATER)
    assert refused.value.data["why"] == "changed"


def test_a_child_that_is_elsewhere_by_now_has_not_booked_there(world):
    request = request_of(world)
    bookings_answer(actor=world.office, request_id=request.pk, accepted=(), reason="Complet.", now=NOW)
    elsewhere = world.activity("Sorties", structure=world.structure("Ailleurs"))
    world.slot(elsewhere)
    (opening,) = world.openings(elsewhere, world.days[0].day)
    world.enrolment(world.zoe, elsewhere, world.durand)
    world.booking(world.zoe, opening)
    with pytest.raises(CannotUndo) as refused:
        answer_undo(actor=world.office, request_id=request.pk, decided_at=NOW, now=LATER)
    assert refused.value.data["why"] == "changed"
