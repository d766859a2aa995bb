"""The public home, the dashboard, my family and contact in a real browser: accessible, and never too wide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.core.clock import local
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [320, 1280])
def test_a_parent_walks_from_the_public_home_to_a_child(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    durand, petit = world.home("Durand", identifier="durand"), world.home("Petit")
    zoe = world.child(durand, "Zoé", school=world.the_school)
    world.shared(zoe, durand, petit)
    world.quotient(durand)
    world.structure("Relais du Val", kind="relay")
    today = local(timezone.now()).date()
    activity = world.activity(first_day=today - timedelta(days=30), last_day=today + timedelta(days=300))
    world.slot(activity, capacity=10, weekdays=[0, 1, 2, 3, 4, 5, 6])
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    world.openings(activity, today, today + timedelta(days=9))
    page = open_page(width=width)

    def check() -> None:
        assert axe(page) == [], page.url
        assert fits(page), page.url

    page.goto("/")
    check()
    page.get_by_role("main").get_by_role("link", name="Je me connecte").click()
    page.get_by_label("Identifiant ou adresse de courriel").fill("durand")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("heading", name="Bonjour Camille").wait_for()
    assert page.get_by_text("rien n’est réservé").is_visible()
    check()
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Ma famille").click()
    check()
    page.get_by_role("link", name="Zoé Durand").click()
    page.get_by_text("Les semaines paires, vacances comprises").wait_for()
    check()
    page.get_by_role("link", name="Contactez la structure").click()
    page.get_by_role("heading", name="Les structures de vos enfants").wait_for()
    check()
    page.get_by_role("link", name="Menu", exact=True).click()
    page.get_by_role("heading", name="Bonjour Camille").wait_for()
