"""Everyday tasks of a parent on a phone, counted in taps from the planning's entry of the menu."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from time_machine import TimeMachineFixture

from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.models import Absence, Booking
from marelle.core.clock import PARIS
from tests.portal.planning.cast import Cast
from tests.portal.planning.conftest import Opener, log_in
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = 390
SATURDAY = datetime(2026, 11, 28, 10, tzinfo=PARIS)
MONDAY = datetime(2026, 11, 23, 7, tzinfo=PARIS)


class Thumb:
    """What a parent touches; a date or a word typed would be one too."""

    def __init__(self) -> None:
        self.taps = 0

    def __call__(self, target: Locator) -> None:
        self.taps += 1
        target.scroll_into_view_if_needed()
        target.click(force=True)


@pytest.fixture
def canteen(transactional_db: None, time_machine: TimeMachineFixture) -> Cast:
    """A canteen of four days a week, to book until the day before at noon; it is Saturday."""
    time_machine.move_to(SATURDAY, tick=True)
    world = Scenario()
    cast = Cast(world)
    meals = world.activity("Restauration scolaire", kind="canteen")
    world.slot(meals, "Repas", "12:00", "13:30", weekdays=[0, 1, 3, 4], capacity=20, has_meal=True)
    world.rule(meals, absence_proof_hours=48)
    world.enrolment(cast.zoe, meals, cast.durand)
    world.openings(meals, date(2026, 11, 16), date(2027, 1, 29))
    cast.__dict__["wednesdays"] = meals
    return cast


def entered(cast: Cast, open_page: Opener, live_server: object, *, javascript: bool = True) -> Page:
    page = open_page(width=PHONE, height=844, javascript=javascript)
    log_in(page, cast.durand.user, str(live_server))
    page.goto("/tableau-de-bord/")
    return page


def to_planning(page: Page) -> Locator:
    return page.locator('a[href^="/reservations/"]:visible').first


@pytest.mark.parametrize("javascript", [True, False])
def test_four_weeks_of_canteen(
    canteen: Cast, open_page: Opener, live_server: object, javascript: bool
) -> None:
    page, tap = entered(canteen, open_page, live_server, javascript=javascript), Thumb()
    tap(to_planning(page))
    for _meal in range(4):
        tap(page.locator(".plan input[name=c]:not(:checked)").first)
    tap(page.get_by_role("button", name="ENREGISTRER"))
    tap(page.get_by_role("link", name="Répéter la semaine…"))
    tap(page.get_by_role("button", name="Voir ce que cela donne"))
    tap(page.get_by_role("button", name="ENREGISTRER"))
    expect(page.locator(".outcomes")).to_contain_text("Réservé.")
    days = set(Booking.objects.filter(child=canteen.zoe, state="booked").values_list("day", flat=True))
    assert {day.isocalendar().week for day in days} >= {49, 50, 51, 52}
    assert tap.taps == 9  # Twelve before.


@pytest.fixture
def ill(transactional_db: None, time_machine: TimeMachineFixture) -> Cast:
    """On Monday at seven: a meal that can be cancelled no more, and an evening that still can."""
    time_machine.move_to(MONDAY, tick=True)
    world = Scenario()
    cast = Cast(world)
    for name, slot, hours, rule in (
        ("Restauration scolaire", "Repas", ("12:00", "13:30"), {"absence_proof_hours": 48}),
        ("Périscolaire", "Soir", ("16:30", "18:30"), {"book": Limit(LimitKind.START)}),
    ):
        activity = world.activity(name)
        world.slot(activity, slot, *hours, weekdays=range(5), has_meal=slot == "Repas")
        world.rule(activity, **rule)
        world.enrolment(cast.zoe, activity, cast.durand)
        for opening in world.openings(activity, MONDAY.date(), MONDAY.date() + timedelta(days=2)):
            world.booking(cast.zoe, opening)
    return cast


@pytest.mark.parametrize("javascript", [True, False])
def test_an_ill_child(
    ill: Cast, open_page: Opener, live_server: object, axe: Callable[[Page], list[str]], javascript: bool
) -> None:
    page, tap = entered(ill, open_page, live_server, javascript=javascript), Thumb()
    tap(to_planning(page))
    tap(page.get_by_role("link", name="Absence ce jour").first)
    expect(page.locator("main")).to_contain_text("rien n’est facturé")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    if javascript:
        assert axe(page) == []
    tap(page.get_by_role("button", name="CONFIRMER L’ABSENCE"))
    expect(page.locator(".outcomes")).to_contain_text("Absence déclarée.")
    assert tap.taps == 3  # Five before.
    assert (Absence.objects.count(), Booking.objects.filter(state="cancelled").count()) == (1, 1)
    if javascript:
        assert axe(page) == []
    page.get_by_role("button", name="Annuler").click()
    expect(page.locator(".outcomes")).to_contain_text("Absence retirée")
    assert (Absence.objects.count(), Booking.objects.filter(state="booked").count()) == (0, 6)
