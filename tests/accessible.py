"""`assert axe(page) == []`: accessibility problems of the page as it stands, one line each.

To put axe into a page and to have it look at everything costs four times what the page does. So each process
keeps what it found without fault, and has axe look at what was not seen so before: at all of a page whose
structure (landmarks, headings) is new, else at the elements of a new kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
OPTIONS: Final = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}

KINDS: Final = r"""() => {
  const VALUED = /^(role|type|tabindex|aria-(?!label))/;
  const REFERS = ["for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"];
  const DEEP = ":is(table, a, button, summary, label, [role], [aria-hidden])"; // judged by all that it holds
  const WITHIN = "header, nav, main, aside, footer, dialog, table, ul, ol, dl, fieldset, label, a, button, "
    + "[role]";
  const LANDMARKS = `:is(header, nav, main, aside, footer):not(svg *), :is(section, form)[aria-label],
    ${["banner", "navigation", "main", "complementary", "contentinfo", "search", "region", "form"]
      .map((role) => `[role=${role}]`)}`;
  const HEADINGS = "h1, h2, h3, h4, h5, h6, [role=heading]";
  const hash = (text) => {
    let [one, two] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      one = Math.imul(one ^ text.charCodeAt(at), 2654435761);
      two = Math.imul(two ^ text.charCodeAt(at), 1597334677);
    }
    return 4294967296 * (2097151 & (two ^ (two >>> 15))) + ((one ^ (one >>> 13)) >>> 0);
  };
  const is = (...facts) => facts.map((one) => one ? 1 : 0).join("");
  const bare = (text) => text.replace(/[0-9]+/g, "0");
  const distinct = (all) => [...new Set(all)].sort().join();
  const named = (one) => one.tagName + (one.getAttribute("role") ?? "");
  const found = (one, name) => one.getAttribute(name).split(/\s+/).every((id) => document.getElementById(id));
  const held = (one) => distinct(
    [...one.querySelectorAll(one.matches(DEEP) ? ":not(svg *)" : ":scope > *")].map(
      (child) => named(child) + is(child.hasAttribute("tabindex"))));
  const isLarge = ({ fontSize, fontWeight }) => parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);
  const isClear = ({ backgroundColor, backgroundImage }) =>
    /, 0\)$/.test(backgroundColor) && backgroundImage === "none";
  const behind = new Map(); // what is seen behind an element, and how faded it is
  const seen = (one, style) => (isClear(style) ? behind.get(one.parentElement) ?? ""
    : style.backgroundColor + style.backgroundImage) + (style.opacity < 1 ? style.opacity : "");
  const own = (one, style) => [
    named(one), ...one.getAttributeNames().filter((name) => !name.startsWith("data-")).map((name) =>
      name + is(one.getAttribute(name).trim()) + (VALUED.test(name) ? bare(one.getAttribute(name)) : "")),
    one.getAttribute("class"), style.visibility, style.overflow, style.color, style.textDecorationLine,
    is(...REFERS.map((name) => one.hasAttribute(name) && found(one, name)), one.labels?.length,
      one.matches(":disabled"), one.textContent.trim(), one.scrollHeight > one.clientHeight,
      [...one.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim()),
      style.display.startsWith("inline"), isLarge(style)), held(one)].join(" ");
  const elements = new Map();
  for (const one of document.querySelectorAll("body, body *:not(svg *)")) {
    if (!one.checkVisibility()) continue;
    const style = getComputedStyle(one), { parentElement: parent } = one, within = parent.closest(WITHIN);
    behind.set(one, seen(one, style));
    const kind = hash([own(one, style), named(parent), within && named(within), behind.get(one)].join(" "));
    if (!elements.has(kind)) elements.set(kind, []);
    elements.get(kind).push(one);
  }
  const shown = (what) => [...document.querySelectorAll(what)].filter((one) => one.checkVisibility());
  const places = shown(LANDMARKS).map((one) => bare(named(one)
    + (one.getAttribute("aria-label") ?? one.getAttribute("aria-labelledby") ?? "")));
  const levels = shown(HEADINGS).map((one) => one.getAttribute("aria-level") ?? one.tagName);
  const structure = [document.documentElement.lang, is(document.title.trim()),
    document.querySelector("meta[name=viewport]")?.content, distinct(shown(LANDMARKS).map(named)),
    distinct(places.filter((one, at) => places.indexOf(one) < at)),
    distinct(levels.map((one, at) => (levels[at - 1] ?? "") + one))]; // which follows which
  window.ofKind = elements;
  return {
    structure: hash(structure.join(" ")),
    kinds: [...elements.keys()],
    ready: "axe" in window,
    framed: document.querySelector("iframe") !== null,
  };
}"""
"""What a page is made of. Elements of one kind look the same, hold the same and stand in the same; what names
them, or what they refer to, is there for all or for none."""

LOOK: Final = """async ([kinds, options]) => {
  const include = kinds.flatMap((kind) => window.ofKind.get(kind)).filter((one) => one.isConnected);
  return (await axe.run(include.length ? { include } : document, options)).violations.flatMap(
    ({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target}`));
}"""

structures: Final[set[int]] = set()
clean: Final[set[int]] = set()
"""The structures, and the kinds of elements, that this process found without fault."""


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """See above; where a page has a frame, all is looked at as soon as anything is new."""

    def looking(page: Page) -> list[str]:
        page.wait_for_load_state()
        made_of: dict[str, Any] = page.evaluate(KINDS)
        new = [kind for kind in made_of["kinds"] if kind not in clean]
        whole = made_of["structure"] not in structures or (made_of["framed"] and new)
        if not new and not whole:
            return []
        if not made_of["ready"]:
            page.evaluate(AXE_SCRIPT)
        found: list[str] = page.evaluate(LOOK, [[] if whole else new, OPTIONS])
        if not found:
            structures.add(made_of["structure"])
            clean.update(made_of["kinds"])
        return found

    return looking
