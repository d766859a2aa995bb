"""Places are reduced, raised and given back while parents book: the counters hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from marelle.activities.models import Gauge, Quota
from marelle.core.actor import Actor
from marelle.core.refusals import No
from marelle.flows.catalogue.closing.reducing import (
    Fewer,
    Told,
    capacity_change,
    fewer_preview,
    mark_of,
    places_reduce,
)
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.places.models import Closure
from tests.races.crowd import NOW, WEDNESDAY
from tests.races.test_closing import Day
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold, held_on

pytestmark = pytest.mark.django_db(transaction=True)


class Short(Day):
    """Matin and Repas of three places each; two of six children hold them."""

    def __init__(self) -> None:
        super().__init__(6, 3)
        for parent in self.parents[:2]:
            for opening in self.openings_of_day:
                self.booking(parent.child, opening)
        self.gauges = list(Gauge.objects.order_by("pk").values_list("pk", flat=True))

    def reduces(self, actor: Actor) -> Callable[[], int]:
        asked = Fewer(dict.fromkeys(self.gauges, 1), WEDNESDAY, WEDNESDAY)
        mark = mark_of(fewer_preview(asked, now=NOW), asked)
        return lambda: places_reduce(
            actor=actor,
            structure_id=self.the_structure.pk,
            asked=asked,
            told=Told("Grève"),
            mark=mark,
            now=NOW,
        )

    def sets(self, actor: Actor, gauge_id: int, capacity: int) -> Callable[[], int]:
        return lambda: capacity_change(
            actor=actor, gauge_id=gauge_id, since=date(2026, 9, 2), capacity=capacity, now=NOW
        )


def none_but_refusals(answers: list[object]) -> None:
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, No)], answers


@pytest.mark.parametrize("round_", range(3))
def test_parents_book_while_places_go(round_: int) -> None:
    day = Short()
    calls = [parent.books(*day.openings_of_day) for parent in day.parents[2:]]
    calls += [parent.cancels(*day.openings_of_day) for parent in day.parents[:1]]
    none_but_refusals(together_or_errors([*calls, day.reduces(day.directors[0])]))
    counters_hold()
    if Closure.objects.exists():
        assert all(len(held_on(opening)) <= 1 for opening in day.openings_of_day)


def test_a_capacity_goes_down_and_up_while_parents_book() -> None:
    day = Short()
    calls = [parent.books(*day.openings_of_day, waits=True) for parent in day.parents]
    calls += [day.sets(day.directors[0], pk, 2) for pk in day.gauges]
    calls += [day.sets(day.directors[1], pk, 5) for pk in day.gauges]
    none_but_refusals(together_or_errors(calls))
    counters_hold()
    assert set(Quota.objects.values_list("capacity", flat=True)) <= {2, 5}


def test_parents_book_while_places_come_back() -> None:
    day = Short()
    day.reduces(day.directors[0])()
    closure = Closure.objects.get()
    calls = [parent.books(*day.openings_of_day, waits=True) for parent in day.parents[2:]]
    calls += [
        lambda actor=actor: closing_undo(actor=actor, closure_id=closure.pk, now=NOW)
        for actor in day.directors
    ]
    none_but_refusals(together_or_errors(calls))
    counters_hold()
    assert all(len(held_on(opening)) <= 3 for opening in day.openings_of_day)
