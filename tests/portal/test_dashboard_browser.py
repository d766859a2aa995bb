"""The dashboard and the dock of a phone in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from marelle.core.clock import local
from marelle.families.models import ConsentType
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)

DOCK = ["Accueil", "Réservations", "Factures", "Messages", "Menu"]


@pytest.fixture
def durand() -> Scenario:
    world = Scenario()
    home = world.home("Durand", identifier="durand")
    zoe = world.child(home, "Zoé")
    today = local(timezone.now()).date()
    activity = world.activity(first_day=today - timedelta(days=30), last_day=today + timedelta(days=300))
    world.slot(activity, capacity=10, weekdays=[0, 1, 2, 3, 4, 5, 6])
    world.rule(activity)
    world.enrolment(zoe, activity, home)
    world.openings(activity, today, today + timedelta(days=9))
    ConsentType.objects.create(authority=world.the_authority, code="photo", label="Photos")
    return world


def come_in(page: Page) -> None:
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("durand")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("heading", name="Bonjour Camille").wait_for()


COVERED = """() => {
  const dock = document.querySelector(".dock").getBoundingClientRect();
  const one = document.activeElement.getBoundingClientRect();
  return !document.activeElement.closest(".dock") && one.bottom > dock.top + 1 && one.top < dock.bottom;
}"""


@pytest.mark.parametrize(("width", "scripts"), [(320, True), (390, False), (820, True), (1280, True)])
def test_the_dashboard_fits_and_its_dock_is_for_phones_alone(
    open_page: Any, axe: Any, durand: Scenario, width: int, scripts: bool
) -> None:
    page = open_page(width=width, javascript=scripts)
    come_in(page)
    assert page.get_by_role("region", name="À faire").get_by_role("link").count() >= 2
    dock = page.get_by_role("navigation", name="Raccourcis")
    assert dock.count() == (width < 768)
    if scripts:
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 768:
        assert dock.get_by_role("link").all_inner_texts() == DOCK
        dock.get_by_role("link", name="Factures").click()
        assert dock.locator("[aria-current=page]").inner_text() == "Factures"
        dock.get_by_role("link", name="Menu", exact=True).click()
        assert page.url.endswith("/tableau-de-bord/#menu")
        menu = page.get_by_role("navigation", name="Menu").bounding_box()
        assert menu is not None
        assert -1 <= menu["y"] < 700, "the menu is in view"


def test_neither_the_focus_nor_the_last_line_is_under_the_dock(open_page: Any, durand: Scenario) -> None:
    page = open_page(width=390, height=700)
    come_in(page)
    for address in ("/tableau-de-bord/", "/famille/"):
        page.goto(address)
        for _ in range(60):
            page.keyboard.press("Tab")
            assert not page.evaluate(COVERED), page.evaluate("document.activeElement.outerHTML")
            if page.evaluate("!!document.activeElement.closest('.dock')"):
                break
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        foot, dock = page.locator(".foot .wrap").bounding_box(), page.locator(".dock").bounding_box()
        assert foot["y"] + foot["height"] <= dock["y"] + 1


def test_a_low_screen_keeps_its_height_for_the_page(open_page: Any, durand: Scenario) -> None:
    page = open_page(width=640, height=360)
    come_in(page)
    dock = page.locator(".dock").bounding_box()
    assert dock is not None
    assert dock["y"] > 360, "it is at the end of the page, not over it"


def test_the_keyboard_reaches_what_is_to_be_done_first(open_page: Any, durand: Scenario) -> None:
    page = open_page(width=1280)
    come_in(page)
    page.get_by_role("heading", name="Bonjour Camille").wait_for()
    page.locator("#contenu").focus()
    page.keyboard.press("Tab")
    assert "rien n’est réservé" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reservations/**")
