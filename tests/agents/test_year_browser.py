"""A director copies an activity to the next year in a real browser, with and without scripts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.activities.models import Activity
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.places.rules import school_year_days, school_year_of
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_an_activity_goes_to_the_next_year(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Scenario()
    year = school_year_of(local(timezone.now()).date())
    first, last = school_year_days(year)
    activity = world.activity(f"Mercredis {year}-{year + 1}", first_day=first, last_day=last)
    world.group(activity, "3–5 ans", (3, 5))
    world.slot(activity, capacity=24)
    world.rule(activity)
    world.rule(activity, since=date(year, 11, 9), until=first + timedelta(days=100))
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert page.evaluate(fits), page.url

    page.goto("/connexion/?next=/agents/activites/annee/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("heading", name=f"Préparer l’année {year + 1}-{year + 2}").wait_for()
    check()
    page.get_by_role("link", name="Copier des activités").click()
    check()
    page.get_by_label(f"Mercredis {year}-{year + 1}").check()
    page.get_by_role("button", name="Voir les dates").click()
    page.get_by_text("Jauges, les mêmes").wait_for()
    check()
    page.get_by_label("Les demandes ouvrent le").fill(f"{year + 1}-06-01T09:00")
    page.get_by_role("button", name="Copier").click()
    page.get_by_text("1 activité est copiée.").wait_for()
    check()
    assert Activity.objects.get(copied_from=activity).name == f"Mercredis {year + 1}-{year + 2}"
