"""An agent gives a card to a child, and the home's planning and month show it; in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from marelle.core.actor import Role
from marelle.pricing.amounts import Fixed
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.tariffs import Product, Sets, Tariff
from marelle.pricing.writing import tariff_write
from tests.agents.test_incomes_browser import enter
from tests.portal.planning.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_a_card_is_given_and_the_home_pays_its_mornings_no_more(
    home: Cast,
    planning: Callable[..., Page],
    open_page: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    day: date,
    width: int,
) -> None:
    authority_id, since = home.world.the_authority.pk, day - timedelta(days=90)
    card = ProductRow.objects.create(
        authority_id=authority_id, name="Carte mensuelle des matins", period="month"
    )
    card.slots.add(home.morning)
    for name, what, price in (
        ("Matinée", Sets((frozenset({home.morning.pk}),)), "6.50"),
        ("Carte mensuelle", Product(card.pk), "59"),
    ):
        tariff_write(authority_id, Tariff(0, name, since, None, what, Fixed(Decimal(price))))
    home.world.staff("guichet", Role.OFFICE)
    desk = open_page(width=width)
    enter(desk, "guichet", "/agents/")
    desk.goto(f"/agents/familles/{home.durand.family.pk}/")
    desk.get_by_role("link", name="Revenus par date").click()
    desk.get_by_role("link", name="Abonnements et cartes").click()
    assert axe(desk) == []
    desk.get_by_label("Pour qui").select_option(label="Zoé")
    desk.get_by_role("button", name="ENREGISTRER").click()
    desk.get_by_text("C’est enregistré.").wait_for()
    expect(desk.locator("main")).to_contain_text("Carte mensuelle des matins · Zoé")
    assert axe(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    page = planning(width=width)
    cell = page.locator("td.c", has=page.get_by_role("checkbox", name="Matin"))
    expect(cell).to_contain_text("compris dans «\u00a0Carte mensuelle\u00a0»")
    page.get_by_role("checkbox", name="Matin").check(force=True)
    expect(page.locator("[data-summary]")).to_contain_text("le prix ne change pas")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator(".outcomes")).to_contain_text("59,00\u00a0€ en tout")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(page.url.split("/reservations/")[0] + f"/factures/mois/?mois={day:%Y-%m}")
    expect(page.locator("main")).to_contain_text("59,00\u00a0€")
    expect(page.locator("#abonnements + ul")).to_contain_text("Carte mensuelle des matins · Zoé")
    page.get_by_text("Pourquoi ce prix").first.click()
    expect(page.locator("details.why[open]")).to_contain_text("ce jour y est compris")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
