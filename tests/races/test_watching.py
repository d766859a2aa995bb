"""Two workers who find the same unusual readings at once tell them once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marelle.core.actor import Role
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.flows.journal import watching
from marelle.journal.models import Entry
from marelle.journal.services import Act, record_many
from marelle.mail.models import Message
from tests.races.together import together
from tests.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

NOON = datetime(2026, 9, 8, 10, tzinfo=UTC)


def test_two_workers_tell_once(monkeypatch: Any) -> None:
    monkeypatch.setattr(watching, "LOOKED_EVERY", 0)
    world = Scenario()
    world.the_authority.dpo_email = "donnees@x.example"
    world.the_authority.save()
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    acts = [Act("health.read", Subject("person", n)) for n in range(301)]
    record_many(actor=director, acts=acts, now=NOON)
    workers = [lambda: watching.readings_watched(now=NOON + timedelta(minutes=1))] * 4
    assert sorted(together(workers)) == [0, 0, 0, 1]
    assert Message.objects.count() == Entry.objects.filter(verb=watching.TOLD).count() == 1
