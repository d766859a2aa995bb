"""The planning as a page reads it: through the actor, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Opening, Slot
from marelle.bookings.cells import Cell
from marelle.bookings.models import Absence, Attendance
from marelle.bookings.planning import ChildPlanning, PlannedCell, UnknownChildError, planning
from marelle.bookings.rules import Why
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import GroupChoice
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from tests.scenario import Home, Scenario
from tests.waves import waves, waves_given

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 9, 9)
"""Of week 37: an odd one, of the second home of a shared child."""
EVEN_WEDNESDAY = date(2026, 9, 16)
NOW = datetime(2026, 9, 7, 10, 0, tzinfo=PARIS)
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)


@dataclass
class World:
    made: Scenario
    durand: Home
    zoe: Person
    activity: Activity
    morning: Slot
    opening: Opening

    def cell(
        self, child: Person | None = None, on: Opening | None = None, *, actor: Actor | None = None
    ) -> PlannedCell:
        child = child or self.zoe
        shown = planning(
            actor or self.durand.actor, first=FIRST, last=LAST, child_id=child.pk, now=NOW
        ).shown[0]
        return the_cell(shown, on or self.opening)


def the_cell(shown: ChildPlanning, on: Opening) -> PlannedCell:
    (found,) = (c for cells in shown.cells.values() for c in cells if c.opening.id == on.pk)
    return found


@pytest.fixture
def world() -> World:
    made = Scenario()
    durand = made.home("Durand")
    zoe = made.child(durand, "Zoé")
    activity = made.activity("Mercredis")
    morning = made.slot(activity, capacity=2)
    made.rule(activity)
    (opening,) = made.openings(activity, WEDNESDAY)
    made.enrolment(zoe, activity, durand)
    return World(made, durand, zoe, activity, morning, opening)


def test_a_free_cell_and_its_key(world):
    cell = world.cell()
    assert (cell.state.cell, cell.state.until) == (Cell.FREE, datetime(2026, 9, 8, 12, 0, tzinfo=PARIS))
    assert cell.key == f"{world.zoe.pk}.{world.opening.pk}"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (BookingState.BOOKED, Cell.BOOKED),
        (BookingState.REQUESTED, Cell.REQUESTED),
        (BookingState.OFFERED, Cell.OFFERED),
        (BookingState.WAITING, Cell.WAITING),
        (BookingState.REFUSED, Cell.REFUSED),
        (BookingState.CANCELLED, Cell.FREE),
    ],
)
def test_what_is_booked(world, state, expected):
    world.made.booking(world.zoe, world.opening, state=state)
    assert world.cell().state.cell is expected


def test_a_live_booking_hides_those_that_ended(world):
    world.made.booking(world.zoe, world.opening, state=BookingState.BOOKED)
    world.made.booking(world.zoe, world.opening, state=BookingState.REFUSED)
    assert world.cell().state.cell is Cell.BOOKED


def test_a_booking_made_again_hides_what_the_structure_cancelled(world):
    world.made.booking(world.zoe, world.opening, state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE)
    world.made.booking(world.zoe, world.opening, state=BookingState.BOOKED)
    assert world.cell().state.cell is Cell.BOOKED


def test_a_day_that_the_structure_closed(world):
    world.made.booking(world.zoe, world.opening, state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE)
    Opening.objects.update(state=Opening.State.CLOSED, reason="Grève")
    cell = world.cell()
    assert (cell.state.cell, cell.state.reason) == (Cell.CANCELLED_BY_STRUCTURE, "Grève")


def test_a_closed_day(world):
    Opening.objects.update(state=Opening.State.CLOSED, reason="Grève")
    assert (world.cell().state.cell, world.cell().state.reason) == (Cell.CLOSED, "Grève")


def test_an_absence_and_what_was_seen_at_the_door(world):
    booking = world.made.booking(world.zoe, world.opening)
    absence = Absence.objects.create(booking=booking, declared_at=NOW, declared_by="Camille")
    assert world.cell().state.cell is Cell.ABSENT
    absence.justified = True
    absence.save()
    assert world.cell().state.cell is Cell.ABSENT_JUSTIFIED
    Attendance.objects.create(
        opening=world.opening, child=world.zoe, day=WEDNESDAY, present=True, noted_at=NOW, noted_by="Ana"
    )
    assert world.cell().state.cell is Cell.PRESENT


def test_full_and_the_rank_in_the_queue(world):
    for name, state in [("Martin", "booked"), ("Petit", "booked"), ("Bernard", "waiting")]:
        home = world.made.home(name)
        child = world.made.child(home, name)
        world.made.enrolment(child, world.activity, home)
        world.made.booking(child, world.opening, state=BookingState(state))
    assert world.cell().state.cell is Cell.FULL
    world.made.booking(world.zoe, world.opening, state=BookingState.WAITING, queued_at=NOW)
    assert world.cell().state.rank == 2
    world.made.booking(
        world.made.child(world.durand, "Léo"),
        world.opening,
        state=BookingState.WAITING,
        queued_at=NOW + timedelta(days=1),
        priority=5,
        enrolment=world.zoe.enrolments.get(),
    )
    assert world.cell().state.rank == 3


def test_a_free_place_that_someone_waits_for_is_shown_full(world):
    home = world.made.home("Martin")
    paul = world.made.child(home, "Paul")
    world.made.enrolment(paul, world.activity, home)
    world.made.booking(paul, world.opening, state=BookingState.WAITING)
    assert world.cell().state.cell is Cell.FULL


def test_the_tightest_quota_counts(world):
    room = world.made.gauge("Salle", 0)
    world.made.draws(world.morning, room)
    narrow = world.made.opening(world.morning, EVEN_WEDNESDAY)
    assert world.cell().state.cell is Cell.FREE
    assert world.cell(on=narrow).state.cell is Cell.FULL


def test_only_the_openings_of_its_group(world):
    small = world.made.group(world.activity, "3–5 ans", (3, 5))
    big = world.made.group(world.activity, "6–12 ans", (6, 12))
    days = (date(2026, 9, 16), date(2026, 9, 23))
    GroupChoice.objects.create(enrolment=world.zoe.enrolments.get(), group=small, since=FIRST)
    GroupChoice.objects.create(enrolment=world.zoe.enrolments.get(), group=big, since=days[1])
    openings = {
        (day, g): world.made.opening(world.morning, day, group=g) for day in days for g in (small, big)
    }
    shown = planning(world.durand.actor, first=FIRST, last=LAST, child_id=world.zoe.pk, now=NOW).shown[0]
    ids = {c.opening.id for cells in shown.cells.values() for c in cells}
    assert ids == {world.opening.pk, openings[days[0], small].pk, openings[days[1], big].pk}
    assert {column.group_name for column in shown.columns} == {"3–5 ans"}


def test_a_booking_by_derogation_in_another_group_is_shown(world):
    big = world.made.group(world.activity, "6–12 ans", (6, 12))
    opening = world.made.opening(world.morning, EVEN_WEDNESDAY, group=big)
    world.made.booking(world.zoe, opening, derogation="Fratrie")
    assert world.cell(on=opening).state.cell is Cell.BOOKED


def test_all_children_one_child_one_activity(world):
    leo = world.made.child(world.durand, "Léo", born=date(2021, 1, 1))
    canteen = world.made.activity("Cantine", kind="canteen")
    world.made.slot(canteen, "Repas", "12:00", "14:00", weekdays=(0, 1))
    world.made.rule(canteen)
    world.made.openings(canteen, date(2026, 9, 14), date(2026, 9, 15))
    world.made.enrolment(leo, canteen, world.durand)
    world.made.enrolment(world.zoe, canteen, world.durand)
    actor = world.durand.actor
    every = planning(actor, first=FIRST, last=LAST, now=NOW)
    assert [one.child.id for one in every.shown] == [world.zoe.pk, leo.pk]
    assert dict(every.activities) == {world.activity.pk: "Mercredis", canteen.pk: "Cantine"}
    assert [len(one.columns) for one in every.shown] == [2, 1]
    one = planning(actor, first=FIRST, last=LAST, child_id=leo.pk, now=NOW)
    assert [child.id for child in one.children] == [world.zoe.pk, leo.pk]
    assert [shown.child.id for shown in one.shown] == [leo.pk]
    filtered = planning(actor, first=FIRST, last=LAST, activity_id=canteen.pk, now=NOW)
    assert dict(filtered.activities) == dict(every.activities)
    assert {c.activity.id for shown in filtered.shown for c in shown.columns} == {canteen.pk}
    assert all(
        c.opening.activity.id == canteen.pk for s in filtered.shown for v in s.cells.values() for c in v
    )


def test_several_outings_share_the_cell_of_a_day(world):
    outing = world.made.slot(world.activity, "Sortie", "09:00", "17:00", weekdays=(), one_off=True)
    definition_changed(Activity.objects.all())
    for title in ("Lac", "Forêt"):
        world.made.opening(outing, WEDNESDAY, title=title)
    shown = planning(world.durand.actor, first=FIRST, last=LAST, now=NOW).shown[0]
    assert {c.opening.title for c in shown.cells[WEDNESDAY, outing.pk]} == {"Lac", "Forêt"}


# Two homes


@pytest.fixture
def martin(world) -> Home:
    home = world.made.home("Martin")
    world.made.shared(world.zoe, world.durand, home)
    return home


def test_each_home_books_on_its_days(world, martin):
    even = world.made.opening(world.morning, EVEN_WEDNESDAY)
    assert world.cell().state.why is Why.OTHER_HOME_DAY
    assert world.cell(on=even).state.cell is Cell.FREE
    world.made.enrolment(world.zoe, world.activity, martin)
    assert world.cell(actor=martin.actor).state.cell is Cell.FREE
    assert world.cell(on=even, actor=martin.actor).state.why is Why.OTHER_HOME_DAY


def test_what_the_other_home_booked_is_seen_and_not_to_be_clicked(world, martin):
    enrolment = world.made.enrolment(world.zoe, world.activity, martin)
    world.made.booking(world.zoe, world.opening, enrolment=enrolment)
    mine, theirs = world.cell(), world.cell(actor=martin.actor)
    assert (mine.state.cell, mine.state.editable) == (Cell.OTHER_HOME, False)
    assert theirs.state.cell is Cell.BOOKED


def test_what_the_other_home_booked_elsewhere_is_seen_too(world, martin):
    stage = world.made.activity("Stage", structure=world.made.structure("Ailleurs"))
    world.made.slot(stage)
    world.made.rule(stage)
    (opening,) = world.made.openings(stage, EVEN_WEDNESDAY)
    enrolment = world.made.enrolment(world.zoe, stage, martin)
    world.made.booking(world.zoe, opening, enrolment=enrolment)
    here = world.made.opening(world.morning, EVEN_WEDNESDAY)
    assert world.cell(on=opening).state.cell is Cell.OTHER_HOME
    assert world.cell(on=here).state.why is Why.ELSEWHERE


# Who may see


def test_a_child_of_another_home_does_not_exist(world):
    stranger = world.made.home("Petit")
    with pytest.raises(UnknownChildError):
        planning(stranger.actor, first=FIRST, last=LAST, child_id=world.zoe.pk, now=NOW)
    assert planning(stranger.actor, first=FIRST, last=LAST, now=NOW).shown == ()


def test_an_adult_of_the_home_who_may_not_see_the_child(world):
    world.zoe.guardians.update(may_see=False)
    with pytest.raises(UnknownChildError):
        world.cell()


def test_nobody_without_a_home(world):
    assert planning(SYSTEM, first=FIRST, last=LAST, now=NOW).children == ()
    with pytest.raises(UnknownChildError):
        planning(SYSTEM, first=FIRST, last=LAST, child_id=world.zoe.pk, now=NOW)


def test_an_agent_in_the_family_s_name_sees_what_it_sees(world):
    agent = world.made.staff("guichet", Role.OFFICE)
    acting = actor_for(agent, acting_for=world.durand.family.pk)
    assert world.cell(actor=acting).state.cell is Cell.FREE


# How many statements


@pytest.mark.parametrize(("families", "weeks"), [(0, 1), (6, 8)])
def test_a_fixed_number_of_statements(world, martin, count_queries, families, weeks):
    waves_given(world.activity, *waves(NOW - timedelta(days=9), NOW - timedelta(days=3)))
    openings = [
        world.made.opening(world.morning, EVEN_WEDNESDAY + timedelta(weeks=number)) for number in range(weeks)
    ]
    world.made.booking(world.zoe, openings[0])
    for number in range(families):
        home = world.made.home(f"Famille{number}")
        child = world.made.child(home, "Paul")
        world.made.enrolment(child, world.activity, home)
        for opening in openings:
            world.made.booking(child, opening, state=BookingState.WAITING)
    actor, last = world.durand.actor, FIRST + timedelta(weeks=12)
    planning(actor, first=FIRST, last=last, now=NOW)
    with count_queries(7) as seen:
        found = planning(actor, first=FIRST, last=last, now=NOW)
    assert len(seen) == 7, "children, enrolments, bookings, openings, attendance, residence, custody"
    assert len(found.shown[0].cells) == weeks + 1
