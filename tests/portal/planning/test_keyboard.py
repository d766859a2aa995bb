"""A week booked from the dashboard without a pointer, with scripts and without."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marelle.bookings.models import Booking
from marelle.core.clock import local
from tests.portal.planning.conftest import Opener, log_in
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db(transaction=True)

DAYS = 5
STEPS = 80
FOCUS = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const words = one.labels && one.labels.length ? one.labels[0].innerText : one.innerText || "";
  const dock = document.querySelector(".dock");
  const under = dock && !dock.contains(one) ? dock.getBoundingClientRect().top : 0;
  return {
    is: one.tagName, name: one.name || "", free: one.type === "checkbox" && !one.checked, words: words.trim(),
    seen: !under || box.top < under - 1,
  };
}"""


@pytest.fixture
def home(transactional_db: None) -> tuple[Scenario, Home]:
    """Zoé, whose evenings of next week are free from Monday to Friday."""
    world = Scenario()
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
    today = local(timezone.now()).date()
    monday = today + timedelta(days=14 - today.weekday())
    activity = world.activity(
        "Périscolaire", first_day=today - timedelta(days=9), last_day=today + timedelta(days=60)
    )
    world.slot(activity, "Soir", "16:30", "18:30", weekdays=range(DAYS), capacity=9)
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    world.openings(activity, monday, monday + timedelta(days=DAYS - 1))
    return world, durand


def tab_to(page: Page, *, words: str = "", box: bool = False) -> None:
    """Tab until a link or a button of these words, or a free cell, has the focus; nothing hides it."""
    for _step in range(STEPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if (
            (focus["free"] and focus["name"] == "c")
            if box
            else (focus["is"] in {"A", "BUTTON"} and words in focus["words"])
        ):
            assert focus["seen"], focus
            return
    pytest.fail(f"no way to {words or 'a free cell'} by Tab at {page.url}")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("javascript", [True, False])
def test_a_week_is_booked_by_keyboard_alone(
    home: tuple[Scenario, Home], open_page: Opener, live_server: object, javascript: bool, width: int
) -> None:
    page = open_page(width=width, height=844, javascript=javascript)
    log_in(page, home[1].user, str(live_server))
    page.goto("/tableau-de-bord/")
    tab_to(page, words="Réserver")
    page.keyboard.press("Enter")
    expect(page.locator(".plan")).to_be_visible()
    for _day in range(DAYS):
        tab_to(page, box=True)
        page.keyboard.press("Space")
    tab_to(page, words="ENREGISTRER")
    page.keyboard.press("Enter")
    expect(page.locator(".outcomes")).to_contain_text("Réservé.")
    assert Booking.objects.filter(state="booked").count() == DAYS
