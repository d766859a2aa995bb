"""What a save, and the page before it, make of a booking whose other one ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.activities.kinds import Parting
from marelle.activities.models import Opening
from marelle.bookings.cells import Cell
from marelle.bookings.models import Booking
from marelle.bookings.planning import planning
from marelle.bookings.saving.alone import KIND, alone_cases_follow, alone_leave, alone_undo
from marelle.bookings.saving.services import bookings_preview
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.bookings.pair import ALONG, Pair
from tests.bookings.world import (
    NOW,
    WEDNESDAY,
    World,
    assert_counters_equal_bookings,
    said,
    tick,
    untick,
)

pytestmark = pytest.mark.django_db


def test_it_goes_with_its_counters_and_journal(pair):
    pair.parts(Parting.GOES)
    world = pair.world
    change = untick(world.zoe, world.opening)
    shown = bookings_preview(world.durand.actor, [change], now=NOW)
    outcomes = world.save(change)
    assert [(one.change, one.result, one.why) for one in shown] == [
        (one.change, one.result, one.why) for one in outcomes
    ]
    assert said(outcomes) == ["cancelled", "cancelled"]
    assert pair.is_as(Parting.GOES)
    assert pair.seat.end_cause == EndCause.FAMILY
    cells = Entry.objects.get(verb="booking.saved").data["cells"]
    assert [cell["slot"] for cell in cells] == ["Matin", "Navette"]
    assert not Message.objects.filter(kind=ALONG).exists(), "who did it reads it on the page"


def test_what_it_leaves_goes_to_who_waits(pair):
    """In the same save, though nobody asked about the shuttle."""
    pair.parts(Parting.GOES)
    world = pair.world
    martin, lea = world.another("Léa")
    world.made.enrolment(lea, pair.shuttles, martin)
    world.opening.quotas.update(capacity=2)
    world.made.booking(lea, world.opening)
    waits = world.made.booking(lea, pair.shuttle, state=BookingState.WAITING)
    world.save(untick(world.zoe, world.opening))
    assert pair.state() == BookingState.CANCELLED
    waits.refresh_from_db()
    assert waits.state == BookingState.BOOKED
    assert_counters_equal_bookings()


def test_it_stays_and_the_agents_are_asked_until_it_is_alone_no_more(pair):
    pair.parts(Parting.STAYS)
    world = pair.world
    assert said(world.save(untick(world.zoe, world.opening))) == ["cancelled", "unchanged"]
    assert pair.is_as(Parting.STAYS)
    (case,) = Case.objects.filter(kind=KIND)
    assert (case.structure_id, case.family_id) == (pair.shuttles.structure_id, world.durand.family.pk)
    assert "Navette" in case.label
    assert alone_cases_follow(now=NOW) == 0
    world.save(tick(world.zoe, world.opening))
    assert alone_cases_follow(now=NOW) == 1
    assert not pair.cases()


def test_an_agent_leaves_it_and_takes_that_back(pair):
    pair.parts(Parting.STAYS)
    world = pair.world
    world.save(untick(world.zoe, world.opening))
    with pytest.raises(NotYours):
        alone_leave(actor=world.durand.actor, booking_id=pair.seat.pk, now=NOW)
    parent = world.durand.adult.account
    Post.objects.create(user=parent, role=Role.DIRECTOR.value, structure=world.made.the_structure)
    with pytest.raises(OwnFile):
        alone_leave(actor=actor_for(parent), booking_id=pair.seat.pk, now=NOW)
    director = pair.director
    alone_leave(actor=director, booking_id=pair.seat.pk, now=NOW)
    assert not pair.cases()
    alone_undo(actor=director, booking_id=pair.seat.pk, decided_at=NOW, now=NOW)
    assert pair.cases() == [pair.seat.pk]
    assert list(Entry.objects.filter(verb__startswith="booking.left").values_list("verb", flat=True)[:2]) == [
        "booking.left_alone_undone",
        "booking.left_alone",
    ]


def test_a_case_ends_with_the_booking_or_with_its_day(pair):
    pair.parts(Parting.STAYS)
    world = pair.world
    world.save(untick(world.zoe, world.opening))
    assert alone_cases_follow(now=NOW + timedelta(days=3)) == 1
    Case.objects.filter(kind=KIND).delete()
    Booking.objects.filter(pk=pair.seat.pk).update(state=BookingState.CANCELLED)
    Case.objects.create(kind=KIND, subject_kind="booking", subject_id=pair.seat.pk, label="x", opened_at=NOW)
    assert alone_cases_follow(now=NOW) == 1


def test_a_save_pays_for_it_only_when_something_goes(pair, count_queries):
    world = pair.world
    pair.parts(Parting.GOES)
    world.save(untick(world.zoe, world.opening), untick(world.zoe, pair.shuttle))
    plain = made_booking(world)
    with count_queries() as alone:
        world.save(untick(world.zoe, plain))
    booking = world.made.booking(world.zoe, world.opening)
    seat = world.made.booking(world.zoe, pair.shuttle)
    with count_queries() as both:
        world.save(untick(world.zoe, world.opening), untick(world.zoe, pair.shuttle))
    assert len(both) <= len(alone)
    assert booking.pk < seat.pk


def made_booking(world: World) -> Opening:
    (later,) = world.made.openings(world.activity, WEDNESDAY + timedelta(7))
    world.made.booking(world.zoe, later)
    return later


# The page


def cells(pair: Pair, now=NOW, actor: Actor | None = None) -> dict[str, tuple[Cell, bool, tuple[str, ...]]]:
    world = pair.world
    (shown,) = planning(
        actor or world.durand.actor, first=WEDNESDAY, last=WEDNESDAY, child_id=world.zoe.pk, now=now
    ).shown
    every = [cell for found in shown.cells.values() for cell in found]
    return {one.opening.slot.name: (one.state.cell, one.state.editable, one.state.needs) for one in every}


def test_the_page_says_what_it_is_taken_with(pair, count_queries):
    Booking.objects.all().delete()
    for opening in (pair.world.opening, pair.shuttle):
        for quota in opening.quotas.all():
            quota.taken = 0
            quota.save()
    actor = pair.world.durand.actor
    planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    with count_queries() as linked:
        planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    assert len(linked) <= 5
    assert cells(pair)["Navette"] == (Cell.FREE, True, ("Matin",))
    Opening.objects.filter(pk=pair.world.opening.pk).update(state=Opening.State.CLOSED)
    assert cells(pair)["Navette"] == (Cell.NOT_OFFERED, False, ("Matin",))
    agent = pair.world.agent()
    assert cells(pair, actor=agent)["Navette"][:2] == (Cell.FREE, True)
    assert said(pair.world.save(tick(pair.world.zoe, pair.shuttle))) == ["requires"]
