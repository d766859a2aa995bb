"""« À traiter » without a mouse, from the first case to the last, of each kind; and the places of a group."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from marelle.agents.cases import KINDS, case_url
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.enrolments.services import Terms, enrolment_request
from tests.agents.every_case import EveryCase
from tests.road.walker import Walker
from tests.roles.world import NOW
from tests.scenario import Scenario

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Keyboard:
    """What two hands do on a case: no click, no pointer."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, label: str) -> None:
        for _step in range(60):
            self.press("Tab")
            if label in "".join(self.page.locator("button:focus").all_inner_texts()):
                return
        pytest.fail(f"no way to « {label} » by Tab at {self.page.url}")

    def tab_to_field(self, label: str) -> None:
        for _step in range(60):
            self.press("Tab")
            if self.page.get_by_label(label).evaluate("one => one === document.activeElement"):
                return
        pytest.fail(f"no way to « {label} » by Tab at {self.page.url}")

    def refuse(self) -> None:
        self.press("r")
        self.page.keyboard.type("Non, appelez-nous.")

    def answer(self, kind: str) -> None:
        match kind:
            case "enrolment" | "paper" | "erasure" | "arrival":
                self.refuse()
                self.press("Tab", "Enter")
            case "change":
                self.refuse()
                self.tab_to("Enregistrer mes décisions")
                self.press("Enter")
            case "message":
                self.refuse()
                self.tab_to("Envoyer la réponse")
                self.press("Enter")
            case "care":
                self.press("r", "Space", "Tab")
                self.page.keyboard.type("Une place vous attend.")
                self.press("Tab", "Enter")
            case "place":
                self.tab_to("Laisser la place libre")
                self.press("Enter")
            case "gauge":
                self.tab_to("Confirmer ce nombre")
                self.press("Enter")
            case "attendance":
                self.press("r", "Enter")
            case _:
                self.press("a")


def test_the_whole_queue_of_every_kind(open_page: Any, axe: Any) -> None:
    with time_machine.travel(NOW + timedelta(minutes=5)):
        world = EveryCase()
        agent = world.staff("tout", Role.ADMINISTRATOR)
        agent.posts.create(role=Role.DIRECTOR.value, structure=world.the_structure)
        page = open_page(width=1280)
        walker, keyboard = Walker(page, axe), Keyboard(page)
        walker.come_in("tout", "demandes")
        keyboard.press("j", "Enter")
        expect(page.locator(".desk")).to_be_visible()
        seen = []
        while Case.objects.open().exists():
            expect(page.get_by_role("button", name="Raccourcis clavier")).to_be_visible()
            label = page.locator(".kind .tag").inner_text()
            kind = next(key for key, one in KINDS.items() if one.label == label)
            subject = int(page.url.partition("?")[0].rstrip("/").rpartition("/")[2])
            case = Case.objects.open().get(kind=kind, subject_id=subject)
            if kind in {"change", "absence"} and kind not in seen:
                walker.look()
            seen.append(kind)
            keyboard.answer(kind)
            for _tenth in range(200):
                if not Case.objects.open().filter(pk=case.pk).exists():
                    break
                page.wait_for_timeout(100)
            else:
                pytest.fail(f"{kind} still waits: {page.locator('main').inner_text()}")
            expect(page.locator("[role=status] .note").first).to_be_visible()
            if kind in {"message", "care"} and Case.objects.open().exists():
                expect(page.get_by_role("button", name="Raccourcis clavier")).to_be_visible()
                keyboard.press("j")
            if Case.objects.open().exists():
                expect(page).not_to_have_url(re.compile(re.escape(case_url(case))))
        assert set(seen) == set(KINDS)
        page.goto("/agents/")
        walker.look("Tout est traité")


TEN = ("enrolment", "end", "paper", "booking", "absence", "mismatch", "place", "gauge", "message", "call")


def test_ten_cases_without_scripts(open_page: Any, axe: Any) -> None:
    """Tab, Space and Enter alone: what the letters do has its button."""
    with time_machine.travel(NOW + timedelta(minutes=5)):
        world = EveryCase()
        agent = world.staff("tout", Role.ADMINISTRATOR)
        agent.posts.create(role=Role.DIRECTOR.value, structure=world.the_structure)
        page = open_page(width=1280, javascript=False)
        Walker(page, axe, javascript=False).come_in("tout", "demandes")
        keyboard = Keyboard(page)
        for kind in TEN:
            case = world.case(kind)
            page.goto(case_url(case))
            if kind == "message":
                keyboard.tab_to_field("Votre réponse")
                page.keyboard.type("Oui, à 16 h 30.")
            first = page.locator(".now button:visible").first.inner_text().strip()
            keyboard.tab_to("Laisser la place libre" if kind == "place" else first)
            keyboard.press("Enter")
            expect(page.locator("[role=status] .note").first).to_be_visible()
            assert not Case.objects.open().filter(pk=case.pk).exists(), kind


def test_the_places_follow_the_group_chosen(open_page: Any, axe: Any) -> None:
    world = Scenario()
    with time_machine.travel(NOW):
        durand = world.home("Durand", "Camille")
        zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
        activity = world.activity("Mercredis")
        groups = [world.group(activity, "3–5 ans", (3, 5)), world.group(activity, "6–12 ans", (6, 12))]
        slot = world.slot(activity, "Matin", weekdays=[2])
        for group, capacity in zip(groups, (7, 24), strict=True):
            world.draws(slot, world.gauge(f"{capacity} places", capacity), group)
            world.openings(activity, date(2026, 12, 2), date(2026, 12, 16), group=group)
        request = enrolment_request(
            actor=durand.actor,
            person_id=zoe.pk,
            activity_id=activity.pk,
            terms=Terms(date(2026, 12, 2), date(2027, 6, 30), {}),
            now=NOW,
        )
        world.staff("guichet", Role.OFFICE)
        address = f"/agents/inscriptions/{request.pk}/"
        for javascript in (True, False):
            page = open_page(width=390, javascript=javascript)
            walker = Walker(page, axe, javascript=javascript)
            walker.come_in("guichet", "1 demande")
            walker.open(address, "groupe 6–12 ans")
            table = page.locator("table.places")
            expect(table).to_contain_text("/\u00a024")
            page.get_by_label("Groupe").select_option("3–5 ans")
            if not javascript:
                walker.press("Voir les places")
            expect(table).to_contain_text("/\u00a07")
            walker.look("groupe 3–5 ans")
        assert Case.objects.open().filter(kind="enrolment").exists()
        walker.press("Accepter")
        walker.look("Inscription acceptée")
        assert request.groups.get().group == groups[0]
