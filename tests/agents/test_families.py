"""Finding a family and working in its name."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.flows.actors import ACTING_FOR
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.martin = self.home("Martin", "Sacha")
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))

    def act(self, home) -> str:
        answer = self.client.post(f"/agents/familles/{home.family.pk}/agir/")
        return answer.headers.get("Location", str(answer.status_code))


@pytest.fixture
def world() -> Village:
    return Village()


@pytest.mark.parametrize("query", ["durand", "Zoé", "zoé durand", "F00001"])
def test_a_family_is_found_by_name_child_or_number(world, query):
    page = world.client.get("/agents/familles/", {"q": query}).content.decode()
    assert "Durand" in page
    assert "Martin" not in page


def test_nothing_found_says_what_to_try(world):
    page = world.client.get("/agents/familles/", {"q": "x\0y" * 100}).content.decode()
    assert "Aucune famille trouvée" in page


def test_the_agent_uses_the_screens_of_the_family_and_the_journal_names_the_agent(world):
    assert world.act(world.durand) == "/tableau-de-bord/"
    page = world.client.get("/inscriptions/").content.decode()
    assert "Zoé" in page
    assert "Vous agissez au nom de la famille" in page
    entry = Entry.objects.get(verb="acting.started")
    assert (entry.family_id, entry.actor_label) == (world.durand.family.pk, "Guichet")
    world.client.post("/agents/familles/terminer/")
    assert ACTING_FOR not in world.client.session
    assert world.client.get("/inscriptions/").status_code == 404


def test_never_for_a_home_of_ones_own_or_of_ones_child(world):
    Post.objects.create(user=world.martin.user, role="office", authority=world.the_authority)
    world.shared(world.zoe, world.durand, world.martin)
    world.client.force_login(world.martin.user)
    for home in (world.martin, world.durand):
        assert world.act(home) == "/agents/familles/"
    assert ACTING_FOR not in world.client.session
    assert not Entry.objects.filter(verb="acting.started").exists()


def test_a_family_that_does_not_exist(world):
    assert world.client.post(f"/agents/familles/{10**30}/agir/").status_code == 404


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ANIMATOR])
def test_directors_and_animators_open_no_family(world, role):
    world.client.force_login(world.staff("autre", role))
    assert world.client.get("/agents/familles/").status_code == 403
    assert world.act(world.durand) == "403"
