"""Places kept for some, in the tables: set, counted from who is there, given back, named, released."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from marelle.accounts.models import User
from marelle.activities.models import Gauge, KeptPlaces, KeptQuota, Opening, Quota
from marelle.activities.selectors import Wished, full_days
from marelle.activities.services import openings_generate, part_remove
from marelle.activities.services.draws import EVERY_GROUP, DrawChange
from marelle.activities.services.openings import draw_on_quotas
from marelle.bookings.cells import Cell
from marelle.bookings.kept import kept_add, kept_change, kept_name, kept_released, kept_remove
from marelle.bookings.models import Booking
from marelle.bookings.planning import planning
from marelle.bookings.recounting import day_recount
from marelle.bookings.refusals import WaitingRefused
from marelle.bookings.rules import Why
from marelle.bookings.saving.room import with_room
from marelle.bookings.saving.services import bookings_preview, waiting_served
from marelle.bookings.states import BookingState
from marelle.bookings.waiting.moves import waiting_place
from marelle.cases.services import OwnFile
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment, KeptFor
from marelle.families.models import Member, Person, Residence
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.openings import activity_draws_set
from marelle.journal.edits import InUse, NotPossible
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.bookings.world import NOW, WEDNESDAY, World, made_world, said, tick, untick
from tests.offer import LONG_AGO
from tests.races.truth import counters_hold
from tests.scenario import Home

RELEASED = datetime(2026, 9, 8, 18, 1, tzinfo=PARIS)
STILL_KEPT = datetime(2026, 9, 8, 18, 0, 59, tzinfo=PARIS)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Three places on 9 September; bookings close at the start."""
    world = made_world()
    gauge(world).levels.update(capacity=3)
    Quota.objects.update(capacity=3)
    return world


def gauge(world: World) -> Gauge:
    return Gauge.objects.filter(draws__slot=world.morning).earliest("pk")


def director(world: World) -> Actor:
    known = User.objects.filter(identifier="direction").first()
    return actor_for(known or world.made.staff("direction", Role.DIRECTOR))


def keep(
    world: World, places: int = 1, *, actor: Actor | None = None, at: datetime = NOW, **fields: Any
) -> KeptPlaces:
    """For children that agents name, until the day before at 18 h."""
    values = {
        "gauge": gauge(world),
        "name": "Suivi social",
        "places": places,
        "audience": "named",
        "communes": [],
        "schools": [],
        "since": date(2026, 9, 1),
        "until": None,
        "release_n": 1,
        "release_counting": "calendar",
        "release_time": time(18),
        "release_at": None,
        **fields,
    }
    return kept_add(actor=actor or director(world), activity_id=world.activity.pk, values=values, now=at)


def name(world: World, row: KeptPlaces, *children: Person) -> tuple[int, int]:
    ids = Enrolment.objects.filter(person__in=children).values_list("pk", flat=True)
    return kept_name(actor=director(world), pk=row.pk, enrolment_ids=list(ids), now=NOW)


def book(world: World, home: Home, child: Person, **options: Any) -> str:
    return said(world.save(tick(child, world.opening, **options), actor=home.actor))[0]


def others(world: World, count: int) -> list[tuple[Home, Person]]:
    return [world.another(f"Voisin{n}") for n in range(count)]


def stands(world: World) -> tuple[int, int, int]:
    """How many are there, kept, and kept and taken."""
    (found,) = Quota.objects.filter(openings=world.opening).values_list("taken", "kept", "kept_taken")
    counters_hold()
    return found


def shown(world: World, home: Home) -> Any:
    (child,) = planning(home.actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW).shown
    return child.cells[WEDNESDAY, world.morning.pk][0].state


def test_a_place_is_kept_from_all_but_the_child_named(world):
    row = keep(world)
    assert name(world, row, world.zoe) == (1, 0)
    first, second, third = others(world, 3)
    assert [book(world, *one) for one in (first, second, third)] == ["booked", "booked", "kept_places"]
    assert stands(world) == (2, 1, 0)
    state = shown(world, third[0])
    assert (state.cell, state.why) == (Cell.FULL, Why.KEPT_PLACES)
    assert state.since == datetime(2026, 9, 8, 18, tzinfo=PARIS)
    assert shown(world, world.durand).cell is Cell.FREE
    assert book(world, world.durand, world.zoe) == "booked"
    assert stands(world) == (3, 1, 1)
    assert Booking.objects.get(child=world.zoe).kept == str(row.pk)


