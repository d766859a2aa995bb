"""A gauge that counts children, while parents book, a day closes and opens again, and its capacity moves."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest

from marelle.activities.models import Quota
from marelle.bookings.saving.services import waiting_served
from marelle.core.actor import Actor, Role
from marelle.core.refusals import No
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.reducing import capacity_change
from marelle.flows.catalogue.closing.targets import Target
from marelle.flows.catalogue.closing.undoing import closing_undo
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.test_shared_quotas import anything
from tests.races.together import together
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PARENTS, PLACES, ROUNDS = 8, 4, 4


class Centre(Scenario):
    """Matin, Repas and Après-midi draw on one number of children a day; the meal has a smaller one."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity()
        self.building = self.gauge("Bâtiment", PLACES)
        for name, starts, ends in (("Matin", "08:00", "12:00"), ("Après-midi", "13:30", "18:00")):
            self.slot(self.wednesdays, name, starts, ends, gauges=[self.building])
        self.meal = self.slot(
            self.wednesdays, "Repas", "12:00", "13:30", gauges=[self.building], capacity=PLACES - 1
        )
        self.rule(self.wednesdays)
        self.days = self.openings(self.wednesdays, WEDNESDAY)
        self.parents: list[Parent] = crowd(self, PARENTS, [self.wednesdays])
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def closes_and_opens(self, actor: Actor, part: str, part_id: int) -> Callable[[], None]:
        target = Target(self.the_structure.pk, WEDNESDAY, WEDNESDAY, part, part_id)

        def go() -> None:
            for _round in range(ROUNDS):
                try:
                    made = closing_make(actor=actor, target=target, reason="Neige", now=NOW)
                    closing_undo(actor=actor, closure_id=made.closure.pk, now=NOW)
                except No:
                    continue

        return go

    def changes_capacity(self, actor: Actor) -> None:
        for capacity in (PLACES - 2, PLACES + 1, PLACES):
            capacity_change(
                actor=actor, gauge_id=self.building.pk, since=date(2026, 9, 2), capacity=capacity, now=NOW
            )


@pytest.mark.parametrize("seed", [1, 2])
def test_in_any_order_every_child_is_counted_once(seed: int) -> None:
    centre = Centre()
    parents = [
        anything(parent, centre.days, random.Random(f"{seed}.{number}"))
        for number, parent in enumerate(centre.parents)
    ]
    together(
        [
            *parents,
            centre.closes_and_opens(centre.director, "slot", centre.meal.pk),
            lambda: centre.changes_capacity(centre.director),
            lambda: [waiting_served(now=NOW) for _round in range(ROUNDS)] and None,
        ]
    )
    counters_hold()
    waiting_served(now=NOW)
    counters_hold()
    quota = Quota.objects.get(gauge=centre.building)
    assert quota.capacity == PLACES
