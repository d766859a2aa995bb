"""Fewer places, for some days or for good: who keeps its own, what becomes of the others, the way back."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from marelle.activities.models import GaugeCut, GaugeLevel, Quota
from marelle.activities.services import openings_generate
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import No
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.reducing import (
    Fewer,
    Told,
    capacity_change,
    fewer_preview,
    mark_of,
    places_reduce,
)
from marelle.flows.catalogue.closing.targets import ClosingRefused
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Closure
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
DAY = date(2026, 12, 2)
NEXT = DAY + timedelta(days=7)


class Village(Scenario):
    """Matin has three places, all booked: by Zoé, Léo and Inès, in that order; Tom waits. Zoé eats there."""

    def __init__(self, day: date = DAY) -> None:
        super().__init__()
        week = range(7)
        self.wednesdays = self.activity("Mercredis")
        self.gauge_of = self.gauge("Mercredis, matin", 3)
        morning = self.slot(self.wednesdays, "Matin", gauges=[self.gauge_of], weekdays=week)
        meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", capacity=10, weekdays=week)
        meal.requires.add(morning)
        self.rule(self.wednesdays)
        self.morning, self.meal = self.openings(self.wednesdays, day)
        self.next_morning, _next_meal = self.openings(self.wednesdays, day + timedelta(days=7))
        self.children = {}
        self.homes = {}
        for order, name in enumerate(("Zoé", "Léo", "Inès", "Tom")):
            home = self.homes[name] = self.home(f"Famille{order}", f"Parent{order}")
            child = self.children[name] = self.child(home, name)
            self.enrolment(child, self.wednesdays, home)
            state = BookingState.WAITING if name == "Tom" else BookingState.BOOKED
            for opening in (self.morning, self.meal) if name == "Inès" else (self.morning,):
                self.booking(child, opening, state=state, created_at=NOW - timedelta(days=9 - order))
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def fewer(self, places: int = 1, *, last_day: date = DAY, kept=(), queued: bool = False) -> Fewer:
        kept = frozenset(self.children[name].pk for name in kept)
        return Fewer({self.gauge_of.pk: places}, DAY, last_day, kept, queued=queued)

    def reduces(self, asked: Fewer, **changed) -> int:
        mark = mark_of(fewer_preview(asked, now=NOW), asked)
        return places_reduce(
            **{
                "actor": self.director,
                "structure_id": self.the_structure.pk,
                "asked": asked,
                "told": Told("Grève", "Service minimum."),
                "mark": mark,
                "now": NOW,
                **changed,
            }
        )

    def sets(self, capacity: int, **changed) -> int:
        asked = Fewer({self.gauge_of.pk: capacity}, DAY, date.max, level=True)
        return capacity_change(
            **{
                "actor": self.director,
                "gauge_id": self.gauge_of.pk,
                "since": DAY,
                "capacity": capacity,
                "told": Told("Départ d’une animatrice"),
                "mark": mark_of(fewer_preview(asked, now=NOW), asked),
                "now": NOW,
                **changed,
            }
        )

    def held(self, opening=None) -> set[str]:
        ids = held_on(opening or self.morning)
        return {name for name, child in self.children.items() if child.pk in ids}

    def waits(self) -> list[str]:
        names = {child.pk: name for name, child in self.children.items()}
        return [names[pk] for pk in queue_of(self.morning)]

    def quota(self, day: date = DAY) -> tuple[int, int, int]:
        row = Quota.objects.get(gauge=self.gauge_of, day=day)
        return row.capacity, row.taken, row.overdraft


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_the_first_booked_keep_their_place_and_what_needs_it_goes_too(world):
    assert world.reduces(world.fewer(2)) == 1
    assert world.held() == {"Zoé", "Léo"}
    assert not held_on(world.meal), "no meal without the morning that it requires"
    gone = Booking.objects.filter(child=world.children["Inès"])
    assert set(gone.values_list("state", "end_cause")) == {(BookingState.CANCELLED, EndCause.STRUCTURE)}
    assert world.quota() == (2, 2, 0)
    counters_hold()


def test_kept_by_hand_then_priority(world):
    Booking.objects.filter(child=world.children["Léo"]).update(priority=5)
    world.reduces(world.fewer(2, kept=["Inès"]))
    assert world.held() == {"Inès", "Léo"}
    assert held_on(world.meal) == {world.children["Inès"].pk}


def test_what_nobody_has_granted_yet_comes_last(world):
    Booking.objects.filter(child=world.children["Zoé"]).update(state=BookingState.REQUESTED)
    world.reduces(world.fewer(2))
    assert world.held() == {"Léo", "Inès"}


def test_put_first_on_the_waiting_list(world):
    world.reduces(world.fewer(1, queued=True))
    assert world.held() == {"Zoé"}
    assert world.waits() == ["Léo", "Inès", "Tom"]
    told = Message.objects.get(to=world.homes["Léo"].adult.email).text
    assert "Matin (mis en tête de la liste d’attente)" in told
    assert "Service minimum." in told
    counters_hold()


def test_each_home_is_told_once_and_others_are_not(world):
    world.reduces(world.fewer(1))
    mails = Message.objects.filter(kind="bookings/day_closed")
    assert {mail.to for mail in mails} == {world.homes[name].adult.email for name in ("Léo", "Inès")}
    assert Entry.objects.get(verb="structure.places_reduced").actor_label == world.director.label


def test_only_those_days_and_the_day_is_full_for_others(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        world.reduces(world.fewer(1))
    assert world.waits() == ["Tom"], "a place less is no place freed"
    assert world.quota(NEXT) == (3, 0, 0)
    change = Change(world.children["Léo"].pk, world.morning.pk, seen=False, wanted=True)
    (outcome,) = bookings_save(actor=world.homes["Léo"].actor, changes=[change], now=NOW)
    assert outcome.result == Result.REFUSED


def test_quotas_generated_later_have_the_fewer_places(world):
    world.reduces(world.fewer(1, last_day=NEXT))
    Booking.objects.all().delete()
    world.morning.quotas.clear()
    world.next_morning.quotas.clear()
    Quota.objects.all().delete()
    world.next_morning.delete()
    openings_generate(actor=SYSTEM, activity_id=world.wednesdays.pk, booked=(), from_day=DAY, now=NOW)
    assert world.quota(NEXT)[0] == 1
    assert world.quota(NEXT + timedelta(days=7))[0] == 3


def test_undone_each_has_its_place_again(world, django_capture_on_commit_callbacks):
    world.reduces(world.fewer(1))
    closure = Closure.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        undone = closing_undo(actor=world.director, closure_id=closure.pk, now=NOW)
    assert (undone.children, undone.missing) == (2, 0)
    assert world.held() == {"Zoé", "Léo", "Inès"}
    assert held_on(world.meal) == {world.children["Inès"].pk}
    assert world.quota() == (3, 3, 0)
    counters_hold()
    with pytest.raises(ClosingRefused):
        closing_undo(actor=world.director, closure_id=closure.pk, now=NOW)


def test_undone_who_is_back_from_the_head_of_the_list_has_no_priority_left(world):
    world.reduces(world.fewer(1, queued=True))
    closing_undo(actor=world.director, closure_id=Closure.objects.get().pk, now=NOW)
    back = Booking.objects.live().filter(opening=world.morning, state=BookingState.BOOKED)
    assert list(back.values_list("priority", "priority_reason", "priority_by")) == [(0, "", "")] * 3


def test_undone_a_priority_given_by_hand_before_is_there_again(world):
    given = {"priority": -1, "priority_reason": "Déjà deux jours", "priority_by": "Direction"}
    Booking.objects.filter(opening=world.morning).update(**given)
    world.reduces(world.fewer(1, queued=True))
    assert Booking.objects.filter(opening=world.morning, priority=2).count() == 2
    closing_undo(actor=world.director, closure_id=Closure.objects.get().pk, now=NOW)
    back = Booking.objects.live().filter(opening=world.morning, state=BookingState.BOOKED)
    assert list(back.values("priority", "priority_reason", "priority_by")) == [given] * 3


def test_undone_is_told_as_places_that_are_back(world):
    world.reduces(world.fewer(1))
    closing_undo(actor=world.director, closure_id=Closure.objects.get().pk, now=NOW)
    told = Message.objects.filter(kind="bookings/day_reopened").get(to=world.homes["Léo"].adult.email)
    assert "plus de places" in told.subject
    assert "a finalement plus de places qu’annoncé" in told.text
    assert "fermeture" not in told.text


def test_a_capacity_that_changed_is_not_undone_and_nobody_is_told_so(world):
    world.sets(1, overdraft=False)
    closure = Closure.objects.get()
    with pytest.raises(ClosingRefused) as refused:
        closing_undo(actor=world.director, closure_id=closure.pk, now=NOW)
    assert refused.value.code == "level"
    closure.refresh_from_db()
    assert closure.undone_at is None
    assert not Message.objects.filter(kind="bookings/day_reopened").exists()


def test_undone_from_the_waiting_list_unless_the_home_has_left_it(world, django_capture_on_commit_callbacks):
    world.reduces(world.fewer(1, queued=True))
    change = Change(world.children["Léo"].pk, world.morning.pk, seen=True, wanted=False)
    bookings_save(actor=world.homes["Léo"].actor, changes=[change], now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        closing_undo(actor=world.director, closure_id=Closure.objects.get().pk, now=NOW)
    assert world.held() == {"Zoé", "Inès", "Tom"}, "Léo gave it up: Tom was next"
    assert Booking.objects.filter(child=world.children["Inès"], opening=world.morning).count() == 1
    counters_hold()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"mark": "another"}, "moved"),
        ({"told": Told("  ")}, "no_reason"),
        ({"structure_id": 999_999}, "not_yours"),
        ({"asked": Fewer({}, DAY, DAY)}, "not_fewer"),
        ({"asked": Fewer({1: 1}, DAY, DAY - timedelta(days=1))}, "bad_span"),
        ({"asked": Fewer({1: 1}, date(2026, 11, 24), DAY)}, "past_day"),
        ({"asked": Fewer({1: 1}, DAY, DAY + timedelta(days=62))}, "too_long"),
    ],
)
def test_what_cannot_be_reduced_changes_nothing(world, changed, code):
    with pytest.raises(No) as refused:
        world.reduces(**{"asked": world.fewer(1), **changed})
    assert refused.value.code == code
    assert not GaugeCut.objects.exists()
    assert world.quota() == (3, 3, 0)


def test_more_is_not_fewer(world):
    with pytest.raises(ClosingRefused) as refused:
        world.reduces(world.fewer(3))
    assert refused.value.code == "not_fewer"


def test_somebody_came_since_it_was_shown(world):
    asked = world.fewer(2)
    mark = mark_of(fewer_preview(asked, now=NOW), asked)
    world.booking(world.children["Zoé"], world.next_morning)
    spanned = replace(asked, last_day=NEXT)
    with pytest.raises(ClosingRefused) as refused:
        world.reduces(spanned, mark=mark)
    assert refused.value.code == "moved"


def test_nobody_keeps_the_place_of_its_own_child_by_hand(world):
    world.homes["Inès"].adult.account = world.staff("mere", Role.DIRECTOR)
    world.homes["Inès"].adult.save()
    parent = actor_for(world.homes["Inès"].user)
    with pytest.raises(ClosingRefused) as refused:
        world.reduces(world.fewer(1, kept=["Inès"]), actor=parent)
    assert refused.value.code == "own_child"
    assert world.reduces(world.fewer(1), actor=parent) == 2


def test_more_places_go_to_who_waits(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert world.sets(5) == 0
    assert world.held() == {"Zoé", "Léo", "Inès", "Tom"}
    assert world.quota(NEXT) == (5, 0, 0)
    counters_hold()


def test_fewer_than_booked_everybody_stays_and_nobody_new_comes(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        world.sets(1)
    assert world.held() == {"Zoé", "Léo", "Inès"}
    assert world.quota() == (1, 3, 2)
    change = Change(world.children["Zoé"].pk, world.morning.pk, seen=True, wanted=False)
    with django_capture_on_commit_callbacks(execute=True):
        bookings_save(actor=world.homes["Zoé"].actor, changes=[change], now=NOW)
    assert world.quota() == (1, 2, 1)
    assert world.waits() == ["Tom"]
    counters_hold()


@pytest.mark.parametrize("queued", [True, False])
def test_fewer_than_booked_the_last_leave(world, queued):
    assert world.sets(1, overdraft=False, queued=queued) == 2
    assert world.held() == {"Zoé"}
    assert world.waits() == (["Léo", "Inès", "Tom"] if queued else ["Tom"])
    closure = Closure.objects.get()
    assert (closure.first_day, closure.last_day, closure.fewer) == (DAY, DAY, True)
    counters_hold()


@pytest.mark.parametrize(("capacity", "leaving"), [(6, 0), (2, 1)])
def test_more_places_than_there_were_for_who_is_over_them(world, capacity, leaving):
    """Everybody had stayed over a single place; now there are more, and only who is over those leaves."""
    world.sets(1)
    assert world.sets(capacity, overdraft=False) == leaving
    assert len(world.held()) == 3 - leaving
    counters_hold()


def test_it_counts_from_its_day_until_the_next_level(world):
    GaugeLevel.objects.create(gauge=world.gauge_of, since=NEXT, capacity=8)
    Quota.objects.filter(day=NEXT, gauge=world.gauge_of).update(capacity=8)
    world.sets(4)
    assert world.quota() == (4, 3, 0)
    assert world.quota(NEXT) == (8, 0, 0)


def test_the_capacity_of_another_structure_or_of_a_past_day(world):
    elsewhere = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    for changed, code in (({"actor": elsewhere}, "not_yours"), ({"since": date(2026, 11, 1)}, "past_day")):
        with pytest.raises(No) as refused:
            world.sets(5, **changed)
        assert refused.value.code == code
    assert world.quota() == (3, 3, 0)