def test_who_was_there_before_has_one_of_the_places(world):
    assert book(world, world.durand, world.zoe) == "booked"
    row = keep(world)
    name(world, row, world.zoe)
    assert stands(world) == (1, 1, 1)
    assert [book(world, *one) for one in others(world, 2)] == ["booked", "booked"]
    assert name(world, row) == (0, 1)
    assert stands(world) == (3, 1, 0)
    assert [entry.verb for entry in Entry.objects.filter(subject_id=world.zoe.pk, subject_kind="person")][
        :2
    ] == [
        "kept_places.unnamed",
        "kept_places.named",
    ]


def test_what_is_given_back_is_kept_again(world):
    row = keep(world)
    name(world, row, world.zoe)
    book(world, world.durand, world.zoe)
    assert said(world.save(untick(world.zoe, world.opening))) == ["cancelled"]
    assert stands(world) == (0, 1, 0)
    assert [book(world, *one) for one in others(world, 3)] == ["booked", "booked", "kept_places"]


def test_they_go_to_the_waiting_list_first_then_to_all(world):
    keep(world)
    first, second, third, fourth = others(world, 4)
    book(world, *first), book(world, *second)
    assert book(world, *third, accepts_waiting=True) == "waiting"
    assert with_room(NOW) == []
    assert kept_released(now=STILL_KEPT) == 0
    assert book(world, *fourth) == "kept_places"
    Quota.objects.update(capacity=4)
    world.made.rule(world.activity)
    assert kept_released(now=RELEASED) == 1
    assert stands(world)[1:] == (0, 0)
    assert not KeptQuota.objects.exists()
    assert kept_released(now=RELEASED) == 0


def test_a_release_serves_who_waits(world, django_capture_on_commit_callbacks):
    at = datetime(2026, 9, 4, 17, tzinfo=PARIS)
    keep(world, release_n=5, at=at)
    first, second, third, fourth = others(world, 4)
    for home, child in (first, second):
        world.save(tick(child, world.opening), actor=home.actor, now=at)
    outcome = world.save(tick(third[1], world.opening, accepts_waiting=True), actor=third[0].actor, now=at)
    assert said(outcome) == ["waiting"]
    over = datetime(2026, 9, 4, 18, 1, tzinfo=PARIS)
    with django_capture_on_commit_callbacks(execute=True):
        kept_released(now=over)
    assert Booking.objects.get(child=third[1]).state == BookingState.BOOKED
    assert said(world.save(tick(fourth[1], world.opening), actor=fourth[0].actor, now=over)) == ["full"]
    assert stands(world) == (3, 0, 0)


def test_who_waits_and_counts_gets_what_is_kept(world):
    row = keep(world)
    name(world, row, world.zoe)
    leo_home, leo = world.another("Petit")
    name(world, row, world.zoe, leo)
    first, second, third = others(world, 3)
    assert [book(world, *one) for one in (first, second)] == ["booked", "booked"]
    assert book(world, leo_home, leo) == "booked"
    assert book(world, *third, accepts_waiting=True) == "waiting"
    assert book(world, world.durand, world.zoe, accepts_waiting=True) == "waiting"
    world.save(untick(leo, world.opening), actor=leo_home.actor)
    assert Booking.objects.get(child=world.zoe).state == BookingState.BOOKED
    assert Booking.objects.get(child=third[1]).state == BookingState.WAITING
    assert stands(world) == (3, 1, 1)


@pytest.mark.parametrize("lives", [True, False])
def test_a_commune_is_as_it_is_on_the_day(world, lives):
    """Who has moved in by the day counts, though it lives elsewhere when it books."""
    commune = world.made.commune("Brisecombe")
    Residence.objects.create(
        family=world.durand.family,
        commune=commune,
        since=WEDNESDAY if lives else WEDNESDAY + timedelta(days=1),
    )
    keep(world, audience="communes", communes=[commune])
    for one in others(world, 2):
        book(world, *one)
    assert shown(world, world.durand).cell is (Cell.FREE if lives else Cell.FULL)
    assert book(world, world.durand, world.zoe) == ("booked" if lives else "kept_places")


