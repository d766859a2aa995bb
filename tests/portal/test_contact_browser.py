"""The contact form and an exchange in a real browser: the work of « Je ne suis pas un robot », accessible."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.messaging.models import Thread
from tests.browser import by_the_menu
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def fill(page: Any) -> None:
    page.goto("/contact/")
    page.get_by_role("main").get_by_role("link", name="Écrire un message").first.click()
    page.get_by_label("Choisir le destinataire").select_option(index=1)
    page.get_by_label("Objet du message").fill("Une place en mai")
    page.get_by_label("Contenu du message").fill("Bonjour, comment faire ?")


@pytest.mark.parametrize("width", [390, 1280])
def test_from_outside_and_the_director_answers(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width)

    def check() -> None:
        assert axe(page) == [], page.url
        assert fits(page), page.url

    fill(page)
    page.get_by_label("Votre nom").fill("Lucie Fontaine")
    page.get_by_label("Votre adresse de courriel").fill("lucie@courriel.example")
    box = page.get_by_label("Je ne suis pas un robot")
    expect(page.get_by_label("combien font")).to_be_hidden()
    check()
    box.focus()
    page.keyboard.press("Space")
    page.get_by_role("status").get_by_text("C’est vérifié, merci.").wait_for()
    check()
    page.get_by_role("button", name="ENVOYER LE MESSAGE").click()
    page.get_by_text("est envoyé au service").wait_for()
    check()

    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    by_the_menu(page, "Messages")
    check()
    page.get_by_role("link", name="Une place en mai").click()
    check()
    page.get_by_label("Votre réponse").fill("Venez lundi.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.get_by_text("Réponse envoyée par courriel").wait_for()
    check()
    by_the_menu(page, "Messages")
    page.get_by_role("link", name="Actualités").click()
    page.get_by_role("main").get_by_role("link", name="Écrire une actualité").click()
    page.get_by_label("Titre").fill("Fête")
    page.get_by_label("Texte").fill("Samedi.")
    check()
    page.get_by_role("button", name="Publier", exact=True).click()
    page.get_by_text("Actualité publiée.").wait_for()
    check()


def test_without_scripts_the_sum_is_asked(open_page: Any) -> None:
    _structure = Scenario().the_structure
    page = open_page(width=390, javascript=False)
    fill(page)
    page.get_by_label("Votre nom").fill("Lucie")
    page.get_by_label("Votre adresse de courriel").fill("lucie@courriel.example")
    asked = page.get_by_label("combien font")
    words = asked.locator("xpath=..").locator("label").inner_text().split("combien font ")[1]
    first, second = words.rstrip(" ?\u00a0\u202f").split(" plus ")
    names = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]
    asked.fill(str(names.index(first) + names.index(second.strip()) + 2))
    page.get_by_role("button", name="ENVOYER LE MESSAGE").click()
    page.get_by_text("est envoyé au service").wait_for()


def test_a_parent_s_exchange(open_page: Any, axe: Any) -> None:
    world = Scenario()
    world.home("Durand", identifier="durand")
    _structure = world.the_structure
    page = open_page(width=390)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("durand")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("heading", name="Bonjour Camille").wait_for()
    fill(page)
    page.get_by_role("button", name="ENVOYER LE MESSAGE").click()
    page.get_by_text("est envoyé au service").wait_for()
    assert axe(page) == []
    assert fits(page)
    page.get_by_role("link", name="Mes échanges").click()
    page.get_by_role("link", name="Une place en mai").wait_for()
    assert axe(page) == []
    assert Thread.objects.count() == 1
