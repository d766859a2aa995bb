"""Where the activity says that the office decides, it does, and the structure reads."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.test import Client

from marelle.activities.kinds import Decider
from marelle.cases.models import Case
from marelle.core.actor import Role
from tests.agents.every_kind import KINDS, NOW, EveryKind
from tests.reading import text
from tests.standing import built_once

pytestmark = pytest.mark.django_db

READ_ONLY = "Décidé par le guichet unique"


@pytest.fixture
def world(built, db, time_machine) -> EveryKind:
    time_machine.move_to(NOW)
    return deepcopy(built)


def office_decides() -> EveryKind:
    return EveryKind(decided_by=Decider.OFFICE)


built = built_once(office_decides, now=NOW)


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_office_decides_the_director_reads(world, kind):
    director = logged(world.staff("direction", Role.DIRECTOR))
    page = text(director.get(world.pages[kind]))
    assert READ_ONLY in page
    assert 'name="reason"' not in page
    where, data = world.answers[kind]
    assert "un autre service la décide" in text(director.post(where, data, follow=True))
    assert Case.objects.open().filter(kind=kind).exists()
    assert world.pages[kind] not in text(director.get("/agents/"))


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_office_decides_it_does(world, kind):
    office = logged(world.staff("guichet2", Role.OFFICE))
    assert world.pages[kind] in text(office.get("/agents/"))
    assert READ_ONLY not in text(office.get(world.pages[kind]))
    where, data = world.answers[kind]
    office.post(where, data)
    assert Case.objects.filter(kind=kind, structure_id=None).exclude(state="open").exists()
