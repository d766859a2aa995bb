"""Children are moved to another group in a real browser: one, then several at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, True)])
def test_a_child_goes_to_the_other_group(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Scenario()
    today = local(timezone.now()).date()
    day = today + timedelta(days=9)
    activity = world.activity(
        "Mercredis", first_day=today - timedelta(days=30), last_day=date(today.year + 1, 12, 31)
    )
    small, big = world.group(activity, "3–5 ans", (3, 5)), world.group(activity, "6–12 ans", (6, 12))
    slot = world.slot(activity, capacity=24)
    home = world.home("Durand")
    zoe = world.child(home, "Zoé")
    stay = world.enrolment(zoe, activity, home, group=small)
    booking = world.booking(zoe, world.opening(slot, day, group=small))
    world.opening(slot, day, group=big)
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert page.evaluate(fits), page.url

    page.goto(f"/connexion/?next=/agents/inscriptions/{stay.pk}/groupe/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    check()
    page.locator("#id_group").select_option("6–12 ans")
    page.get_by_label("À partir du").fill((today + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Voir les réservations").click()
    page.get_by_text("change de groupe", exact=True).wait_for()
    check()
    page.get_by_role("button", name="Changer de groupe").click()
    page.get_by_text("1 réservation déplacée").wait_for()
    booking.refresh_from_db()
    assert booking.opening.group == big
    page.goto(f"/agents/activites/{activity.pk}/")
    page.get_by_role("link", name="Changer des enfants de groupe").click()
    check()
    page.get_by_label("Du groupe").select_option("6–12 ans")
    page.get_by_label("Vers le groupe").select_option("3–5 ans")
    page.get_by_label("À partir du").fill((today + timedelta(days=2)).isoformat())
    page.get_by_role("button", name="Voir les enfants").click()
    page.get_by_role("link", name="tous").click()
    page.get_by_role("button", name="Voir les réservations").click()
    page.get_by_text("1 réservation suit").first.wait_for()
    check()
    page.get_by_role("button", name="Changer de groupe").click()
    page.get_by_text("1 enfant change de groupe").wait_for()
    check()
    booking.refresh_from_db()
    assert booking.opening.group == small
