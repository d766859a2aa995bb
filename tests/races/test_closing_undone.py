"""A closing is undone while parents book, and by two agents: no place twice, nothing back twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marelle.bookings.models import Booking
from marelle.core.actor import Actor
from marelle.core.refusals import No
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import ClosingRefused, Target
from marelle.flows.catalogue.closing.undoing import Undone, closing_undo
from marelle.places.models import Closure
from tests.races.crowd import NOW, WEDNESDAY
from tests.races.test_closing import Day
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold, held_on

pytestmark = pytest.mark.django_db(transaction=True)


class Closed(Day):
    """Two of six children held the three places of the day that is closed."""

    def __init__(self) -> None:
        super().__init__(6, 3)
        for parent in self.parents[:2]:
            for opening in self.openings_of_day:
                self.booking(parent.child, opening)
        target = Target(self.the_structure.pk, WEDNESDAY, WEDNESDAY)
        made = closing_make(actor=self.directors[0], target=target, reason="Neige", now=NOW)
        self.closure: Closure = made.closure

    def undoes(self, actor: Actor) -> Callable[[], Undone]:
        return lambda: closing_undo(actor=actor, closure_id=self.closure.pk, now=NOW)


@pytest.mark.parametrize("round_", range(3))
def test_parents_book_while_it_is_undone(round_: int) -> None:
    day = Closed()
    calls = [parent.books(*day.openings_of_day, waits=True) for parent in day.parents]
    answers = together_or_errors([*calls, *(day.undoes(director) for director in day.directors)])
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in errors] == [ClosingRefused], "of two agents, one undoes"
    for opening in day.openings_of_day:
        kept = {parent.child.pk for parent in day.parents[:2]}
        assert kept <= held_on(opening), "who held a place has it again, whoever booked at that moment"
        assert len(held_on(opening)) <= 3
    counters_hold()


def test_closed_again_while_it_is_undone() -> None:
    day = Closed()
    answers = together_or_errors([day.undoes(day.directors[0]), day.closes(day.directors[1])])
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, No)], answers
    live = Booking.objects.live().count()
    assert live == (0 if Closure.objects.filter(undone_at=None).exists() else 4)
    counters_hold()
