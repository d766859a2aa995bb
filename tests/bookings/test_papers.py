"""A missing paper closes bookings from a date: the cell says so, and the save holds to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.bookings.cells import Cell
from marelle.bookings.models import Booking
from marelle.bookings.planning import planning
from marelle.bookings.rules import Why
from marelle.bookings.states import BookingState
from marelle.papers.models import Paper, PaperNeed, PaperType
from marelle.papers.rules import Effect
from tests.bookings.world import NOW, WEDNESDAY, said, tick, untick

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(world) -> PaperType:
    kind = PaperType.objects.create(authority=world.made.the_authority, title="Assurance", about="child")
    PaperNeed.objects.create(
        activity=world.activity, paper_type=kind, effect=Effect.BLOCKS_BOOKINGS, bookings_from=WEDNESDAY
    )
    return kind


def cell(world):
    found = planning(world.durand.actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    return found.shown[0].cells[WEDNESDAY, world.morning.pk][0].state


def test_the_day_is_closed_until_the_paper_is_sent(world, kind):
    assert (cell(world).cell, cell(world).why) == (Cell.NOT_OFFERED, Why.PAPERS_MISSING)
    assert said(world.save(tick(world.zoe, world.opening))) == ["papers_missing"]
    Paper.objects.create(
        paper_type=kind, family=world.durand.family, person=world.zoe, sent_at=NOW, sent_by="Camille"
    )
    assert cell(world).cell is Cell.FREE
    assert said(world.save(tick(world.zoe, world.opening))) == ["booked"]


def test_the_days_before_stay_open(world, kind):
    PaperNeed.objects.update(bookings_from=WEDNESDAY + timedelta(days=1))
    assert cell(world).cell is Cell.FREE


def test_what_is_booked_already_stays_and_may_be_cancelled(world, kind):
    world.made.booking(world.zoe, world.opening)
    assert cell(world).cell is Cell.BOOKED
    assert said(world.save(untick(world.zoe, world.opening))) == ["cancelled"]


def test_an_agent_may_pass_it_with_a_reason(world, kind):
    agent = world.agent()
    assert said(world.save(tick(world.zoe, world.opening), actor=agent)) == ["papers_missing"]
    outcome = world.save(tick(world.zoe, world.opening), actor=agent, derogation="Attestation vue au guichet")
    assert said(outcome) == ["booked"]
    assert Booking.objects.get().state == BookingState.BOOKED
    assert Booking.objects.get().derogation == "Attestation vue au guichet"


def test_the_planning_asks_no_more_queries_for_it(world, count_queries):
    with count_queries() as without:
        cell(world)
    kind = PaperType.objects.create(authority=world.made.the_authority, title="Assurance", about="child")
    PaperNeed.objects.create(
        activity=world.activity, paper_type=kind, effect=Effect.BLOCKS_BOOKINGS, bookings_from=WEDNESDAY
    )
    with count_queries(len(without)):
        cell(world)
