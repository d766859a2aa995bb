"""A day closes while parents book, wait, cancel and accept: no booking survives on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.offers.services import offer_accept, place_offer
from marelle.bookings.saving.ledger import Result
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import Actor, Role
from marelle.core.refusals import No
from marelle.families.models import Person, Schooling
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import Closed, closing_make
from marelle.flows.catalogue.closing.targets import ClosingRefused, Part, Target
from marelle.places.models import Closure
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold, held_on
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


class Day(Scenario):
    """One Wednesday with Matin and Repas; homes with one child each. Without a `capacity` nothing counts."""

    def __init__(self, homes: int, capacity: int | None) -> None:
        super().__init__()
        activity = self.activity()
        self.slot(activity, "Matin", capacity=capacity)
        self.slot(activity, "Repas", "12:00", "13:30", capacity=capacity)
        self.rule(activity)
        self.openings_of_day = self.openings(activity, WEDNESDAY)
        self.parents: list[Parent] = crowd(self, homes, [activity])
        self.directors = [actor_for(self.staff(f"d{n}", Role.DIRECTOR)) for n in range(2)]

    def closes(self, actor: Actor) -> Callable[[], Closed]:
        target = Target(self.the_structure.pk, WEDNESDAY, WEDNESDAY)
        return lambda: closing_make(actor=actor, target=target, reason="Neige", now=NOW)


def nothing_lives() -> None:
    assert not Booking.objects.live().exists()
    assert not Opening.objects.filter(state=Opening.State.OPEN).exists()
    assert Closure.objects.count() == 1
    counters_hold()


@pytest.mark.parametrize("capacity", [None, 3])
@pytest.mark.parametrize("round_", range(3))
def test_parents_book_while_the_day_closes(round_: int, capacity: int | None) -> None:
    day = Day(6, capacity)
    for parent in day.parents[:2]:
        for opening in day.openings_of_day:
            day.booking(parent.child, opening)
    calls = [parent.cancels(*day.openings_of_day) for parent in day.parents[:1]]
    calls += [parent.books(*day.openings_of_day, waits=True) for parent in day.parents[2:]]
    answers = together_or_errors([*calls, *(day.closes(director) for director in day.directors)])
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in errors] == [ClosingRefused], "of two agents, one closes"
    nothing_lives()


def test_an_offer_is_made_and_accepted_while_the_day_closes() -> None:
    day = Day(2, 1)
    morning = day.openings_of_day[0]
    late = NOW.replace(day=8, hour=14)
    first, _second = [
        day.booking(parent.child, morning, state=BookingState.WAITING, queued_at=NOW - timedelta(days=2 - n))
        for n, parent in enumerate(day.parents)
    ]
    until = late + timedelta(hours=2)
    place_offer(actor=day.directors[0], opening_id=morning.pk, until=until, now=late)
    answers = together_or_errors(
        [
            lambda: offer_accept(actor=day.parents[0].actor, booking_id=first.pk, now=late),
            lambda: place_offer(actor=day.directors[1], opening_id=morning.pk, until=until, now=late),
            day.closes(day.directors[0]),
        ]
    )
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, No)], answers
    nothing_lives()


@pytest.mark.postgres
@pytest.mark.parametrize("capacity", [None, 3])
def test_both_stopped_at_the_child_then_let_go(capacity: int | None) -> None:
    """The control of the order: a child that has booked nothing yet is locked too."""
    day = Day(1, capacity)
    (parent,) = day.parents
    with held(Person.objects.filter(pk=parent.child.pk)) as let_go:

        def once_both_are_stopped() -> None:
            wait_until_stopped(2)
            let_go()

        outcomes, _closed = together_or_errors(
            [parent.books(day.openings_of_day[0]), day.closes(day.directors[0])],
            once_started=once_both_are_stopped,
        )
    assert outcomes[0].result in {Result.BOOKED, Result.REFUSED}
    nothing_lives()


@pytest.mark.parametrize("round_", range(2))
def test_two_agents_send_a_school_out_while_parents_ask_for_a_place(round_: int) -> None:
    day = Day(4, 2)
    morning = day.openings_of_day[0]
    pupil, other, *waiting = day.parents
    for parent, school in ((pupil, day.the_school), (other, day.school("École des Aulnes"))):
        Schooling.objects.create(child=parent.child, school=school, school_year=2026, level="CP")
        day.booking(parent.child, morning)
    target = Target(day.the_structure.pk, WEDNESDAY, WEDNESDAY, Part.SCHOOL, day.the_school.pk)

    def goes_out(actor: Actor) -> Callable[[], Closed]:
        return lambda: closing_make(actor=actor, target=target, reason="Sortie scolaire", now=NOW)

    calls = [parent.books(morning, waits=True) for parent in waiting]
    answers = together_or_errors([*calls, *(goes_out(director) for director in day.directors)])
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in errors] == [ClosingRefused], "of two agents, one cancels"
    assert Closure.objects.count() == 1
    assert Booking.objects.get(child=pupil.child).end_cause == EndCause.STRUCTURE
    assert other.child.pk in held_on(morning)
    assert len(held_on(morning)) == 2, "the place goes to one of those who ask for it"
    counters_hold()
