"""A case of each kind on the screens of an office: what decides it is in view, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from marelle.agents.cases import KINDS, case_url
from marelle.core.actor import Role
from tests.agents.every_case import EveryCase
from tests.road.walker import Walker
from tests.roles.world import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [(1280, 900), (1024, 768), (820, 1000)]
NARROW = (390, 320)

HIDDEN = """() => {
  const wrong = [];
  const decides = [...document.querySelectorAll(".now > button, .now > form button")];
  const fields = decides.filter((one) => one.form).flatMap((one) => [...one.form.elements]);
  const asked = fields.filter((one) => !one.validity.valid);
  for (const field of new Set(asked)) {
    if (field.closest("details:not([open])")) continue;
    const box = field.getBoundingClientRect();
    const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!field.contains(seen)) wrong.push(field.name);
  }
  for (const button of document.querySelectorAll(".now > button, .now > form button, .now summary")) {
    if (button.hidden || button.closest("[hidden], details:not([open]) > form")) continue;
    const box = button.getBoundingClientRect();
    const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const inside = box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    if (!inside || !button.contains(seen)) wrong.push(button.innerText.trim());
  }
  return wrong;
}"""
"""The buttons that decide, and the fields to fill before, which are out of the window or under something."""

SEEN = """(one) => {
  const box = one.getBoundingClientRect();
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return one.contains(seen) || Boolean(one.labels && [...one.labels].some((label) => label.contains(seen)));
}"""
"""Whether the field that has the cursor is under nothing."""

TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def world() -> Iterator[EveryCase]:
    with time_machine.travel(NOW + timedelta(minutes=5)):
        world = EveryCase()
        agent = world.staff("tout", Role.ADMINISTRATOR)
        agent.posts.create(role=Role.DIRECTOR.value, structure=world.the_structure)
        yield world


def test_a_case_of_any_kind_is_decided_without_scrolling(world: EveryCase, open_page: Any, axe: Any) -> None:
    page = open_page(width=1280)
    Walker(page, axe).come_in("tout", "demandes")
    wrong = []
    for kind in KINDS:
        page.goto(case_url(world.case(kind)))
        assert page.locator(".now button").count(), kind
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            wrong += [f"{kind} at {width}: {name}" for name in page.evaluate(HIDDEN)]
        for width in (*(width for width, _height in SIZES), *NARROW):
            page.set_viewport_size({"width": width, "height": 700})
            if page.evaluate(TOO_WIDE) > 0:
                wrong.append(f"{kind} scrolls sideways at {width}")
    assert wrong == []
    the_list_scrolls_by_itself_and_gives_way(page, case_url(world.case("gauge")))
    the_rail_says_where_one_is_and_its_search_finds_a_family(page)
    assert axe(page) == []


def the_list_scrolls_by_itself_and_gives_way(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto(address)
    lines = page.get_by_role("navigation", name="Ce qui attend")
    expect(lines.locator("[aria-current]")).to_be_in_viewport()
    page.mouse.move(250, 400)
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(200)
    assert page.evaluate("[scrollY, document.querySelector('.waiting').scrollTop > 0]") == [0, True]
    page.set_viewport_size({"width": 1150, "height": 900})
    expect(lines).not_to_be_visible()
    expect(page.get_by_role("link", name="Toutes les demandes")).to_be_in_viewport()
    here = page.url
    page.get_by_role("link", name="Précédente").click()
    expect(page).not_to_have_url(here)
    page.get_by_role("link", name="Suivante").click()
    expect(page).to_have_url(here)


def the_rail_says_where_one_is_and_its_search_finds_a_family(page: Page) -> None:
    page.set_viewport_size({"width": 820, "height": 1000})
    rail = page.get_by_role("navigation", name="Menu des agents")
    expect(rail.locator("[aria-current=page]")).to_contain_text("À traiter")
    expect(rail.get_by_role("link", name="en attente").first).to_be_in_viewport()
    search = page.get_by_role("searchbox", name="Famille, enfant, téléphone")
    search.fill("Durand")
    search.press("Enter")
    expect(page.get_by_label("Chercher une famille")).to_have_value("Durand")


def test_on_a_phone_without_scripts_the_bar_covers_no_field_and_a_menu_opens(
    world: EveryCase, open_page: Any, axe: Any
) -> None:
    page = open_page(width=390, height=700, javascript=False)
    Walker(page, axe, javascript=False).come_in("tout", "demandes")
    wrong = []
    for kind in ("enrolment", "paper", "message", "call", "care", "change", "booking", "gauge"):
        page.goto(case_url(world.case(kind)))
        for field in page.locator("main :is(textarea, select, input, summary):visible").all():
            field.focus()
            if not field.evaluate(SEEN):
                wrong.append(f"{kind}: {field.evaluate('one => one.outerHTML')}")
    assert wrong == []
    menu = page.get_by_role("navigation", name="Menu des agents")
    expect(menu).not_to_be_visible()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(menu.get_by_role("link", name="Messages")).to_be_in_viewport()
    assert page.evaluate(TOO_WIDE) <= 0
    menu.get_by_role("link", name="Places").click()
    page.wait_for_url("**/agents/places/")
