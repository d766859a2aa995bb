"""« Mon quotient » by FranceConnect in a real browser: linked, agreed to, asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marelle.core.clock import local
from marelle.families.models import Person
from tests.particulier import QUOTIENT, particulier, quotient
from tests.provider import ANGELA, FRANCECONNECT, running, scopes_of
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)

AT_THE_PROVIDER = ("asked another host: http://127.0.0.1", "404")


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_a_parent_has_its_quotient_asked_by_the_local_franceconnect(
    open_page: Any, axe: Any, live_server: Any, settings: Any, width: int
) -> None:
    portal = settings.PUBLIC_URL = str(live_server)
    world, day = Scenario(), local(timezone.now()).date()
    home = world.home("Dubois", "Angela")
    Person.objects.filter(pk=home.adult.pk).update(birth_date=date(1982, 8, 24), civility="mrs")
    world.enrolment(world.child(home, "Zoé"), world.activity("Mercredis"), home)

    def check(page: Page) -> None:
        assert axe(page) == [], page.url
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), page.url

    with (
        running(FRANCECONNECT, {"angela": ANGELA}, prefix="FRANCECONNECT", portal=portal) as provider,
        particulier() as fake,
    ):
        settings.IDENTITY_PROVIDERS = (provider,)
        settings.API_PARTICULIER = fake.switched_on
        fake.granted = lambda token: scopes_of(provider, token)
        fake.replies["LEFEBVRE", QUOTIENT] = quotient(900, day.year, day.month)
        page = open_page(width=width, forgive=AT_THE_PROVIDER)
        page.goto("/connexion/?next=/famille/quotient/")
        page.get_by_label("Identifiant ou adresse de courriel").fill(home.user.identifier)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Je me connecte").click()
        page.wait_for_url("**/famille/quotient/")
        check(page)
        page.get_by_role("link", name="Relier FranceConnect").click()
        page.get_by_role("link", name="angela").click()
        page.get_by_role("button", name="C’est moi").click()
        page.wait_for_url("**/famille/quotient/")
        check(page)
        page.get_by_text("Sans FranceConnect, avec mon état civil").click()
        expect(page.get_by_label("Nom de naissance")).to_be_visible()
        check(page)
        page.locator("#recognised").get_by_label("J’ai lu ce texte").check()
        page.get_by_role("button", name="DONNER MON ACCORD", exact=True).click()
        page.get_by_text("Votre accord est noté").wait_for()
        check(page)
        page.get_by_role("link", name="Continuer avec FranceConnect").click()
        page.get_by_role("link", name="angela").click()  # lets what is asked for this once be told
        page.get_by_text("La CAF ou la MSA a répondu").first.wait_for()
        check(page)
        assert [path.split("/")[-1] for path, _query, _bearer in fake.asked] == ["france_connect"]
