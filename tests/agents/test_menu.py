"""Every page of the agents' side is two clicks away at most, for each who may open it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from marelle.core.actor import Actor, Power, Role
from marelle.portal.menus import STAFF_TABS, is_there, staff_menu
from tests.test_roles import NOW, ROLES, TABLE, World

pytestmark = pytest.mark.django_db

WAY = re.compile(r'(?:href|action)="(/agents/[^"?#]*)')  # a link, or a form that asks where to go


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


@pytest.mark.parametrize("role", ["animator", "director", "office", "administrator"])
def test_each_page_is_in_the_menu_or_linked_from_a_page_of_the_menu(role, client, time_machine):
    time_machine.move_to(NOW)
    client.force_login(World().users[role])
    menu = set(WAY.findall(client.get("/agents/").content.decode().split("</nav>")[0]))
    linked = {"/agents/", *menu} | links(client, menu)
    settings = {address for address in linked if address.startswith("/agents/reglages/")}
    linked |= links(client, settings & opened_by(role))  # « Réglages » is a menu of its own
    assert opened_by(role) - linked == set()


def test_the_menu_leads_to_pages_that_exist_each_under_one_title():
    chief = Actor(user_id=1, label="A", powers=frozenset({Power(Role.ADMINISTRATOR)}))
    menu = staff_menu(chief, "/agents/documents/3/")
    assert [entry.url for entry in menu] == [tab.url for tab in STAFF_TABS]
    assert all(is_there(entry.url) for entry in menu)
    assert [str(entry.label) for entry in menu if entry.current] == ["Documents à vérifier"]
    titles = [str(entry.section) for entry in menu]
    assert titles == sorted(titles, key=titles.index), "entries of one title stand together"
