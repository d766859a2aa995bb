"""The pictures of these documents, taken again from a running demo: `make demo`, then `make pictures`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import FLAGS, NO_CHROMIUM, chromium_path

IMAGES = Path(__file__).resolve().parent / "images"
WIDTH, HEIGHT = 1280, 1080
PASSWORD = "Marelle-demo-2026"  # noqa: S105 - public on purpose
CLICKS = 2
"""White cells taken before the picture, so that it shows what waits for ENREGISTRER."""


def log_in(page: Page, identifier: str) -> None:
    page.goto("/connexion/")
    page.locator("input[name=identifier]").fill(identifier)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tableau-de-bord/")


def planning(page: Page) -> None:
    """The week to come of the eldest Durand, with two cells taken and not saved yet."""
    page.goto("/reservations/")
    page.get_by_role("link", name="suivant").first.click()
    for _ in range(CLICKS):
        page.locator("td.free").get_by_role("checkbox", name="Matin").first.check(force=True)
    page.mouse.move(0, 0)
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=IMAGES / "planning.png")


def main(url: str) -> None:
    path = chromium_path()
    if path is None:
        sys.exit(f"No pictures: {NO_CHROMIUM}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(
            base_url=url,
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="fr-FR",
            timezone_id="Europe/Paris",
        )
        log_in(page, "durand")
        planning(page)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
