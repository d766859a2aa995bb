"""What the authorities share: who keeps it, and what the journal holds of it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from marelle.activities.services.shared import keeps_shared, shared_change
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


@pytest.fixture
def world() -> Scenario:
    return Scenario()


def test_authorities_are_an_administrators_and_the_rest_is_whose_portal_it_is(world):
    admin, office = (actor_for(world.staff(role.value, role)) for role in (Role.ADMINISTRATOR, Role.OFFICE))
    neighbour = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    kept = {
        name: [keeps_shared(actor, model) for model in (Authority, Commune, School, Calendar, CalendarSpan)]
        for name, actor in (("admin", admin), ("office", office), ("neighbour", neighbour))
    }
    assert kept == {"admin": [True] * 5, "office": [False, *[True] * 4], "neighbour": [False] * 5}


def test_the_journal_says_which_fields_changed(world):
    actor = actor_for(world.staff("guichet", Role.OFFICE))
    changes = {"name": "Les Tilleuls", "commune": world.the_commune}
    shared_change(
        actor=actor,
        model=School,
        pk=world.the_school.pk,
        changes=changes,
        seen={"name": "École des Tilleuls", "commune": world.the_commune.pk},
        now=NOW,
    )
    assert Entry.objects.get(verb="school.changed").data == {"fields": ["name"]}


def test_days_of_a_calendar_are_named_as_people_say_them(world):
    bridge = world.span(date(2027, 5, 7), date(2027, 5, 8), name="Pont")
    assert str(bridge).replace("\xa0", " ") == "Pont, du 7 au 8 mai 2027"
