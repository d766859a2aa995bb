"""What only a browser shows: the planning's script, its page on narrow screens, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

pytestmark = [pytest.mark.urls("tests.ui.urls"), pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]


def cell(page: Page, key: str) -> str:
    return f"td:has(input[value='{key}'])"


def test_ticking_shows_what_is_not_saved_and_unticking_takes_it_back(open_page: Opener) -> None:
    page = open_page()
    page.goto("/planning/?neuf")
    summary = page.locator("[data-summary]")
    expect(summary).to_contain_text("Rien n’est gardé")
    expect(page.get_by_role("button", name="ENREGISTRER")).to_be_hidden()

    page.get_by_role("checkbox", name="Matin 7 h 15 – 8 h 30 Périscolaire").check()
    expect(page.locator(cell(page, "5"))).to_contain_text("À enregistrer")
    page.locator("input[value='3']").uncheck()
    expect(page.locator(cell(page, "3"))).to_have_class("c del")
    page.locator("input[name='c'][value='4']").check()
    expect(page.locator(cell(page, "4"))).to_contain_text("en liste d’attente")
    expect(summary).to_contain_text("2 ajouts, 1 annulation")
    expect(summary).to_contain_text("À enregistrer jusqu’à demain 18\u00a0h pour mardi 1 décembre")

    page.locator("input[value='3']").check()
    expect(page.locator(cell(page, "3"))).to_have_class("c on")
    expect(page.locator(cell(page, "3"))).to_contain_text("annulable jusqu’à demain 12 h")
    page.get_by_role("link", name="Tout remettre").click()
    expect(page.locator(cell(page, "4"))).to_contain_text("Complet")
    expect(summary).to_contain_text("Rien n’est gardé")


def test_a_bundle_is_ticked_as_one(open_page: Opener) -> None:
    page = open_page()
    page.goto("/planning/?neuf")
    page.locator("input[value='1']").check()
    expect(page.locator("input[value='2']")).to_be_checked()
    expect(page.locator("[data-summary]")).to_contain_text("2 ajouts")


def test_input_sent_back_unsaved_can_be_taken_back(open_page: Opener) -> None:
    page = open_page()
    page.goto("/planning/")
    expect(page.locator("[data-summary]")).to_contain_text("2 ajouts, 1 annulation")
    page.locator("input[value='31']").uncheck()
    expect(page.locator(cell(page, "31"))).to_have_class("c free")
    expect(page.locator(cell(page, "31"))).to_contain_text("libre")
    page.get_by_role("link", name="Tout remettre").click()
    expect(page.locator("input[value='26']")).to_be_checked()
    expect(page.locator("[data-summary]")).to_contain_text("Rien n’est gardé")


def test_hours_chosen_are_an_addition(open_page: Opener) -> None:
    page = open_page()
    page.goto("/planning/?neuf")
    page.get_by_role("combobox", name="Arrivée Accueil").last.select_option("08:00")
    page.get_by_role("combobox", name="Départ Accueil").last.select_option("12:00")
    page.get_by_role("combobox", name="Arrivée Accueil").first.select_option("09:00")
    expect(page.locator("[data-summary]")).to_contain_text("1 ajout, 1 modification")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator("main")).to_contain_text("h-h4-a=08:00 h-h4-d=12:00")


def test_leaving_with_unsaved_changes_asks(open_page: Opener) -> None:
    page = open_page()
    page.goto("/planning/?neuf")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("input[value='5']").check()
    page.get_by_role("link", name="Ailleurs").click()
    expect(page.locator("input[value='5']")).to_be_checked()
    assert "Quitter cette page" in asked[0]

    page.locator("input[value='5']").uncheck()
    page.get_by_role("link", name="Ailleurs").click()
    expect(page).to_have_title("Ailleurs")
    assert len(asked) == 1


def test_the_keyboard_alone_books(open_page: Opener) -> None:
    page = open_page()
    page.goto("/planning/?neuf")
    page.locator("input[value='5']").focus()
    page.keyboard.press("Space")
    expect(page.locator(cell(page, "5"))).to_have_class("c add")
    page.keyboard.press("Enter")
    page.wait_for_timeout(150)
    expect(page.locator(cell(page, "5"))).to_have_class("c add")
    save = page.get_by_role("button", name="ENREGISTRER")
    for _step in range(60):
        if save.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("seen=3 h3 c=3,5")


def test_without_javascript_the_form_posts_the_same(open_page: Opener) -> None:
    page = open_page(javascript=False, width=390)
    page.goto("/planning/?neuf")
    page.locator("input[value='5']").check()
    page.locator(".bar .more").click()
    expect(page.get_by_role("button", name="Filtrer")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator("main")).to_contain_text("seen=3 h3 c=3,5")


def test_a_button_that_prints_is_there_for_whoever_has_scripts(open_page: Opener) -> None:
    for javascript in (True, False):
        page = open_page(javascript=javascript)
        page.goto("/imprimer/")
        expect(page.get_by_text("Imprimer")).to_be_visible(visible=javascript)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_fits_and_is_accessible(
    width: int, open_page: Opener, axe: Callable[[Page], list[str]]
) -> None:
    page = open_page(width=width)
    page.goto("/planning/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


def test_text_at_twice_its_size_still_fits(open_page: Opener) -> None:
    page = open_page(width=640)
    page.goto("/planning/")
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_nothing_is_confirmed_before_what_lacks_is_given(open_page: Opener) -> None:
    page, asked = open_page(), []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    page.goto("/choisir/")
    page.get_by_role("button", name="Relier").click()
    assert asked == []
    page.get_by_role("button", name="Effacer").click()
    page.get_by_role("radio", name="Camille").check()
    page.get_by_role("button", name="Relier").click()
    assert asked == ["Effacer\u00a0?", "Relier\u00a0?"]
    expect(page).to_have_url(re.compile("/choisir/$"))
