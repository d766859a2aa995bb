"""A director changes a rule in a real browser, sees its effect, keeps it; and the same without scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.activities.models import AbsenceRule, BookingRule
from marelle.core.actor import Role
from marelle.core.clock import local
from tests.browser import by_the_menu
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_a_rule_is_tried_then_kept(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Scenario()
    today = local(timezone.now()).date()
    activity = world.activity(
        "Mercredis", first_day=today - timedelta(days=30), last_day=today + timedelta(days=300)
    )
    slot = world.slot(activity, capacity=24)
    world.group(activity, "3–5 ans", (3, 5))
    world.rule(activity)
    wednesday = today + timedelta(days=(2 - today.weekday()) % 7 + 7)
    opening = world.opening(slot, wednesday)
    bundle = world.bundle(
        activity, "Deux jours", [opening, world.opening(slot, wednesday + timedelta(days=1))]
    )
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert page.evaluate(fits), page.url

    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    by_the_menu(page, "Activités")
    check()
    page.get_by_role("main").get_by_role("link", name="Mercredis").click()
    page.get_by_role("heading", name="Combien de places").wait_for()
    check()
    page.get_by_role("link", name="Modifier et voir l’effet").click()
    check()
    page.locator("#id_book-week_before").check()
    page.get_by_label("Réserver : Jour de la semaine").select_option("mardi")
    page.get_by_role("button", name="Voir l’effet").click()
    page.get_by_role("heading", name="Délai saisi").wait_for()
    assert BookingRule.objects.count() == 1
    check()
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("les jours d’avant gardent leur délai").wait_for()
    page.get_by_text("Réserver jusqu’au mardi de la semaine d’avant").wait_for()
    check()
    page.get_by_role("link", name="Absences", exact=True).click()
    page.get_by_label("Justificatif, délai 1 : combien").fill("48")
    page.get_by_label("Jours de carence").fill("3")
    page.get_by_role("button", name="Voir l’effet").click()
    page.get_by_role("heading", name="Règle saisie").wait_for()
    check()
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("les absences d’avant gardent leur règle").wait_for()
    assert AbsenceRule.objects.get().waiting_days == 3
    check()
    for path in (
        f"creneaux/{slot.pk}/",
        f"{activity.pk}/jauges/",
        f"{activity.pk}/modifier/qui/",
        f"{activity.pk}/modifier/inscription/",
        f"{activity.pk}/absences/liste/",
        f"{activity.pk}/delais/calendrier/",
        f"{activity.pk}/ouvertures/",
        f"{activity.pk}/ouvertures/calculer/",
        f"{activity.pk}/sorties/ajouter/",
        f"{activity.pk}/questions/ajouter/",
        f"{activity.pk}/lots/ajouter/",
        f"{activity.pk}/lots/",
        f"lots/{bundle.pk}/",
        f"ouvertures/{opening.pk}/",
        "jauges/",
        "structures/",
        f"structures/{world.the_structure.pk}/",
    ):
        page.goto(f"/agents/activites/{path}")
        check()