def test_before_saving_one_reads_what_the_save_says(world):
    keep(world)
    for one in others(world, 2):
        book(world, *one)
    (told,) = bookings_preview(world.durand.actor, [tick(world.zoe, world.opening)], now=NOW)
    assert told.why is Why.KEPT_PLACES
    assert book(world, world.durand, world.zoe) == "kept_places"


def test_fewer_more_others_or_none_count_at_once(world):
    row = keep(world, 2)
    assert stands(world) == (0, 2, 0)
    kept_change(actor=director(world), pk=row.pk, changes={"places": 1}, now=NOW)
    assert stands(world) == (0, 1, 0)
    kept_change(actor=director(world), pk=row.pk, changes={"since": WEDNESDAY + timedelta(days=1)}, now=NOW)
    assert stands(world) == (0, 0, 0)
    kept_change(actor=director(world), pk=row.pk, changes={"since": WEDNESDAY}, now=NOW)
    name(world, row, world.zoe)
    book(world, world.durand, world.zoe)
    kept_remove(actor=director(world), pk=row.pk, now=NOW)
    assert stands(world) == (1, 0, 0)
    assert not KeptFor.objects.exists()
    assert Booking.objects.get(child=world.zoe).kept == ""


def test_of_two_sets_each_keeps_its_own_places(world):
    first, second = keep(world), keep(world, 2, name="Handicap")
    leo_home, leo = world.another("Petit")
    for one in ((world.durand, world.zoe), (leo_home, leo)):
        assert book(world, *one) == "kept_places"
    name(world, first, world.zoe, leo)
    assert [book(world, *one) for one in ((world.durand, world.zoe), (leo_home, leo))] == [
        "booked",
        "kept_places",
    ], "a second child named finds the places of the other set alone"
    assert stands(world) == (1, 3, 1)
    kept_remove(actor=director(world), pk=second.pk, now=NOW)
    assert book(world, leo_home, leo) == "booked"
    assert stands(world) == (2, 1, 1), "two of them for one place"
    kept_change(actor=director(world), pk=first.pk, changes={"name": "Autre"}, now=NOW)
    assert stands(world) == (2, 1, 1)


def test_another_gauge_keeps_them_instead(world):
    row = keep(world)
    other = world.made.gauge("Salle", 5)
    world.made.draws(world.morning, other)
    room = Quota.objects.create(gauge=other, day=WEDNESDAY, capacity=5)
    world.opening.quotas.add(room)
    kept_change(actor=director(world), pk=row.pk, changes={"gauge": other}, now=NOW)
    kept = dict(Quota.objects.filter(openings=world.opening).values_list("gauge_id", "kept"))
    assert kept == {other.pk: 1, row.gauge_id: 0}


def test_generated_again_a_day_given_to_all_stays_so(world):
    keep(world)
    book(world, *others(world, 1)[0])
    kept_released(now=RELEASED)
    meal = world.made.slot(world.activity, "Repas", "12:00", "13:30", gauges=[gauge(world)])
    hours = {"starts_at": world.opening.starts_at, "ends_at": world.opening.ends_at}
    draw_on_quotas(
        [Opening.objects.create(activity=world.activity, slot=meal, day=WEDNESDAY, **hours)], RELEASED
    )
    (found,) = Quota.objects.values_list("taken", "kept", "kept_taken")
    assert found == (1, 0, 0)
    counters_hold()


def test_a_child_named_while_it_waits_is_served(world):
    row = keep(world)
    for one in others(world, 2):
        book(world, *one)
    assert book(world, world.durand, world.zoe, accepts_waiting=True) == "waiting"
    assert with_room(NOW) == []
    name(world, row, world.zoe)
    assert stands(world) == (2, 1, 0)
    assert with_room(NOW) == [world.opening.pk]
    assert waiting_served(now=NOW) == 1
    assert stands(world) == (3, 1, 1)


