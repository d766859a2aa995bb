"""A visitor who walks with one browser, and looks at each page on the way."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.scenario import PASSWORD

Axe = Callable[[Page], list[str]]


SMALLEST = 320
"""The width of the phones of these walks, in pixels: what fits there fits them all."""

PHONE = 768
"""Up to this width, in pixels, « Se déconnecter » stands at the foot of the page."""


class Walker:
    def __init__(self, page: Page, axe: Axe, *, javascript: bool = True) -> None:
        self.page = page
        self.axe = axe
        self.javascript = javascript
        self.main = page.get_by_role("main")

    def look(self, *words: str) -> None:
        """The page says so, is accessible, and fits the smallest phone."""
        for text in words:
            expect(self.main).to_contain_text(text)
        if not self.javascript:
            return
        assert self.axe(self.page) == [], self.page.url
        size = self.page.viewport_size
        assert size is not None
        if size["width"] > SMALLEST:
            self.page.set_viewport_size({"width": SMALLEST, "height": 640})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= SMALLEST, self.page.url
        if size["width"] > SMALLEST:
            self.page.set_viewport_size(size)

    def open(self, path: str, *words: str) -> None:
        self.page.goto(path)
        self.look(*words)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).locator("visible=true").first.click()

    def follow(self, name: str) -> None:
        self.main.get_by_role("link", name=name).first.click()

    def come_in(self, identifier: str, greeting: str, password: str = PASSWORD) -> None:
        self.open("/", "Je me connecte")
        self.follow("Je me connecte")
        self.page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
        self.page.get_by_label("Mot de passe").fill(password)
        self.look()
        self.main.get_by_role("button", name="Je me connecte").click()
        self.look(greeting)

    def leave(self) -> None:
        bar = self.page.get_by_role("banner" if self.is_wide else "contentinfo")
        bar.get_by_role("button", name="Se déconnecter").click()
        expect(self.main).to_contain_text("Vous êtes déconnecté")

    @property
    def is_wide(self) -> bool:
        size = self.page.viewport_size
        return size is not None and size["width"] > PHONE

    def to_menu(self) -> None:
        """By the head of the page, or by its dock on a phone: before the sheet is there both are seen."""
        head, dock = self.page.get_by_role("banner"), self.page.get_by_role("navigation", name="Raccourcis")
        (head if self.is_wide else dock).get_by_role("link", name="Menu", exact=True).click()

    def menu(self, entry: str) -> None:
        self.to_menu()
        self.page.get_by_role("navigation", name="Menu").get_by_role("link", name=entry).click()

    def cell(self, slot: str) -> Locator:
        return self.page.get_by_role("checkbox", name=slot).first
