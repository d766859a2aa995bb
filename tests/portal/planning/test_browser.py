"""The main road in a real browser: open, click, ENREGISTRER, read what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.flows.actor.actors import ACTING_FOR
from tests.portal.planning.cast import Cast
from tests.portal.planning.conftest import Opener, log_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_click_and_enregistrer_book_the_cell(
    planning: Callable[..., Page], axe: Callable[[Page], list[str]], width: int, javascript: bool
) -> None:
    page = planning(width=width, javascript=javascript)
    page.get_by_role("checkbox", name="Matin").check(force=True)
    page.get_by_role("checkbox", name="Repas").check(force=True)
    page.get_by_role("button", name="ENREGISTRER").click()
    outcomes = page.locator(".outcomes")
    expect(outcomes).to_contain_text("Matin · Zoé")
    expect(outcomes).to_contain_text("Réservé.")
    expect(outcomes).to_contain_text("inscrit sur la liste d’attente")
    expect(page.get_by_role("checkbox", name="Matin")).to_be_checked()
    states = Booking.objects.filter(child__first_name="Zoé").values_list("state", flat=True)
    assert sorted(states) == ["booked", "waiting"]
    if javascript:
        assert axe(page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_place_lost_meanwhile_is_offered_the_waiting_list(
    planning: Callable[..., Page], home: Cast, day: date, javascript: bool
) -> None:
    page = planning(width=390, javascript=javascript)
    home.morning.openings.get(day=day).quotas.update(capacity=0)
    page.get_by_role("checkbox", name="Matin").check(force=True)
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator(".outcomes")).to_contain_text("Complet : il n’y a plus de place.")
    page.get_by_role("button", name="S’inscrire sur liste d’attente").click()
    expect(page.locator(".outcomes")).to_contain_text("inscrit sur la liste d’attente")
    assert Booking.objects.get(child__first_name="Zoé").state == "waiting"


def test_the_tabs_of_children_are_one_row_that_shows_the_current_one(
    planning: Callable[..., Page], home: Cast
) -> None:
    for name in ("Léo", "Noé", "Marguerite-Antoinette"):
        home.world.child(home.durand, name)
    page = planning(width=390)
    tabs = page.get_by_role("navigation", name="Enfants").get_by_role("link")
    assert len({tab["y"] for tab in map(Locator.bounding_box, tabs.all()) if tab}) == 1
    tabs.last.click()
    expect(tabs.last).to_have_attribute("aria-current", "page")
    box = tabs.last.bounding_box()
    assert box
    assert box["x"] > 0
    assert box["x"] + box["width"] <= 390


def test_another_tab_left_open_cancels_nothing(planning: Callable[..., Page]) -> None:
    stale = planning()
    fresh = stale.context.new_page()
    fresh.goto(stale.url)
    fresh.get_by_role("checkbox", name="Matin").check(force=True)
    fresh.get_by_role("button", name="ENREGISTRER").click()
    expect(fresh.locator(".outcomes")).to_contain_text("Réservé.")
    stale.get_by_role("checkbox", name="Repas").check(force=True)
    stale.get_by_role("button", name="ENREGISTRER").click()
    expect(stale.locator(".outcomes")).to_contain_text("liste d’attente")
    expect(stale.get_by_role("checkbox", name="Matin")).to_be_checked()


@pytest.mark.parametrize("javascript", [True, False])
def test_moving_and_filtering_keep_the_address_whole(
    planning: Callable[..., Page], home: Cast, day: date, javascript: bool
) -> None:
    page = planning(javascript=javascript)
    page.get_by_role("link", name="suivant").click()
    page.get_by_role("link", name="Mois").click()
    expect(page.locator("caption").first).to_be_attached()
    before = page.url
    page.get_by_label("Activité").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Activité").select_option(label="Mercredis")
    assert page.url == before, "a choice walked through by arrow keys sends nothing"
    page.get_by_role("button", name="Filtrer").click()
    page.wait_for_url(f"**activite={home.wednesdays.pk}")
    child, following = home.zoe.pk, day - timedelta(days=2) + timedelta(weeks=1)
    assert f"enfant={child}&date={following}&vue=mois&activite={home.wednesdays.pk}" in page.url


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(("width", "highest"), [(390, 90), (320, 130)])
def test_on_a_phone_the_toolbar_is_a_row_and_a_sheet_by_keyboard(
    planning: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    width: int,
    highest: int,
    javascript: bool,
) -> None:
    page = planning(width=width, javascript=javascript)
    box = page.locator(".bar").bounding_box()
    assert box is not None
    assert box["height"] <= highest
    more, views = page.locator(".bar .more"), page.get_by_role("navigation", name="Affichage")
    expect(views).to_be_hidden()
    more.focus()
    page.keyboard.press("Enter")
    expect(views).to_be_visible()
    if javascript:
        assert axe(page) == []
    page.keyboard.press("Escape")
    expect(views).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aujourd’hui")).to_be_focused()
    page.get_by_role("button", name="Filtrer").click()
    page.wait_for_url("**activite=toutes")
    expect(views).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_week_is_repeated_after_a_look(
    planning: Callable[..., Page], axe: Callable[[Page], list[str]], day: date, width: int, javascript: bool
) -> None:
    page = planning(width=width, javascript=javascript)
    page.get_by_role("checkbox", name="Matin").check(force=True)
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_role("link", name="Répéter la semaine…").click()
    page.get_by_label("Jusqu’au").fill((day + timedelta(weeks=3)).isoformat())
    page.get_by_role("button", name="Voir ce que cela donne").click()
    expect(page.locator("main")).to_contain_text("2 réservations à enregistrer · 1 jour ne se répète pas.")
    assert Booking.objects.filter(child__first_name="Zoé").count() == 1
    if javascript:
        assert axe(page) == []
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator(".outcomes li.ok")).to_contain_text("2 réservations enregistrées")
    expect(page.locator(".outcomes li.refused")).to_contain_text("Pas d’ouverture ce jour-là")
    if javascript:
        assert axe(page) == []
    assert Booking.objects.filter(child__first_name="Zoé").count() == 3


@pytest.mark.parametrize("width", [1280, 320])
def test_an_agent_gives_a_reason_in_the_save_bar(
    home: Cast,
    open_page: Opener,
    axe: Callable[[Page], list[str]],
    live_server: object,
    day: date,
    width: int,
) -> None:
    gone = day - timedelta(weeks=3)
    home.world.opening(home.morning, gone)
    page = open_page(width=width)
    agent = home.world.staff("guichet", Role.OFFICE)
    log_in(page, agent, str(live_server), **{ACTING_FOR: home.durand.family.pk})
    page.goto(home.url(day=gone))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []
    page.get_by_role("checkbox", name="Matin").press("Space")  # on a phone the bar may stand over it
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator("main")).to_contain_text("indiquez un motif de dérogation")
    expect(page.get_by_role("checkbox", name="Matin")).to_be_checked()
    expect(page.locator("[data-summary]")).to_contain_text("1 ajout")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []
    page.get_by_label("Motif de la dérogation").fill("oubli de saisie")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.locator(".outcomes")).to_contain_text("Réservé.")
    assert Booking.objects.get(child__first_name="Zoé").derogation == "oubli de saisie"


def test_what_a_tab_asks_for_is_not_shown_in_another(
    home: Cast, open_page: Opener, live_server: object, day: date
) -> None:
    """The first tab is slow: the second is opened between its save and the page that this leads to."""
    gone = day - timedelta(weeks=3)
    home.world.opening(home.morning, gone)
    first = open_page()
    agent = home.world.staff("guichet", Role.OFFICE)
    log_in(first, agent, str(live_server), **{ACTING_FOR: home.durand.family.pk})
    first.goto(home.url(day=gone))
    first.get_by_role("checkbox", name="Matin").press("Space")
    first.evaluate(
        """() => {
            const form = document.querySelector("input[name=c]").form;
            return fetch(form.action, {method: "POST", body: new FormData(form), redirect: "manual"});
        }"""
    )
    second = first.context.new_page()
    second.goto(home.url(day=gone, child="tous"))
    expect(second.get_by_role("checkbox", name="Matin")).not_to_be_checked()
    expect(second.locator("main")).not_to_contain_text("indiquez un motif de dérogation")
    first.goto(home.url(day=gone))
    expect(first.get_by_role("checkbox", name="Matin")).to_be_checked()
    expect(first.locator("main")).to_contain_text("indiquez un motif de dérogation")


@pytest.mark.parametrize("view", ["jour", "semaine", "mois"])
def test_nothing_is_wider_than_a_small_phone(
    planning: Callable[..., Page], axe: Callable[[Page], list[str]], home: Cast, day: date, view: str
) -> None:
    page = planning(width=320)
    for address in (
        home.url(day=day, view=view),
        home.url(day=day).replace("/reservations/", "/reservations/repeter/"),
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert axe(page) == []
