"""The office moves the pupils of a school up in a real browser, and takes it back."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.families.models import Schooling
from marelle.families.rules import promotion_year
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, True)])
def test_a_school_goes_up(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Scenario()
    year = promotion_year(local(timezone.now()).date()) - 1
    school = world.the_school
    home = world.home("Durand")
    world.child(home, "Zoé", school=school, level="CP")
    world.child(home, "Lou", school=school, level="CE1")
    world.child(home, "Tom", school=school, level="CM2")
    Schooling.objects.update(school_year=year)
    world.staff("guichet", Role.OFFICE)
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        assert axe(page) == [], page.url
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), page.url

    page.goto("/connexion/?next=/agents/activites/annee/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("link", name="Passage de classe").click()
    check()
    page.get_by_role("link", name="École des Tilleuls").click()
    check()
    page.get_by_text("1 enfant : CE1 → CE2").click()
    page.get_by_label("redouble : Lou Durand").check()
    page.get_by_role("button", name="Faire le passage").click()
    page.get_by_text("la classe de 2 enfants est notée. 1 redouble.").wait_for()
    check()
    rows = Schooling.objects.filter(school_year=year + 1).order_by("child__first_name")
    assert [row.level for row in rows] == ["CE1", "CE1"]
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Annuler ce passage").click()
    page.get_by_text("Le passage est annulé pour 2 enfants.").wait_for()
