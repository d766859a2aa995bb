"""A child goes to another group with its bookings: what moves, what cannot, what the agent chose for it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest

from marelle.bookings.closing.moving import Fate, Moved, Then
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.moving import MoveRefused, child_move, group_plan
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.races.truth import counters_hold
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
BEFORE, FIRST, SECOND, THIRD = (date(2026, 12, day) for day in (2, 9, 16, 23))


class Village(Scenario):
    """Zoé, of the small ones, has one meal in the shared dining room each Wednesday; the big ones have one
    place each morning."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.room = self.gauge("Réfectoire", 1)
        self.morning = self.slot(self.wednesdays, "Matin")
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", gauges=[self.room])
        self.draws(self.morning, self.gauge("Petits", 5), self.small)
        self.draws(self.morning, self.gauge("Grands", 1), self.big)
        self.durand = self.home("Durand")
        self.zoe = self.child(self.durand, "Zoé")
        self.stay = self.enrolment(self.zoe, self.wednesdays, self.durand, group=self.small)

    def day(self, day: date, group, slot=None):
        return self.opening(slot or self.morning, day, group=group)

    def booked_on(self, *days: date) -> list[Booking]:
        """Zoé is booked in the small ones; the big ones are open on the same days."""
        rows = [self.booking(self.zoe, self.day(day, self.small)) for day in days]
        for day in days:
            self.day(day, self.big)
        return rows

    def other(self, day: date, state=BookingState.BOOKED) -> Booking:
        """Another child, in the big ones."""
        home = self.home("Martin")
        child = self.child(home, "Lou")
        self.enrolment(child, self.wednesdays, home, group=self.big)
        opening = self.wednesdays.openings.get(day=day, group=self.big, slot=self.morning)
        return self.booking(child, opening, state=state)

    def plan(self, actor=SYSTEM, since=FIRST, group=None):
        group_id = (group or self.big).pk
        return group_plan(actor=actor, enrolment_id=self.stay.pk, group_id=group_id, since=since, now=NOW)

    def move(self, then=Then.QUEUE, reason="", actor=SYSTEM, mark=None, since=FIRST):
        return child_move(
            actor=actor,
            enrolment_id=self.stay.pk,
            group_id=self.big.pk,
            since=since,
            then=then,
            reason=reason,
            mark=mark or self.plan(since=since).mark,
            now=NOW,
        )

    def groups(self) -> list[tuple[str, date]]:
        return list(self.stay.groups.order_by("since").values_list("group__name", "since"))

    def both(self, here: BookingState, there: BookingState) -> tuple[Booking, Booking]:
        """Zoé is on one morning in the small ones and, an agent has let her, in the big ones."""
        mine = self.booking(self.zoe, self.day(FIRST, self.small), state=here)
        return mine, self.booking(self.zoe, self.day(FIRST, self.big), state=there)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def where(booking: Booking) -> tuple[str, str]:
    booking.refresh_from_db()
    return (booking.opening.group.name, booking.state)


def test_later_bookings_follow_and_earlier_ones_stay(world):
    before, first, second = world.booked_on(BEFORE, FIRST, SECOND)
    assert world.move() == Moved(moved=2)
    assert where(before) == ("3–5 ans", "booked")
    assert where(first) == where(second) == ("6–12 ans", "booked")
    assert world.groups() == [("3–5 ans", world.stay.starts_on), ("6–12 ans", FIRST)]
    assert Entry.objects.get(verb="enrolment.group_changed").data["moved"] == 2
    assert "6–12 ans" in Message.objects.get(kind="enrolments/group_changed").text
    counters_hold()


def test_a_place_of_a_gauge_that_both_groups_share_is_kept(world):
    (morning,) = world.booked_on(FIRST)
    meal = world.booking(world.zoe, world.day(FIRST, world.small, world.meal))
    world.day(FIRST, world.big, world.meal)
    assert world.move() == Moved(moved=2)
    assert where(meal)[0] == where(morning)[0] == "6–12 ans"
    counters_hold()


@pytest.mark.parametrize(
    ("then", "outcome", "state"),
    [
        (Then.QUEUE, Moved(moved=1, queued=1), ("6–12 ans", "waiting")),
        (Then.KEEP, Moved(moved=1, kept=1), ("3–5 ans", "booked")),
        (Then.CANCEL, Moved(moved=1, cancelled=1), ("3–5 ans", "cancelled")),
    ],
)
def test_a_day_that_is_full_becomes_what_the_agent_chose(world, then, outcome, state):
    full, free = world.booked_on(FIRST, SECOND)
    world.other(FIRST)
    assert [one.fate for one in world.plan().moves] == [Fate.FULL, Fate.MOVES]
    assert world.move(then, "Une fratrie") == outcome
    assert where(full) == state
    assert where(free) == ("6–12 ans", "booked")
    assert (full.derogation, full.passed) == (
        ("Une fratrie", "other_group") if then is Then.KEEP else ("", "")
    )
    counters_hold()


