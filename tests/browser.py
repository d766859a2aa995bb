"""Browser tests on the system's Chromium: `open_page(width=390)` gives a page.

A page's test fails when its console says an error or a warning, when a script breaks, or when anything is
asked from another host. The page's own CSP stays on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

DISABLED = (
    "RenderDocument",  # another frame for each page: a fifth of what a page costs
    # As Playwright does, whose list this one replaces:
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
)
FLAGS = [
    f"--disable-features={','.join(DISABLED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000
"""Milliseconds: several workers share the processors, and what is right says so long before."""
NO_CHROMIUM = "no Chromium: install one, or name it in CHROMIUM"
OF_AXE = "Failed to execute 'postMessage' on 'DOMWindow'"
"""What the console says when axe speaks to the preview of a mail, a frame of no origin."""


def chromium_path(*, whole: bool = False) -> str | None:
    """The browser to drive; a `whole` one, when a PDF is to be drawn in a page."""
    # The shell alone, without windows, costs half the processor time.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")[whole:]
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marked as soon as it is found: `-m "not browser"` chooses before the tests are put in order."""
    if {"browser", "open_page"} & set(getattr(item, "fixturenames", ())):
        item.add_marker("browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The longest tests first, in the process that takes the first half: it opens the only browser, no page is
    # looked at by two, and what is left to share out at the end is short.
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(f"!!! {len(skipped)} BROWSER TESTS DID NOT RUN: {NO_CHROMIUM}.", red=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        if os.environ.get("MARELLE_REQUIRE_BROWSER") == "1":
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    # Playwright keeps an event loop running in this thread, where Django would refuse to touch the database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        for act in ("click", "press", "check", "select_option"):
            patch.setattr(Locator, act, _followed(getattr(Locator, act)))
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _followed(act: Callable[..., Any]) -> Callable[..., Any]:
    """`act`, then the whole page that it leads to.

    Playwright's own returns once the first bytes of that page are there: `count()` then counts what came so
    far, which is nothing at all one time in a thousand.
    """

    @wraps(act)
    def acting(one: Locator, *arguments: Any, **options: Any) -> Any:
        try:
            done = act(one, *arguments, **options)
        except Error as missed:
            # What a script writes above it moved the box between the look and the click: it is asked again,
            # as somebody who saw the click go beside would.
            if "did not change its state" not in missed.message:
                raise
            done = act(one, *arguments, **options)
        one.page.wait_for_load_state("domcontentloaded")
        return done

    return acting


class OpenPage(Protocol):
    """The `open_page` fixture; `watched` has one entry for each page opened."""

    watched: list[Watched]

    def __call__(
        self,
        *,
        width: int = 1280,
        height: int = 900,
        javascript: bool = True,
        forgive: tuple[str, ...] = (),
        at: str = "",
    ) -> Page: ...


class Watched:
    """What went wrong in the pages of one context, but for what holds one of the `forgiven` texts."""

    def __init__(self, context: BrowserContext, host: str, forgiven: tuple[str, ...]) -> None:
        self.host = host
        self.forgiven = forgiven
        self.problems: list[str] = []
        context.on("request", self._asked)
        context.on("page", self._opened)

    def left(self) -> list[str]:
        return [p for p in self.problems if not any(text in p for text in (OF_AXE, *self.forgiven))]

    def _opened(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("console", self._said)

    def _said(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in {"error", "warning"}:
            where = getattr(message, "location", {}).get("url", "")
            self.problems.append(f"console {kind}: {text} ({where})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.host:
            self.problems.append(f"asked another host: {request.url}")


@pytest.fixture
def open_page(browser: Browser, live_server: object) -> Iterator[OpenPage]:
    """`open_page(width=1280, height=900, javascript=True)`: a page of a new visitor, at the live server.

    `page.goto("/connexion/")` is enough. What the test provokes itself (the console's line about a 404) is
    named in `forgive=("404",)`: texts that a problem may contain. `at`: another way to that server.
    """
    contexts: list[BrowserContext] = []

    def opening(
        *,
        width: int = 1280,
        height: int = 900,
        javascript: bool = True,
        forgive: tuple[str, ...] = (),
        at: str = "",
    ) -> Page:
        url = at or str(live_server)
        context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        opened.watched.append(Watched(context, urlsplit(url).netloc, forgive))
        return context.new_page()

    opened = cast("OpenPage", opening)
    opened.watched = []
    yield opened
    for context in contexts:
        context.close()
    problems = [problem for watched in opened.watched for problem in watched.left()]
    assert not problems, "\n".join(problems)


WIDEST_FOLDED = 768
"""In CSS pixels, as in `ui/staff.css`: what is seen would be asked before the sheet is there."""


def by_the_menu(page: Page, entry: str) -> None:
    """Go where an entry of the agents' menu leads, which a button unfolds on a narrow screen."""
    page.locator("#menu-agents").wait_for(state="attached")
    if page.evaluate("innerWidth") <= WIDEST_FOLDED:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("navigation", name="Menu des agents").get_by_role("link", name=entry).click()
