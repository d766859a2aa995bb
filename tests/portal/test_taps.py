"""More everyday tasks of a parent on a phone, counted in taps from the dashboard; a field typed in is one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from marelle.bookings.models import Booking
from marelle.core.clock import local
from marelle.families.models import Consent, ConsentType, HealthSheet
from tests.billing.world import Village
from tests.portal.planning.conftest import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Thumb:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def __call__(self, target: Locator) -> None:
        self.taps += 1
        target.scroll_into_view_if_needed()
        target.click(force=True)

    def link(self, name: str) -> None:
        self(self.page.get_by_role("main").get_by_role("link", name=name).locator("visible=true").first)

    def dock(self, name: str) -> None:
        self(
            self.page.get_by_role("navigation", name="Raccourcis").get_by_role("link", name=name, exact=True)
        )

    def write(self, label: str, words: str) -> None:
        self(self.page.get_by_label(label).first)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def save(self) -> None:
        self(self.page.get_by_role("button", name="ENREGISTRER"))


@pytest.fixture
def world(transactional_db: None) -> Village:
    """Zoé, booked from the day after tomorrow, morning and afternoon; two bills, one of them late."""
    world = Village()
    today = local(timezone.now()).date()
    ConsentType.objects.create(authority=world.the_authority, code="photo", label="Photos")
    activity = world.activity(first_day=today - timedelta(days=30), last_day=today + timedelta(days=90))
    world.rule(activity)
    world.enrolment(world.zoe, activity, world.durand)
    first = today + timedelta(days=9)
    for name, hours in (("Matin", ("08:00", "12:00")), ("Après-midi", ("13:30", "18:00"))):
        world.slot(activity, name, *hours, weekdays=range(7), capacity=10)
    for opening in world.openings(activity, first, first):
        world.booking(world.zoe, opening)
    world.treasury()
    world.invoice(total="40.00", due_on=today + timedelta(days=20), month=date(2026, 10, 1))
    return world


WEBCAL = re.compile(r"^webcals?://")
Start = Callable[[], Thumb]


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def start(request: Any, world: Village, open_page: Any, live_server: object) -> Start:
    def starting() -> Thumb:
        page = open_page(width=390, height=844, javascript=request.param)
        log_in(page, world.durand.user, str(live_server))
        page.goto("/tableau-de-bord/")
        return Thumb(page)

    return starting


def test_a_bill_is_read(start: Start) -> None:
    tap = start()
    tap.dock("Factures")
    tap(tap.page.locator("main .rows > li a").first)
    expect(tap.page.locator("main")).to_contain_text("Le détail")
    expect(tap.page.get_by_role("link", name="Télécharger le PDF")).to_be_visible()
    assert tap.taps == 2


def test_a_late_bill_is_the_first_line_of_the_dashboard(start: Start, world: Village) -> None:
    today = local(timezone.now()).date()
    late = world.invoice(total="12.00", month=date(2026, 9, 1), due_on=today - timedelta(days=3))
    tap = start()
    tap.link("est en retard")
    expect(tap.page.locator("main")).to_contain_text(late.number)
    assert tap.taps == 1


def test_a_telephone_number_is_changed(start: Start, world: Village) -> None:
    tap = start()
    tap.link("Ma famille")
    tap.link("Camille Durand")
    tap.write("Téléphone", "06 39 98 12 34")
    tap.save()
    expect(tap.page.get_by_label("Téléphone").first).to_have_value("06 39 98 12 34")
    assert tap.taps == 4


def test_an_allergy_is_said(start: Start, world: Village) -> None:
    tap = start()
    tap.link("Ma famille")
    tap.link("Zoé Durand")
    tap.link("Santé")
    tap.write("Allergies", "arachide")
    tap.save()
    expect(tap.page.locator("main")).to_contain_text("Fiche sanitaire")
    assert HealthSheet.objects.get(child=world.zoe).allergies == "arachide"
    assert tap.taps == 5


def test_an_authorisation_is_given(start: Start, world: Village) -> None:
    HealthSheet.objects.create(child=world.zoe, updated_at=timezone.now())
    tap = start()
    tap.link("autorisation")
    tap(tap.page.get_by_role("group", name="Photos").get_by_label("Oui"))
    tap.save()
    expect(tap.page.get_by_text("Répondu par Camille")).to_be_visible()
    assert Consent.objects.get(child=world.zoe).given
    assert tap.taps == 3


def test_what_is_to_come_is_listed_to_be_printed(start: Start) -> None:
    tap = start()
    tap.link("Tout ce qui est à venir")
    expect(tap.page.locator("main")).to_contain_text("Zoé · Matin")
    assert tap.taps == 1


def test_a_telephone_follows_the_calendar(start: Start) -> None:
    tap = start()
    tap.link("Modifier les informations de connexion")
    tap.link("Voir l’adresse du calendrier")
    expect(tap.page.get_by_role("link", name="Ajouter à mon agenda")).to_have_attribute("href", WEBCAL)
    assert tap.taps == 2  # The agenda's own question is the third.


def test_a_day_is_cancelled(start: Start, world: Village) -> None:
    tap = start()
    tap.dock("Réservations")
    booked = tap.page.locator(".plan input[name=c]:checked")
    for _slot in range(2):
        tap(booked.first)
    tap.save()
    expect(tap.page.locator(".outcomes")).to_contain_text("Annulé.")
    assert not Booking.objects.live().filter(child=world.zoe).exists()
    assert tap.taps == 4
