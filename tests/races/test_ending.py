"""An enrolment ends while its home books: whoever comes second finds what the first one did."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Result
from marelle.core.actor import Role
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import end_ask
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.enrolling.ending import enrolment_end
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def ending(size: int) -> tuple[list[Parent], list, object]:
    """`size` children booked on one Wednesday of two; each home asks for the end before them."""
    world = Scenario()
    activity = world.activity()
    world.slot(activity, capacity=size)
    world.rule(activity)
    openings = world.openings(activity, WEDNESDAY, WEDNESDAY.replace(day=16))
    parents = crowd(world, size, [activity])
    for parent in parents:
        world.booking(parent.child, openings[0])
        end_ask(
            actor=parent.actor,
            enrolment_id=Enrolment.objects.get(person=parent.child).pk,
            last_day=date(2026, 9, 8),
            comment="",
            now=NOW,
        )
    return parents, openings, actor_for(world.staff("guichet", Role.OFFICE))


def test_parents_book_while_agents_end_and_nothing_is_booked_past_the_end() -> None:
    parents, openings, office = ending(6)
    ends = [Enrolment.objects.get(person=p.child).end_requests.get().pk for p in parents]
    calls = [p.books(openings[1]) for p in parents]
    calls += [lambda end=end: enrolment_end(actor=office, end_id=end, now=NOW) for end in ends]
    answers = together_or_errors(calls)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert not Booking.objects.live().exists()
    counters_hold()


@pytest.mark.postgres
def test_both_stopped_at_the_child_then_let_go() -> None:
    """The control of the order: the two wait for the same lock, and either order leaves nothing booked."""
    (parent,), openings, office = ending(1)
    end = Enrolment.objects.get(person=parent.child).end_requests.get().pk
    calls = [parent.books(openings[1]), lambda: enrolment_end(actor=office, end_id=end, now=NOW)]
    with held(Person.objects.filter(pk=parent.child.pk)) as let_go:

        def once_both_are_stopped() -> None:
            wait_until_stopped(2)
            let_go()

        outcomes, _ended = together_or_errors(calls, once_started=once_both_are_stopped)
    assert outcomes[0].result in {Result.BOOKED, Result.REFUSED}
    assert not Booking.objects.live().exists()
    counters_hold()