def test_a_brother_is_not_named_with_it_and_either_home_of_the_child_may_book(world):
    row = keep(world)
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, world.activity, world.durand)
    name(world, row, world.zoe)
    for one in others(world, 2):
        book(world, *one)
    assert book(world, world.durand, leo) == "kept_places"
    martin = world.made.home("Martin")
    Member.objects.create(family=martin.family, person=world.zoe, kind=Member.Kind.CHILD, since=LONG_AGO)
    world.made.guardian(martin.adult, world.zoe, link="father")
    world.made.enrolment(world.zoe, world.activity, martin)
    assert book(world, martin, world.zoe) == "booked"


def test_each_set_is_given_to_all_in_its_time(world):
    keep(world, release_n=2)
    keep(world, 2, name="Handicap")
    over = datetime(2026, 9, 7, 18, 1, tzinfo=PARIS)
    assert stands(world) == (0, 3, 0)
    assert kept_released(now=over) == 1
    assert stands(world) == (0, 2, 0)
    keep(world, name="Personnel", release_time=time(17, 59))
    assert kept_released(now=STILL_KEPT) == 1
    assert stands(world) == (0, 2, 0), "the minute that a limit names counts whole"


def test_a_cell_says_until_when_those_of_others_are_kept(world):
    mine = keep(world, release_n=0, release_time=time(7))
    keep(world, name="Handicap")
    leo_home, leo = world.another("Petit")
    name(world, mine, world.zoe, leo)
    book(world, leo_home, leo)
    book(world, *others(world, 1)[0])
    assert shown(world, world.durand).since == datetime(2026, 9, 8, 18, tzinfo=PARIS), "its own are taken"
    world.opening.quotas.add(
        Quota.objects.create(gauge=world.made.gauge("Salle", 0), day=WEDNESDAY, capacity=0)
    )
    state = shown(world, world.durand)
    assert (state.cell, state.why) == (Cell.FULL, None), "there is no place at all elsewhere"


def test_past_its_instant_nothing_is_kept(world):
    keep(world, release_at=NOW - timedelta(minutes=1), release_time=None)
    assert stands(world) == (0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"places": 0}, {"places", ""}),
        ({"until": date(2026, 8, 1)}, {""}),
        ({"release_time": None}, {""}),
        ({"release_at": NOW}, {""}),
        ({"audience": "everybody"}, {"audience"}),
    ],
)
def test_what_makes_no_sense_is_refused_and_what_held_holds(world, fields, at_fault):
    with pytest.raises(NotPossible) as refused:
        keep(world, **fields)
    assert set(refused.value.data["errors"]) & at_fault
    assert stands(world) == (0, 0, 0)


def test_only_who_answers_for_the_activity_keeps_or_names(world):
    row = keep(world)
    stranger = actor_for(
        world.made.staff("ailleurs", Role.DIRECTOR, structure=world.made.structure("Ailleurs"))
    )
    with pytest.raises(NotYours):
        keep(world, actor=stranger)
    for call in (
        lambda: kept_change(actor=stranger, pk=row.pk, changes={"places": 2}, now=NOW),
        lambda: kept_remove(actor=stranger, pk=row.pk, now=NOW),
        lambda: kept_name(actor=stranger, pk=row.pk, enrolment_ids=[], now=NOW),
    ):
        with pytest.raises(NotYours):
            call()
    assert stands(world) == (0, 1, 0)


def test_nobody_names_its_own_child(world):
    row = keep(world)
    user = world.durand.adult.account
    Post.objects.create(user=user, role=Role.DIRECTOR.value, structure=world.activity.structure)
    actor = actor_for(User.objects.get(pk=user.pk))
    (stay,) = Enrolment.objects.filter(person=world.zoe).values_list("pk", flat=True)
    with pytest.raises(OwnFile):
        kept_name(actor=actor, pk=row.pk, enrolment_ids=[stay], now=NOW)
    assert not KeptFor.objects.exists()


def test_a_child_of_another_activity_is_not_named(world):
    row = keep(world)
    elsewhere = world.made.activity("Cantine")
    stay = world.made.enrolment(world.zoe, elsewhere, world.durand)
    assert kept_name(actor=director(world), pk=row.pk, enrolment_ids=[stay.pk], now=NOW) == (0, 0)


def test_a_gauge_of_which_places_are_kept_stays(world):
    keep(world)
    actor, pk = director(world), gauge(world).pk
    with pytest.raises(InUse):
        part_remove(actor=actor, model=Gauge, pk=pk, now=NOW)


