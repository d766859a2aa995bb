"""A structure closes a day: no booking lives on it, families are told, shared places go on elsewhere."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time, timedelta

import pytest

from marelle.activities.models import Opening
from marelle.activities.services import openings_generate
from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import ClosingRefused, Part, Target, closable, closures_to_come
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.places.models import Closure
from tests.races.truth import counters_hold, held_on
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
DAY = date(2026, 12, 2)


class Village(Scenario):
    """Zoé and Léo of one home, Inès of another. Matin and Repas, whose room the youth club shares; Inès waits
    for Matin, and for the club's meal."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Julie")
        self.zoe, self.leo = self.child(self.durand, "Zoé"), self.child(self.durand, "Léo")
        self.ines = self.child(self.martin, "Inès")
        self.wednesdays = self.activity("Mercredis")
        room = self.gauge("Salle à manger", 1)
        self.slot(self.wednesdays, "Matin", capacity=2)
        self.slot(self.wednesdays, "Repas", "12:00", "13:30", gauges=[room])
        self.elsewhere = self.structure("Espace jeunes")
        self.club = self.activity("Jeunes", structure=self.elsewhere)
        self.slot(self.club, "Déjeuner", "12:00", "13:30", gauges=[room])
        for activity in (self.wednesdays, self.club):
            self.rule(activity)
        self.morning, self.meal = self.openings(self.wednesdays, DAY)
        (self.lunch,) = self.openings(self.club, DAY)
        self.next_week = self.openings(self.wednesdays, DAY + timedelta(days=7))
        for child, home in ((self.zoe, self.durand), (self.leo, self.durand), (self.ines, self.martin)):
            self.enrolment(child, self.wednesdays, home)
        self.enrolment(self.ines, self.club, self.martin)
        for opening in (self.morning, self.meal, *self.next_week):
            self.booking(self.zoe, opening)
        self.booking(self.leo, self.morning)
        self.booking(self.ines, self.morning, state=BookingState.WAITING)
        self.booking(self.ines, self.lunch, state=BookingState.WAITING)
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def closes(self, *, first_day=DAY, last_day=None, part=None, part_id=0, **changed):
        target = Target(self.the_structure.pk, first_day, last_day or first_day, part, part_id)
        asked = {"actor": self.director, "target": target, "reason": "Chauffage en panne", "now": NOW}
        return closing_make(**{**asked, **changed})


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_nothing_lives_on_the_day_and_nobody_is_served_there(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        closed = world.closes()
    assert (closed.openings, closed.children) == (2, 3)
    gone = Booking.objects.filter(opening__in=[world.morning, world.meal])
    assert set(gone.values_list("state", "end_cause")) == {(BookingState.CANCELLED, EndCause.STRUCTURE)}
    assert held_on(world.lunch) == {world.ines.pk}, (
        "the shared room's place goes to who waits for it elsewhere"
    )
    assert held_on(world.next_week[0]) == {world.zoe.pk}
    counters_hold()


def test_the_closure_keeps_what_it_closed_and_generating_again_leaves_it(world):
    closure = world.closes().closure
    assert (closure.first_day, closure.last_day, closure.reason) == (DAY, DAY, "Chauffage en panne")
    rows = Opening.objects.filter(closure=closure)
    assert {row.pk for row in rows} == {world.morning.pk, world.meal.pk}
    assert {(row.state, row.reason) for row in rows} == {("closed", "Chauffage en panne")}
    openings_generate(actor=SYSTEM, activity_id=world.wednesdays.pk, booked=(), from_day=DAY, now=NOW)
    assert not Opening.objects.filter(activity=world.wednesdays, day=DAY, state="open").exists()
    assert list(closures_to_come(world.director, day=NOW.date())) == [closure]


def test_each_adult_gets_one_mail_with_the_children_it_is_told_of(world):
    step = world.adult(world.durand, "Sacha", identifier="sacha")
    world.guardian(step, world.leo, link="stepfather")
    world.closes()
    mails = Message.objects.filter(kind="bookings/day_closed")
    texts = {mail.to: mail.text for mail in mails}
    assert len(mails) == len(texts) == 3
    camille, sacha, julie = (texts[p.email] for p in (world.durand.adult, step, world.martin.adult))
    assert "Zoé, mercredi 2 décembre : Matin, Repas" in camille
    assert "Léo, mercredi 2 décembre : Matin" in camille
    assert "enfant=tous&date=2026-12-02" in camille
    assert "Raison donnée : Chauffage en panne" in camille
    assert "03 00 00 00 01" in camille
    assert "Zoé" not in sacha
    assert "Léo, mercredi 2 décembre : Matin" in sacha
    assert "Inès, mercredi 2 décembre : Matin (liste d’attente)" in julie
    assert f"enfant={world.ines.pk}&" in julie
    assert "€" not in camille + sacha + julie


def test_a_home_without_an_address_gets_a_letter(world):
    world.martin.adult.email = ""
    world.martin.adult.save()
    world.closes()
    letter = Message.objects.get(kind="bookings/day_closed", to="")
    assert (letter.state, letter.family_id) == (MessageState.TO_PRINT, world.martin.family.pk)


def test_the_journal_tells_it_to_each_home(world):
    world.closes()
    told = Entry.objects.filter(verb="booking.closed").values_list("family_id", "subject_label")
    assert set(told) == {
        (world.durand.family.pk, "Zoé"),
        (world.durand.family.pk, "Léo"),
        (world.martin.family.pk, "Inès"),
    }
    assert Entry.objects.filter(verb="opening.closed").count() == 2
    closed = Entry.objects.get(verb="structure.closed")
    assert closed.actor_label == world.director.label
    assert closed.subject_label.endswith(" · le 2 décembre 2026"), "agents read it"


def test_one_opening_is_closed_by_itself(world):
    closed = world.closes(part=Part.OPENING, part_id=world.meal.pk)
    assert (closed.openings, closed.children, closed.closure.part) == (1, 1, "Mercredis · Repas")
    assert held_on(world.morning) == {world.zoe.pk, world.leo.pk}
    assert not held_on(world.meal)
    counters_hold()


def test_what_has_begun_is_left_alone(world):
    world.closes(now=datetime.combine(DAY, time(9), tzinfo=PARIS))
    assert held_on(world.morning) == {world.zoe.pk, world.leo.pk}
    assert not held_on(world.meal)


def test_a_closed_day_is_not_booked_again(world):
    world.closes()
    change = Change(world.zoe.pk, world.morning.pk, seen=False, wanted=True)
    (outcome,) = bookings_save(actor=world.durand.actor, changes=[change], now=NOW)
    assert (outcome.result, outcome.why) == (Result.REFUSED, Why.CLOSED)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"first_day": date(2026, 11, 24)}, "past_day"),
        ({"last_day": date(2026, 12, 1)}, "bad_span"),
        ({"last_day": date(2027, 2, 2)}, "too_long"),
        ({"reason": "  "}, "no_reason"),
        ({"first_day": date(2026, 12, 3)}, "nothing_open"),
        ({"part": Part.OPENING, "part_id": 999_999}, "nothing_open"),
        ({"part": Part.SCHOOL, "part_id": 999_999}, "no_pupil"),
        ({"shown": "another"}, "moved"),
    ],
)
def test_what_cannot_be_closed(world, changed, code):
    with pytest.raises(ClosingRefused) as refused:
        world.closes(**changed)
    assert refused.value.code == code
    assert not Closure.objects.exists()


def test_twice_is_once(world):
    world.closes()
    with pytest.raises(ClosingRefused) as refused:
        world.closes()
    assert refused.value.code == "nothing_open"
    assert Closure.objects.count() == 1
    assert Message.objects.filter(kind="bookings/day_closed").count() == 2


def test_only_who_answers_for_the_structure_closes_it(world):
    outsiders = [
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.elsewhere)),
        actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie"))),
        actor_for(world.staff("animation", Role.ANIMATOR)),
        world.durand.actor,
    ]
    for actor in outsiders:
        with pytest.raises(NotYours):
            world.closes(actor=actor)
    office = actor_for(world.staff("guichet", Role.OFFICE))
    assert {row.name for row in closable(office)} == {world.the_structure.name, "Espace jeunes"}
    assert world.closes(actor=office).openings == 2
