"""A decision that nobody took: on a form of each kind, an error holds the cursor, a letter decides nothing,
and Enter does nothing that cannot be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from marelle.agents.cases import KINDS, case_url
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.core.actor import Role
from tests.agents.every_case import EveryCase
from tests.implicit import for_good
from tests.road.walker import Walker
from tests.roles.world import NOW
from tests.scenario import Scenario

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SENDS = {
    "enrolment": "Refuser la demande",
    "end": "Refuser la demande",
    "paper": "Refuser le document",
    "booking": "Refuser la demande",
    "absence": "Refuser le justificatif",
    "mismatch": "Laisser tel quel",
    "erasure": "Refuser la demande",
    "arrival": "Refuser la demande",
    "change": "Enregistrer mes décisions",
    "care": "Clore la demande",
    "message": "Envoyer la réponse",
    "call": "Pas de réponse",
    "attendance": "Retenir",
    "gauge": "Confirmer ce nombre",
}
"""What sends the form of a kind with its answer left empty. A place asks for nothing that could be."""

AT_FAULT = """() => {
  const field = document.activeElement, box = field.getBoundingClientRect();
  const told = field.getAttribute("aria-invalid") === "true" || Boolean(field.closest(".wrong"));
  const seen = box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
  return [field.matches("input, select, textarea, fieldset") && told, seen];
}"""


AROUND = "document.activeElement.outerHTML.slice(0, 200)"


def leave_it_empty(page: Page, kind: str) -> None:
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    fold = page.locator("summary[data-key=r]")
    if fold.count():
        fold.click()
    if kind == "change":
        page.locator("input[type=radio][value=refuse]").first.check()
    if kind == "call":
        page.locator("[name=again_on]").fill("2020-01-01")
    if kind == "gauge":
        page.locator("[name=capacity]").fill("")
    page.get_by_role("button", name=SENDS[kind]).locator("visible=true").first.click()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_error_holds_the_cursor_and_silences_the_keys(open_page: Any, axe: Any, javascript: bool) -> None:
    with time_machine.travel(NOW + timedelta(minutes=5)):
        world = EveryCase()
        agent = world.staff("tout", Role.ADMINISTRATOR)
        agent.posts.create(role=Role.DIRECTOR.value, structure=world.the_structure)
        page = open_page(width=1280, height=500, javascript=javascript)
        walker = Walker(page, axe, javascript=javascript)
        walker.come_in("tout", "demandes")
        waiting = Case.objects.open().count()
        wrong = []
        for kind in KINDS:
            address = case_url(world.case(kind))
            page.goto(address)
            wrong += for_good(address, page.content())
            if kind not in SENDS:
                continue
            leave_it_empty(page, kind)
            for _tenth in range(30):
                held, seen = page.evaluate(AT_FAULT)
                if held and seen:
                    break
                page.wait_for_timeout(100)
            if not (held and seen):
                wrong.append(f"{kind}: at fault {held}, in view {seen}: {page.evaluate(AROUND)}")
            if not javascript:
                continue
            if kind in {"enrolment", "change"}:
                assert axe(page) == [], kind
            page.evaluate("document.activeElement.blur()")
            here = page.url
            page.keyboard.type("Pas de place jkaur")
            page.wait_for_timeout(150)
            if page.url != here or Case.objects.open().count() != waiting:
                pytest.fail(f"{kind}: a letter did something, {here} to {page.url}")
        assert wrong == []
        assert Case.objects.open().count() == waiting


def test_a_form_that_is_open_or_touched_silences_the_keys_and_escape_gives_them_back(
    open_page: Any, axe: Any
) -> None:
    with time_machine.travel(NOW + timedelta(minutes=5)):
        world = EveryCase()
        world.staff("tout", Role.ADMINISTRATOR)
        page = open_page(width=1280)
        Walker(page, axe).come_in("tout", "demandes")
        case = world.case("enrolment")
        page.goto(case_url(case))
        refuse, reason = page.locator("summary[data-key=r]"), page.get_by_label("Raison du refus")
        refuse.click()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("a")
        page.keyboard.press("j")
        page.wait_for_timeout(150)
        assert page.url.endswith(case_url(case))
        reason.fill("Pas de place")
        reason.press("Escape")
        expect(reason).to_be_visible()
        page.keyboard.press("a")
        page.wait_for_timeout(150)
        case.refresh_from_db()
        assert case.state == "open"
        reason.fill("")
        reason.press("Escape")
        expect(reason).not_to_be_visible()
        page.keyboard.press("a")
        expect(page.locator("[role=status]")).to_contain_text("Inscription acceptée")


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_gives_no_place_and_giving_one_past_the_capacity_asks(
    open_page: Any, axe: Any, javascript: bool
) -> None:
    with time_machine.travel(NOW):
        world = Full()
        page = open_page(width=390, height=600, javascript=javascript)
        walker = Walker(page, axe, javascript=javascript)
        walker.come_in("direction", "À traiter")
        queue = f"/agents/places/attente/{world.full.pk}/"
        page.goto(queue)
        page.locator("summary").click()
        reason = page.get_by_label("Raison")
        reason.fill("Urgence sociale")
        reason.press("Enter")
        page.wait_for_timeout(300)
        assert page.url.endswith(queue)
        assert world.state() == BookingState.WAITING
        page.get_by_role("button", name="Donner la place").click()
        walker.look("cette place dépasserait la capacité")
        assert world.state() == BookingState.WAITING
        past = page.get_by_label("Donner la place au-delà de la capacité")
        expect(past).to_be_focused()
        expect(past).to_be_in_viewport()
        expect(reason).to_have_value("Urgence sociale")
        past.check()
        past.press("Enter")
        page.wait_for_timeout(300)
        assert world.state() == BookingState.WAITING
        page.get_by_role("button", name="Donner la place").click()
        walker.look("Place donnée à Zoé")
        assert world.state() == BookingState.BOOKED


def test_enter_on_a_cell_saves_no_planning(open_page: Any, axe: Any) -> None:
    with time_machine.travel(NOW):
        world = Full()
        world.booking(world.zoe, world.free)
        page = open_page(width=1280)
        Walker(page, axe).come_in("durand", "Camille")
        page.goto(f"/reservations/?enfant={world.zoe.pk}&date={world.free.day}&vue=jour&activite=toutes")
        cell = page.get_by_role("checkbox", name="Soir")
        cell.press("Space")
        cell.press("Enter")
        page.wait_for_timeout(300)
        assert Booking.objects.get(opening=world.free).state == BookingState.BOOKED
        page.get_by_role("button", name="ENREGISTRER").click()
        expect(page.locator(".outcomes")).to_contain_text("Annulé")


class Full(Scenario):
    """Zoé waits for a morning that is full, whose evening has room."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille", identifier="durand")
        self.zoe = self.child(self.durand, "Zoé")
        wednesdays = self.activity("Mercredis")
        self.rule(wednesdays)
        self.enrolment(self.zoe, wednesdays, self.durand)
        morning = self.slot(wednesdays, "Matin", capacity=1)
        evening = self.slot(wednesdays, "Soir", "18:00", "20:00", capacity=5)
        day = (NOW + timedelta(days=14)).date()
        self.full, self.free = self.opening(morning, day), self.opening(evening, day)
        martin = self.home("Martin", "Julie")
        ines = self.child(martin, "Inès")
        self.enrolment(ines, wednesdays, martin)
        self.booking(ines, self.full)
        self.waits = self.booking(self.zoe, self.full, state=BookingState.WAITING)
        self.staff("direction", Role.DIRECTOR)

    def state(self) -> str:
        return Booking.objects.get(pk=self.waits.pk).state
