"""On every page: valid HTML, a title of its own, nothing for axe to find, no sideways scroll at 320."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import finders
from django.db import transaction
from django.urls import resolve
from playwright.sync_api import Browser, Page, Route

from marelle.files.apart import alone
from marelle.shell.menus import DASHBOARD, DOCK, FAMILY_TABS, GUEST_HOMES, STAFF_ENTRIES
from tests.accessible import RULES
from tests.full_house import FullHouse
from tests.roles.world import NOW
from tests.shown import AGENTS, Shown, pages
from tests.validator import validated

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MAILS = ("/agents/courriels/<str:app>/<str:name>/apercu/",)
"""A mail as it leaves, not a page: mail readers know tables and attributes that HTML has dropped."""

STAFF = {page.url: str(page.label) for entry in STAFF_ENTRIES for page in entry.pages}
MENU = {url: str(label) for label, url, *_more in DOCK} | {tab.url: str(tab.label) for tab in FAMILY_TABS}
MENU |= STAFF
ENTRIES: dict[str, set[str]] = {
    "parent": {"/", DASHBOARD, *(tab.url for tab in FAMILY_TABS)},
    "anonymous": {"/"},
    **{guest.value: {url} for guest, url in GUEST_HOMES.items()},
    **{role: set(STAFF) for role in AGENTS},
}
"""The pages that the menu leads to, by who looks: from any other one goes back."""

NOT_OURS = ("/nulle-part/", "/porte/", *MAILS)
"""An error, which leads home by its button, the tablets of a door, and what is no page."""

BACK = re.compile(r'<p class="back"><a href="([^"]+)">(?:<span[^>]*>[^<]*</span>)*([^<]+)</a></p>')
LEADS_BACK = re.compile(r">\s*((?:Retour(?! du Trésor)|Revenir|Abandonner)\b[^<]*)<")

EMPTY = (
    '<!doctype html><html lang="fr"><meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>Page</title><body></body></html>"
)
OPTIONS = {
    "runOnly": [*RULES, "wcag22aa"],
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
    "preload": False,
}
LOOK = """async ([html, options]) => {
  const INPUT = "input:not([type=hidden], [type=checkbox], [type=radio])";
  const POINTED = `:is(a[href], button, summary, select, ${INPUT}):not([aria-hidden])`;
  const [SEEN, ENOUGH] = [2, 24]; // what is only heard is a pixel high
  const STACKED = 768; // up to there the cells of a row may stand below each other
  const shown = new DOMParser().parseFromString(html, "text/html");
  document.title = shown.title;
  document.documentElement.className = shown.documentElement.className;
  const styles = [...shown.head.querySelectorAll("link[rel=stylesheet]")];
  const wanted = styles.map((one) => one.getAttribute("href"));
  const sheets = (window.sheets ??= new Map());
  await Promise.all(wanted.filter((href) => !sheets.has(href)).map((href) => new Promise((done) => {
    const link = Object.assign(document.createElement("link"),
      { rel: "stylesheet", onload: done, onerror: done, href });
    sheets.set(href, link);
    document.head.append(link);
  })));
  for (const [href, { sheet }] of sheets) if (sheet) sheet.disabled = !wanted.includes(href);
  document.body.replaceWith(document.adoptNode(shown.body));
  // What stays in view hides by chance a part of what scrolls under it.
  for (const bar of document.querySelectorAll(".dock, .save")) bar.style.position = "static";
  const marked = (one, name) => name + (/^(role|type|aria-(?!label))/.test(name)
    ? one.getAttribute(name).replace(/[0-9]+/g, "0") : "");
  const kind = (one) => [one.parentElement.tagName, one.parentElement.className, one.tagName, one.className,
    getComputedStyle(one).display, ...one.getAttributeNames().map((name) => marked(one, name))].join(" ");
  const known = (window.known ??= new Set());
  const isNew = (one) => known.size < known.add(kind(one)).size;
  const include = [...document.body.querySelectorAll("*")].filter(isNew);
  const found = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.push(`scrolls sideways: ${wide} at ${innerWidth}`);
  for (const row of innerWidth > STACKED ? document.querySelectorAll("tr") : []) {
    const flow = getComputedStyle(row).display;
    if (!["table-row", "none"].includes(flow)) found.push(`${flow}, not under its columns: ${row.outerHTML}`);
  }
  for (const one of document.querySelectorAll(POINTED)) {
    const isRow = getComputedStyle(one, "::after").position === "absolute"; // spread over the whole of it
    const high = isRow ? ENOUGH : one.getBoundingClientRect().height;
    if (high > SEEN && high < ENOUGH) found.push(`${high} px high at ${innerWidth}: ${one.outerHTML}`);
  }
  if (!include.length) return found;
  for (const one of (await axe.run({ include }, options)).violations) {
    for (const node of one.nodes) found.push(`${one.id} at ${innerWidth}: ${node.target} ${node.html}`);
  }
  return found;
}"""
"""Puts a page in place of the one before, and has axe look at each element of a kind, in one of a kind, that
was not laid out so before: what a page shares with the others is looked at once. Scripts do not run, so that
nothing is loaded again. Whole pages, as scripts leave them, are for `axe` in the tests of a browser."""


@pytest.fixture(scope="module")
def shown(django_db_setup: None, django_db_blocker: Any) -> list[Shown]:
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        found = list(pages(FullHouse()))
        transaction.set_rollback(True)
    return found


def title_of(page: Shown) -> str:
    found = re.search(r"<title>(.*?)</title>", page.html, re.DOTALL)
    return plain(found[1]) if found else ""


def plain(text: str) -> str:
    return " ".join(unescape(text).split())


def test_no_page_is_empty(shown: list[Shown]) -> None:
    """Nor leads elsewhere: its route would not be looked at."""
    assert [str(page) for page in shown if not page.html] == []
    assert len({page.address for page in shown}) > 200


def test_no_two_routes_share_a_title(shown: list[Shown]) -> None:
    titled: dict[str, set[str]] = defaultdict(set)
    for page in shown:
        if page.method == "GET" and page.address not in MAILS:
            titled[title_of(page)].add(page.address)
    assert {title: routes for title, routes in titled.items() if len(routes) > 1 or not title} == {}


def named(page: Shown) -> set[str]:
    """What a page is called: its heading, its title, its entry in the menu."""
    found = re.search(r"<h1>(.*?)</h1>", page.html, re.DOTALL)
    heading = plain(found[1]) if found else ""
    return {heading, *title_of(page).split(" · ")[:-1], MENU.get(page.address, heading)}


def shape(address: str) -> str:
    return re.sub(r"<.*?>", "<>", address)


def way_back(page: Shown, names: Mapping[str, set[str]]) -> str:
    """What is wrong with its way back; nothing where there is one, as there should be."""
    ways = BACK.findall(page.html)
    if page.address in ENTRIES[page.role]:
        return "a way back from an entry of the menu" if ways else ""
    if len(ways) != 1:
        return f"{len(ways)} ways back"
    (url, label), above = ways[0], page.html.partition("<h1>")[0]
    if not BACK.search(above.partition("<main")[2]):
        return "not above the title"
    where = names[shape("/" + resolve(url.partition("?")[0]).route)]
    home = re.fullmatch(r"Famille \S+", plain(label))  # of several, each has its page
    if plain(label) not in where and not (home and any(name.startswith("Famille ") for name in where)):
        return f"« {label} » leads to {where}"
    others = LEADS_BACK.findall(BACK.sub("", page.html.partition("<main")[2]))
    return f"another way back: {others}" if others else ""


def test_one_goes_back_from_the_same_place_on_every_page(shown: list[Shown]) -> None:
    ours = [page for page in shown if page.role in ENTRIES and not page.address.startswith(NOT_OURS)]
    names: dict[str, set[str]] = defaultdict(set)
    for page in ours:
        names[shape(page.address)] |= named(page)
    names["/agents/"].add("Toutes les demandes")  # beside the one that is open
    names["/agents/commissions/<>/"].add("Commission de décembre")  # that sat, beside the next
    assert len(ours) > 180
    wrong = [f"{page}: {said}" for page in ours if (said := way_back(page, names))]
    assert not wrong, "\n".join(wrong)


def test_the_html_is_valid(shown: list[Shown], tmp_path: Path) -> None:
    ours = {str(page): page.html for page in shown if page.address not in MAILS}
    assert validated(ours, tmp_path) == []


@pytest.fixture
def drawn(browser: Browser) -> Iterator[Page]:
    """A page that holds our styles and axe, and asks nobody."""
    context = browser.new_context(reduced_motion="reduce", locale="fr-FR")

    def answered(route: Route) -> None:
        name = route.request.url.removeprefix("http://localhost/")
        if name == "":
            route.fulfill(body=EMPTY, content_type="text/html; charset=utf-8")
        elif name.startswith("static/") and name.endswith(".css"):
            route.fulfill(path=finders.find(name.removeprefix("static/")), content_type="text/css")
        else:
            route.fulfill(status=204)

    context.route("**/*", answered)
    page = context.new_page()
    page.goto("http://localhost/")
    page.evaluate(AXE_SCRIPT)
    yield page
    context.close()


@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.prove)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(shown: list[Shown], drawn: Page, width: int) -> None:
    drawn.set_viewport_size({"width": width, "height": 900})
    looked = [page for page in shown if page.address not in MAILS]
    found = [f"{page}: {said}" for page in looked for said in drawn.evaluate(LOOK, [page.html, OPTIONS])]
    assert not found, "\n".join(found)
