"""Tablets whose clock is wrong, in a real browser: they are told so, and the server's is taken."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.attendance.models import Tick
from marelle.bookings.models import Attendance
from marelle.cases.models import Case
from marelle.core.clock import instant_at
from tests.agents.tablets import BAR, SEEN_AGAIN, TOUCH, Today, ready, tablet_opened, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UNIX = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
WRONG = "L’horloge de cet appareil n’est pas à l’heure"


@pytest.fixture
def noon(time_machine):
    """It is noon, so that no test meets midnight."""
    now = instant_at(timezone.now().date(), time(12))
    time_machine.move_to(now)
    return now


def near(instant: datetime, other: datetime) -> bool:
    return abs(instant - other) < timedelta(minutes=2)


def test_a_tablet_whose_date_is_wrong_is_told_so_and_takes_the_servers(open_page, lay_cable, axe, noon):
    world = Today(asks_times=True)
    cable = lay_cable()
    wrong = noon - timedelta(days=83, hours=5)
    page, _tablet = tablet_opened(open_page, cable, world, clock=wrong)
    said = page.locator("#door-clock")
    expect(said).to_contain_text(WRONG)
    expect(said).to_contain_text("Nous sommes le")
    expect(said).to_contain_text(", 12\u00a0h\u00a00")
    zoe, leo, ana = map(world.row, world.children)
    expect(page.locator(BAR)).to_have_text("Tout est envoyé")
    assert page.evaluate(TOUCH, [zoe, "arrived"])[1].startswith("Arrivé · 12\u00a0h\u00a00")
    expect(page.locator(BAR)).to_have_text("Tout est envoyé")
    assert axe(page) == []
    cable.cut(page.context)
    page.evaluate(TOUCH, [leo, "arrived"])
    # Closed and opened again, then put right by hand: it is still today, and what was touched keeps its hour.
    for worker in page.context.service_workers:
        worker.evaluate(f"Date.now = () => {wrong.timestamp() * 1000}")
    page.goto("/porte/")
    expect(said).to_contain_text(WRONG)
    assert axe(page) == []
    take(page)
    expect(page.locator(f"#{leo} .st")).to_contain_text("Arrivé · 12")
    page.clock.set_fixed_time(noon)
    page.evaluate(SEEN_AGAIN)
    assert page.evaluate(TOUCH, [ana, "arrived"])[1].startswith("Arrivé · 12")
    expect(page.locator(BAR)).to_have_text("Hors ligne · 2 pointages à envoyer")
    cable.mend(page.context)
    expect(page.locator(BAR)).to_have_text("Tout est envoyé")
    expect(said).to_be_hidden()
    assert Attendance.objects.count() == 3
    assert all(near(one.arrived_at, noon) for one in Attendance.objects.all())
    assert not Case.objects.exists()


def test_a_tablet_that_lost_its_date_without_network_loses_no_touch(open_page, lay_cable, noon):
    world = Today(asks_times=True)
    cable = lay_cable()
    page, _tablet = tablet_opened(open_page, cable, world, clock=noon)
    cable.cut(page.context)
    page.clock.set_fixed_time(UNIX)
    page.goto("/porte/")
    take(page)
    expect(page.locator("#door-clock")).to_contain_text("Sans réseau, personne ne sait l’heure")
    zoe, leo, _ana = map(world.row, world.children)
    assert page.evaluate(TOUCH, [zoe, "arrived"])[1] == "Arrivé"
    page.clock.set_fixed_time(noon + timedelta(minutes=1))
    page.evaluate(SEEN_AGAIN)
    assert page.evaluate(TOUCH, [leo, "arrived"])[1].startswith("Arrivé · 12")
    expect(page.locator("#door-clock")).to_be_hidden()
    cable.mend(page.context)
    expect(page.locator(BAR)).to_have_text("Tout est envoyé")
    expect(page.locator("#door-said")).to_contain_text("l’horloge de l’appareil disait un autre jour")
    lost, known = (Tick.objects.get(child=child) for child in world.children[:2])
    assert (lost.outcome, lost.at_tablet) == ("wrong_clock", UNIX)
    assert (known.outcome, near(known.at, noon + timedelta(minutes=1))) == ("applied", True)
    assert Case.objects.get().kind == "attendance"


def test_a_day_that_is_over_leaves_a_tablet_whose_date_is_wrong(open_page, lay_cable, noon):
    world = Today()
    cable = lay_cable()
    wrong = noon - timedelta(days=83)
    page, _tablet = tablet_opened(open_page, cable, world, clock=wrong)
    cable.cut(page.context)
    page.clock.set_fixed_time(wrong + timedelta(days=1))
    page.evaluate(SEEN_AGAIN)
    expect(page.get_by_text("La liste d’un autre jour a été effacée")).to_be_visible()
    assert page.evaluate("caches.keys().then((all) => all.filter((one) => one.includes('page')))") == []


def test_what_waits_is_counted_by_touches_and_not_by_slots(open_page, lay_cable, noon):
    world = Today(hours=("08:00", "11:30"))
    for slot in (("Repas", "11:30", "13:30"), ("Après-midi", "13:30", "18:00")):
        opening = world.opening(world.slot(world.days, *slot, weekdays=range(7)), world.all_day.day)
        for child in world.children:
            world.booking(child, opening)
    cable = lay_cable()
    page, _tablet = tablet_opened(open_page, cable, world)
    cable.cut(page.context)
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Tous présents").click()
    expect(page.locator(BAR)).to_have_text("Hors ligne · 3 pointages à envoyer")
    page.reload()
    ready(page)
    expect(page.locator(BAR)).to_have_text("Hors ligne · 3 pointages à envoyer")
    page.evaluate(TOUCH, [world.row(world.children[0]), "absent"])
    expect(page.locator(BAR)).to_have_text("Hors ligne · 4 pointages à envoyer")
    cable.mend(page.context)
    expect(page.locator(BAR)).to_have_text("Tout est envoyé")
    assert Tick.objects.count() == 12
