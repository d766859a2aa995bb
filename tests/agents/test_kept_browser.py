"""A place of a day kept for a named child, in a real browser: set by a director, read and booked by homes."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from marelle.activities.models import Gauge
from marelle.activities.rules import Limit, LimitKind
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.french import day_number
from tests.scenario import PASSWORD, Home, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


class Village(Scenario):
    """Three places on a Wednesday two weeks ahead, of which two are taken: the last one is left to Zoé, whose
    home has none, and to Nina, whom the director knows."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self.day = today + timedelta(days=(2 - today.weekday()) % 7 + 14)
        span = {"first_day": today - timedelta(days=30), "last_day": today + timedelta(days=300)}
        self.wednesdays = self.activity("Mercredis", **span)
        self.rule(self.wednesdays, book=Limit(LimitKind.START))
        opening = self.opening(self.slot(self.wednesdays, "Matin", capacity=3), self.day)
        Gauge.objects.update(name="Matin")
        self.staff("direction", Role.DIRECTOR)
        self.durand = self.home("Durand", "Camille")
        self.petit = self.home("Petit", "Sacha")
        for home, name in ((self.durand, "Zoé"), (self.petit, "Nina")):
            self.enrolment(self.child(home, name), self.wednesdays, home)
        for name in ("Léo", "Eva"):
            home = self.home(f"Voisin{name}", "Alix")
            child = self.child(home, name)
            self.enrolment(child, self.wednesdays, home)
            self.booking(child, opening)


def _logged_in(page: Page, identifier: str) -> Page:
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    return page


def test_the_last_place_of_a_day_is_kept_for_a_child_named(open_page: Any) -> None:
    world = Village(local(timezone.now()).date())

    def at_home(home: Home) -> Page:
        page = _logged_in(open_page(), home.user.get_username())
        page.goto(f"{reverse('planning')}?vue=semaine&date={world.day}")
        return page

    desk = _logged_in(open_page(), "direction")
    desk.goto(reverse("agents_activities:activity", args=[world.wednesdays.pk]))
    desk.get_by_role("link", name="Garder des places").click()
    desk.get_by_label("Nom").fill("Suivi social")
    desk.get_by_label("Places de la jauge").select_option(label="Matin")
    desk.get_by_label("Combien de places").fill("1")
    desk.get_by_label("des enfants que vous désignez").check()
    desk.get_by_label("Pour les jours à partir du").fill(world.day.isoformat())
    desk.get_by_label("À quelle heure").fill(f"{time(18):%H:%M}")
    desk.get_by_role("button", name="ENREGISTRER").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Choisir les enfants")
    desk.get_by_label("Petit Nina").check()
    desk.get_by_role("button", name="ENREGISTRER").click()
    expect(desk.get_by_role("main")).to_contain_text("1 enfant désigné")

    # Whose child is not named reads until when the place that is left is kept, and may wait for it.
    durand = at_home(world.durand)
    eve = day_number((world.day - timedelta(days=1)).day)
    expect(durand.get_by_role("main")).to_contain_text("places gardées")
    expect(durand.get_by_role("main")).to_contain_text(re.compile(rf"jusqu’au {eve} \S+ 18.h"))
    expect(durand.get_by_role("main")).not_to_contain_text("Suivi social")

    desk.goto(f"/agents/places/?jour={world.day}")
    expect(desk.get_by_role("main")).to_contain_text("2 / 3, 1 gardée")

    petit = at_home(world.petit)
    petit.get_by_role("checkbox", name="Matin").check(force=True)
    petit.get_by_role("button", name="ENREGISTRER").click()
    expect(petit.locator(".outcomes")).to_contain_text("Réservé.")
    durand.reload()
    expect(durand.get_by_role("main")).to_contain_text("complet")
    expect(durand.get_by_role("main")).not_to_contain_text("places gardées")
    desk.reload()
    expect(desk.get_by_role("main")).to_contain_text("3 / 3")
    expect(desk.get_by_role("main")).not_to_contain_text("gardée")
