"""An agent notes an income on a phone and on a screen, and the home reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marelle.core.actor import Role
from marelle.core.tabular import csv_written
from marelle.families.incomes.rules import IncomeKind, IncomeStatus
from marelle.families.models import Income
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def enter(page: Any, identifier: str, leads: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url(f"**{leads}")


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_an_income_is_noted_corrected_and_read_by_the_home(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    durand = world.home("Durand", "Camille", identifier="durand")
    world.staff("guichet", Role.OFFICE)
    world.quotient(durand, "734.00", since=date(2025, 9, 1))
    world.income(durand, IncomeKind.DEPENDANTS, "3", IncomeStatus.DECLARED, source="dit au guichet")
    page = open_page(width=width)
    enter(page, "guichet", "/agents/")
    page.goto(f"/agents/familles/{durand.family.pk}/")
    page.get_by_role("link", name="Revenus par date").click()
    assert axe(page) == []
    page.get_by_role("link", name="Noter un revenu").click()
    assert axe(page) == []
    page.get_by_label("De quoi s’agit-il").select_option("resources")
    page.get_by_label("Montant en euros").fill("beaucoup")
    page.get_by_label("Justifié par").fill("avis d’imposition")
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("Écrivez un montant ou un nombre").first.wait_for()
    assert page.get_by_label("Montant en euros").input_value() == "beaucoup"
    page.get_by_label("Montant en euros").fill("2345,67")
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("C’est enregistré.").wait_for()
    page.get_by_role("link", name="Corriger ou terminer : 734").click()
    assert axe(page) == []
    page.get_by_label("Montant en euros").fill("690")
    page.get_by_label("à partir du").check()
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("à venir").wait_for()
    home = open_page(width=width)
    enter(home, "durand", "/tableau-de-bord/")
    home.goto("/famille/foyer/")
    home.get_by_text("345,67").first.wait_for()
    home.get_by_text("3 enfants").first.wait_for()
    assert axe(home) == []


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_a_spreadsheet_is_shown_then_noted(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    durand = world.home("Durand", "Camille")
    world.staff("guichet", Role.OFFICE)
    world.quotient(durand, "734.00", since=date(2027, 1, 1))
    page = open_page(width=width)
    enter(page, "guichet", "/agents/")
    page.goto("/agents/familles/")
    page.get_by_role("link", name="Importer des revenus").click()
    assert axe(page) == []
    rows = [["Dossier", "QF", "Ressources"], [durand.family.number, "690", "2345,67"], ["999", "1", ""]]
    sent = {"name": "quotients.csv", "mimeType": "text/csv", "buffer": csv_written(rows)}
    page.get_by_label("Fichier").set_input_files(sent)
    page.get_by_label("À partir du").fill("2027-01-01")
    page.get_by_label("Justifié par").fill("CDAP")
    page.get_by_role("button", name="Lire le fichier").click()
    page.get_by_text("aucun dossier n’a le numéro 999").wait_for()
    page.get_by_text("à la place de 734").wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="NOTER CES REVENUS").click()
    page.get_by_text("1 revenu noté, 1 remplacé, 1 ligne laissée.").first.wait_for()
    assert Income.objects.count() == 2
