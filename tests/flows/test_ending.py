"""The end of an enrolment: later bookings go, their places go to who waits; refused, nothing of it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.services import AlreadyDecided, OwnFile
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.services import end_ask
from marelle.flows.actor.actors import actor_for
from marelle.flows.enrolling.ending import enrolment_end
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.races.truth import counters_hold, held_on
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
LAST = date(2026, 12, 9)


class Village(Scenario):
    """Zoé is booked on three Wednesdays; on the last one another child waits for her place."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin")
        self.zoe, self.ines = self.child(self.durand, "Zoé"), self.child(self.martin, "Inès")
        self.wednesdays = self.activity("Mercredis")
        self.slot(self.wednesdays, capacity=1)
        self.rule(self.wednesdays)
        self.days = self.openings(self.wednesdays, date(2026, 12, 2), date(2026, 12, 16))
        self.enrolled = self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.enrolment(self.ines, self.wednesdays, self.martin)
        for opening in self.days:
            self.booking(self.zoe, opening)
        self.booking(self.ines, self.days[-1], state=BookingState.WAITING)
        self.asked = end_ask(
            actor=self.durand.actor, enrolment_id=self.enrolled.pk, last_day=LAST, comment="", now=NOW
        )
        self.office = actor_for(self.staff("guichet", Role.OFFICE))


@pytest.fixture
def world() -> Village:
    return Village()


def test_later_bookings_are_cancelled_and_their_places_go_to_who_waits(
    world, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    world.enrolled.refresh_from_db()
    assert (world.enrolled.ends_on, world.enrolled.state) == (LAST, "accepted")
    (gone,) = Booking.objects.filter(state=BookingState.CANCELLED)
    assert (gone.opening_id, gone.end_cause) == (world.days[-1].pk, EndCause.ENROLMENT_ENDED)
    assert held_on(world.days[1]) == {world.zoe.pk}
    assert held_on(world.days[-1]) == {world.ines.pk}
    counters_hold()
    mail = Message.objects.get(kind="enrolments/end_accepted")
    assert "Une réservation après cette date est annulée." in mail.text
    assert Entry.objects.get(verb="booking.enrolment_ended").data["cells"][0]["day"] == "2026-12-16"


def test_by_the_hour_the_half_hours_are_given_back_and_overdraft_shrinks_first(world):
    creche = world.activity("Multi-accueil", kind="childcare", years=(0, 12))
    world.slot(creche, "Accueil", "08:00", "10:00", capacity=1, by_hour=True)
    (opening,) = world.openings(creche, date(2026, 12, 16))
    enrolled = world.enrolment(world.zoe, creche, world.durand)
    world.enrolment(world.ines, creche, world.martin)
    world.booking(world.ines, opening, hours=("08:00", "09:00"))
    world.booking(world.zoe, opening, hours=("08:30", "09:30"))
    end = end_ask(actor=world.durand.actor, enrolment_id=enrolled.pk, last_day=LAST, comment="", now=NOW)
    enrolment_end(actor=world.office, end_id=end.pk, now=NOW)
    counters_hold()
    assert not opening.quotas.filter(overdraft__gt=0).exists()


def test_who_may_not_decide_cancels_nothing(world):
    elsewhere = world.structure("Ailleurs")
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    outsiders = [
        (actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)), NotYours),
        (actor_for(world.staff("animation", Role.ANIMATOR)), NotYours),
        (world.martin.actor, NotYours),
        (actor_for(world.durand.user), OwnFile),
    ]
    for actor, refusal in outsiders:
        with pytest.raises(refusal):
            enrolment_end(actor=actor, end_id=world.asked.pk, now=NOW)
    assert Booking.objects.holding().filter(child=world.zoe).count() == 3


def test_the_second_agent_is_told(world):
    enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
    with pytest.raises(AlreadyDecided):
        enrolment_end(actor=world.office, end_id=world.asked.pk, now=NOW)
