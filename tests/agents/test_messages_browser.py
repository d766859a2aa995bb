"""An answer kept ready, in a real browser: put in at once, under what is typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.journal.origin import Origin
from marelle.messaging.models import Message, ReplyTemplate
from marelle.messaging.services import Recipient, thread_open
from marelle.messaging.writing import Letter
from tests.road.walker import Walker
from tests.scenario import Scenario

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_template_is_written_then_chosen_in_an_exchange(open_page: Any, axe: Any) -> None:
    world = Scenario()
    thread_open(
        actor=world.home("Durand", "Camille").actor,
        recipient=Recipient(world.the_structure.pk),
        subject="Chaussures",
        letter=Letter("Où sont-elles ?"),
        origin=Origin(),
        now=timezone.now(),
    )
    world.staff("guichet", Role.OFFICE)
    page = open_page(width=1280)
    walker = Walker(page, axe)
    walker.come_in("guichet", "1 demande")
    page.goto("/agents/messages/modeles/nouveau/")
    page.get_by_label("Titre").fill("Objet trouvé")
    page.get_by_label("Texte").fill("Bonjour {prénom},\n\nOui pour {enfant}.")
    assert axe(page) == []
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_text("Modèle enregistré.")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Messages", exact=True).last.click()
    page.get_by_role("link", name="Chaussures").click()
    answer = page.get_by_label("Votre réponse")
    answer.fill("Déjà écrit.")
    page.get_by_label("Modèle de réponse").select_option("Objet trouvé")
    page.get_by_role("button", name="Insérer").click()
    expect(answer).to_have_value("Déjà écrit.\n\nBonjour Camille,\n\nOui pour {enfant}.")
    assert axe(page) == []
    page.keyboard.type("Zoé")  # what is left to replace is already chosen
    expect(answer).to_have_value("Déjà écrit.\n\nBonjour Camille,\n\nOui pour Zoé.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_text("Réponse envoyée. La famille est prévenue.")).to_be_visible()
    assert Message.objects.latest("pk").text.endswith("Oui pour Zoé.")
    assert ReplyTemplate.objects.count() == 1
