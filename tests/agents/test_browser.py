"""The office's road in a real browser: file, letter, direct enrolment; accessible, never too wide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from tests.browser import by_the_menu
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
    world.searchable()
    world.staff("guichet", Role.OFFICE)


def test_a_family_is_found_as_one_types_and_opened_by_keyboard(open_page: Any, axe: Any) -> None:
    world = Scenario()
    world.child(world.home("Lefebvre", "Élodie"), "Noé")
    world.child(world.home("Martin", "Sacha"), "Lou")
    world.searchable()
    world.staff("guichet", Role.OFFICE)
    page = open_page(width=1280)
    page.goto("/connexion/?next=/agents/familles/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    assert page.get_by_label("Chercher une famille").evaluate("field => field === document.activeElement")
    page.keyboard.type("martin")
    page.get_by_text("1 famille trouvée").wait_for()
    assert page.get_by_role("link", name="Martin").is_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("elodie lefevbre")
    page.get_by_role("link", name="Lefebvre").wait_for()
    assert not page.get_by_role("link", name="Martin").is_visible()
    assert page.url.endswith("?q=elodie+lefevbre")
    assert axe(page) == []
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("link", name="Lefebvre").evaluate("link => link === document.activeElement")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("x y")
    page.get_by_text("Aucune famille trouvée pour").wait_for()
    page.keyboard.press("Control+A")
    page.keyboard.type("noe")
    page.get_by_text("1 famille trouvée").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Famille Lefebvre").wait_for()


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, False)])
def test_a_family_is_created_and_one_alike_is_told(
    open_page: Any, axe: Any, width: int, javascript: bool
) -> None:
    world = Scenario()
    world.child(world.home("Lefebvre", "Élodie"), "Noé", born=date(2019, 3, 4))
    world.searchable()
    world.staff("guichet", Role.OFFICE)
    page = open_page(width=width, javascript=javascript)
    page.goto("/connexion/?next=/agents/familles/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("link", name="Créer une famille").click()
    adult = page.get_by_role("group", name="Premier adulte")
    adult.get_by_label("Prénom").fill("Sacha")
    adult.get_by_label("Nom", exact=True).fill("Martin")
    adult.get_by_label("Lien avec les enfants").select_option("father")
    child = page.get_by_role("group", name="Enfant 1")
    child.get_by_label("Prénom").fill("Noe")
    child.get_by_label("Date de naissance").fill("2019-03-04")
    page.get_by_role("button", name="Créer la famille").click()
    page.get_by_text("Une famille semblable existe").wait_for()
    if javascript:
        assert axe(page) == []
        assert fits(page)
    child.get_by_label("Est-ce l’enfant déjà connu ?").select_option(
        label="Oui : Noé Lefebvre, Lefebvre (F00001)"
    )
    page.get_by_role("button", name="Créer quand même").click()
    page.get_by_role("heading", name="Famille Martin").wait_for()
    assert page.get_by_text("Aussi dans le foyer Lefebvre (F00001)").is_visible()
    page.get_by_role("link", name="Responsables de Noé Lefebvre").click()
    sacha = page.get_by_role("group", name="Sacha Martin")
    sacha.get_by_label("vient le chercher").uncheck()
    if javascript:
        assert axe(page) == []
        assert fits(page)
    page.get_by_label("À partir du").fill((local(timezone.now()).date() + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("C’est enregistré.").wait_for()


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, False)])
def test_the_office_invites_prints_and_enrols(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    cast()
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            assert fits(page), page.url

    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    by_the_menu(page, "Familles")
    page.get_by_label("Chercher une famille").fill("noé")
    page.get_by_role("button", name="Chercher").click()
    check()
    page.get_by_role("main").get_by_role("link", name="Durand").click()
    page.get_by_text("jamais invité").wait_for()
    check()
    page.get_by_role("button", name="Inviter : Dominique Durand").click()
    page.get_by_text("l’invitation est une lettre").wait_for()
    check()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".back a").click()
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
