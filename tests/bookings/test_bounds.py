"""How much may be booked: on the page as in the save, and beyond what the page shows."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest

from marelle.activities.bounds import Each, Unit, Whose
from marelle.activities.models import Opening
from marelle.bookings.cells import CellState
from marelle.bookings.planning import planning
from marelle.bookings.rules import Why
from marelle.bookings.saving.services import bookings_preview
from marelle.families.models import Member, Person
from tests.bookings.world import NOW, TOO_LATE, WEDNESDAY, World, made_world, said, tick, untick
from tests.bounds import bound_given
from tests.offer import LONG_AGO
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(made_world)


@pytest.fixture
def world(built, db) -> World:
    return deepcopy(built)


def days(world: World, *after: int) -> list[Opening]:
    """Openings so many days after the Wednesday, with places for many."""
    slot = world.made.slot(world.activity, "Soir", "17:00", "18:00", capacity=9)
    return [world.made.opening(slot, WEDNESDAY + timedelta(days=n)) for n in after]


def cell(world: World, on: Opening, child: Person | None = None, now=NOW, **span: date) -> CellState:
    found = planning(
        world.durand.actor,
        first=span.get("first", on.day),
        last=span.get("last", on.day),
        child_id=(child or world.zoe).pk,
        now=now,
    )
    (state,) = (
        one.state for cells in found.shown[0].cells.values() for one in cells if one.opening.id == on.pk
    )
    return state


def test_the_page_and_its_preview_say_what_the_save_says(world):
    thursday, friday, later = days(world, 1, 2, 8)
    bound_given(world.activity, 1)
    assert said(world.save(tick(world.zoe, thursday))) == ["booked"]
    assert cell(world, later).reached is None
    assert cell(world, friday).editable, "in exchange for the Thursday"
    assert cell(world, friday, now=TOO_LATE + timedelta(days=1)).why is Why.AT_MOST
    changes = [tick(world.zoe, friday)]
    assert said(bookings_preview(world.durand.actor, changes, now=NOW)) == ["at_most"]
    (outcome,) = world.save(*changes)
    assert (outcome.why, outcome.reached.count) == (Why.AT_MOST, 2)
    assert said(world.save(tick(world.zoe, friday), untick(world.zoe, thursday))) == ["cancelled", "booked"]


def test_what_is_beyond_the_days_shown_and_touched_counts(world):
    thursday, after = days(world, 1, 40)
    bound_given(world.activity, 1, each=Each.PERIOD)
    world.save(tick(world.zoe, thursday))
    late = TOO_LATE + timedelta(days=1)
    assert cell(world, after, now=late).why is Why.AT_MOST
    assert said(world.save(tick(world.zoe, after))) == ["at_most"]


def test_what_a_brother_has_counts_for_the_home_though_he_is_not_shown(world):
    thursday, friday = days(world, 1, 2)
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, world.activity, world.durand)
    bound_given(world.activity, 1, whose=Whose.HOME)
    world.save(tick(leo, thursday))
    late = TOO_LATE + timedelta(days=1)
    assert cell(world, friday, now=late).why is Why.AT_MOST
    assert said(world.save(tick(world.zoe, friday))) == ["at_most"]
    assert said(world.save(tick(world.zoe, thursday))) == ["booked"]


def test_what_the_other_home_has_booked_counts_for_the_child(world):
    thursday, friday = days(world, 1, 2)
    other = world.made.home("Martin")
    Member.objects.create(family=other.family, person=world.zoe, kind=Member.Kind.CHILD, since=LONG_AGO)
    enrolment = world.made.enrolment(world.zoe, world.activity, other)
    bound_given(world.activity, 1)
    world.made.booking(world.zoe, thursday, enrolment=enrolment, family=other.family)
    assert cell(world, friday).why is Why.AT_MOST
    assert said(world.save(tick(world.zoe, friday))) == ["at_most"]


def test_what_has_ended_counts_no_more(world):
    thursday, friday = days(world, 1, 2)
    bound_given(world.activity, 1)
    world.save(tick(world.zoe, thursday))
    world.save(untick(world.zoe, thursday))
    assert cell(world, friday).reached is None
    assert said(world.save(tick(world.zoe, friday))) == ["booked"]


def test_slots_counted_and_dates_are_those_of_the_row(world):
    thursday, friday, later = days(world, 1, 2, 8)
    bound_given(
        world.activity,
        1,
        slots=[thursday.slot],
        unit=Unit.SLOTS,
        each=Each.MONTH,
        until=WEDNESDAY + timedelta(2),
    )
    assert said(world.save(tick(world.zoe, world.opening), tick(world.zoe, thursday))) == ["booked", "booked"]
    assert said(world.save(tick(world.zoe, later), tick(world.zoe, friday))) == ["booked", "at_most"]


def test_a_bundle_says_on_its_cells_that_it_is_too_much(world):
    openings = days(world, 1, 2)
    world.made.bundle(world.activity, "Fin de semaine", openings)
    bound_given(world.activity, 1)
    shown = {"first": WEDNESDAY, "last": WEDNESDAY + timedelta(days=5)}
    assert cell(world, openings[0], **shown).why is Why.AT_MOST
    assert said(world.save(*(tick(world.zoe, on) for on in openings))) == ["at_most", "at_most"]


def test_an_agent_passes_it_with_a_reason(world):
    thursday, friday = days(world, 1, 2)
    bound_given(world.activity, 1)
    agent = world.agent()
    world.save(tick(world.zoe, thursday))
    (asked,) = world.save(tick(world.zoe, friday), actor=agent)
    assert (asked.why, asked.needs_derogation) == (Why.AT_MOST, True)
    assert said(world.save(tick(world.zoe, friday), actor=agent, derogation="Urgence")) == ["booked"]
    assert [(one.derogation, one.passed) for one in friday.bookings.all()] == [("Urgence", "at_most")]


def test_a_page_reads_once_more_where_something_is_bounded_and_a_save_never(world, count_queries):
    _thursday, friday = days(world, 1, 2)

    def reads() -> None:
        planning(world.durand.actor, first=WEDNESDAY, last=WEDNESDAY + timedelta(days=30), now=NOW)

    def saves() -> None:
        bookings_preview(world.durand.actor, [tick(world.zoe, friday)], now=NOW)

    reads()
    saves()
    with count_queries() as page:
        reads()
    with count_queries() as save:
        saves()
    bound_given(world.activity, 1)
    bound_given(world.activity, 4, each=Each.PERIOD, whose=Whose.HOME)
    reads()
    saves()
    with count_queries(len(page) + 1):
        reads()
    with count_queries(len(save)):
        saves()
    world.activity.bounds.update(until=WEDNESDAY - timedelta(days=1))
    bound_given(world.activity, 1, until=WEDNESDAY - timedelta(days=1))
    reads()
    with count_queries(len(page)):
        reads()


def test_days_that_follow_each_other_are_asked_of_the_days_that_are_open(world, count_queries):
    thursday, friday, monday = days(world, 1, 2, 5)
    changes = [tick(world.zoe, friday)]
    bookings_preview(world.durand.actor, changes, now=NOW)
    with count_queries() as bare:
        bookings_preview(world.durand.actor, changes, now=NOW)
    bound_given(world.activity, 1, kind="run")
    world.save(tick(world.zoe, world.opening))
    assert said(bookings_preview(world.durand.actor, changes, now=NOW)) == ["in_a_run"]
    with count_queries(len(bare) + 1):
        bookings_preview(world.durand.actor, changes, now=NOW)
    assert said(world.save(*changes)) == ["in_a_run"]
    assert said(world.save(tick(world.zoe, monday))) == ["booked"], "another week"
    assert said(world.save(*changes, tick(world.zoe, thursday))) == ["booked", "booked"]
    assert said(world.save(untick(world.zoe, thursday))) == ["in_a_run"]
    assert said(world.save(untick(world.zoe, friday))) == ["cancelled"]
