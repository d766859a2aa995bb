"""A paper from the phone to the desk and back, a publication accepted: in a real browser, accessible."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from tests.papers.files import pdf, picture
from tests.papers.world import Desk
from tests.portal.test_family_browser import fits
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def file(upload: Any) -> dict[str, Any]:
    return {"name": upload.name, "mimeType": upload.content_type, "buffer": upload.read()}


@pytest.mark.parametrize("width", [390, 1280])
def test_a_paper_is_sent_refused_and_sent_again(open_page: Any, axe: Any, width: int) -> None:
    world = Desk()
    today = local(timezone.now()).date()
    activity = world.activity(first_day=today - timedelta(days=30), last_day=today + timedelta(days=300))
    world.enrolment(world.zoe, activity, world.durand)
    world.paper_type("Attestation d’assurance", needed_by=[activity], validity="school_year")
    world.staff("direction", Role.DIRECTOR)

    def opened(identifier: str) -> Any:
        page = open_page(width=width)
        page.goto("/connexion/")
        page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Je me connecte").click()
        page.get_by_role("heading", level=1).wait_for()
        return page

    def check(page: Any) -> None:
        assert axe(page) == [], page.url
        assert fits(page), page.url

    parent, director = opened(world.durand.user.identifier), opened("direction")
    parent.goto("/documents/")
    check(parent)
    parent.get_by_role("link", name="Zoé Durand", exact=True).click()
    check(parent)
    parent.get_by_role("link", name="Attestation d’assurance").click()
    check(parent)
    parent.locator("input[type=file]").first.set_input_files(
        [file(picture("recto.jpg")), file(pdf("verso.pdf"))]
    )
    parent.get_by_role("button", name="Envoyer", exact=True).click()
    parent.get_by_text("Votre document est envoyé. Le service va le vérifier.").wait_for()
    check(parent)

    director.goto("/agents/")
    director.get_by_role("link", name="Attestation d’assurance").click()
    director.get_by_role("img", name="Page envoyée : recto.jpg").wait_for()
    check(director)
    director.get_by_text("Refuser…").click()
    director.get_by_label("Raison du refus").fill("La photo est floue.")
    check(director)
    director.get_by_role("button", name="Refuser le document").click()
    director.get_by_text("Document refusé.").wait_for()
    check(director)

    parent.reload()
    parent.get_by_text("Ce document a été refusé").wait_for()
    check(parent)
    parent.locator("input[type=file]").first.set_input_files([file(pdf("attestation.pdf"))])
    parent.get_by_role("button", name="Envoyer", exact=True).click()
    parent.get_by_text("Votre document est envoyé.").wait_for()
    director.goto("/agents/documents/")
    director.get_by_role("link", name="Attestation d’assurance").click()
    director.get_by_role("button", name="Accepter").click()
    director.get_by_text("Document accepté.").wait_for()
    for path in ("/agents/reglages/documents/", "/agents/documentation/nouvelle/"):
        director.goto(path)
        check(director)
    director.get_by_label("Titre").fill("Règlement de l’accueil")
    director.get_by_label("La famille doit lire et accepter").check()
    director.locator("input[type=file]").first.set_input_files([file(pdf("reglement.pdf"))])
    director.get_by_role("button", name="PUBLIER").click()
    director.get_by_text("Le document est publié.").wait_for()
    check(director)

    parent.goto("/documentation/")
    check(parent)
    parent.get_by_role("button", name="J’ai lu et j’accepte").click()
    parent.get_by_text("C’est noté : vous avez lu et accepté ce document.").wait_for()
    check(parent)
