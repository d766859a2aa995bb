"""FranceConnect in a real browser, by a certified provider: a home is found, a doubt becomes a case, and a
logout here is one there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marelle.core.actor import Role
from marelle.families.models import Person
from tests.provider import ANGELA, FRANCECONNECT, running
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = {
    "angela": ANGELA,
    "rose": {**ANGELA, "given_name": "Rose", "family_name": "MARTIN", "birthdate": "1985-02-03"},
}
AT_THE_PROVIDER = ("asked another host: http://127.0.0.1", "404")


def goes(page: Page, who: str) -> None:
    page.goto("/connexion/")
    page.get_by_role("link", name="S’identifier avec FranceConnect").click()
    page.get_by_role("link", name=who).click()


def leaves(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").first.click()
    page.get_by_text("Nous vous menons à FranceConnect").wait_for()
    page.get_by_role("button", name="Me déconnecter").click()
    page.get_by_text("Vous êtes aussi déconnecté chez FranceConnect").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_parent_comes_by_the_local_franceconnect(
    open_page: Any, axe: Any, live_server: Any, settings: Any, width: int
) -> None:
    portal = settings.PUBLIC_URL = str(live_server)
    world = Scenario()
    world.staff("guichet", Role.OFFICE)
    known, near = world.home("Dubois", "Angela"), world.home("Petit", "Rose")
    Person.objects.filter(pk=known.adult.pk).update(
        birth_date=date(1982, 8, 24), civility="mrs", account=None
    )
    Person.objects.filter(pk=near.adult.pk).update(birth_date=date(1985, 2, 3))

    def check(page: Page) -> None:
        assert axe(page) == [], page.url
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), page.url

    with running(FRANCECONNECT, PEOPLE, prefix="FRANCECONNECT", portal=portal) as provider:
        settings.IDENTITY_PROVIDERS = (provider,)
        page = open_page(width=width, forgive=AT_THE_PROVIDER)
        page.goto("/connexion/")
        check(page)
        # The one whom the office holds finds its home.
        goes(page, "angela")
        page.wait_for_url("**/tableau-de-bord/")
        page.goto("/compte/identites/")
        expect(page.get_by_role("main")).to_contain_text("Relié")
        check(page)
        leaves(page)
        # The one whose name of birth is another lands in a case.
        goes(page, "rose")
        page.get_by_role("heading", name="Première visite").wait_for()
        expect(page.get_by_role("main")).to_contain_text("MARTIN")
        check(page)
        page.get_by_label("Oui, j’ai déjà un dossier").check()
        page.get_by_label("De quoi vous retrouver").fill("Je m’appelle Petit ici.")
        page.get_by_role("button", name="Demander au guichet").click()
        page.get_by_text("Votre demande est partie").wait_for()
        check(page)

        agent = open_page(width=width)
        agent.goto("/connexion/")
        agent.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
        agent.get_by_label("Mot de passe").fill(PASSWORD)
        agent.get_by_role("button", name="Je me connecte").click()
        agent.get_by_role("link", name="Rose MARTIN").first.click()
        expect(agent.get_by_text("Petit\u00a0: différent")).to_be_visible()
        check(agent)
        agent.get_by_role("radio", name="Rose Petit").check()
        agent.on("dialog", lambda dialog: dialog.accept())
        agent.get_by_role("button", name="Relier à cette personne").click()
        agent.get_by_text("C’est relié").wait_for()

        page.goto("/connexion/")
        page.get_by_role("link", name="S’identifier avec FranceConnect").click()
        page.wait_for_url("**/tableau-de-bord/")  # recognised there already
        leaves(page)


def test_one_that_is_down_says_so_and_the_password_opens(open_page: Any, axe: Any, settings: Any) -> None:
    world = Scenario()
    home = world.home("Dubois", "Angela")
    with running(FRANCECONNECT, PEOPLE, prefix="FRANCECONNECT", portal=settings.PUBLIC_URL) as provider:
        settings.IDENTITY_PROVIDERS = (provider,)
    page = open_page(width=390, forgive=("503",))
    page.goto("/connexion/")
    page.get_by_role("link", name="S’identifier avec FranceConnect").click()
    page.get_by_text("FranceConnect ne répond pas en ce moment.").wait_for()
    assert axe(page) == []
    page.get_by_role("link", name="Je me connecte autrement").click()
    page.get_by_label("Identifiant ou adresse de courriel").fill(home.user.identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/tableau-de-bord/")
