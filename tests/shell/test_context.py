"""What surrounds a page."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from marelle.core.actor import Actor, Power, Role
from marelle.flows.actor.middleware import NOBODY
from marelle.shell.context import home_of, shell
from marelle.shell.menus import is_there
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def shell_of(actor: Actor, path: str = "/famille/"):
    request = RequestFactory().get(path)
    request.actor = actor  # type: ignore[attr-defined]
    return shell(request)["shell"]


def test_the_portal_bears_the_name_of_the_first_authority():
    world = Scenario()
    world.authority("Communauté du Val")
    world.authority("Mairie")
    assert shell_of(NOBODY).organisation == "Communauté du Val"


def test_a_stranger_is_offered_to_log_in_and_nothing_else():
    seen = shell_of(NOBODY)
    assert (seen.login_url, seen.logout_url, seen.menu) == ("/connexion/", "", ())


def test_the_menu_of_a_family_names_the_page_shown(count_queries):
    actor = Scenario().home("Durand").actor
    shell_of(actor)
    with count_queries(0):
        seen = shell_of(actor, "/famille/12/")
    assert [str(entry.label) for entry in seen.menu if entry.current] == ["Ma famille"]
    assert seen.home_url == "/tableau-de-bord/"
    assert all(is_there(entry.url) for entry in seen.menu)
    assert not is_there("/nulle-part/")


def test_an_agent_who_acts_is_told_for_whom():
    durand = Scenario().home("Durand")
    agent = Actor(user_id=7, label="Agent", family_id=durand.family.pk, on_behalf_of=True)
    assert shell_of(agent).acting_for == "Durand"


@pytest.mark.parametrize(
    ("actor", "address"),
    [
        (NOBODY, "/"),
        (Actor(user_id=1, label="P", family_id=1), "/tableau-de-bord/"),
        (Actor(user_id=1, label="A", powers=frozenset({Power(Role.OFFICE, 1)})), "/agents/"),
        (
            Actor(user_id=1, label="A", family_id=1, powers=frozenset({Power(Role.OFFICE, 1)})),
            "/tableau-de-bord/",
        ),
    ],
)
def test_menu_leads_home(actor: Actor, address: str):
    assert home_of(actor) == address


def test_an_animator_is_shown_the_children_and_no_request():
    animator = Actor(user_id=1, label="A", powers=frozenset({Power(Role.ANIMATOR, None, 1)}))
    menu = [entry.url for entry in shell_of(animator, "/agents/").menu]
    assert menu == ["/agents/sante/", "/agents/presences/", "/agents/places/jour/"]


def test_the_tables_of_families_are_read_only_in_the_administration():
    world = Scenario()
    durand = world.home("Durand")
    admin = world.staff("chef", Role.ADMINISTRATOR)
    admin.is_staff = admin.is_superuser = True
    admin.save()
    client = Client()
    client.force_login(admin)
    address = f"/administration/families/family/{durand.family.pk}/change/"
    assert client.get("/administration/families/person/").status_code == 200
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "Pirate"}).status_code == 403
    assert client.get("/administration/families/family/add/").status_code == 403
