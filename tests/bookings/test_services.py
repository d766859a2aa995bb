"""The save on the database: what is refused leaves everything as it was, and what is good is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Opening, Quota
from marelle.bookings.cells import Cell
from marelle.bookings.models import Booking
from marelle.bookings.planning import planning
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.saving.services import MOST_CHANGES, bookings_preview
from marelle.bookings.states import EndCause
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import Refusal
from marelle.families.models import Residence
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.bookings.world import (
    LONG_BEFORE,
    NOW,
    TOO_LATE,
    WEDNESDAY,
    assert_counters_equal_bookings,
    said,
    tick,
    untick,
)
from tests.waves import waves, waves_given

pytestmark = pytest.mark.django_db


@pytest.fixture
def untouched(world):
    """What is stored is the same after as before."""

    def stored() -> tuple[Any, ...]:
        return (
            sorted(Booking.objects.values_list("pk", "state", "opening_id", "child_id")),
            sorted(Quota.objects.values_list("pk", "taken", "overdraft")),
            Entry.objects.count(),
            Message.objects.count(),
        )

    before: list[tuple[Any, ...]] = []

    def check() -> None:
        before.append(stored())
        assert before[0] == before[-1]

    return check


def test_a_click_is_booked_counted_and_written_down(world):
    (outcome,) = world.save(tick(world.zoe, world.opening))
    assert outcome.result is Result.BOOKED
    booking = Booking.objects.get()
    assert (booking.child, booking.opening, booking.family) == (world.zoe, world.opening, world.durand.family)
    assert (booking.day, booking.state, booking.created_at) == (WEDNESDAY, "booked", NOW)
    assert booking.by_family
    assert world.opening.quotas.get().taken == 1
    entry = Entry.objects.get(verb="booking.saved")
    assert (entry.subject_id, entry.family_id) == (world.zoe.pk, world.durand.family.pk)
    assert [cell["result"] for cell in entry.data["cells"]] == ["booked"]


def test_booking_again_what_was_cancelled_makes_a_new_row(world):
    for change in (tick, untick, tick):
        world.save(change(world.zoe, world.opening))
    assert list(Booking.objects.order_by("pk").values_list("state", "end_cause")) == [
        ("cancelled", EndCause.FAMILY),
        ("booked", ""),
    ]
    assert_counters_equal_bookings()


# Bad input


def test_another_family_s_child(world, untouched):
    _home, paul = world.another("Martin")
    untouched()
    assert said(world.save(tick(paul, world.opening))) == ["unknown"]
    untouched()


def test_another_family_s_booking(world, untouched):
    _home, paul = world.another("Martin")
    world.made.booking(paul, world.opening)
    untouched()
    assert said(world.save(untick(paul, world.opening))) == ["unknown"]
    untouched()


def test_a_child_for_whom_one_may_not_book(world, untouched):
    leo = world.made.child(world.durand, "Léo")
    leo.guardians.update(may_book=False)
    world.made.enrolment(leo, world.activity, world.durand)
    untouched()
    assert said(world.save(tick(leo, world.opening))) == ["unknown"]
    untouched()


def test_an_opening_of_another_activity(world, untouched):
    other = world.made.activity("Vacances")
    world.made.slot(other)
    world.made.rule(other)
    (opening,) = world.made.openings(other, WEDNESDAY)
    untouched()
    assert said(world.save(tick(world.zoe, opening))) == ["not_enrolled"]
    untouched()


def test_an_enrolment_that_nobody_accepted_yet(world, untouched):
    world.zoe.enrolments.update(state="requested")
    untouched()
    assert said(world.save(tick(world.zoe, world.opening))) == ["not_enrolled"]
    untouched()


def test_a_closed_day(world, untouched):
    Opening.objects.update(state=Opening.State.CLOSED, reason="Grève")
    untouched()
    (outcome,) = world.save(tick(world.zoe, world.opening))
    assert (outcome.why, outcome.other) == ("closed", "Grève")
    untouched()


def test_past_the_deadline(world, untouched):
    untouched()
    (outcome,) = world.save(tick(world.zoe, world.opening), now=TOO_LATE)
    assert (outcome.why, outcome.limit) == ("too_late", datetime(2026, 9, 8, 12, 0, tzinfo=PARIS))
    untouched()


def test_past_the_deadline_to_cancel(world, untouched):
    world.made.booking(world.zoe, world.opening)
    untouched()
    assert said(world.save(untick(world.zoe, world.opening), now=TOO_LATE)) == ["too_late_to_cancel"]
    untouched()


def test_not_yet_open(world, untouched):
    opens = datetime(2026, 9, 8, 8, 0, tzinfo=PARIS)
    waves_given(world.activity, *waves(opens))
    untouched()
    (outcome,) = world.save(tick(world.zoe, world.opening))
    assert (outcome.why, outcome.limit) == ("not_yet", opens)
    untouched()


def test_residents_first(world):
    waves_given(world.activity, *waves(LONG_BEFORE, NOW + timedelta(hours=1)))
    far = world.made.home("Loin", commune=world.made.commune("Ailleurs"))
    paul = world.made.child(far, "Paul")
    world.made.enrolment(paul, world.activity, far)
    assert said(world.save(tick(paul, world.opening), actor=far.actor)) == ["not_yet"]
    assert said(world.save(tick(world.zoe, world.opening))) == ["booked"]


@pytest.mark.parametrize("comes", [True, False])
def test_who_moves_books_each_day_from_the_commune_of_that_day(world, comes):
    """As the page shows it: before the move by the window of the one, after it by that of the other."""
    waves_given(world.activity, *waves(LONG_BEFORE, NOW + timedelta(hours=1)))
    here, away = world.made.the_commune, world.made.commune("Ailleurs")
    home = world.made.home("Petit", commune=away if comes else here)
    lou = world.made.child(home, "Lou")
    world.made.enrolment(lou, world.activity, home)
    moves = WEDNESDAY + timedelta(days=7)
    where = {"street": "2 rue Neuve", "postal_code": "21999", "city": "Ici", "source": "bail"}
    Residence.objects.create(family=home.family, commune=here if comes else away, since=moves, **where)
    openings = [world.opening, *(world.made.opening(world.morning, moves + timedelta(n)) for n in (0, 7))]

    shown = planning(home.actor, first=WEDNESDAY, last=openings[-1].day, child_id=lou.pk, now=NOW).shown[0]
    cells = [shown.cells[on.day, world.morning.pk][0].state.cell for on in openings]
    saved = said(world.save(*(tick(lou, on) for on in openings), actor=home.actor))
    if comes:
        assert (cells, saved) == ([Cell.NOT_YET, Cell.FREE, Cell.FREE], ["not_yet", "booked", "booked"])
    else:
        assert (cells, saved) == ([Cell.FREE, Cell.NOT_YET, Cell.NOT_YET], ["booked", "not_yet", "not_yet"])


def test_a_preview_says_what_the_save_would_and_leaves_all_as_it_was(world, untouched):
    """For two children of one home: booked, full, closed, not its own, taken back and in the queue."""
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, world.activity, world.durand)
    closed, held, full = (world.made.opening(world.morning, WEDNESDAY + timedelta(n)) for n in (7, 14, 21))
    Opening.objects.filter(pk=closed.pk).update(state=Opening.State.CLOSED, reason="Grève")
    world.made.booking(world.zoe, held)
    _home, paul = world.another("Petit")
    world.made.booking(paul, full)
    untouched()
    changes = [
        tick(world.zoe, world.opening),
        tick(leo, world.opening),
        tick(leo, closed),
        tick(paul, world.opening),
        untick(world.zoe, held),
        tick(leo, full, accepts_waiting=True),
    ]
    seen = bookings_preview(world.durand.actor, changes, now=NOW)
    untouched()
    assert sorted(said(seen)) == ["booked", "cancelled", "closed", "full", "unknown", "waiting"]
    assert seen == world.save(*changes)


def test_a_preview_passes_what_a_reason_would(world):
    asked = [tick(world.zoe, world.opening)]
    agent = world.agent()
    (refused,) = bookings_preview(agent, asked, now=TOO_LATE)
    assert (refused.why, refused.needs_derogation) == ("too_late", True)
    (passed,) = bookings_preview(agent, asked, derogation="Erreur du guichet", now=TOO_LATE)
    assert (passed.result, passed.derogation) == (Result.BOOKED, "Erreur du guichet")
    assert bookings_preview(agent, [], now=NOW) == ()
    with pytest.raises(Refusal):
        bookings_preview(agent, asked * (MOST_CHANGES + 1), now=NOW)


def test_an_age_outside_the_group(world, untouched):
    small = world.made.group(world.activity, "3–5 ans", (3, 5))
    big = world.made.group(world.activity, "6–12 ans", (6, 12))
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, world.activity, world.durand, group=small)
    opening = world.made.opening(world.morning, WEDNESDAY, group=big)
    untouched()
    assert said(world.save(tick(leo, opening))) == ["other_group"]
    untouched()


def test_two_slots_that_exclude_each_other_the_first_is_kept(world):
    afternoon = world.made.slot(world.activity, "Journée", "08:00", "18:00", capacity=1)
    afternoon.excludes.add(world.morning)
    definition_changed(Activity.objects.all())
    opening = world.made.opening(afternoon, WEDNESDAY)
    assert said(world.save(tick(world.zoe, world.opening), tick(world.zoe, opening))) == [
        "booked",
        "conflict",
    ]
    assert Booking.objects.get().opening == world.opening
    assert_counters_equal_bookings()


def test_a_slot_without_the_one_it_requires(world, untouched):
    afternoon = world.made.slot(world.activity, "Après-midi", "14:00", "18:00", capacity=1)
    afternoon.requires.add(world.morning)
    definition_changed(Activity.objects.all())
    opening = world.made.opening(afternoon, WEDNESDAY)
    untouched()
    assert said(world.save(tick(world.zoe, opening))) == ["requires"]
    untouched()


def test_half_a_bundle(world, untouched):
    days = [world.made.opening(world.morning, date(2026, 9, day)) for day in (16, 23, 30)]
    world.made.bundle(world.activity, "Stage", days)
    untouched()
    assert said(world.save(*(tick(world.zoe, day) for day in days[:2]))) == ["half_bundle"] * 2
    untouched()
    assert said(world.save(*(tick(world.zoe, day) for day in days))) == ["booked"] * 3
    assert_counters_equal_bookings()


def test_a_closed_day_of_a_bundle_is_not_asked_for(world):
    days = [world.made.opening(world.morning, date(2026, 9, day)) for day in (16, 23, 30)]
    world.made.bundle(world.activity, "Stage", days)
    Opening.objects.filter(pk=days[1].pk).update(state=Opening.State.CLOSED)
    assert said(world.save(tick(world.zoe, days[0]), tick(world.zoe, days[2]))) == ["booked", "booked"]


def test_a_full_opening(world, untouched):
    _home, paul = world.another("Martin")
    world.made.booking(paul, world.opening)
    untouched()
    (outcome,) = world.save(tick(world.zoe, world.opening))
    assert (outcome.why, outcome.may_wait) == ("full", True)
    untouched()


@pytest.mark.parametrize("pk", [0, -1, 10**9, 2**63, 2**80])
def test_ids_that_do_not_exist(world, untouched, pk):
    untouched()
    assert said(world.save(Change(world.zoe.pk, pk, False, True))) == ["unknown"]
    assert said(world.save(Change(pk, world.opening.pk, False, True))) == ["unknown"]
    untouched()


def test_ten_thousand_ids(world, untouched):
    untouched()
    with pytest.raises(Refusal, match="too_many"):
        world.save(*(Change(world.zoe.pk, pk, False, True) for pk in range(10_000)))
    untouched()
    changes = [Change(world.zoe.pk, 10**6 + pk, False, True) for pk in range(MOST_CHANGES - 1)]
    outcomes = world.save(tick(world.zoe, world.opening), *changes)
    assert "booked" in said(outcomes)
    assert said(outcomes).count("unknown") == MOST_CHANGES - 1


def test_an_account_without_a_home(world, untouched):
    untouched()
    with pytest.raises(Refusal, match="no_home"):
        world.save(tick(world.zoe, world.opening), actor=replace(world.durand.actor, family_id=None))
    untouched()


def test_the_good_part_is_kept(world):
    other = world.made.opening(world.morning, date(2026, 9, 16))
    closed = world.made.opening(world.morning, date(2026, 9, 23), state="closed")
    outcomes = world.save(
        tick(world.zoe, closed), tick(world.zoe, other), Change(world.zoe.pk, 10**9, False, True)
    )
    assert sorted(said(outcomes)) == ["booked", "closed", "unknown"]
    assert Booking.objects.get().opening == other


# By the hour


def test_by_the_hour_the_half_hours_are_counted(world):
    noe = world.made.child(world.durand, "Noé", born=date(2025, 7, 1))
    nursery = world.made.activity("Multi-accueil", kind="childcare", years=(0, 3))
    world.made.slot(nursery, "Accueil", "08:00", "10:00", capacity=5, by_hour=True)
    world.made.rule(nursery)
    (opening,) = world.made.openings(nursery, WEDNESDAY)
    world.made.enrolment(noe, nursery, world.durand)
    parts = opening.quotas.order_by("part").values_list("taken", flat=True)
    assert said(world.save(tick(noe, opening, starts=time(8), ends=time(9)))) == ["booked"]
    assert list(parts.all()) == [1, 1, 0, 0]
    moved = Change(noe.pk, opening.pk, True, True, starts=time(8, 30), ends=time(10))
    assert said(world.save(moved)) == ["changed"]
    assert list(parts.all()) == [0, 1, 1, 1]
    assert said(world.save(untick(noe, opening))) == ["cancelled"]
    assert list(parts.all()) == [0, 0, 0, 0]


# Agents


def test_a_derogation_is_written_on_the_booking_and_in_the_journal(world):
    _home, paul = world.another("Martin")
    world.made.booking(paul, world.opening)
    agent = world.agent()
    assert said(world.save(tick(world.zoe, world.opening), actor=agent)) == ["full"]
    outcomes = world.save(
        tick(world.zoe, world.opening), actor=agent, derogation="Fratrie", past_capacity=True
    )
    assert said(outcomes) == ["booked"]
    booking = Booking.objects.get(child=world.zoe)
    assert (booking.derogation, booking.created_by, booking.by_family) == ("Fratrie", agent.label, False)
    quota = world.opening.quotas.get()
    assert (quota.taken, quota.capacity, quota.overdraft) == (2, 1, 1)
    entry = Entry.objects.get()
    assert entry.on_behalf
    assert (entry.data["cells"][0]["derogation"], entry.data["cells"][0]["passed"]) == ("Fratrie", ["full"])
    world.save(untick(world.zoe, world.opening), actor=agent)
    quota.refresh_from_db()
    assert (quota.taken, quota.overdraft) == (1, 0)
    assert_counters_equal_bookings()


def test_an_agent_cancels_past_the_deadline_with_a_reason_that_is_kept(world):
    world.made.booking(world.zoe, world.opening)
    agent = world.agent()
    assert said(world.save(untick(world.zoe, world.opening), actor=agent, now=TOO_LATE)) == [
        "too_late_to_cancel"
    ]
    world.save(untick(world.zoe, world.opening), actor=agent, now=TOO_LATE, derogation="Malade")
    assert Booking.objects.get().state == "cancelled"
    (cell,) = Entry.objects.get().data["cells"]
    assert (cell["derogation"], cell["passed"]) == ("Malade", ["too_late_to_cancel"])
    assert datetime.fromisoformat(cell["limit"]) < TOO_LATE


def test_an_agent_of_another_authority_passes_nothing_and_books_as_the_family_would(world):
    village = world.made.authority("Mairie")
    user = world.made.staff("mairie", Role.OFFICE, authority=village)
    agent = actor_for(user, acting_for=world.durand.family.pk)
    late = world.save(tick(world.zoe, world.opening), actor=agent, now=TOO_LATE, derogation="Fratrie")
    assert said(late) == ["too_late"]
    assert not late[0].needs_derogation
    assert said(world.save(tick(world.zoe, world.opening), actor=agent)) == ["booked"]
    cancelled = world.save(untick(world.zoe, world.opening), actor=agent, now=TOO_LATE, derogation="Malade")
    assert said(cancelled) == ["too_late_to_cancel"]


def test_what_is_validated_waits_for_an_agent_in_charge(world):
    Activity.objects.update(booking_mode="validated")
    definition_changed(Activity.objects.all())
    user = world.made.staff("mairie", Role.OFFICE, authority=world.made.authority("Mairie"))
    world.save(tick(world.zoe, world.opening), actor=actor_for(user, acting_for=world.durand.family.pk))
    assert Booking.objects.get().state == "requested"
