"""« Comptabilité » without a mouse: Tab comes to each act, Enter does it, and of a button Space too."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from marelle.billing.models import ExerciseClosing
from marelle.core.actor import Role
from tests.flows.bills.billed import FIRST, NOW, SECOND
from tests.flows.bills.test_closing import IN_MARCH
from tests.flows.bills.test_one_euro import Canteen
from tests.road.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ACTS = ":is(a[href], button, summary, input, select, [tabindex='0']):visible"
OUTLINED = """one => [[one], [one, "::after"], [one.closest("td, li, label") ?? one]].some(
    at => getComputedStyle(...at).outlineStyle !== "none")"""
MARKED = "all => all.forEach((one, at) => one.dataset.act = at)"
FOCUSED = "() => document.activeElement.dataset.act ?? ''"


class Hands:
    """What two hands on a keyboard do on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.done: set[tuple[object, ...]] = set()

    @property
    def acts(self) -> Locator:
        return self.page.locator("main").locator(ACTS)

    def reaches_all(self) -> None:
        """Tab comes to each act of the page, in its order, and each shows that it is there."""
        url, acts = self.page.url, self.acts
        acts.evaluate_all(MARKED)
        self.page.locator("main").evaluate("main => { main.tabIndex = -1; main.focus() }")
        came = ""
        for number in range(acts.count()):
            before = came
            # A field of a date has a stop for its day, its month and its year.
            while came == before:
                self.page.keyboard.press("Tab")
                came = self.page.evaluate(FOCUSED)
            act = self.page.locator(f"[data-act='{number}']")
            assert came == str(number), f"{url}: no Tab to {act.evaluate('one => one.outerHTML')}"
            assert act.evaluate(OUTLINED), f"{url}: nothing shows {act.evaluate('one => one.outerHTML')}"

    def does_all(self) -> None:
        """Each kind of act, once."""
        url = self.page.url
        for number in range(self.acts.count()):
            act = self.acts.nth(number)
            kind = self.kind(act)
            if kind not in self.done and kind[0] != "DIV":
                self.done.add(kind)
                self.does(act, str(kind[0]))
                self.page.goto(url)

    def kind(self, act: Locator) -> tuple[object, ...]:
        """Links that differ by their numbers alone are of one kind."""
        tag = act.evaluate("one => one.tagName")
        if tag != "A":
            return tag, urlsplit(self.page.url).path, act.get_attribute("id") or act.inner_text()
        parts = urlsplit(act.get_attribute("href") or "")
        asked = {name: value for name, value in parse_qs(parts.query).items() if name in ("format", "quoi")}
        return tag, re.sub(r"\d+", "0", parts.path or urlsplit(self.page.url).path), str(asked)

    def does(self, act: Locator, tag: str) -> None:
        page, url = self.page, self.page.url
        act.focus()
        match tag:
            case "A" if act.get_attribute("download") is not None:
                with page.expect_download():
                    page.keyboard.press("Enter")
            case "A":
                there = act.evaluate("one => one.href")
                page.keyboard.press("Enter")
                page.wait_for_url(there)
                expect(page.locator("h1")).to_be_visible()
            case "SUMMARY":
                for key in ("Enter", "Space"):
                    for unfolded in (True, False):
                        page.keyboard.press(key)
                        assert act.evaluate("one => one.parentElement.open") is unfolded, key
            case "SELECT":
                before = act.input_value()
                page.keyboard.press("ArrowUp" if act.evaluate("one => one.selectedIndex") else "ArrowDown")
                assert act.input_value() != before
            case "INPUT":
                page.keyboard.type("12122026")
                page.keyboard.press("Enter")
                page.wait_for_url(re.compile("jour=2026-12-12"))
            case "BUTTON":
                for key in ("Enter", "Space"):
                    page.goto(url.partition("?")[0])
                    page.locator("main button:visible").focus()
                    page.keyboard.press(key)
                    page.wait_for_url(re.compile(r"\?"))


def test_all_of_the_accounts_without_a_mouse(open_page: Any, axe: Any) -> None:
    with time_machine.travel(NOW):
        world = Canteen()
        world.eats(world.zoe, FIRST)
        world.eats(world.max, SECOND)
        world.bills()
    with time_machine.travel(IN_MARCH):
        world.staff("admin", Role.ADMINISTRATOR)
        page = open_page(width=1280)
        Walker(page, axe).come_in("admin", "À traiter")
        hands = Hands(page)
        own = f"/agents/factures/comptabilite/{world.the_authority.pk}/"
        for url in (
            "/agents/factures/comptabilite/",
            f"{own}2026/",
            f"{own}2026/detail/?quoi=restes",
            f"/agents/factures/foyers/{world.poor.family.pk}/compte/",
            f"{own}cantine-1-euro/?periode=2026-3",
        ):
            page.goto(url)
            hands.reaches_all()
            hands.does_all()
        page.goto(f"{own}2026/cloture/")
        hands.reaches_all()
        closes_and_reopens(hands, "Enter")
        closes_and_reopens(hands, "Space")


def closes_and_reopens(hands: Hands, key: str) -> None:
    """What cannot be taken back: by each key on its button, never by Enter in a field."""
    page = hands.page
    page.get_by_role("button", name="Clore l’exercice 2026").focus()
    page.keyboard.press(key)
    expect(page.locator("[role=status]")).to_contain_text("L’exercice est clos")
    hands.reaches_all()
    for link in ("PDF", "XLSX", "CSV"):
        page.locator("main").get_by_role("link", name=link).focus()
        with page.expect_download():
            page.keyboard.press("Enter")
    page.get_by_label("Motif de la réouverture").focus()
    page.keyboard.type("Un mois oublié")
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    assert ExerciseClosing.objects.filter(reopened_at=None).exists()
    page.keyboard.press("Tab")
    page.keyboard.press(key)
    expect(page.locator("[role=status]")).to_contain_text("L’exercice est rouvert")
