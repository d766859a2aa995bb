"""Every page of the agents' side is two clicks away at most, for each who may open it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from marelle.core.actor import Actor, Power, Role
from marelle.shell.menus import STAFF_ENTRIES, is_there, staff_menu, staff_tabs
from tests.roles.answers import ROLES
from tests.roles.table import TABLE
from tests.roles.world import NOW, World
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

WAY = re.compile(r'(?:href|action)="(/agents/[^"?#]*)')  # a link, or a form that asks where to go


A_CLICK_FURTHER = {
    "/agents/attribution/nouvelle/",
    "/agents/chiffres/absences/fichier/",
    "/agents/reglages/foyers-sans-nouvelles/bordereau/",
}
"""Files of a page that is itself two clicks away, where it lists something; and what one chooses first how
to open."""


def opened_by(role: str) -> set[str]:
    """Pages without an id that the table of roles opens to `role`."""
    place = ROLES.index(role)
    return {
        address
        for (method, address), answers in TABLE.items()
        if method == "GET" and address.startswith("/agents/") and "<" not in address
        if answers.split()[place] == "200"
    }


def links(client: Client, addresses: set[str]) -> set[str]:
    found = set()
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        found.update(WAY.findall(answer.content.decode()))
    return found


@pytest.mark.once
@pytest.mark.parametrize("role", ["animator", "director", "office", "administrator"])
def test_each_page_is_in_the_menu_or_linked_from_a_page_of_the_menu(role, client, time_machine):
    time_machine.move_to(NOW)
    client.force_login(World().users[role])
    menu = set(WAY.findall(client.get("/agents/").content.decode().split("</nav>")[0]))
    tabs = {page.url for entry in STAFF_ENTRIES for page in entry.pages} & links(client, menu)
    linked = {"/agents/", *menu, *tabs} | links(client, menu | tabs)
    settings = {address for address in linked if address.startswith("/agents/reglages/")}
    linked |= links(client, settings & opened_by(role))  # « Réglages » is a menu of its own
    assert opened_by(role) - linked - A_CLICK_FURTHER == set()


def test_the_menu_leads_to_pages_that_exist_and_says_where_one_is():
    posts = {Power(Role.ADMINISTRATOR), Power(Role.DIRECTOR, structure_id=1)}
    chief = Actor(user_id=1, label="A", powers=frozenset(posts))
    menu, tabs = staff_menu(chief, "/agents/documents/3/"), staff_tabs(chief, "/agents/documents/3/")
    assert [entry.url for entry in menu] == [entry.pages[0].url for entry in STAFF_ENTRIES]
    assert all(is_there(page.url) for entry in STAFF_ENTRIES for page in entry.pages)
    assert [str(entry.label) for entry in menu if entry.current] == ["Documents"]
    assert [str(tab.label) for tab in tabs if tab.current] == ["Documents à vérifier"]


def test_a_case_is_under_what_waits_and_an_entry_alone_has_no_tabs():
    chief = Actor(user_id=1, label="A", powers=frozenset({Power(Role.ADMINISTRATOR)}))
    menu = staff_menu(chief, "/agents/appels/3/")
    assert [str(entry.label) for entry in menu if entry.current] == ["À traiter"]
    mails = staff_menu(chief, "/agents/courriels/relay/received/")
    assert [str(entry.label) for entry in mails if entry.current] == ["Réglages"]
    assert staff_tabs(chief, "/agents/chiffres/") == ()


def test_an_entry_leads_to_the_first_page_that_the_role_may_open():
    animator = Actor(user_id=1, label="A", powers=frozenset({Power(Role.ANIMATOR, structure_id=1)}))
    families, attendance, places = staff_menu(animator)
    assert (str(families.label), families.url) == ("Familles", "/agents/sante/")
    assert (str(attendance.label), attendance.url) == ("Présences", "/agents/presences/")
    assert (str(places.label), places.url) == ("Places", "/agents/places/jour/")


def test_on_a_narrow_screen_the_menu_unfolds_and_says_where_one_is(open_page, axe):
    Scenario().staff("direction", Role.DIRECTOR)
    page = open_page(width=390)
    page.goto("/connexion/?next=/agents/familles/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("heading", name="Familles").wait_for()
    menu = page.get_by_role("navigation", name="Menu des agents")
    assert not menu.is_visible()
    page.get_by_role("button", name="Menu", exact=True).focus()
    page.keyboard.press("Enter")
    assert menu.is_visible()
    assert "Familles" in menu.locator("[aria-current=page]").inner_text()
    assert axe(page) == []
    page.keyboard.press("Escape")
    assert not menu.is_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    assert menu.is_visible()
    assert not page.get_by_role("button", name="Menu", exact=True).is_visible()
