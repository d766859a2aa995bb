"""From the home page to a month's price and to one's own line: on a phone, and wide without scripts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from marelle.core.clock import local
from marelle.pricing.amounts import Bracket, Brackets
from tests.road.walker import Axe, Walker
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(390, False), (1280, True)])
def test_a_month_is_simulated_then_the_grid_is_read(
    open_page, axe: Axe, width: int, javascript: bool
) -> None:
    today = local(timezone.now()).date()
    world = Scenario()
    durand = world.home("Durand", "Camille", identifier="durand")
    zoe = world.child(durand, "Zoé", born=date(today.year - 7, 1, 15))
    year = {"first_day": today - timedelta(days=60), "last_day": today + timedelta(days=200)}
    wednesdays = world.activity("Mercredis", **year)
    morning = world.slot(wednesdays, "Matin")
    world.openings(wednesdays, today, today + timedelta(days=100))
    brackets = Brackets((Bracket(Decimal(0), Decimal(5)), Bracket(Decimal(600), Decimal(7))))
    world.tariff(morning, name="Demi-journée", amount=brackets, since=year["first_day"])
    enrolled = world.enrolment(zoe, wednesdays, durand)

    walker = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
    walker.page.goto("/")
    walker.follow("Simuler un prix")
    walker.follow("Mercredis")
    walker.press("CALCULER")
    walker.look("Cochez au moins un créneau")
    walker.page.get_by_label("Votre quotient familial").fill("590,50")
    walker.page.get_by_label("Matin").first.check()
    walker.press("CALCULER")
    walker.look("jours × 5,00")
    walker.page.get_by_text("Pourquoi ce prix").first.click()
    walker.look("Votre quotient de 590,50 est dans la tranche de 0 à 599,99.")
    assert "590" not in walker.page.url

    walker.come_in("durand", "Bonjour Camille")
    walker.page.goto(f"/inscriptions/{zoe.pk}/inscription/{enrolled.pk}/")
    walker.look("Les prix", "le prix le plus élevé est compté")
    walker.page.get_by_text("Toute la grille des prix").click()
    walker.look("comptée pour vous")
