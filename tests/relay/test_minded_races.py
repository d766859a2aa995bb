"""A childminder and homes at the very same moment, and she who is stopped while she registers."""

from __future__ import annotations

import threading
import time
from datetime import date

import pytest
from django.db import transaction

from marelle.core.refusals import NotYours
from marelle.relay.childminders import childminder_stop
from marelle.relay.models import Visit
from marelle.relay.refusals import NoPlace
from marelle.relay.visits import Brought, visit_enter
from tests.races.together import PATIENCE, together_or_errors
from tests.relay.test_childminders import Minded
from tests.relay.test_visits import NOW, asks

HELD = 0.3
"""Seconds: long enough for the other to arrive at what is held."""


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_a_childminder_or_to_a_home():
    world = Minded(capacity=1)
    homes = [world.home(name) for name in ("Durand", "Martin", "Petit")]
    children = [world.child(home, "Noé", born=date(2025, 1, 2)) for home in homes]
    asking = [asks(home, world.morning, child.pk) for home, child in zip(homes, children, strict=True)]
    ends = together_or_errors([*asking, lambda: world.brings("Lou"), lambda: world.brings("Nino")])
    assert sum(isinstance(end, NoPlace) for end in ends) >= 3, ends
    live = Visit.objects.filter(cancelled_at=None)
    assert (world.taken(), [visit.seats for visit in live]) == (1, [1])


@pytest.mark.django_db(transaction=True)
def test_who_is_stopped_while_she_registers_is_in_before_or_not_at_all():
    world = Minded()
    brought, ended = together_or_errors([lambda: world.brings("Lou"), world.ends])
    assert ended is None
    assert isinstance(brought, (Visit, NotYours)), brought
    assert world.taken() == isinstance(brought, Visit)


@pytest.mark.django_db(transaction=True)
def test_who_is_stopped_while_an_agent_enters_her_is_not_entered():
    """Else one who is erased next would be named by that visit alone."""
    world, is_held = Minded(), threading.Event()
    ids = {"actor": world.director, "childminder_id": world.odile.pk, "now": NOW}

    def stops() -> None:
        with transaction.atomic():
            childminder_stop(**ids)
            is_held.set()
            time.sleep(HELD)

    def enters() -> Visit:
        is_held.wait(PATIENCE)
        return visit_enter(opening_id=world.morning.pk, brought=[Brought("Lou")], **ids)

    _stopped, entered = together_or_errors([stops, enters])
    assert isinstance(entered, NotYours), entered
    assert world.taken() == 0