def test_nobody_passes_who_waits_already(world):
    (mine,) = world.booked_on(FIRST)
    waiting = world.other(FIRST, BookingState.WAITING)
    assert [one.fate for one in world.plan().moves] == [Fate.FULL]
    world.move(Then.CANCEL)
    assert where(mine)[1] == "cancelled"
    assert waiting.state == "waiting"


def test_who_waits_for_what_it_has_there_already_waits_no_more(world):
    waits, has = world.both(BookingState.WAITING, BookingState.BOOKED)
    meal = world.booking(world.zoe, world.day(FIRST, world.small, world.meal))
    world.day(FIRST, world.big, world.meal)
    assert [one.fate for one in world.plan().moves] == [Fate.THERE, Fate.MOVES]
    assert not world.plan().stuck
    assert world.move(Then.KEEP) == Moved(moved=1, there=1), "nothing is kept, so that no reason is asked"
    assert where(waits) == ("3–5 ans", "cancelled")
    assert waits.end_cause == "changed"
    assert where(has) == ("6–12 ans", "booked")
    assert where(meal) == ("6–12 ans", "booked")
    counters_hold()


def test_who_waits_in_both_groups_waits_once(world):
    waits, there = world.both(BookingState.WAITING, BookingState.WAITING)
    assert world.move() == Moved(there=1)
    assert where(waits)[1] == "cancelled"
    assert where(there) == ("6–12 ans", "waiting")


def test_a_place_that_moves_ends_the_wait_for_it(world):
    mine, waits = world.both(BookingState.BOOKED, BookingState.WAITING)
    assert world.move() == Moved(moved=1)
    assert where(mine) == ("6–12 ans", "booked")
    assert where(waits) == ("6–12 ans", "cancelled")
    counters_hold()


@pytest.mark.parametrize(
    ("then", "outcome", "state"),
    [
        (Then.QUEUE, Moved(queued=1), "cancelled"),
        (Then.KEEP, Moved(kept=1), "booked"),
        (Then.CANCEL, Moved(cancelled=1), "cancelled"),
    ],
)
def test_where_it_is_full_who_waits_keeps_its_rank(world, then, outcome, state):
    mine, waits = world.both(BookingState.BOOKED, BookingState.WAITING)
    queued_at = waits.queued_at
    world.other(FIRST)
    assert world.move(then, "Une fratrie") == outcome
    assert where(mine) == ("3–5 ans", state)
    assert where(waits) == ("6–12 ans", "waiting")
    assert waits.queued_at == queued_at
    counters_hold()


@pytest.mark.parametrize("full", [False, True])
def test_of_two_old_groups_the_place_goes_before_the_wait(world, full):
    third = world.group(world.wednesdays, "Moyens", (4, 7))
    world.draws(world.morning, world.gauge("Moyens", 5), third)
    waits = world.booking(world.zoe, world.day(FIRST, world.small), state=BookingState.WAITING)
    mine = world.booking(world.zoe, world.day(FIRST, third))
    world.day(FIRST, world.big)
    if full:
        world.other(FIRST)
    assert [one.fate for one in world.plan().moves] == [Fate.THERE, Fate.FULL if full else Fate.MOVES]
    assert world.move() == (Moved(queued=1, there=1) if full else Moved(moved=1, there=1))
    assert where(waits) == ("3–5 ans", "cancelled")
    assert where(mine) == ("6–12 ans", "waiting" if full else "booked")
    counters_hold()


@pytest.mark.parametrize("then", list(Then))
def test_other_hours_of_one_slot_in_two_groups_do_not_become_one(world, then):
    care = world.slot(world.wednesdays, "Accueil", "07:00", "18:00", by_hour=True)
    third = world.group(world.wednesdays, "Moyens", (4, 7))
    one = world.booking(world.zoe, world.day(FIRST, world.small, care), hours=("08:00", "09:00"))
    two = world.booking(world.zoe, world.day(FIRST, third, care), hours=("10:00", "11:00"))
    world.day(FIRST, world.big, care)
    assert {moving.fate for moving in world.plan().moves} == {Fate.ELSEWHERE}
    world.move(then, "Une fratrie")
    state = "booked" if then is Then.KEEP else "cancelled"
    assert where(one) == ("3–5 ans", state)
    assert where(two) == ("Moyens", state)


