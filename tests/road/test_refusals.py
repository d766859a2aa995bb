"""Pages that say no: 400, 403, 404, 429, 500 and the stale form, in the house's style and words."""

from __future__ import annotations

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client
from django.urls import path
from django.views.decorators.http import require_safe

from marelle import urls
from tests.road.walker import SMALLEST, Axe, Walker
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@require_safe
def broken(_request):
    raise RuntimeError


@require_safe
def suspicious(_request):
    raise SuspiciousOperation


urlpatterns = [*urls.urlpatterns, path("casse/", broken), path("louche/", suspicious)]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def walker(open_page, axe: Axe, request: pytest.FixtureRequest) -> Walker:
    Scenario().home("Durand", "Camille", identifier="durand")
    walker = Walker(open_page(width=request.param, forgive=("Failed to load resource",)), axe)
    walker.come_in("durand", "Bonjour Camille")
    return walker


@pytest.mark.urls("tests.road.test_refusals")
@pytest.mark.parametrize("walker", [SMALLEST, 1280], indirect=True)
def test_each_says_what_happened_and_leads_home(walker: Walker) -> None:
    for address, words in (
        ("/agents/", "Votre compte ne donne pas accès à cette page"),
        ("/nulle-part/", "n’appartient pas à votre dossier"),
        ("/louche/", "Revenez à la page précédente"),
        ("/casse/", "Vous n’y êtes pour rien"),
    ):
        walker.open(address, words)
        walker.follow("Revenir à l’accueil")
        assert "/casse/" not in walker.page.url
        assert walker.page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize("walker", [SMALLEST], indirect=True)
def test_a_form_left_open_too_long_leads_back_to_its_page(walker: Walker) -> None:
    page = walker.page
    page.goto("/compte/identifiant/")
    page.get_by_label("Votre mot de passe actuel").fill("peu importe")
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="ENREGISTRER").click()
    walker.look("Par sécurité, ce que vous venez d’envoyer n’a pas été enregistré")
    walker.follow("Recharger la page")
    assert page.url.endswith("/compte/identifiant/")


@pytest.mark.parametrize("walker", [SMALLEST], indirect=True)
def test_too_many_passwords_say_from_when_to_try_again(walker: Walker) -> None:
    walker.leave()
    page = walker.page
    same_device = Client()
    same_device.cookies.load({one["name"]: one["value"] for one in page.context.cookies()})
    for _attempt in range(30):
        answer = same_device.post("/connexion/", {"identifier": "durand", "password": "faux"})
        if "Trop d’essais" in answer.content.decode():
            break
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("durand")
    page.get_by_label("Mot de passe").fill("faux")
    walker.main.get_by_role("button", name="Je me connecte").click()
    walker.look("Trop d’essais")
    walker.look("réessayez à partir de")
