"""A phone of 2021, that knows neither `Array.at` nor `:has`, books; and one whose scripts never came."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from marelle.bookings.models import Booking
from tests.portal.planning.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

FORGET = """
    delete Array.prototype.at; delete String.prototype.at; delete Object.hasOwn;
    delete window.structuredClone;
    delete HTMLFormElement.prototype.requestSubmit; delete HTMLDialogElement.prototype.showModal;
"""
RULE = re.compile(r"[^{};]*:has\([^{};]*\{[^{}]*\}")


def without_has(route: Route) -> None:
    """A sheet as such a browser reads it: a rule one of whose selectors has `:has()` is not there."""
    answer = route.fetch()
    route.fulfill(response=answer, body=RULE.sub("", answer.text()))


def old(page: Page) -> Page:
    page.add_init_script(FORGET)
    page.route("**/*.css", without_has)
    return page


def drawn(box: Locator) -> tuple[str, str]:
    """How the cell of a box is bordered, and what stands before its word."""
    return box.evaluate("""(box) => {
        const cell = box.parentElement.querySelector(".b"), word = cell.querySelector("b");
        const after = getComputedStyle(cell, "::after").content;
        return [getComputedStyle(cell).borderTopStyle,
            after === "none" ? getComputedStyle(word, "::before").content : after];
    }""")


def test_a_phone_of_2021_books(
    planning: Callable[..., Page], home: Cast, day: date, open_page: Callable[..., Page]
) -> None:
    page = old(planning(width=390))
    page.reload()
    assert page.evaluate("[].at === undefined")
    page.get_by_role("checkbox", name="Matin").check(force=True)
    expect(page.locator("[data-summary]")).to_contain_text("1 ajout")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator(".outcomes")).to_contain_text("Réservé.")
    assert Booking.objects.get(child=home.zoe).state == "booked"
    # Days on which nothing opens take no room there either.
    page.goto(home.url(day=day + timedelta(weeks=1)))
    expect(page.locator(".plan tbody tr:visible")).to_have_count(1)


@pytest.mark.parametrize("gone", ["scripts", "planning.js"])
def test_without_its_script_a_cell_shows_what_it_asks_for(planning: Callable[..., Page], gone: str) -> None:
    page = planning(width=390, javascript=gone != "scripts")
    if gone != "scripts":
        page.route("**/planning.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page.reload()
    box = page.get_by_role("checkbox", name="Matin")
    assert drawn(box) == ["solid", '"○"']
    box.check(force=True)
    assert drawn(box) == ["dashed", '"+ À enregistrer"']
    page.get_by_role("button", name="ENREGISTRER").click()
    assert drawn(box) == ["solid", '"✓"']
    box.uncheck(force=True)
    assert drawn(box) == ["dashed", '"à annuler"']
    box.check(force=True)
    assert drawn(box) == ["solid", '"✓"']


def test_the_script_says_it_once(planning: Callable[..., Page]) -> None:
    page = planning(width=390)
    box = page.get_by_role("checkbox", name="Matin")
    box.check(force=True)
    assert drawn(box) == ["dashed", '"+"']
    expect(page.locator("td.add .b")).to_contain_text("À enregistrer")
