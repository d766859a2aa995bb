"""« Mes factures » and its import in a real browser: accessible, never too wide, without JavaScript too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from marelle.core.clock import local
from tests.billing.files import csv_of
from tests.billing.reminders.late import NOW
from tests.billing.world import Village
from tests.portal.test_invoices_held import Held
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def log_in(page: Any, identifier: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_parent_finds_filters_and_downloads(open_page, axe, width):
    world = Village()
    world.treasury(payfip="012345")
    today = local(timezone.now()).date()
    late = {"issued_on": today - timedelta(days=40), "due_on": today - timedelta(days=1)}
    world.invoice(total="1234.56", **late)
    world.invoice(total="20.00", paid="20.00", month=today.replace(day=1), due_on=today + timedelta(days=40))
    page = open_page(width=width)
    log_in(page, world.durand.user.identifier)
    page.goto("/factures/")
    assert (axe(page), fits(page)) == ([], True)
    page.get_by_text("Filtrer les factures").click()
    page.select_option("#etat", "toutes")
    page.get_by_role("button", name="Filtrer").click()
    assert page.locator(".rows > li").count() == 2
    assert (axe(page), fits(page)) == ([], True)
    page.locator(".rows > li a").last.scroll_into_view_if_needed()
    page.goto("/factures/")
    page.locator(".rows > li a").first.click()
    assert (axe(page), fits(page)) == ([], True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert download.value.suggested_filename == "facture-2026-0001.pdf"


def test_a_home_reads_at_any_width_that_nothing_is_to_be_done(open_page, axe):
    with time_machine.travel(NOW):
        world = Held()
        world.drawn()
        bill = world.refused()
        page = open_page()
        log_in(page, world.durand.user.identifier)
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto("/factures/")
            expect(page.locator("main")).to_contain_text("Vous n’avez rien à faire pour le moment.")
            expect(page.get_by_text("en correction", exact=True)).to_be_visible()
            assert (axe(page), fits(page)) == ([], True)
            page.goto(f"/factures/{bill.pk}/")
            expect(page.locator("main")).to_contain_text("Vous n’avez rien à payer pour le moment")
            assert (axe(page), fits(page)) == ([], True)


def test_the_office_imports_a_month(open_page, axe, tmp_path):
    world = Village()
    file = tmp_path / "novembre.csv"
    home = world.durand.family.number
    row = f"{{}};{home};11/2026;05/12/2026;31/12/2026;Zoé;Cantine;Repas;2;4,35;8,70;{{}}"
    page = open_page(width=390)
    log_in(page, "guichet")
    for total, said in (("9,99", "1 ligne est à corriger"), ("8,70", "Le fichier est bon.")):
        file.write_text(csv_of(row.format("2026-1", total)), "cp1252")
        page.goto("/agents/factures/importer/")
        assert (axe(page), fits(page)) == ([], True)
        page.fill("[name=month]", "11/2026")
        page.set_input_files("[name=file]", file)
        page.get_by_role("button", name="Vérifier le fichier").click()
        assert said in page.inner_text("main")
        assert (axe(page), fits(page)) == ([], True)
    page.get_by_role("button", name="Importer").click()
    assert "Import terminé." in page.inner_text("body")
    for path in ("/agents/factures/", f"/agents/factures/tresorerie/{world.the_authority.pk}/"):
        page.goto(path)
        assert (axe(page), fits(page)) == ([], True)
