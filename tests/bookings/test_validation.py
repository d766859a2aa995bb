"""Bookings that an agent validates: asked by the hour, answered cell by cell."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time

import pytest

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Quota
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.refusals import ReasonMissing
from marelle.bookings.requests.services import bookings_answer
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided, OwnFile
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=PARIS)
MONDAY = date(2026, 12, 7)


class Creche(Scenario):
    """One place for each half-hour, two days."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand")
        self.noe = self.child(self.durand, "Noé", born=date(2025, 2, 3))
        self.care = self.activity("Multi-accueil", years=(0, 4), booking_mode=BookingMode.VALIDATED)
        self.slot(self.care, "Accueil", "08:00", "18:00", weekdays=[0, 1], capacity=1, by_hour=True)
        self.rule(self.care)
        self.enrolment(self.noe, self.care, self.durand)
        self.days = self.openings(self.care, MONDAY, date(2026, 12, 8))
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def ask(self, *openings, child=None, home=None, starts=time(8), ends=time(12), seen=False):
        return bookings_save(
            actor=(home or self.durand).actor,
            changes=[
                Change((child or self.noe).pk, o.pk, seen=seen, wanted=True, starts=starts, ends=ends)
                for o in openings
            ],
            now=NOW,
        )

    def take_back(self, *openings):
        changes = [Change(self.noe.pk, opening.pk, seen=True, wanted=False) for opening in openings]
        return bookings_save(actor=self.durand.actor, changes=changes, now=NOW)

    def answer(self, accepted=(), reason="", actor=None, request=None):
        pk = (request or BookingRequest.objects.first()).pk
        bookings_answer(
            actor=actor or self.director, request_id=pk, accepted=accepted, reason=reason, now=NOW
        )


built = built_once(Creche)


@pytest.fixture
def creche(built, db) -> Creche:
    return deepcopy(built)


def states() -> list[str]:
    return list(Booking.objects.order_by("day", "pk").values_list("state", flat=True))


def taken() -> int:
    return sum(Quota.objects.values_list("taken", flat=True))


def test_one_save_is_one_request_with_one_case(creche):
    creche.ask(*creche.days)
    request = BookingRequest.objects.get()
    assert request.bookings.count() == 2
    case = Case.objects.get(kind="booking")
    assert (case.subject_id, case.structure_id) == (request.pk, creche.care.structure_id)
    assert case.until == creche.days[0].starts_at
    assert states() == ["requested", "requested"]
    assert taken() == 16
    assert not Message.objects.exists()


def test_each_cell_is_answered_and_the_family_is_told_which(creche):
    creche.ask(*creche.days)
    monday, tuesday = Booking.objects.order_by("day")
    with pytest.raises(ReasonMissing):
        creche.answer({monday.pk})
    creche.answer({monday.pk}, "Complet le mardi matin.")
    assert states() == ["booked", "refused"]
    assert taken() == 8
    monday.refresh_from_db()
    tuesday.refresh_from_db()
    assert monday.changed_at == tuesday.ended_at == NOW
    assert tuesday.refusal == "Complet le mardi matin."
    mail = Message.objects.get(kind="bookings/answered")
    assert "lundi 7 décembre · Accueil, 8 h – 12 h" in mail.text
    assert "Complet le mardi matin." in mail.text
    assert Case.objects.get().state == "accepted"
    assert len(Entry.objects.get(verb="booking.answered").data["cells"]) == 2


def test_all_refused_the_case_is_refused_and_places_are_free(creche):
    creche.ask(*creche.days)
    creche.answer((), "Pas de place.")
    assert states() == ["refused", "refused"]
    assert taken() == 0
    assert Case.objects.get().state == "refused"


def test_a_refused_place_goes_to_who_waits_as_a_request_of_its_own(
    creche, django_capture_on_commit_callbacks
):
    creche.ask(creche.days[0])
    martin = creche.home("Martin")
    ana = creche.child(martin, "Ana", born=date(2025, 1, 1))
    creche.enrolment(ana, creche.care, martin)
    waits = creche.booking(ana, creche.days[0], state=BookingState.WAITING, hours=("08:00", "12:00"))
    with django_capture_on_commit_callbacks(execute=True):
        creche.answer((), "Fratrie prioritaire.")
    waits.refresh_from_db()
    assert waits.state == BookingState.REQUESTED
    assert waits.request_id is not None
    assert Case.objects.get(state="open").subject_id == waits.request_id
    assert taken() == 8


def test_what_is_taken_back_is_answered_no_more(creche):
    creche.ask(*creche.days)
    creche.take_back(creche.days[0])
    assert Case.objects.get().state == "open"
    creche.take_back(creche.days[1])
    assert Case.objects.get().state == "withdrawn"
    assert taken() == 0
    with pytest.raises(AlreadyDecided):
        creche.answer(())


def test_the_agent_answers_only_what_still_waits(creche):
    creche.ask(*creche.days)
    monday, tuesday = Booking.objects.order_by("day")
    creche.take_back(creche.days[0])
    creche.answer({monday.pk, tuesday.pk})
    assert states() == ["cancelled", "booked"]


def test_other_hours_are_another_request(creche):
    creche.ask(creche.days[0])
    first = BookingRequest.objects.get()
    creche.ask(creche.days[0], starts=time(9), ends=time(11), seen=True)
    assert Case.objects.get(subject_id=first.pk).state == "withdrawn"
    second = BookingRequest.objects.exclude(pk=first.pk).get()
    assert second.bookings.get().state == BookingState.REQUESTED
    assert taken() == 4


def test_two_agents_one_answer(creche):
    creche.ask(creche.days[0])
    pk = Booking.objects.get().pk
    creche.answer({pk})
    with pytest.raises(AlreadyDecided):
        creche.answer({pk})
    assert Message.objects.filter(kind="bookings/answered").count() == 1


def test_an_agent_in_charge_who_books_for_the_family_asks_nobody(creche):
    office = creche.staff("guichet", Role.OFFICE)
    agent = actor_for(office, acting_for=creche.durand.family.pk)
    change = Change(creche.noe.pk, creche.days[0].pk, seen=False, wanted=True, starts=time(8), ends=time(9))
    bookings_save(actor=agent, changes=[change], now=NOW)
    assert states() == ["booked"]
    assert not BookingRequest.objects.exists()


def test_who_answers_is_in_charge_and_not_of_the_family(creche):
    creche.ask(creche.days[0])
    elsewhere = creche.structure("Ailleurs")
    for actor in (
        creche.durand.actor,
        actor_for(creche.staff("anim", Role.ANIMATOR)),
        actor_for(creche.staff("autre", Role.DIRECTOR, structure=elsewhere)),
    ):
        with pytest.raises(NotYours):
            creche.answer((), "Non.", actor=actor)
    creche.durand.adult.account = creche.staff("parente", Role.DIRECTOR)
    creche.durand.adult.save()
    with pytest.raises(OwnFile):
        creche.answer((), "Non.", actor=actor_for(creche.durand.adult.account))
    assert states() == ["requested"]
