"""From no tariff to a price on a home's planning, in a real browser: made, tried, then read by the home."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.core.clock import local
from tests.agents.test_rules_browser import logged_in
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_tariff_is_made_tried_and_read_on_a_planning(open_page: Any, live_server: Any, width: int) -> None:
    world = Scenario()
    today = local(timezone.now()).date()
    day = today + timedelta(days=(2 - today.weekday()) % 7 + 14)
    wednesdays = world.activity("Mercredis", first_day=today, last_day=today + timedelta(days=300))
    world.rule(wednesdays)
    world.opening(world.slot(wednesdays, "Matin"), day)
    world.staff("guichet", Role.OFFICE)
    home = world.home("Durand", "Camille", identifier="durand")
    world.quotient(home, "590")
    zoe = world.child(home, "Zoé")
    world.enrolment(zoe, wednesdays, home)
    world.searchable()

    page = logged_in(open_page(), "guichet")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/agents/activites/{wednesdays.pk}/tarifs/")
    page.get_by_role("link", name="Un prix calculé autrement").click()
    page.locator("#id_name").fill("Matinée")
    page.get_by_role("checkbox", name="Matin").check()
    page.get_by_role("radio", name="selon le quotient").first.check()
    page.locator("textarea[name=price-brackets]").fill(
        "0 à 565\t5,50 €\n565 à 716\t6,00 €\n716 et plus\t8,00"
    )
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_role("main")).to_contain_text("C’est enregistré")

    page.goto(f"/agents/activites/{wednesdays.pk}/tarifs/essayer/")
    page.locator("#id_jour").fill(day.isoformat())
    page.get_by_role("checkbox", name="Matin").check()
    page.locator("#id_enfant").fill("Zoé Durand")
    page.get_by_role("button", name="ESSAYER").click()
    expect(page.locator("#essai")).to_contain_text("6,00\u00a0€")
    page.locator("#essai").get_by_text("Pourquoi ce prix").first.click()
    expect(page.locator("#essai details.why").first).to_contain_text("590")

    page = logged_in(open_page(), "durand")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/reservations/?enfant={zoe.pk}&date={day}&vue=semaine&activite=toutes")
    cell = page.locator("td.c", has=page.get_by_role("checkbox", name="Matin"))
    expect(cell).to_contain_text("6,00\u00a0€")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
