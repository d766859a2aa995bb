"""Several children go to another group at once: each finds what those before it have left."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest

from marelle.activities.models import AgeGroup, Quota
from marelle.bookings.closing.moving import Fate, Moved, Then
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.families.models import Person, Schooling
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.group_members import group_members
from marelle.flows.catalogue.moving import MoveRefused, Together, children_move, children_plan
from marelle.mail.models import Message
from tests.flows.test_moving import FIRST, NOW, SECOND, where
from tests.races.truth import counters_hold
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db


class Village(Scenario):
    """Zoé, then Lou, of the small ones, are booked on two Wednesdays; the big ones have one place a day."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.morning = self.slot(self.wednesdays, "Matin")
        self.draws(self.morning, self.gauge("Petits", 30), self.small)
        self.room = self.gauge("Grands", 1)
        self.draws(self.morning, self.room, self.big)
        self.here = {day: self.opening(self.morning, day, group=self.small) for day in (FIRST, SECOND)}
        self.there = {day: self.opening(self.morning, day, group=self.big) for day in (FIRST, SECOND)}
        self.zoe, self.first = self.one("Zoé", 1, FIRST, SECOND)
        self.lou, self.second = self.one("Lou", 2, FIRST)

    def one(self, name: str, at: int, *days: date) -> tuple[Person, Enrolment]:
        home = self.home("Durand")
        child = self.child(home, name, born=date(2020, 5, 14))
        asked = datetime(2026, 6, at, tzinfo=PARIS)
        stay = self.enrolment(child, self.wednesdays, home, group=self.small, requested_at=asked)
        for day in days:
            self.booking(child, self.here[day])
        return child, stay

    def plan(self, *stays: Enrolment, actor: Actor = SYSTEM, since: date = FIRST) -> Together:
        return children_plan(
            actor=actor,
            enrolment_ids={stay.pk for stay in stays},
            group_id=self.big.pk,
            since=since,
            now=NOW,
        )

    def move(self, *stays: Enrolment, then: Then = Then.QUEUE, mark: str = "", actor: Actor = SYSTEM, **more):
        return children_move(
            actor=actor,
            enrolment_ids={stay.pk for stay in stays},
            group_id=self.big.pk,
            since=FIRST,
            then=then,
            reason=more.get("reason", ""),
            mark=mark or self.plan(*stays).mark,
            now=NOW,
        )

    def bookings(self, child: Person) -> list[tuple[str, str]]:
        return [where(row) for row in Booking.objects.filter(child=child).order_by("day")]


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_who_asked_first_is_served_first_and_the_next_finds_the_place_taken(world):
    found = world.plan(world.second, world.first)
    assert [row.pk for row, _plan in found.moves] == [world.first.pk, world.second.pk]
    assert [[one.fate for one in plan.moves] for _row, plan in found.moves] == [
        [Fate.MOVES, Fate.MOVES],
        [Fate.FULL],
    ]
    done = world.move(world.first, world.second)
    assert [moved for _row, moved in done.moved] == [Moved(moved=2), Moved(queued=1)]
    assert world.bookings(world.zoe) == [("6–12 ans", "booked")] * 2
    assert world.bookings(world.lou) == [("6–12 ans", "waiting")]
    assert Message.objects.filter(kind="enrolments/group_changed").count() == 2
    counters_hold()


def test_a_wait_that_ends_with_the_move_keeps_nobody_out(world):
    """Zoé waits in the big ones too: once her place is there, the other place is free for Lou."""
    Quota.objects.filter(openings__in=world.there.values()).update(capacity=2)
    world.booking(world.zoe, world.there[FIRST], state=BookingState.WAITING)
    done = world.move(world.first, world.second)
    assert [moved for _row, moved in done.moved] == [Moved(moved=2), Moved(moved=1)]
    assert sorted(world.bookings(world.zoe)) == [
        ("6–12 ans", "booked"),
        ("6–12 ans", "booked"),
        ("6–12 ans", "cancelled"),
    ]
    counters_hold()


def test_what_was_shown_of_one_child_is_not_done_for_another(world):
    Booking.objects.all().delete()
    Quota.objects.update(taken=0)
    with pytest.raises(MoveRefused, match="moved"):
        world.move(world.first, mark=world.plan(world.second).mark)
    with pytest.raises(MoveRefused, match="moved"):
        world.move(world.first, mark=world.plan(world.first, since=SECOND).mark)


@pytest.mark.parametrize(
    ("then", "outcome", "state"),
    [
        (Then.KEEP, Moved(kept=1), ("3–5 ans", "booked")),
        (Then.CANCEL, Moved(cancelled=1), ("3–5 ans", "cancelled")),
    ],
)
def test_one_choice_holds_for_all_that_cannot_follow(world, then, outcome, state):
    done = world.move(world.first, world.second, then=then, reason="Une fratrie")
    assert done.moved[1][1] == outcome
    assert world.bookings(world.lou) == [state]
    counters_hold()


