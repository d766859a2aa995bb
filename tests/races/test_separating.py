"""A home separates while the adult who leaves books, and while a colleague separates it too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family, Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.separating.plan import Plan, Reach, Where
from marelle.flows.home.separating.preview import separation_preview
from marelle.flows.home.separating.services import Separated, family_separate
from marelle.flows.office.opening import Address
from tests.races.crowd import NOW, WEDNESDAY, Parent
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import together, together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


class Together(Scenario):
    """Sacha leaves Camille with Léo, and books him on the last place."""

    def __init__(self) -> None:
        super().__init__()
        self.both = self.home("Durand", "Camille")
        self.sacha = self.adult(self.both, "Sacha", identifier="sacha")
        self.leo = self.child(self.both, "Léo")
        self.wednesdays = self.activity()
        self.slot(self.wednesdays, capacity=1)
        self.rule(self.wednesdays)
        (self.here,) = self.openings(self.wednesdays, WEDNESDAY)
        self.enrolment(self.leo, self.wednesdays, self.both)
        self.parent = Parent(self.both, self.leo, actor_for(self.sacha.account))
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def separates(self) -> Callable[[], Separated]:
        """A call that separates what was read before the race."""
        plan = Plan(
            name="Sacha Durand",
            address=Address("4 impasse du Lavoir", "21999", "Arelle", "bail"),
            adults={self.sacha.pk: Reach("", "")},
            children={self.leo.pk: Where.FOLLOWS},
            patterns={},
            enrolments={},
        )
        home = self.both.family.pk
        read = separation_preview(actor=self.office, family_id=home, plan=plan, now=NOW)
        return lambda: family_separate(
            actor=self.office, family_id=home, plan=plan, fingerprint=read.fingerprint, now=NOW
        )


def each_booking_is_of_the_home_of_its_enrolment() -> None:
    counters_hold()
    for booking in Booking.objects.live():
        assert booking.enrolment.family_id == booking.family_id
        assert booking.enrolment.starts_on <= booking.day <= booking.enrolment.ends_on


@pytest.mark.parametrize("first", ["parent", "agent"])
def test_who_leaves_books_while_an_agent_separates_the_home(first):
    world = Together()
    calls = [world.parent.books(world.here), world.separates()]
    together_or_errors(calls if first == "parent" else calls[::-1])
    each_booking_is_of_the_home_of_its_enrolment()


@pytest.mark.postgres
def test_who_was_stopped_at_the_child_books_nothing_in_the_home_that_it_left():
    world = Together()
    separates, books = world.separates(), world.parent.books(world.here)
    with held(Person.objects.filter(pk=world.leo.pk)) as let_go:

        def once_both_are_stopped() -> None:
            wait_until_stopped(2)
            let_go()

        done, outcomes = together_or_errors([separates, books], once_started=once_both_are_stopped)
    each_booking_is_of_the_home_of_its_enrolment()
    assert not isinstance(outcomes, Exception), outcomes
    # Whoever came first: the page read was too old, or the booking is refused where the child is no more.
    assert Booking.objects.live().exists() is not isinstance(done, Separated)


def test_two_agents_separate_the_same_home():
    world = Together()
    done = together([world.separates(), world.separates()])
    assert sorted(one.already for one in done) == [False, True]
    assert len({one.family_id for one in done}) == 1
    assert Family.objects.count() == 2
    assert Enrolment.objects.filter(state__in=Enrolment.LIVE, family_id=done[0].family_id).count() == 1
