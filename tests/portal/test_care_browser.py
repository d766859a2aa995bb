"""A child's care in a real browser, on a phone and on a screen: accessible, never too wide, by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.families.models import HealthSheet, PickupContact
from tests.care import asked, ban, care_rows, contact
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def come_in(page: Any, identifier: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_parent_and_then_the_team(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    durand = world.home("Durand", identifier="durand")
    zoe = world.child(durand, "Zoé")
    today = local(timezone.now()).date()
    activity = world.activity(first_day=today - timedelta(days=30), last_day=today + timedelta(days=300))
    world.enrolment(zoe, activity, durand)
    care_rows(durand, zoe, world.the_authority)
    contact(durand, zoe, "Paul Vidal", order=2)
    ban(zoe, "Alex Petit", home=durand)
    asked(world.the_authority, "Partir seul", code="seul", needs_hour=True)
    world.staff("animation", Role.ANIMATOR)
    world.staff("guichet", Role.OFFICE)
    page = open_page(width=width)

    def check() -> None:
        assert axe(page) == [], page.url
        assert fits(page), page.url

    come_in(page, "durand")
    page.goto(f"/famille/{zoe.pk}/")
    page.get_by_role("link", name="Santé", exact=True).click()
    check()
    page.get_by_role("textbox", name="Allergies").fill("Arachide")
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("Vos modifications sont enregistrées").wait_for()
    page.goto(f"/famille/{zoe.pk}/venir-chercher/")
    check()
    page.get_by_role("button", name="Monter Paul Vidal").click()
    page.get_by_role("button", name="Descendre Paul Vidal").wait_for()
    assert PickupContact.objects.earliest("order").name == "Paul Vidal"
    page.get_by_role("link", name="Ajouter une personne").click()
    page.get_by_role("button", name="ENREGISTRER").click()
    page.wait_for_load_state()
    check()
    page.goto(f"/famille/{zoe.pk}/autorisations/")
    page.get_by_role("group", name="Partir seul").get_by_label("Oui").check()
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("Dites à partir de quelle heure.").first.wait_for()
    check()
    page.get_by_label("À partir de quelle heure ?").fill("17:00")
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("Répondu par Camille").wait_for()
    page.goto(f"/famille/{zoe.pk}/permission/")
    check()

    page.context.clear_cookies()
    come_in(page, "animation")
    page.goto("/agents/sante/")
    check()
    page.get_by_role("link", name="Durand Zoé").click()
    page.get_by_text("Arachide").wait_for()
    check()

    page.context.clear_cookies()
    come_in(page, "guichet")
    page.goto("/agents/reglages/autorisations/")
    check()
    page.get_by_role("link", name="Ajouter une autorisation").click()
    check()
    page.goto(f"/agents/sante/{zoe.pk}/")
    page.get_by_text("Noter une interdiction, d’après un jugement").click()
    check()


def test_a_grandfather_is_named_for_two_children_in_five_taps(open_page: Any) -> None:
    """From the dashboard of a phone; what is typed is no tap."""
    world = Scenario()
    durand = world.home("Durand", identifier="durand")
    for name in ("Zoé", "Léo"):
        world.child(durand, name)
    page = open_page(width=390)
    come_in(page, "durand")
    taps = 0

    def tap(where: Any) -> None:
        nonlocal taps
        taps += 1
        where.click()

    tap(page.get_by_role("link", name="Ma famille").locator("visible=true").first)
    tap(page.get_by_role("link", name="Ajouter qui peut venir chercher"))
    page.get_by_label("Prénom et nom").fill("Jean Morel")
    page.get_by_label("Lien avec l’enfant").fill("grand-père")
    page.get_by_label("Téléphone").fill("06 39 98 10 07")
    tap(page.get_by_label("Peut venir chercher l’enfant"))
    tap(page.get_by_role("group", name="Aussi pour").get_by_role("checkbox"))
    tap(page.get_by_role("button", name="ENREGISTRER"))
    page.get_by_text("Jean Morel est dans la liste de").wait_for()
    assert taps == 5
    assert set(PickupContact.objects.values_list("name", "may_fetch", "child__first_name")) == {
        ("Jean Morel", True, "Zoé"),
        ("Jean Morel", True, "Léo"),
    }


@pytest.mark.parametrize("width", [390, 1280])
def test_with_the_key_gone_what_was_typed_is_not(
    open_page: Any, axe: Any, settings: Any, width: int, files_folder: Path
) -> None:
    world = Scenario()
    durand = world.home("Durand", identifier="durand")
    zoe = world.child(durand, "Zoé")
    care_rows(durand, zoe, world.the_authority)
    before = HealthSheet.objects.get().said.token
    page = open_page(width=width, forgive=("503",))
    come_in(page, "durand")
    page.goto(f"/famille/{zoe.pk}/sante/")
    page.get_by_role("textbox", name="Allergies").fill("Kiwi et sésame")
    keys, settings.SEALING_KEYS = settings.SEALING_KEYS, (Fernet.generate_key().decode(),)
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("Cette fiche est illisible pour le moment").first.wait_for()
    assert page.get_by_role("textbox", name="Allergies").input_value() == "Kiwi et sésame"
    assert axe(page) == []
    assert fits(page)
    page.goto(f"/famille/{zoe.pk}/sante/")
    page.get_by_text("Indisponible pour le moment").first.wait_for()
    assert not page.get_by_role("textbox", name="Allergies").count()
    page.goto(f"/famille/{zoe.pk}/sante/pai/")
    page.get_by_text("La clé qui protège ces informations manque").wait_for()
    assert axe(page) == []
    assert fits(page)
    settings.SEALING_KEYS = keys
    assert HealthSheet.objects.get().said.token == before
