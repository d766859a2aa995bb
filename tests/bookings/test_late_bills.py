"""A late bill closes new bookings where an activity says so: the cell says it, the save holds to it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.activities.kinds import Unpaid
from marelle.activities.models import Activity, new_revision
from marelle.billing.models import Invoice
from marelle.bookings.cells import Cell
from marelle.bookings.models import Booking
from marelle.bookings.planning import planning
from marelle.bookings.rules import Why
from marelle.places.models import Authority
from marelle.portal.planning.words_of_page import notes
from tests.bookings.world import NOW, WEDNESDAY, said, tick, untick

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(world) -> Invoice:
    minds(world, Unpaid.BOOKINGS)
    return owes(world, world.durand)


def minds(world, effect: Unpaid) -> None:
    activity = Activity.objects.get(pk=world.activity.pk)
    activity.unpaid, activity.revision = effect, new_revision()
    activity.save()


def owes(world, home, authority: Authority | None = None) -> Invoice:
    return Invoice.objects.create(
        authority=authority or world.made.the_authority,
        family=home.family,
        number=f"F-{Invoice.objects.count()}",
        month=NOW.date().replace(day=1),
        issued_on=NOW.date() - timedelta(days=60),
        due_on=NOW.date() - timedelta(days=30),
        total="12.50",
    )


def shown(world):
    return planning(world.durand.actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)


def cell(world):
    return shown(world).shown[0].cells[WEDNESDAY, world.morning.pk][0].state


def test_nothing_more_is_booked_until_it_is_paid(world, bill):
    assert (cell(world).cell, cell(world).why) == (Cell.NOT_OFFERED, Why.UNPAID)
    assert said(world.save(tick(world.zoe, world.opening))) == ["unpaid"]
    assert not Booking.objects.exists()
    Invoice.objects.update(paid="12.50", paid_on=date(2026, 11, 1))
    assert cell(world).cell is Cell.FREE
    assert said(world.save(tick(world.zoe, world.opening))) == ["booked"]


def test_what_is_booked_stays_and_may_be_cancelled(world, bill):
    world.made.booking(world.zoe, world.opening)
    assert cell(world).cell is Cell.BOOKED
    assert said(world.save(untick(world.zoe, world.opening))) == ["cancelled"]


def test_an_agent_passes_it_with_a_reason_that_is_kept(world, bill):
    agent = world.agent()
    assert said(world.save(tick(world.zoe, world.opening), actor=agent)) == ["unpaid"]
    outcome = world.save(tick(world.zoe, world.opening), actor=agent, derogation="Échéancier du Trésor")
    assert said(outcome) == ["booked"]
    assert Booking.objects.get().derogation == "Échéancier du Trésor"


def test_a_bill_that_is_not_late_of_another_home_or_authority_closes_nothing(world):
    minds(world, Unpaid.BOOKINGS)
    owes(world, world.made.home("Martin"))
    owes(world, world.durand, Authority.objects.create(name="Communauté"))
    ahead = owes(world, world.durand)
    Invoice.objects.filter(pk=ahead.pk).update(due_on=NOW.date())
    assert cell(world).cell is Cell.FREE
    assert notes(shown(world)) == []


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        (Unpaid.NOTHING, []),
        (Unpaid.WARN, ["retard de paiement"]),
        (Unpaid.REQUESTS, ["retard de paiement"]),
        (Unpaid.BOOKINGS, ["pas de nouvelle réservation pour Mercredis"]),
    ],
)
def test_the_page_of_the_planning_says_it_once(world, effect, told):
    minds(world, effect)
    owes(world, world.durand)
    assert (cell(world).cell is Cell.FREE) is (effect is not Unpaid.BOOKINGS)
    said_there = notes(shown(world))
    assert len(said_there) == len(told)
    assert all(text in said_there[0] for text in told)
    assert "12,50" not in str(said_there)


def test_the_planning_asks_no_more_queries_for_it(world, count_queries):
    with count_queries() as without:
        cell(world)
    minds(world, Unpaid.BOOKINGS)
    owes(world, world.durand)
    with count_queries(len(without)):
        assert cell(world).why is Why.UNPAID