def test_a_day_that_is_opened_later_keeps_them_too(world):
    keep(world)
    world.activity.refresh_from_db()
    openings_generate(
        actor=SYSTEM, activity_id=world.activity.pk, booked=[], from_day=WEDNESDAY + timedelta(1), now=NOW
    )
    later = Quota.objects.exclude(openings=world.opening)
    assert later.count() > 10
    assert set(later.values_list("kept", flat=True)) == {1}
    assert {row.until.astimezone(PARIS).time() for row in KeptQuota.objects.all()} == {time(18)}


def test_an_agent_gives_what_is_kept_for_a_reason_and_the_booking_says_so(world):
    keep(world)
    first, second, third = others(world, 3)
    book(world, *first), book(world, *second)
    assert book(world, *third, accepts_waiting=True) == "waiting"
    waiting = Booking.objects.get(child=third[1])
    with pytest.raises(WaitingRefused) as refused:
        waiting_place(actor=director(world), booking_id=waiting.pk, derogation="", now=NOW)
    assert (refused.value.code, refused.value.data["full"]) == ("derogation_missing", False)
    waiting_place(actor=director(world), booking_id=waiting.pk, derogation="Fratrie", now=NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.passed, waiting.derogation) == ("booked", "kept_places", "Fratrie")


def test_a_recount_counts_what_is_kept_too(world):
    row = keep(world)
    name(world, row, world.zoe)
    book(world, world.durand, world.zoe)
    KeptQuota.objects.update(taken=3)
    Quota.objects.update(kept_taken=0)
    (wrong,) = day_recount(WEDNESDAY, today=WEDNESDAY)
    assert (wrong.before, wrong.after) == (3, 1)
    assert stands(world) == (1, 1, 1)
    assert day_recount(WEDNESDAY, today=WEDNESDAY) == []


def test_who_asks_to_enrol_reads_how_many_days_are_full_to_it(world):
    keep(world, 3)
    wished = Wished(world.activity.pk, None, WEDNESDAY, WEDNESDAY, ((),) * 7)
    assert full_days(wished) == (1, 1)


def test_a_worker_s_round_gives_no_place_that_is_kept(world):
    keep(world)
    first, second, third = others(world, 3)
    book(world, *first), book(world, *second)
    book(world, *third, accepts_waiting=True)
    assert waiting_served(now=NOW) == 0
    assert stands(world) == (2, 1, 0)


@pytest.mark.parametrize(("kept", "queries"), [(False, 0), (True, 2)])
def test_a_planning_asks_twice_more_where_places_are_kept_and_it_is_full(world, count_queries, kept, queries):
    for one in others(world, 2):
        book(world, *one)
    third = world.another("Dernier")
    with count_queries() as plain:
        shown(world, third[0])
    if kept:
        keep(world, audience="residents")
    with count_queries() as now_with:
        shown(world, third[0])
    # Where the home lives, and what is kept of the full quota.
    assert len(now_with) - len(plain) <= queries + kept


def test_days_of_another_activity_on_the_same_gauge_keep_nothing(world):
    """A set for the Wednesdays says nothing of a Thursday that only the evening of another activity fills."""
    keep(world)
    evenings = world.made.activity("Soirs")
    slot = world.made.slot(evenings, "Soir", "17:00", "18:00", weekdays=[3], gauges=[gauge(world)])
    thursday = world.made.opening(slot, WEDNESDAY + timedelta(days=1))
    kept_change(actor=director(world), pk=KeptPlaces.objects.get().pk, changes={"name": "Autre"}, now=NOW)
    assert dict(Quota.objects.values_list("openings", "kept")) == {world.opening.pk: 1, thursday.pk: 0}


def test_a_slot_that_leaves_the_gauge_leaves_nothing_kept_there(world):
    keep(world)
    cell = (world.morning.pk, EVERY_GROUP)
    change = DrawChange(cell, seen=frozenset({gauge(world).pk}), gauges=frozenset())
    activity_draws_set(actor=director(world), activity_id=world.activity.pk, changes=[change], now=NOW)
    assert not KeptQuota.objects.exists()
    assert not Quota.objects.exclude(kept=0).exists()
