"""The cast of the changes of a file."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from tests.families.changing import Cast
from tests.scenario import Scenario


@pytest.fixture
def cast() -> Cast:
    world = Scenario()
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4), school=world.the_school)
    return Cast(world, durand, zoe, actor_for(world.staff("guichet", Role.OFFICE)))
