"""What a booking is asked beside a date, typed in a real browser by a director and met by a family: another
slot, a condition of that day, an entry of a card."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from marelle.bookings.models import Booking
from marelle.core.clock import local
from tests.agents.test_rules_browser import Village, logged_in

pytestmark = pytest.mark.django_db(transaction=True)


class Screens:
    """The director's and Camille's, whose Zoé may book two Wednesday mornings."""

    def __init__(self, open_page: Any) -> None:
        self.world = Village(local(timezone.now()).date())
        self.world.rule(self.world.wednesdays)
        self.desk = logged_in(open_page(), "direction")
        self.home = logged_in(open_page(), self.world.identifier)

    def planning(self) -> Page:
        self.home.goto(f"{reverse('planning')}?vue=semaine&date={self.world.day}")
        return self.home

    def save(self) -> None:
        self.home.get_by_role("button", name="ENREGISTRER").click()

    def booked(self) -> list[str]:
        return sorted(Booking.objects.live().values_list("opening__slot__name", flat=True))


@pytest.fixture
def screens(open_page: Any) -> Screens:
    return Screens(open_page)


def test_no_meal_without_the_morning(screens: Screens) -> None:
    world, desk = screens.world, screens.desk
    meal = world.slot(world.wednesdays, "Repas", "12:00", "13:30", capacity=24)
    world.opening(meal, world.day)
    desk.goto(reverse("agents_activities:slot", args=[meal.pk]))
    desk.locator(f"input[name=requires][value='{world.morning.pk}']").check()
    desk.locator("input[name=parting][value=goes]").check()
    desk.get_by_role("button", name="ENREGISTRER").click()
    home = screens.planning()
    expect(home.get_by_role("main")).to_contain_text("avec «\u00a0Matin\u00a0»")
    home.get_by_role("checkbox", name="Repas").check(force=True)
    screens.save()
    expect(home.locator(".outcomes")).to_contain_text("ne se réserve")
    assert screens.booked() == []
    home = screens.planning()
    for name in ("Matin", "Repas"):
        home.get_by_role("checkbox", name=name).first.check(force=True)
    screens.save()
    expect(home.locator(".outcomes")).to_contain_text("Réservé.")
    assert screens.booked() == ["Matin", "Repas"]
    home.get_by_role("checkbox", name="Matin").first.uncheck(force=True)
    screens.save()
    expect(home.locator(".outcomes")).to_contain_text("Annulé")
    assert screens.booked() == []


def test_an_age_asked_of_one_day_alone(screens: Screens) -> None:
    world, desk = screens.world, screens.desk
    desk.goto(reverse("agents_activities:condition_new", args=[world.wednesdays.pk]))
    desk.locator("#id_min_age_months_0").fill("17")
    for name in ("since", "until"):
        desk.locator(f"#id_{name}").fill(world.day.isoformat())
    desk.get_by_role("button", name="ENREGISTRER").click()
    expect(desk.get_by_role("main")).to_contain_text("17 ans")
    home = screens.planning()
    expect(home.get_by_role("main")).to_contain_text("17 ans")
    mornings = home.get_by_role("checkbox", name="Matin")
    expect(mornings).to_have_count(1)
    mornings.check(force=True)
    screens.save()
    expect(home.locator(".outcomes")).to_contain_text("Réservé.")
    assert [row.day for row in Booking.objects.live()] == [world.day + timedelta(days=1)]


def test_a_card_of_one_entry(screens: Screens) -> None:
    world, desk = screens.world, screens.desk
    desk.goto(reverse("agents_activities:section", args=[world.wednesdays.pk, "inscription"]))
    desk.locator("#id_asks_card").check()
    desk.get_by_role("button", name="ENREGISTRER").click()
    expect(screens.planning().get_by_role("main")).to_contain_text("plus d’entrée sur la carte")
    desk.goto(reverse("agents_enrolments:cards", args=[world.enrolled.pk]))
    desk.locator("#id_entries").fill("1")
    desk.locator("#id_last_day").fill((world.day + timedelta(days=30)).isoformat())
    desk.get_by_role("button", name="DONNER").click()
    expect(desk.get_by_role("main")).to_contain_text("1 entrée sur 1")
    home = screens.planning()
    home.get_by_role("checkbox", name="Matin").first.check(force=True)
    screens.save()
    expect(home.locator(".outcomes")).to_contain_text("Réservé.")
    expect(home.get_by_role("main")).to_contain_text("0 entrée")
    home.get_by_role("checkbox", name="Matin").last.check(force=True)
    screens.save()
    expect(home.locator(".outcomes")).to_contain_text("Il ne reste pas d’entrée sur votre carte")
    assert screens.booked() == ["Matin"]
    desk.reload()
    expect(desk.get_by_role("main")).to_contain_text("0 entrée sur 1")
