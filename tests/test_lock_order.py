"""The control of the order that every test holds: who locks a child before its home is found."""

from __future__ import annotations

import pytest
from django.db import transaction

from marelle.bookings.saving.locks import children_locked
from marelle.families.locks import files_locked, home_locked, own_home_locked, people_locked
from tests.lock_order import OutOfOrder
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("homes", ["home_locked", "own_home_locked"])
@pytest.mark.parametrize("children", [children_locked, people_locked])
def test_a_home_after_a_child_is_found(homes, children) -> None:
    world = Scenario()
    home = world.home("Durand")
    zoe, actor = world.child(home, "Zoé"), home.actor

    def lock_home() -> None:
        home_locked(home.family.pk) if homes == "home_locked" else own_home_locked(actor)

    @transaction.atomic
    def in_order() -> None:
        lock_home()
        children([zoe.pk])

    @transaction.atomic
    def out_of_order() -> None:
        children([zoe.pk])
        lock_home()

    in_order()
    with pytest.raises(OutOfOrder):
        out_of_order()


def test_a_file_is_taken_whole() -> None:
    home = Scenario().home("Durand")
    transaction.atomic(files_locked)(home.family.pk)
