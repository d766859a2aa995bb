"""Two agents order the same week at the same moment: one does, the other is told."""

from __future__ import annotations

import pytest

from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.meals.models import MealOrder
from marelle.meals.refusals import MovedMeanwhile
from marelle.meals.selectors import sittings
from marelle.meals.services import Typed, meals_order
from tests.meals.world import DAY, NOW, Kitchen
from tests.races.together import together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_orders_of_one_meal() -> None:
    world = Kitchen()
    world.eats("Zoé")
    agents = [actor_for(world.staff(name, Role.OFFICE)) for name in ("nadege", "omar")]
    (one,) = sittings(world.the_structure.pk, first=DAY, last=DAY).values()
    typed = [Typed(*world.key, seen=(0, 0), adults=0, picnics=0, mark=one.mark)]
    answers = together_or_errors(
        [
            lambda actor=actor: meals_order(
                actor=actor, structure_id=world.the_structure.pk, typed=typed, keys=[world.key], now=NOW
            )
            for actor in agents
        ]
    )
    refused = [one for one in answers if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [MovedMeanwhile], answers
    assert MealOrder.objects.count() == 1
