"""Two homes of which nobody hears, in real browsers: an agent confirms one, the other comes in and stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marelle.core.actor import Role
from marelle.families.models import Family
from marelle.flows.home.dormant import ANSWER, dormants_erased, dormants_told
from marelle.journal.models import Entry
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/agents/reglages/foyers-sans-nouvelles/"


def logged_in(page: Page, identifier: str, to: str) -> Page:
    page.goto(f"/connexion/?next={to}")
    page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    return page


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_an_agent_confirms_one_and_the_other_answers(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    sorel, vannier = world.home("Sorel", "Irène"), world.home("Vannier", "Éric")
    world.staff("guichet", Role.OFFICE)
    Family.objects.update(created_at=timezone.now() - timedelta(days=2000))
    Entry.objects.all().delete()
    assert dormants_told(now=timezone.now() - ANSWER - timedelta(days=1)) == 2
    page = logged_in(open_page(width=width), "guichet", PAGE)
    page.get_by_role("heading", name="À confirmer").wait_for()
    assert axe(page) == []
    home = logged_in(open_page(), vannier.user.get_username(), "/tableau-de-bord/")
    home.get_by_role("heading", level=1).wait_for()
    for name in ("Sorel", "Vannier"):
        page.get_by_label(f"{name} (").check()
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Confirmer l’effacement").click()
    expect(page.get_by_text("Un de ces foyers n’est plus sur la liste").first).to_be_visible()
    assert page.get_by_text("Vannier (").count() == 0
    page.get_by_label("Sorel (").check()
    page.get_by_role("button", name="Confirmer l’effacement").click()
    expect(page.get_by_text("1 foyer confirmé")).to_be_visible()
    assert dormants_erased(now=timezone.now()) == 1
    erased = dict(Family.objects.values_list("pk", "erased_at"))
    assert erased[sorel.family.pk] is not None
    assert erased[vannier.family.pk] is None
    page.reload()
    expect(page.get_by_text("Aucun foyer sans nouvelles")).to_be_visible()
