"""A director books for a child by keyboard, then past a deadline: narrow and wide, with scripts or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import local
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (768, True), (390, True), (390, False)])
def test_a_director_books_for_a_child(open_page: Any, axe: Any, width: int, javascript: bool) -> None:
    world = Scenario()
    today = local(timezone.now()).date()
    ahead = today + timedelta(days=14)
    activity = world.activity(
        "Mercredis", first_day=today - timedelta(days=30), last_day=today + timedelta(days=300)
    )
    world.rule(activity)
    slot = world.slot(activity, "Matin", capacity=2)
    home = world.home("Durand")
    zoe = world.child(home, "Zoé")
    stay = world.enrolment(zoe, activity, home)
    world.opening(slot, ahead)
    world.opening(slot, today - timedelta(days=14))
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert page.evaluate(fits), page.url

    page.goto(f"/connexion/?next=/agents/inscriptions/{stay.pk}/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_role("link", name="Réserver pour l’enfant").press("Enter")
    page.get_by_role("link", name="suivant").click()
    page.get_by_role("link", name="suivant").click()
    check()
    page.get_by_role("checkbox", name="Matin").press("Space")
    check()
    page.get_by_role("button", name="ENREGISTRER").press("Enter")
    page.locator(".outcomes li.ok").wait_for()
    check()
    assert Booking.objects.get().state == BookingState.BOOKED
    page.goto(f"/agents/inscriptions/{stay.pk}/reservations/?date={today - timedelta(days=14)}")
    page.get_by_role("checkbox", name="Matin").press("Space")
    page.get_by_role("button", name="ENREGISTRER").press("Enter")
    page.get_by_text("indiquez un motif de dérogation").wait_for()
    check()
    assert page.get_by_role("checkbox", name="Matin").is_checked()
    page.get_by_label("Motif de la dérogation").fill("oubli de saisie")
    page.get_by_role("button", name="ENREGISTRER").press("Enter")
    page.locator(".outcomes li.ok").wait_for()
    assert Booking.objects.get(day__lt=today).derogation == "oubli de saisie"
