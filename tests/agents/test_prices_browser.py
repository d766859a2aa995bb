"""Prices and what changes them, typed in a real browser by the office."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import Late, Percent
from marelle.pricing.writing import tariff_write
from tests.agents.test_rules_browser import logged_in
from tests.pricing.sheets import BOOKS, SLOTS, brackets
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_price_and_a_rule_are_typed_looked_at_and_saved(open_page: Any, width: int) -> None:
    world = Scenario()
    today = local(timezone.now()).date()
    canteen = world.activity("Cantine", first_day=today, last_day=today + timedelta(days=300))
    world.slot(canteen, "Repas")
    world.staff("guichet", Role.OFFICE)
    page = logged_in(open_page(), "guichet")
    page.set_viewport_size({"width": width, "height": 800})

    page.goto(f"/agents/activites/{canteen.pk}/tarifs/")
    expect(page.get_by_role("main")).to_contain_text("Aucun tarif")
    page.get_by_role("link", name="Un prix calculé autrement").click()
    page.locator("#id_name").fill("Repas")
    page.get_by_role("checkbox", name="Repas").check()
    # A text of several lines is there once its line is chosen, and not before.
    areas = page.locator("textarea[name=price-brackets]")
    expect(areas).to_be_hidden()
    page.get_by_role("radio", name="selon le quotient").first.check()
    expect(areas).to_be_visible()
    areas.fill("0 à 600\t3,15 €\n601 et plus\t-3,60 €")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator("#id_price-brackets_error")).to_contain_text("Ligne 2")
    expect(areas).to_have_value("0 à 600\t3,15 €\n601 et plus\t-3,60 €")
    areas.fill("0 à 600\t3,15 €\n601 et plus\t3,60 €")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("main")).to_contain_text("601 et plus\u00a0: 3,60")
    assert not book_of(world.the_authority.pk).tariffs
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_role("main")).to_contain_text("C’est enregistré")
    (tariff,) = book_of(world.the_authority.pk).tariffs
    assert tariff.amount == brackets(("0", "3.15"), ("601", "3.60"))

    page.get_by_role("link", name="Majorations, réductions, absences").click()
    page.get_by_role("link", name="Majoration hors délai").click()
    page.locator("input[name=effect-up]").fill("50")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_role("main")).to_contain_text(
        "Réservé hors délai, créneau Repas\u00a0: 50\u00a0% de plus."
    )
    (rule,) = book_of(world.the_authority.pk).adjustments
    assert (rule.case, rule.effect.percent) == (Late(), Percent(50).percent)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_grid_of_many_brackets_fits_its_card(open_page: Any) -> None:
    world = Scenario()
    today = local(timezone.now()).date()
    wednesdays = world.activity("Mercredis", first_day=today, last_day=today + timedelta(days=300))
    for name, number in list(SLOTS.items())[:3]:
        world.slot(wednesdays, name, pk=number)
    for row in BOOKS["wednesdays"].tariffs:
        tariff_write(world.the_authority.pk, replace(row, since=today))
    world.staff("guichet", Role.OFFICE)
    page = logged_in(open_page(), "guichet")
    for width in (390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/agents/activites/{wednesdays.pk}/tarifs/")
        expect(page.get_by_role("main")).to_contain_text("1\u202f201 et plus")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        table = page.get_by_role("region", name="Prix pour tous")
        assert table.evaluate("it => it.scrollWidth <= it.clientWidth"), width
