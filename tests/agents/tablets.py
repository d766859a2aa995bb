"""A day of a structure as its tablets see it, in a browser."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from playwright.sync_api import Page

from marelle.activities.models import Activity, Opening
from marelle.attendance.models import Tablet
from marelle.attendance.tablets import pin_set, tablet_code, tablet_enrol
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from tests.browser import OpenPage
from tests.cable import Cable
from tests.scenario import Scenario

TOUCH = """([row, kind]) => {
    const button = document.querySelector(`#${row} button[value^="${kind} "]`);
    const before = performance.now();
    button.click();
    document.body.getBoundingClientRect();
    return [performance.now() - before, document.querySelector(`#${row} .st`).textContent];
}"""
LEAVING = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
BAR = "#door-bar"
PIN = "4827"


class Today(Scenario):
    """A day that has begun, with a hundred and fifty children booked or as many as asked."""

    def __init__(
        self,
        children: int = 3,
        *,
        asks_times: bool = False,
        hours: tuple[str, str] = ("00:00", "23:59"),
    ) -> None:
        super().__init__()
        today = local(timezone.now()).date()
        self.days: Activity = self.activity(
            "Accueil",
            first_day=today - timedelta(days=30),
            last_day=today + timedelta(days=300),
            asks_times=asks_times,
        )
        self.slot(self.days, "Journée", *hours, weekdays=range(7))
        self.rule(self.days)
        (self.all_day,) = self.openings(self.days, today)
        self.durand = self.home("Durand", "Camille")
        self.children = [self.child(self.durand, f"Enfant {number}") for number in range(children)]
        for child in self.children:
            self.enrolment(child, self.days, self.durand)
            self.booking(child, self.all_day)
        self.animator = self.staff("animatrice", Role.ANIMATOR)
        self.director = self.staff("directeur", Role.DIRECTOR)
        pin_set(actor=actor_for(self.animator), pin=PIN, now=timezone.now())

    def row(self, child: Person, opening: Opening | None = None) -> str:
        """Where the stay of a child that begins with an opening is on the list."""
        return f"c{child.pk}-{(opening or self.all_day).pk}"


def ready(page: Page) -> None:
    page.locator("#door[data-ready]").wait_for()


def tablet_opened(
    open_page: OpenPage, cable: Cable, world: Today, name: str = "Entrée", *, clock: datetime | None = None
) -> tuple[Page, Tablet]:
    """A tablet let in, and opened by the animator with its PIN; all that it needs without network is kept."""
    page = open_page(at=cable.url, forgive=("net::ERR_", "503"))
    if clock:
        page.clock.set_fixed_time(clock)
    tablet, _secret = tablet_enrol(
        actor=actor_for(world.director), structure_id=world.the_structure.pk, name=name, now=timezone.now()
    )
    _tablet, code = tablet_code(actor=actor_for(world.director), tablet_id=tablet.pk, now=timezone.now())
    page.goto("/porte/")
    page.get_by_label("Code de la tablette").fill(code)
    page.get_by_role("button", name="Continuer").click()
    take(page)
    page.locator("html[data-kept]").wait_for(state="attached")
    return page, tablet


def take(page: Page) -> None:
    page.get_by_label("Animatrice").check()
    page.get_by_label("Votre code").fill(PIN)
    page.get_by_role("button", name="Ouvrir la liste").click()
    ready(page)
