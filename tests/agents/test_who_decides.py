"""The structure decides where the activity says so; never who is the parent of the case."""

from __future__ import annotations

from copy import deepcopy
from html import unescape

import pytest
from django.test import Client

from marelle.activities.kinds import Decider
from marelle.activities.models import Activity
from marelle.activities.services import part_change
from marelle.bookings.saving.services import bookings_save
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Post
from tests.agents.every_kind import KINDS, NOW, EveryKind
from tests.reading import text
from tests.standing import built_once

pytestmark = pytest.mark.django_db

OWN = "C’est le dossier de votre propre famille"


built = built_once(EveryKind, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> EveryKind:
    time_machine.move_to(NOW)
    return deepcopy(built)


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_structure_decides_its_director_does(world, kind):
    director = logged(world.staff("direction", Role.DIRECTOR))
    assert world.pages[kind] in text(director.get("/agents/"))
    where, data = world.answers[kind]
    director.post(where, data)
    assert Case.objects.filter(kind=kind).exclude(state="open").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", [Role.OFFICE, Role.DIRECTOR, Role.ADMINISTRATOR])
def test_a_parent_decides_nothing_of_its_own(world, kind, role):
    Post.objects.create(
        user=world.durand.user,
        role=role,
        authority=world.the_authority if role is Role.OFFICE else None,
        structure=world.the_structure if role is Role.DIRECTOR else None,
    )
    parent = logged(world.durand.user)
    assert OWN in text(parent.get(world.pages[kind]))
    where, data = world.answers[kind]
    parent.post(where, data)
    assert Case.objects.open().filter(kind=kind).exists()


def test_the_office_says_who_decides_and_a_director_does_not(world):
    activity = Activity.objects.get(name="Mercredis")
    page = f"/agents/activites/{activity.pk}/modifier/inscription/"

    def send(client, **typed):
        seen = unescape(text(client.get(page)).split('name="seen" value="')[1].split('"')[0])
        both = {"enrolment_mode": "asked", "booking_mode": "parent", "unpaid": "nothing", "seen": seen}
        answer = client.post(page, {**both, **typed})
        activity.refresh_from_db()
        return answer

    director = logged(world.staff("direction", Role.DIRECTOR))
    assert send(director, decided_by="office").status_code == 302
    assert activity.decided_by == Decider.STRUCTURE
    with pytest.raises(NotYours):
        part_change(
            actor=actor_for(world.staff("autre", Role.DIRECTOR)),
            model=Activity,
            pk=activity.pk,
            changes={"decided_by": Decider.OFFICE},
            now=NOW,
        )
    office = logged(world.staff("guichet2", Role.OFFICE))
    assert send(office, decided_by="office").status_code == 302
    assert activity.decided_by == Decider.OFFICE
    assert "Sélectionnez un choix valide" in text(send(office, decided_by="x"))
    send(director, closes_when_full="on")
    assert (activity.decided_by, activity.closes_when_full) == (Decider.OFFICE, True)


def test_bookings_asked_after_the_change_go_to_the_office(world):
    """What defines an activity is kept in the process: the change must be seen there."""
    activity = Activity.objects.get(name="Goûters")
    part_change(
        actor=actor_for(world.staff("guichet2", Role.OFFICE)),
        model=Activity,
        pk=activity.pk,
        changes={"decided_by": Decider.OFFICE},
        now=NOW,
    )
    bookings_save(actor=world.durand.actor, changes=[world.another_place()], now=NOW)
    assert [case.structure_id for case in Case.objects.filter(kind="booking").order_by("pk")] == [
        world.the_structure.pk,
        None,
    ]
