"""What the office holds of a childminder leaves with her, whatever she was called meanwhile, and once."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

import pytest

from marelle.accounts.models import User
from marelle.accounts.services import access_erase
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.relay.childminders import (
    DOOR,
    childminder_change,
    childminder_erase,
    childminder_stop,
    childminders_purge,
)
from marelle.relay.models import Visit
from tests.relay.test_childminders import Minded
from tests.relay.test_visits import NOW
from tests.standing import built_once

pytestmark = pytest.mark.django_db
built = built_once(Minded, now=NOW)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def world(built: Minded, db: None, time_machine) -> Minded:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def comes_as(world: Minded, name: str) -> None:
    """Her account bears that name."""
    User.objects.filter(pk=world.access.account_id).update(display_name=name)
    world.actor = actor_for(User.objects.get(pk=world.access.account_id))
    world.brings("Lou")


def forgotten(world: Minded, now: datetime = NOW) -> None:
    row = {"actor": world.director, "childminder_id": world.odile.pk, "now": now}
    childminder_stop(**row)
    childminder_erase(**row)


def test_a_former_name_leaves_too_though_her_account_was_empty_when_it_changed(world: Minded) -> None:
    comes_as(world, "Odile Fontaine")
    world.ends()
    access_erase(DOOR, actor=world.director, opened_id=world.odile.pk, access_id=world.access.pk, now=NOW)
    row = {"actor": world.director, "childminder_id": world.odile.pk, "now": NOW}
    childminder_change(**row, changes={"name": "Odile Blanc"}, seen=None)
    forgotten(world)
    assert "Fontaine" not in Visit.objects.get().booked_by


def test_the_purge_finds_what_an_account_did_by_a_name_of_its_own(world: Minded) -> None:
    comes_as(world, "O. Fontaine-Roy")
    childminder_stop(actor=world.director, childminder_id=world.odile.pk, now=NOW)
    assert childminders_purge(before=LATER, now=LATER)
    assert "Fontaine" not in Visit.objects.get().booked_by
    assert User.objects.get(pk=world.access.account_id).display_name == ""


def test_erased_twice_it_is_told_once(world: Minded) -> None:
    forgotten(world)
    forgotten(world, LATER)
    assert Entry.objects.filter(verb="childminder.erased").count() == 1
    world.odile.refresh_from_db()
    assert world.odile.erased_at == NOW


def test_an_account_erased_twice_is_told_once(world: Minded) -> None:
    world.ends()
    for _time in range(2):
        access_erase(DOOR, actor=world.director, opened_id=world.odile.pk, access_id=world.access.pk, now=NOW)
    assert Entry.objects.filter(verb="childminder_access.erased").count() == 1
