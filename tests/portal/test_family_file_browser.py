"""The file of the home in a real browser: written on a phone, decided at a desk, accessible on both."""

from __future__ import annotations

from typing import Any

import pytest

from marelle.core.actor import Role
from tests.portal.test_family_browser import fits
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def enter(page: Any, identifier: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_change_goes_to_the_office_and_comes_back(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    durand = world.home("Durand", identifier="durand")
    zoe = world.child(durand, "Zoé", school=world.the_school)
    world.quotient(durand)
    world.staff("guichet", Role.OFFICE)
    page = open_page(width=width)

    def check() -> None:
        assert axe(page) == [], page.url
        assert fits(page), page.url

    enter(page, "durand")
    for path in ("confirmer/", "ajouter/", "ajouter/?qui=enfant", "foyer/"):
        page.goto(f"/famille/{path}")
        check()
    page.get_by_label("Rue").fill("2 rue du Four")
    page.get_by_label("Numéro d’allocataire").fill("1234567")
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("Vos modifications sont enregistrées").wait_for()
    assert page.get_by_text("Certaines données sont en attente de modération").first.is_visible()
    check()
    page.goto(f"/famille/{zoe.pk}/retirer/")
    check()
    page.goto("/famille/")
    check()
    page.get_by_role("button", name="Se déconnecter").first.click()
    enter(page, "guichet")
    for path in ("reglages/", "reglages/champs/", f"familles/{durand.family.pk}/adresse/"):
        page.goto(f"/agents/{path}")
        check()
    page.goto("/agents/")
    page.get_by_role("link", name="Modification · Adresse").click()
    check()
    page.get_by_label("Accepter").check()
    page.get_by_role("button", name="Enregistrer mes décisions").click()
    page.get_by_text("C’est décidé. La famille sera prévenue").wait_for()
