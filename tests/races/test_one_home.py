"""Two adults of one home save at the same moment, each for another child: one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.db import transaction

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.saving.facts import facts_locked
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import bookings_save, waiting_served
from marelle.bookings.saving.settling import settle
from marelle.bookings.saving.writing import settled_write
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor, Role
from marelle.core.refusals import No
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import end_ask
from marelle.families.models import Family, Person
from marelle.families.refusals import HomeGone
from marelle.flows.actor.actors import actor_for
from marelle.flows.enrolling.ending import enrolment_end
from tests.bookings.world import said
from tests.gone import another_adult, merges, separates
from tests.races.crowd import NOW, WEDNESDAY
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import together, together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS: Final = int(os.environ.get("ROUNDS", "2"))
"""A hundred by hand; few in a suite, which sees the common order of things."""


class OneHome(Scenario):
    """Camille and Dominique, their children Tom and Zoé, and two Wednesdays with places for both."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.tom, self.zoe = self.child(self.durand, "Tom"), self.child(self.durand, "Zoé")
        self.dominique = another_adult(self, self.durand)
        self.wednesdays = self.activity()
        self.slot(self.wednesdays, capacity=2)
        self.rule(self.wednesdays)
        self.first, self.second = self.openings(self.wednesdays, WEDNESDAY, WEDNESDAY + timedelta(weeks=1))
        for child in (self.tom, self.zoe):
            self.enrolment(child, self.wednesdays, self.durand)
        self.camille, self.other = self.durand.actor, actor_for(self.dominique.account)
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def saves(
        self, actor: Actor, *cells: tuple[Person, Opening], back: bool = False
    ) -> Callable[[], tuple[Outcome, ...]]:
        changes = [Change(child.pk, on.pk, seen=back, wanted=not back) for child, on in cells]
        return lambda: bookings_save(actor=actor, changes=changes, now=NOW)


@pytest.mark.postgres
def test_both_are_stopped_by_the_home_before_any_child() -> None:
    world = OneHome()
    calls = [
        world.saves(world.camille, (world.tom, world.first)),
        world.saves(world.other, (world.zoe, world.first)),
    ]
    with held(Family.objects.filter(pk=world.durand.family.pk)) as let_go:

        def once_both_are_stopped() -> None:
            wait_until_stopped(2)
            with transaction.atomic():  # nobody holds a child yet
                children = Person.objects.filter(pk__in=[world.tom.pk, world.zoe.pk])
                assert len(children.select_for_update(nowait=True)) == 2
            let_go()

        answers = together_or_errors(calls, once_started=once_both_are_stopped)
    assert [said(answer) for answer in answers] == [["booked"], ["booked"]]
    counters_hold()


def test_a_limit_of_the_home_is_decided_on_what_both_have_booked() -> None:
    """One place a Wednesday for the whole home, as a rule might say: each sees what the other has booked, who
    wants another child, and places that no quota shares."""
    world = OneHome()
    evening = world.opening(world.slot(world.wednesdays, "Soir", "17:00", "18:30", capacity=2), WEDNESDAY)

    def at_most_one(actor: Actor, child: Person, on: Opening) -> Callable[[], tuple[Outcome, ...]]:
        change = Change(child.pk, on.pk, seen=False, wanted=True)

        @transaction.atomic
        def saves() -> tuple[Outcome, ...]:
            facts = facts_locked(actor, [change], {change.opening_id}, serve=False, now=NOW)
            if any(place.mine for places in facts.places.values() for place in places):
                return ()
            done = settle(facts, [change], now=NOW)
            settled_write(actor, facts, done, now=NOW)
            return tuple(done.outcomes)

        return saves

    calls = [at_most_one(world.camille, world.tom, world.first), at_most_one(world.other, world.zoe, evening)]
    answers = together(calls * 3)
    assert sorted(map(len, answers)) == [0, 0, 0, 0, 0, 1]
    assert Booking.objects.live().count() == 1
    counters_hold()


@pytest.mark.postgres
def test_another_home_does_not_wait_for_it() -> None:
    world = OneHome()
    martin = world.home("Martin")
    ines = world.child(martin, "Inès")
    world.enrolment(ines, world.wednesdays, martin)
    with held(Family.objects.filter(pk=world.durand.family.pk)):
        ((one,),) = together([world.saves(martin.actor, (ines, world.first))])
    assert one.result is Result.BOOKED


def _nobody_is_broken(answers: list[object]) -> None:
    broken = [one for one in answers if isinstance(one, Exception) and not isinstance(one, No | HomeGone)]
    assert broken == []


@pytest.mark.parametrize("event", ["merged", "apart", "ended"])
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_both_save_for_both_while_the_home_changes(event: str, _round: int) -> None:
    """Each in its own order, and taking back what the other books; the worker serves meanwhile."""
    world = OneHome()
    martin = world.home("Martin")
    lou = world.child(martin, "Lou")
    world.enrolment(lou, world.wednesdays, martin)
    world.shared(world.zoe, world.durand, martin)
    for child in (world.tom, world.zoe):
        world.booking(child, world.second)
    world.booking(lou, world.second, state=BookingState.WAITING, queued_at=NOW - timedelta(days=1))
    happens = {
        "merged": lambda: merges(world.office, world.durand, world.home("Durant", "Camille")),
        "apart": lambda: separates(world.office, world.durand, world.durand.adult),
        "ended": lambda: _ends(world),
    }[event]()
    both = (world.tom, world.first), (world.zoe, world.first)
    answers = together_or_errors(
        [
            world.saves(world.camille, *both),
            world.saves(world.other, *reversed(both)),
            world.saves(world.camille, (world.zoe, world.second), (world.tom, world.second), back=True),
            world.saves(world.other, (world.tom, world.second), back=True),
            world.saves(martin.actor, (lou, world.first)),
            lambda: waiting_served(now=NOW),
            happens,
        ]
    )
    _nobody_is_broken(answers)
    counters_hold()
    assert not Booking.objects.exclude(family__in=Family.objects.all()).exists()


def _ends(world: OneHome) -> Callable[[], object]:
    enrolment = Enrolment.objects.get(person=world.tom)
    last_day = WEDNESDAY - timedelta(days=1)
    end = end_ask(actor=world.camille, enrolment_id=enrolment.pk, last_day=last_day, comment="", now=NOW)
    return lambda: enrolment_end(actor=world.office, end_id=end.pk, now=NOW)
