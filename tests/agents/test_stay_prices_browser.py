"""The office reads a price on a cell, in the save bar and once saved; with scripts or not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.pricing.amounts import Fixed
from marelle.pricing.tariffs import Sets, Tariff
from marelle.pricing.writing import tariff_write
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (820, True), (390, True), (820, False)])
def test_the_office_reads_what_it_costs(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Scenario()
    today = local(timezone.now()).date()
    ahead = today + timedelta(days=14)
    activity = world.activity(
        "Mercredis", first_day=today - timedelta(days=30), last_day=today + timedelta(days=300)
    )
    world.rule(activity)
    slot = world.slot(activity, "Matin", capacity=2)
    home = world.home("Durand")
    stay = world.enrolment(world.child(home, "Zoé"), activity, home)
    world.opening(slot, ahead)
    what, since = Sets((frozenset({slot.pk}),)), today - timedelta(days=90)
    tariff_write(world.the_authority.pk, Tariff(0, "Matinée", since, None, what, Fixed(Decimal("6.50"))))
    world.staff("guichet", Role.OFFICE)
    page = open_page(width=width, javascript=javascript)
    page.goto(f"/connexion/?next=/agents/inscriptions/{stay.pk}/reservations/?date={ahead}")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    box = page.get_by_role("checkbox", name="Matin")
    cell = page.locator("td.c", has=box)
    expect(cell).to_contain_text("6,50\u00a0€")
    box.press("Space")
    if javascript:
        bar = page.locator("[data-summary]")
        expect(bar).to_contain_text("6,50\u00a0€ de plus en")
        expect(bar).to_contain_text("6,50\u00a0€ en tout")
        assert axe(page) == []
    page.get_by_role("button", name="ENREGISTRER").press("Enter")
    expect(page.locator(".outcomes")).to_contain_text("6,50\u00a0€ de plus en")
    expect(page.locator(".outcomes")).to_contain_text("6,50\u00a0€ en tout")
    if javascript:
        box.press("Space")
        expect(cell).to_contain_text("à annuler · −\u00a06,50\u00a0€")
        expect(bar).to_contain_text("6,50\u00a0€ de moins en")
        assert axe(page) == []
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits)
