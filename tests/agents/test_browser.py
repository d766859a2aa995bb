"""The office's road in a real browser: file, letter, direct enrolment; accessible, never too wide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def cast() -> None:
    world = Scenario()
    durand = world.home("Durand")
    dominique = world.adult(durand, "Dominique")
    dominique.email = ""
    dominique.save()
    today = local(timezone.now()).date()
    world.child(durand, "Noé", born=today - timedelta(days=400))
    nursery = world.activity(
        "Multi-accueil",
        kind="childcare",
        years=(0, 3),
        enrolment_mode="by_structure",
        first_day=today - timedelta(days=30),
        last_day=today + timedelta(days=300),
    )
    world.group(nursery, "Petits", (0, 3))
    world.staff("guichet", Role.OFFICE)


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, True), (390, False)])
def test_the_office_invites_prints_and_enrols(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    cast()
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            assert fits(page), page.url

    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse mail").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("navigation", name="Menu des agents").get_by_role("link", name="Familles").click()
    page.get_by_label("Nom, prénom ou numéro").fill("noé")
    page.get_by_role("button", name="Chercher").click()
    check()
    page.get_by_role("main").get_by_role("link", name="Durand").click()
    page.get_by_text("jamais invité").wait_for()
    check()
    page.get_by_role("button", name="Inviter : Dominique Durand").click()
    page.get_by_text("l’invitation est une lettre").wait_for()
    check()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Retour aux courriers").click()
    check()
    page.get_by_role("main").get_by_role("link", name="Votre accès").click()
    page.get_by_role("button", name="La lettre est imprimée").click()
    page.get_by_text("Aucune lettre à imprimer").wait_for()
    check()

    page.get_by_role("link", name="Inscrire un enfant").click()
    check()
    page.get_by_label("Nom ou prénom de l’enfant").fill("Noé")
    page.get_by_label("Date de naissance").fill(
        (local(timezone.now()).date() - timedelta(days=400)).isoformat()
    )
    page.get_by_role("button", name="Chercher l’enfant").click()
    page.get_by_label("Noé Durand, naissance le").wait_for()
    check()
    page.get_by_role("button", name="Inscrire", exact=True).click()
    page.get_by_text("Inscription faite").wait_for()
    check()
