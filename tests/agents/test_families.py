"""Finding a family and working in its name."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import ACTING_FOR, actor_for
from marelle.flows.office.search import homes_readable
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.scenario import Scenario
from tests.standing import built_once

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)

pytestmark = pytest.mark.django_db


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.martin = self.home("Martin", "Sacha")
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))
        self.searchable()

    def act(self, home) -> str:
        answer = self.client.post(f"/agents/familles/{home.family.pk}/agir/")
        return answer.headers.get("Location", str(answer.status_code))


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


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
    assert world.act(world.martin) == "/agents/familles/"
    assert world.act(world.durand) == "403"
    assert ACTING_FOR not in world.client.session
    assert not Entry.objects.filter(verb="acting.started").exists()


def test_a_family_that_does_not_exist(world):
    assert world.client.post(f"/agents/familles/{10**30}/agir/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [(Role.DIRECTOR, 200), (Role.ANIMATOR, 403)])
def test_only_the_office_acts_for_a_family(world, role, status):
    world.client.force_login(world.staff("autre", role))
    assert world.client.get("/agents/familles/").status_code == status
    assert world.act(world.durand) == "403"


def test_a_director_finds_the_families_of_its_structures_alone(world, time_machine):
    time_machine.move_to(NOW)
    here, elsewhere = world.activity(), world.activity("Ailleurs", structure=world.structure("Ailleurs"))
    lou = world.child(world.martin, "Lou")
    asked = world.enrolment(world.zoe, here, world.durand, state="requested")
    world.enrolment(lou, elsewhere, world.martin)
    world.searchable()
    world.client.force_login(world.staff("direction", Role.DIRECTOR))

    def found() -> list[str]:
        pages = [world.client.get("/agents/familles/", {"q": name}) for name in ("Durand", "Martin")]
        return [page.context["found"][0].name for page in pages if page.context["found"]]

    def led() -> set[int]:
        director = actor_for(User.objects.get(identifier="direction"))
        return set(homes_readable(director, everybody, day=NOW.date()))

    everybody = {world.durand.family.pk, world.martin.family.pk}
    assert found() == ["Durand"]
    assert led() == {world.durand.family.pk}
    asked.state = "withdrawn"
    asked.save()
    assert found() == []
    assert led() == set()


def test_as_one_types_the_list_alone_is_sent_with_how_many(world):
    page = world.client.get("/agents/familles/", {"q": "duran", "part": "found"}).content.decode()
    assert "<html" not in page
    assert 'data-count="1 famille trouvée"' in page
    assert "Arelle" in page
    assert "Camille Durand" in page


@pytest.mark.parametrize("homes", [1, 12])
def test_a_search_asks_as_much_of_the_database_whatever_it_finds(world, homes, django_assert_num_queries):
    for _number in range(homes):
        world.child(world.home("Petit"), "Noé")
    world.searchable()
    world.client.get("/agents/familles/", {"q": "petti"})
    with django_assert_num_queries(8):
        page = world.client.get("/agents/familles/", {"q": "petti"})
    assert len(page.context["found"]) == homes
