"""Rules typed in a real browser by a director, and what a family then reads on its planning."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.french import day_long, day_number
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def logged_in(page: Page, identifier: str) -> Page:
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    return page


class Village(Scenario):
    """Zoé comes on Wednesdays; nothing is ruled yet. `day` is a Wednesday two weeks ahead."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self.day = today + timedelta(days=(2 - today.weekday()) % 7 + 14)
        durand = self.home("Durand", "Camille")
        zoe = self.child(durand, "Zoé")
        span = {"first_day": today - timedelta(days=30), "last_day": today + timedelta(days=300)}
        self.wednesdays = self.activity("Mercredis", **span)
        self.enrolled = self.enrolment(zoe, self.wednesdays, durand, starts_on=span["first_day"])
        self.morning = self.slot(self.wednesdays, "Matin", capacity=24)
        for ahead in (0, 1):
            self.opening(self.morning, self.day + timedelta(days=ahead))
        self.staff("direction", Role.DIRECTOR)
        self.identifier = durand.user.get_username()


def test_rules_typed_by_a_director_are_what_a_family_meets(open_page: Any) -> None:
    world = Village(local(timezone.now()).date())
    desk, home = logged_in(open_page(), "direction"), logged_in(open_page(), world.identifier)
    rules = reverse("agents_activities:rules", args=[world.wednesdays.pk])
    planning = f"{reverse('planning')}?vue=semaine&date={world.day}"
    eve = world.day - timedelta(days=1)

    home.goto(planning)
    expect(home.get_by_role("main")).to_contain_text("pas de réservation en ligne")

    # "Avant 10 h la veille": the minute said counts no more.
    desk.goto(rules)
    for what in ("book", "cancel"):
        desk.locator(f"#id_{what}-days_before").check()
        desk.locator(f"#id_{what}-days_n").fill("1")
        desk.locator(f"#id_{what}-days_time").fill("10:00")
        desk.locator(f"#id_{what}-strict").select_option("before")
    desk.get_by_role("button", name="ENREGISTRER").click()
    expect(desk.get_by_role("main")).to_contain_text("Réserver avant 10 h 00 la veille")
    home.goto(planning)
    expect(home.get_by_role("main")).to_contain_text(f"avant le {day_number(eve.day)}")

    # A day a week: the second is had in exchange, and refused beside the first.
    desk.goto(reverse("agents_activities:bound_new", args=[world.wednesdays.pk]))
    desk.locator("#id_n").fill("1")
    desk.locator("#id_since").fill(eve.isoformat())
    for name, value in (("unit", "days"), ("each", "week"), ("whose", "child")):
        desk.locator(f"input[name={name}][value={value}]").check()
    desk.get_by_role("button", name="ENREGISTRER").click()
    expect(desk.get_by_role("main")).to_contain_text("1 jour par semaine au plus")
    home.goto(planning)
    home.get_by_role("checkbox", name="Matin").first.check(force=True)
    home.get_by_role("button", name="ENREGISTRER").click()
    expect(home.locator(".outcomes")).to_contain_text("Réservé.")
    expect(home.get_by_role("main")).to_contain_text("en échange")
    home.get_by_role("checkbox", name="Matin").last.check(force=True)
    home.get_by_role("button", name="ENREGISTRER").click()
    expect(home.locator(".outcomes")).to_contain_text("1 jour par semaine au plus")

    # Residents tomorrow at seven, all a day later: each home reads its own hour.
    tomorrow = local(timezone.now()).date() + timedelta(days=1)
    desk.goto(rules)
    for number, (who, at) in enumerate((("residents", tomorrow), ("all", tomorrow + timedelta(days=1)))):
        if number:
            desk.get_by_role("button", name="Ajouter une vague").click()
        audience = desk.locator(f"#id_wave-{number}-audience")
        if not audience.is_visible():
            desk.locator("summary", has_text=f"Vague {number + 1}").click()
        audience.select_option(who)
        desk.locator(f"#id_wave-{number}-at").fill(f"{at}T07:00")
    desk.get_by_role("button", name="ENREGISTRER").click()
    expect(desk.get_by_role("main")).to_contain_text("pour les habitants")
    home.goto(planning)
    expect(home.get_by_role("main")).to_contain_text(f"ouvre le {day_number(tomorrow.day)}")

    # « Essayer » says the same to an invented home of elsewhere, a day later.
    desk.goto(reverse("agents_activities:try", args=[world.wednesdays.pk]))
    desk.locator("#id_jour").fill(world.day.isoformat())
    desk.get_by_role("button", name="ESSAYER").click()
    expect(desk.locator("#essai")).to_contain_text(day_long(tomorrow + timedelta(days=1)))
    expect(desk.locator("#essai")).to_contain_text(day_long(eve))
