"""The grid of an activity's gauges by keyboard alone, with and without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from marelle.activities.models import SlotGauge
from marelle.core.actor import Role
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (820, False), (1280, True)])
def test_a_cell_is_opened_ticked_and_saved_by_keyboard(
    open_page: Any, axe: Any, width: int, javascript: bool
) -> None:
    world = Scenario()
    activity = world.activity("Mercredis")
    slot = world.slot(activity, "Matin")
    world.group(activity, "3–5 ans", (3, 5))
    room = world.gauge("Salle à manger", 60)
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width, javascript=javascript)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/")
    page.goto(f"/agents/activites/{activity.pk}/jauges/")
    region = page.get_by_role("region", name="Les jauges de chaque créneau, par jour et par groupe")
    region.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    if javascript:
        assert axe(page) == []
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits)
    page.keyboard.press("Enter")
    page.get_by_text("C’est enregistré.").wait_for()
    draw = SlotGauge.objects.get()
    assert (draw.slot_id, draw.group.name, draw.gauge_id) == (slot.pk, "3–5 ans", room.pk)