def test_those_who_cannot_are_told_and_the_others_move(world):
    late, stay = world.one("Tom", 3)
    Enrolment.objects.filter(pk=stay.pk).update(starts_on=SECOND)
    _ana, there = world.one("Ana", 4)
    there.groups.update(group=world.big)
    elsewhere = world.enrolment(
        world.child(world.home("Petit"), "Max"), world.activity("Autre"), world.home("Roy")
    )
    _ben, over = world.one("Ben", 5)
    Enrolment.objects.filter(pk=over.pk).update(state=Enrolment.State.ENDED)
    parent = world.staff("line", Role.OFFICE)
    own_home = world.home("Line")
    child = world.child(own_home, "Ida")
    own = world.enrolment(child, world.wednesdays, own_home, group=world.small)
    parent.posts.update(user=own_home.user)
    everybody = (world.first, world.second, stay, there, elsewhere, over, own)
    found = world.plan(*everybody, actor=actor_for(own_home.user))
    assert {(one.enrolment.pk, one.code) for one in found.stays} == {
        (stay.pk, "outside"),
        (there.pk, "same_group"),
        (own.pk, "own_file"),
    }
    assert found.unknown == 2
    done = world.move(*everybody, mark=found.mark, actor=actor_for(own_home.user))
    assert [row.pk for row, _moved in done.moved] == [world.first.pk, world.second.pk]
    assert (done.stays, done.unknown) == (found.stays, 2)
    assert not late.memberships.filter(until__isnull=False).exists()


def test_what_is_not_possible_moves_nobody(world):
    mark = world.plan(world.first, world.second).mark
    world.booking(world.lou, world.here[SECOND])
    other = world.group(world.activity("Autre"), "Loin", (3, 5))
    here = AgeGroup.objects.get(pk=world.big.pk)

    def to(group: AgeGroup) -> Together:
        return children_plan(
            actor=SYSTEM, enrolment_ids=[world.first.pk], group_id=group.pk, since=FIRST, now=NOW
        )

    for code, call in {
        "moved": lambda: world.move(world.first, world.second, mark=mark),
        "no_reason": lambda: world.move(world.first, world.second, then=Then.KEEP),
        "past_day": lambda: world.plan(world.first, since=NOW.date()),
        "no_such_group": lambda: to(other),
        "too_many": lambda: children_plan(
            actor=SYSTEM, enrolment_ids=range(61), group_id=here.pk, since=FIRST, now=NOW
        ),
    }.items():
        with pytest.raises(MoveRefused) as refused:
            call()
        assert refused.value.code == code
    for actor in (
        actor_for(world.staff("animation", Role.ANIMATOR)),
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Loin"))),
    ):
        with pytest.raises(NotYours):
            world.move(world.first, world.second, actor=actor)
    assert not Message.objects.exists()
    assert {row.groups.get().group for row in (world.first, world.second)} == {world.small}
    world.first.groups.update(group=world.big)
    with pytest.raises(MoveRefused, match="nobody"):
        world.move(world.first)
    counters_hold()


def test_what_is_shown_costs_the_same_for_many(world, django_assert_max_num_queries):
    director = actor_for(world.staff("direction", Role.DIRECTOR))

    def count(call) -> int:
        with django_assert_max_num_queries(30) as found:
            call()
        return len(found)

    def members() -> None:
        group_members(director, world.wednesdays.pk, world.small.pk, since=FIRST, day=NOW.date())

    world.plan(world.first, actor=director)  # What is read once and kept is read.
    few = count(lambda: world.plan(world.first, world.second, actor=director)), count(members)
    more = [world.one(f"Enfant {n}", 3 + n, FIRST, SECOND)[1] for n in range(8)]
    many = count(lambda: world.plan(world.first, world.second, *more, actor=director)), count(members)
    assert many == few


def test_a_group_shows_who_is_in_it_on_the_day_with_age_and_level(world):
    Schooling.objects.create(child=world.zoe, school=world.the_school, school_year=2026, level="GS")
    Schooling.objects.create(child=world.zoe, school=world.the_school, school_year=2027, level="CP")
    director = actor_for(world.staff("direction", Role.DIRECTOR))

    def shown(group: AgeGroup | None, since: date) -> list[tuple[str, int | None, str]]:
        pk = None if group is None else group.pk
        rows = group_members(director, world.wednesdays.pk, pk, since=since, day=NOW.date())
        return [(row.name, row.age, row.level) for row in rows]

    assert shown(world.small, FIRST) == [("Lou Durand", 6, ""), ("Zoé Durand", 6, "GS")]
    world.move(world.first)
    assert shown(world.small, FIRST) == [("Lou Durand", 6, "")]
    assert shown(world.big, FIRST) == [("Zoé Durand", 6, "GS")]
    assert shown(world.small, date(2026, 12, 8)) == [("Lou Durand", 6, ""), ("Zoé Durand", 6, "GS")]
    world.second.groups.all().delete()
    assert shown(None, FIRST) == [("Lou Durand", 6, "")]
