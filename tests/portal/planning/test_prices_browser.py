"""A price read on a cell, in the save bar and in the month's estimate is one price; in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from marelle.pricing.amounts import Fixed
from marelle.pricing.tariffs import Sets, Tariff
from marelle.pricing.writing import tariff_write
from tests.portal.planning.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def priced(home: Cast, day: date) -> Cast:
    what, since = Sets((frozenset({home.morning.pk}),)), day - timedelta(days=90)
    tariff_write(home.world.the_authority.pk, Tariff(0, "Matinée", since, None, what, Fixed(Decimal("6.50"))))
    return home


@pytest.mark.parametrize("width", [1280, 390])
def test_a_price_is_the_same_on_the_cell_in_the_bar_and_in_the_estimate(
    priced: Cast, planning: Callable[..., Page], axe: Callable[[Page], list[str]], day: date, width: int
) -> None:
    page = planning(width=width)
    cell = page.locator("td.c", has=page.get_by_role("checkbox", name="Matin"))
    expect(cell).to_contain_text("6,50\u00a0€")
    page.get_by_role("checkbox", name="Matin").check(force=True)
    bar = page.locator("[data-summary]")
    expect(bar).to_contain_text("6,50\u00a0€ de plus en")
    expect(bar).to_contain_text("6,50\u00a0€ en tout")
    page.get_by_role("checkbox", name="Matin").uncheck(force=True)
    expect(bar).not_to_contain_text("€")
    page.get_by_role("checkbox", name="Matin").check(force=True)
    with page.expect_popup() as beside:
        page.get_by_role("button", name="Pourquoi ce prix").click()
    why = beside.value
    expect(why.get_by_role("main")).to_contain_text("6,50\u00a0€ de plus en")
    why.locator("details.why summary").click()
    expect(why.locator("details.why")).to_contain_text("« Matinée »")
    assert axe(why) == []
    assert why.evaluate("document.documentElement.scrollWidth") <= width
    why.close()
    expect(bar).to_contain_text("6,50\u00a0€ de plus en")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator(".outcomes")).to_contain_text("6,50\u00a0€ de plus en")
    page.get_by_role("checkbox", name="Matin").uncheck(force=True)
    expect(cell).to_contain_text("à annuler · −\u00a06,50\u00a0€")
    expect(bar).to_contain_text("6,50\u00a0€ de moins en")
    page.evaluate("document.querySelector('#planning').dataset.guard = 'clean'")
    page.goto(page.url.split("/reservations/")[0] + f"/factures/mois/?mois={day:%Y-%m}")
    expect(page.locator("main")).to_contain_text("6,50\u00a0€")
    page.get_by_text("Pourquoi ce prix").click()
    expect(page.locator("details.why")).to_contain_text("« Matinée »")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_bar_stands_without_an_answer(priced: Cast, planning: Callable[..., Page]) -> None:
    """A server that does not answer says no price: what is to be saved is said all the same."""
    page = planning(width=390)
    # What is no answer: one that fails is an error of the console, now and then before the page is left.
    page.route("**/reservations/prix/", lambda route: route.fulfill(body="une autre page"))
    with page.expect_response("**/reservations/prix/"):
        page.get_by_role("checkbox", name="Matin").check(force=True)
    expect(page.locator("[data-summary]")).to_contain_text("1 ajout")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator(".outcomes")).to_contain_text("Réservé.")
