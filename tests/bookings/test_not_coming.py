"""« Absence ce jour »: cancelled while it can be, else told absent; once, and back in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.activities.models import Quota
from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.absence_rules import AbsenceNo, Fate
from marelle.bookings.absences.not_coming import (
    not_coming_done,
    not_coming_lines,
    not_coming_tell,
    not_coming_undo,
)
from marelle.bookings.models import Absence, Attendance, Booking
from marelle.bookings.refusals import ShownOtherwise
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Result
from marelle.bookings.states import AbsenceReason, BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=PARIS)
"""Tuesday at seven: the meal was to be cancelled by the day before, the evening can be until it begins."""


@dataclass
class World:
    made: Scenario
    durand: Home
    zoe: object
    meal: Booking
    evening: Booking

    @property
    def ids(self) -> list[int]:
        return [self.meal.pk, self.evening.pk]

    def lines(self, now=NOW, actor=None, **options):
        return not_coming_lines(
            actor or self.durand.actor, self.zoe.pk, first=TUESDAY, last=TUESDAY, now=now, **options
        )

    def tell(self, *ids: int, shown=None, now=NOW, actor=None, **options):
        shown = {line.place.id: line.fate for line in self.lines(now)} if shown is None else shown
        return not_coming_tell(
            actor=actor or self.durand.actor,
            child_id=self.zoe.pk,
            booking_ids=ids or self.ids,
            shown=shown,
            now=now,
            **options,
        )

    def undo(self, at=NOW, now=NOW + timedelta(minutes=1), actor=None):
        return not_coming_undo(actor=actor or self.durand.actor, child_id=self.zoe.pk, at=at, now=now)

    def states(self) -> dict[str, str]:
        rows = Booking.objects.filter(child=self.zoe).order_by("pk")
        return dict(rows.values_list("opening__slot__name", "state"))


@pytest.fixture
def world() -> World:

    made = Scenario()
    durand = made.home("Durand")
    zoe = made.child(durand, "Zoé")
    canteen = made.activity("Restauration scolaire", kind="canteen")
    made.slot(canteen, "Repas", "12:00", "13:30", weekdays=[1], capacity=10, has_meal=True)
    made.rule(canteen, absence_proof_hours=48)
    after = made.activity("Périscolaire")
    made.slot(after, "Soir", "16:30", "18:30", weekdays=[1], capacity=1)
    start = Limit(LimitKind.START)
    made.rule(after, book=start)
    for activity in (canteen, after):
        made.enrolment(zoe, activity, durand)
    (meal,) = made.openings(canteen, TUESDAY, TUESDAY)
    (evening,) = made.openings(after, TUESDAY, TUESDAY)
    return World(made, durand, zoe, made.booking(zoe, meal), made.booking(zoe, evening))


def test_what_can_be_cancelled_is_and_the_rest_is_told_absent(world):
    assert [line.fate for line in world.lines()] == [Fate.DECLARE, Fate.CANCEL]
    world.tell(reason=AbsenceReason.ILLNESS)
    assert world.states() == {"Repas": "booked", "Soir": "cancelled"}
    absence = Absence.objects.get()
    assert (absence.booking, absence.reason, absence.declared_at) == (world.meal, "illness", NOW)
    assert sorted(Quota.objects.values_list("taken", flat=True)) == [0, 1]
    assert Message.objects.filter(kind="bookings/absence_noted").count() == 1
    verbs = set(Entry.objects.filter(family_id=world.durand.family.pk).values_list("verb", flat=True))
    assert {"absence.declared", "booking.saved"} <= verbs


def test_sent_twice_it_is_done_once(world):
    shown = {line.place.id: line.fate for line in world.lines()}
    world.tell(shown=shown)
    entries, mails = Entry.objects.count(), Message.objects.count()
    second = world.tell(shown=shown, now=NOW + timedelta(seconds=1))
    assert {line.fate for line in second} == {Fate.NOTHING}
    assert [line.denial.why for line in second] == [AbsenceNo.ALREADY, AbsenceNo.NOT_BOOKED]
    assert (Entry.objects.count(), Message.objects.count()) == (entries, mails)


@pytest.mark.parametrize("shown", [{}, {"meal": Fate.CANCEL, "evening": Fate.CANCEL}])
def test_what_was_not_confirmed_so_is_not_done(world, shown):
    with pytest.raises(ShownOtherwise):
        world.tell(shown={getattr(world, name).pk: fate for name, fate in shown.items()})
    assert world.states() == {"Repas": "booked", "Soir": "booked"}
    assert not Absence.objects.exists()
    assert not Message.objects.exists()


def test_a_limit_that_passes_meanwhile_is_told_before_anything_is_done(world):
    shown = {line.place.id: line.fate for line in world.lines()}
    later = NOW.replace(hour=17)
    with pytest.raises(ShownOtherwise):
        world.tell(shown=shown, now=later)
    world.tell(now=later)
    assert Absence.objects.count() == 2


def seen_at_the_door(world, booking=None) -> datetime:
    Attendance.objects.create(
        opening=(booking or world.meal).opening,
        child=world.zoe,
        day=TUESDAY,
        present=True,
        noted_at=NOW,
        noted_by="Samir",
    )
    return NOW


def too_late_to_be_told(_world) -> datetime:
    return NOW + timedelta(days=4)


def offered_meanwhile(world) -> datetime:
    Booking.objects.filter(pk=world.evening.pk).update(state=BookingState.OFFERED)
    return NOW


def past_the_limit(_world) -> datetime:
    """A request can be given back until the limit, and is no place to be told absent from."""
    return NOW.replace(hour=17)


@pytest.mark.parametrize(
    ("evening", "meanwhile"),
    [
        (BookingState.BOOKED, seen_at_the_door),
        (BookingState.BOOKED, too_late_to_be_told),
        (BookingState.WAITING, offered_meanwhile),
        (BookingState.REQUESTED, past_the_limit),
    ],
)
def test_what_can_be_done_no_more_is_not_told_as_done(world, evening, meanwhile):
    Booking.objects.filter(pk=world.evening.pk).update(state=evening)
    shown = {line.place.id: line.fate for line in world.lines()}
    assert set(shown.values()) == {Fate.DECLARE, Fate.CANCEL}
    now = meanwhile(world)
    assert Fate.NOTHING in {line.fate for line in world.lines(now)}
    with pytest.raises(ShownOtherwise):
        world.tell(shown=shown, now=now)
    assert not Absence.objects.exists()
    assert not Booking.objects.filter(state=BookingState.CANCELLED).exists()


def test_all_is_taken_back_in_one_go(world):
    world.tell()
    done = not_coming_done(world.durand.actor, world.zoe.pk, at=NOW, now=NOW)
    assert [place.id for _opening, place in done.cancelled] == [world.evening.pk]
    assert [row.place.id for row in done.declared] == [world.meal.pk]
    back = world.undo()
    assert [one.result for one in back.outcomes] == [Result.BOOKED]
    assert [opening.id for opening in back.back] == [world.meal.opening_id]
    assert not Absence.objects.exists()
    assert sorted(Quota.objects.values_list("taken", flat=True)) == [1, 1]
    assert not not_coming_done(world.durand.actor, world.zoe.pk, at=NOW, now=NOW)
    again = world.undo(now=NOW + timedelta(minutes=2))
    assert [one.result for one in again.outcomes] == [Result.UNCHANGED]
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 2


def test_many_are_taken_back_with_as_many_statements_as_one(world):
    weeks = [TUESDAY + timedelta(weeks=n) for n in range(1, 6)]
    openings = world.made.openings(world.meal.opening.activity, weeks[0], weeks[-1])
    meals = [world.made.booking(world.zoe, opening) for opening in openings]
    counted = []
    for minutes, told in ((1, meals[:1]), (2, meals[1:2]), (3, meals[2:])):
        at = NOW + timedelta(minutes=minutes)
        Absence.objects.bulk_create(
            Absence(booking=one, declared_at=at, declared_by="Camille") for one in told
        )
        with CaptureQueriesContext(connection) as asked:
            assert len(world.undo(at=at, now=at).back) == len(told)
        counted.append(len(asked))
    assert counted[1] == counted[2]  # The first asks what is asked once in a process too.
    assert Entry.objects.filter(verb="absence.withdrawn").count() == 3


def test_what_cannot_be_taken_back_is_said(world):
    tom_home = world.made.home("Martin")
    tom = world.made.child(tom_home, "Tom")
    world.made.enrolment(tom, world.evening.opening.activity, tom_home)
    waiting = world.made.booking(tom, world.evening.opening, state=BookingState.WAITING)
    world.tell()
    waiting.refresh_from_db()
    assert waiting.state == BookingState.BOOKED  # The place went to who waited for it.
    back = world.undo(now=NOW.replace(hour=12, minute=30))
    assert [(one.result, one.why, one.may_wait) for one in back.outcomes] == [
        (Result.REFUSED, Why.FULL, True)
    ]
    assert [denial.why for _opening, denial in back.denied] == [AbsenceNo.STARTED]
    assert Absence.objects.count() == 1


def test_only_what_the_act_did_is_taken_back(world):
    world.tell(world.evening.pk)
    world.tell(world.meal.pk, now=NOW + timedelta(minutes=5))
    world.undo()
    assert Absence.objects.get().booking == world.meal


def test_the_other_home_of_a_child_keeps_what_it_booked(world):
    other = world.made.home("Petit")
    world.made.shared(world.zoe, world.durand, other)
    for activity in (world.meal.opening.activity, world.evening.opening.activity):
        world.made.enrolment(world.zoe, activity, other)
    assert world.lines(actor=other.actor) == ()
    with pytest.raises(NotYours):
        world.tell(actor=other.actor)
    world.tell()
    assert not not_coming_undo(actor=other.actor, child_id=world.zoe.pk, at=NOW, now=NOW).outcomes
    assert Absence.objects.count() == 1


def test_an_agent_does_it_in_the_familys_name(world):
    agent = actor_for(world.made.staff("guichet", Role.OFFICE), acting_for=world.durand.family.pk)
    world.tell(actor=agent)
    assert world.states() == {"Repas": "booked", "Soir": "cancelled"}
    assert Absence.objects.get().declared_by == agent.label[:150]
    world.undo(actor=agent)
    assert not Absence.objects.exists()


def test_a_day_of_a_bundle_cannot_be_cancelled_alone_and_is_told_absent(world):
    activity = world.evening.opening.activity
    (other,) = world.made.openings(activity, TUESDAY + timedelta(weeks=1), TUESDAY + timedelta(weeks=1))
    world.made.booking(world.zoe, other)
    world.made.bundle(activity, "Deux soirs", [world.evening.opening, other])
    assert [line.fate for line in world.lines()] == [Fate.DECLARE, Fate.DECLARE]
    world.tell()
    assert set(Booking.objects.filter(child=world.zoe).values_list("state", flat=True)) == {"booked"}


def test_a_child_seen_at_the_door_is_neither_cancelled_nor_absent(world):
    seen_at_the_door(world, world.evening)
    line = world.lines()[1]
    assert (line.fate, line.denial.why) == (Fate.NOTHING, AbsenceNo.SEEN_PRESENT)
