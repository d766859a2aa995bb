"""The desk in a real browser: the whole queue by keyboard alone, and the same without scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import Terms, enrolment_request
from tests.road.walker import Walker
from tests.scenario import Scenario

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def asked(*names: str) -> None:
    world = Scenario()
    now = timezone.now()
    today = local(now).date()
    durand = world.home("Durand", "Camille")
    activity = world.activity(
        "Mercredis", first_day=today - timedelta(days=30), last_day=today + timedelta(days=300)
    )
    for minutes, name in enumerate(names):
        child = world.child(durand, name, born=today - timedelta(days=2200))
        enrolment_request(
            actor=durand.actor,
            person_id=child.pk,
            activity_id=activity.pk,
            terms=Terms(today, today + timedelta(days=200), {}),
            now=now - timedelta(minutes=60 - minutes),
        )
    world.staff("guichet", Role.OFFICE)


def states() -> dict[str, str]:
    return dict(Enrolment.objects.values_list("person__first_name", "state"))


def test_the_whole_queue_by_keyboard(open_page: Any, axe: Any) -> None:
    asked("Léo", "Inès", "Zoé")
    page = open_page(width=1280)
    walker = Walker(page, axe)
    walker.come_in("guichet", "3 demandes")
    heading = page.get_by_role("heading", level=2).first

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(heading).to_contain_text("Léo Durand")
    page.keyboard.press("j")
    expect(heading).to_contain_text("Inès Durand")
    page.keyboard.press("k")
    expect(heading).to_contain_text("Léo Durand")
    walker.look("Accepter")

    page.keyboard.press("a")
    walker.look("Inscription acceptée", "Annuler la décision", "Inès Durand")
    page.keyboard.press("u")
    walker.look("C’est annulé", "Léo Durand")
    assert states()["Léo"] == "requested"
    page.keyboard.press("a")
    expect(heading).to_contain_text("Inès Durand")

    page.keyboard.press("r")
    page.keyboard.type("Plus de place : j’ai appelé.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    walker.look("Demande refusée")
    expect(heading).to_contain_text("Zoé Durand")
    assert states() == {"Léo": "accepted", "Inès": "refused", "Zoé": "requested"}
    assert Enrolment.objects.get(person__first_name="Inès").reason == "Plus de place : j’ai appelé."

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    walker.look("demande suivante")
    page.get_by_label("Utiliser ces raccourcis").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    page.keyboard.press("a")
    page.reload()
    page.keyboard.press("a")
    expect(heading).to_contain_text("Zoé Durand")
    assert states()["Zoé"] == "requested"

    page.goto("/agents/")
    walker.look("2 demandes")


def test_the_same_without_scripts_on_a_phone(open_page: Any, axe: Any) -> None:
    asked("Léo", "Inès")
    walker = Walker(open_page(width=390, javascript=False), axe, javascript=False)
    walker.come_in("guichet", "2 demandes")
    walker.follow("Léo Durand")
    walker.press("Accepter")
    walker.look("Inscription acceptée", "Inès Durand")
    walker.press("Annuler la décision")
    walker.look("C’est annulé", "Léo Durand")
    assert states() == {"Léo": "requested", "Inès": "requested"}


def test_back_after_deciding_several_ticks_nobody_else(open_page: Any, axe: Any) -> None:
    asked("Léo", "Inès", "Zoé")
    page = open_page(width=1280)
    walker = Walker(page, axe)
    walker.come_in("guichet", "3 demandes")
    page.get_by_label("Cocher : Léo").check()
    page.once("dialog", lambda one: one.accept())
    walker.press("Accepter les demandes cochées")
    walker.look("acceptée")
    page.go_back()
    expect(page.get_by_label("Cocher : Inès")).not_to_be_checked()
    expect(page.get_by_label("Cocher : Zoé")).not_to_be_checked()
    assert states() == {"Léo": "accepted", "Inès": "requested", "Zoé": "requested"}
