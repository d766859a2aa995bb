"""What moves in from another software, in a real browser: read, compared to the cent, imported."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from marelle.billing.models import ImportRun, Invoice
from marelle.core.actor import Role
from tests.agents.test_rules_browser import logged_in
from tests.billing.files import csv_of
from tests.billing.moved import HEADERS, Moved

pytestmark = pytest.mark.django_db(transaction=True)


def sent(page: Any, label: str, content: str, month: str = "") -> None:
    page.goto("/agents/factures/importer/")
    page.get_by_role("radio", name=label).check()
    page.locator("input[name=month]").fill(month)
    page.locator("input[type=file]").set_input_files(
        {"name": "ancien.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.get_by_role("button", name="Vérifier le fichier").click()


def test_balances_are_put_right_then_compared_then_imported(open_page: Any, time_machine: Any) -> None:
    world = Moved()
    world.staff("guichet", Role.OFFICE)
    roy, sand = world.numbers
    page = logged_in(open_page(), "guichet")
    main = page.get_by_role("main")
    sent(
        page,
        "Soldes repris",
        csv_of(f"{roy};45,20;30/11/2026", "F99999;3,00;30/11/2026", header=HEADERS["balances"]),
    )
    expect(main).to_contain_text("1 ligne est à corriger")
    expect(main).to_contain_text("aucune famille n’a le numéro « F99999 »")
    expect(main.get_by_role("row", name="Ce que les familles doivent")).to_contain_text("-3,00")
    sent(
        page,
        "Soldes repris",
        csv_of(f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026", header=HEADERS["balances"]),
    )
    expect(main.get_by_role("row", name="Ce que les familles doivent")).to_contain_text("0,00")
    assert not Invoice.objects.exists()
    page.get_by_role("button", name="Importer").click()
    expect(main).to_contain_text("Import terminé")
    expect(main.get_by_role("row", name="Ce que la collectivité leur doit")).to_contain_text("4,00")
    page.get_by_role("button", name="Permettre les relances").click()
    expect(main).to_contain_text("peut être relancé")
    assert Invoice.objects.get().family == world.roy.family


def test_a_month_is_compared_home_by_home_and_told_as_a_csv(open_page: Any) -> None:
    world = Moved()
    world.staff("guichet", Role.OFFICE)
    roy, what = world.numbers[0], world.wednesdays.name
    page = logged_in(open_page(), "guichet")
    main = page.get_by_role("main")
    rows = (f"{roy};;{what};3;16,50", "F77;;Étude;1;2,00")
    sent(page, "Un mois en parallèle", csv_of(*rows, header=HEADERS["parallel"]), "11/2026")
    expect(main).to_contain_text("Ce mois n’est pas encore préparé")
    world.previews()
    page.reload()
    expect(main.get_by_role("row", name="Total")).to_contain_text("3,50")
    expect(main.get_by_role("row", name=f"{roy} Roy")).to_contain_text("pas la même quantité")
    expect(main.get_by_role("row", name="Sand")).to_contain_text("seulement dans Marelle")
    expect(main.get_by_role("row", name="F77")).to_contain_text("seulement dans l’autre logiciel")
    with page.expect_download() as told:
        page.get_by_role("link", name="Télécharger les différences").click()
    lines = told.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("famille;nom;activité")
    assert f"{roy};Roy;{what};3;16,50;2;11,00;-5,50;pas la même quantité" in lines
    page.get_by_role("link", name="seulement dans Marelle").click()
    expect(main.get_by_role("row", name="F77")).to_have_count(0)
    page.get_by_role("button", name="Effacer ce fichier").click()
    expect(main).to_contain_text("Le fichier envoyé est effacé")
    assert not ImportRun.objects.exists()
    assert not Invoice.objects.exists()