def test_an_older_reason_is_kept_with_the_booking(world):
    first, second = world.booked_on(FIRST, SECOND)
    Booking.objects.filter(pk=first.pk).update(derogation="Après la limite")
    world.other(FIRST)
    world.other(SECOND)
    assert world.move(Then.KEEP, "Une fratrie") == Moved(kept=2)
    assert (where(first), where(second)) == (("3–5 ans", "booked"),) * 2
    assert (first.derogation, second.derogation) == ("Après la limite", "Une fratrie")


def test_what_was_shown_is_of_one_child_one_group_one_day_and_those_openings(world):
    third = world.group(world.wednesdays, "Moyens", (4, 7))
    lou = world.child(world.durand, "Lou")
    hers = world.enrolment(lou, world.wednesdays, world.durand, group=world.small)
    asked = {"actor": SYSTEM, "group_id": world.big.pk, "since": FIRST, "now": NOW}
    theirs = group_plan(enrolment_id=hers.pk, **asked).mark
    for mark in (world.plan(group=third).mark, world.plan(since=SECOND).mark, theirs):
        with pytest.raises(MoveRefused, match="moved"):
            world.move(mark=mark)
    (mine,) = world.booked_on(FIRST)
    mark = world.plan().mark
    world.wednesdays.openings.get(group=world.big).delete()
    world.day(FIRST, world.big)
    with pytest.raises(MoveRefused, match="moved"):
        world.move(mark=mark)
    assert where(mine) == ("3–5 ans", "booked")


def test_what_is_not_held_there_is_cancelled_and_a_day_moves_whole(world):
    meal = world.booking(world.zoe, world.day(FIRST, world.small, world.meal))
    (morning,) = world.booked_on(FIRST)
    assert {one.fate for one in world.plan().moves} == {Fate.NOT_HELD}
    assert world.move(Then.QUEUE) == Moved(cancelled=2)
    assert where(meal)[1] == where(morning)[1] == "cancelled"
    counters_hold()


@pytest.mark.parametrize("state", [BookingState.BOOKED, BookingState.WAITING])
def test_hours_that_the_other_group_does_not_hold_are_not_moved(world, state):
    care = world.slot(world.wednesdays, "Accueil", "07:00", "18:00", by_hour=True)
    early = world.day(FIRST, world.small, care)
    eight, nine = early.starts_at + timedelta(hours=1), early.starts_at + timedelta(hours=2)
    mine = world.booking(world.zoe, early, state=state, starts_at=eight, ends_at=nine)
    world.opening(care, FIRST, group=world.big, starts_at=nine)
    assert [one.fate for one in world.plan().moves] == [Fate.NOT_HELD]
    assert world.move(Then.QUEUE) == Moved(cancelled=1)
    assert where(mine) == ("3–5 ans", "cancelled")


def test_the_place_left_goes_to_who_waits_there(world, django_capture_on_commit_callbacks):
    world.rule(world.wednesdays)
    (mine,) = world.booked_on(FIRST)
    quota = mine.opening.quotas.get()
    quota.capacity = 1
    quota.save()
    home = world.home("Petit")
    child = world.child(home, "Ana")
    world.enrolment(child, world.wednesdays, home, group=world.small)
    waiting = world.booking(child, mine.opening, state=BookingState.WAITING)
    with django_capture_on_commit_callbacks(execute=True):
        world.move()
    assert where(waiting) == ("3–5 ans", "booked")
    counters_hold()


def test_what_is_not_possible_writes_nothing(world):
    (mine,) = world.booked_on(FIRST)
    world.other(FIRST)
    stranger = world.group(world.activity("Autre"), "Loin", (3, 5))
    for code, call in {
        "past_day": lambda: world.plan(since=NOW.date()),
        "outside": lambda: world.plan(since=date(2028, 1, 1)),
        "no_such_group": lambda: world.plan(group=stranger),
        "same_group": lambda: world.plan(group=world.small),
        "no_reason": lambda: world.move(Then.KEEP),
        "moved": lambda: world.move(mark="vu hier"),
    }.items():
        with pytest.raises(MoveRefused) as refused:
            call()
        assert refused.value.code == code
    elsewhere = world.structure("Loin", authority=world.authority("Mairie"))
    for actor in (
        world.durand.actor,
        actor_for(world.staff("animation", Role.ANIMATOR)),
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
    ):
        with pytest.raises(NotYours):
            world.move(actor=actor)
    world.wednesdays.decided_by = "office"
    world.wednesdays.save()
    with pytest.raises(NotYours):
        world.move(actor=actor_for(world.staff("direction", Role.DIRECTOR)))
    assert where(mine) == ("3–5 ans", "booked")
    assert world.groups() == [("3–5 ans", world.stay.starts_on)]
    assert not Message.objects.exists()
    assert Enrolment.objects.get(pk=world.stay.pk).state == "accepted"
    counters_hold()
