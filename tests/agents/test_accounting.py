"""« Comptabilité »: the office reads what an exercise comes to, opens each figure, and closes it."""

from __future__ import annotations

import io
import re
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F
from django.test import Client
from python_calamine import CalamineWorkbook

from marelle.agents.bills.closing_pdf import closing_pdf
from marelle.billing.accounting.frozen import draft_frozen
from marelle.billing.models import ExerciseClosing, Invoice, Treasury
from marelle.core.actor import Role
from marelle.core.french import euros_text, month_text
from marelle.places.models import Authority, Structure
from tests.billing.accounting.test_totals import Books
from tests.billing.pdf_text import text_of
from tests.standing import built_once

pytestmark = pytest.mark.django_db

ROOT = "/agents/factures/comptabilite/"
LINKED = re.compile(r'<td><span class="say">[^<]*</span><a href="([^"]+)">([^<]+)</a>')
IN_MARCH = "2027-03-02 09:00+01:00"


built = built_once(lambda: Books(4), now=IN_MARCH)


@pytest.fixture
def world(built, db, time_machine) -> Books:
    time_machine.move_to(IN_MARCH)
    return deepcopy(built)


@pytest.fixture
def office(world) -> Client:
    client = Client()
    client.force_login(world.guichet)
    return client


def page_of(world: Books) -> str:
    return f"{ROOT}{world.the_authority.pk}/2026/"


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def plain(amount: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", amount)


def test_each_figure_opens_the_rows_that_come_to_it(world, office):
    assert "Exercice 2026" in text(office.get(ROOT))
    page = office.get(page_of(world)).content.decode()
    links = LINKED.findall(page)
    assert len(links) > 20
    for url, amount in links:
        answer = office.get(url.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert f": {plain(amount)} en tout" in text(answer), url


def test_the_rows_lead_to_the_account_of_who_owes_them(world, office):
    answer = office.get(f"{page_of(world)}detail/?quoi=restes")
    account = f"/agents/factures/foyers/{world.durand.family.pk}/compte/"
    assert f'href="{account}"' in answer.content.decode()
    shown = text(office.get(f"{account}?jour=2026-12-31"))
    assert "Solde au 1er janvier 2026 rien à payer" in shown
    assert "Solde au 31 décembre 2026" in shown
    assert (
        f'href="{account}"'
        in office.get(f"/agents/factures/foyers/{world.durand.family.pk}/").content.decode()
    )
    for asked in ("", "?jour=x", "?jour=0001-01-01", "?jour=9999-12-31"):
        assert office.get(f"{account}{asked}").status_code == 200


def test_what_means_nothing_in_an_address_chooses_nothing(world, office):
    for query in (
        "",
        "?quoi=x",
        "?mois=2026-13",
        "?quoi=lignes&structure=x",
        "?quoi=lignes&activite=9999999999999999999",
        "?quoi=lignes&nom=%00&compte=%00",
    ):
        assert office.get(f"{page_of(world)}detail/{query}").status_code == 200


def test_the_workbook_has_amounts_as_numbers(world, office):
    answer = office.get(f"{page_of(world)}classeur/")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheet_names == ["Factures", "Lignes", "Paiements", "Soldes", "Totaux", "Codes"]
    rows = book.get_sheet_by_name("Factures").to_python()
    total = rows[0].index("Total")
    assert round(sum(row[total] for row in rows[1:]), 2) == float(
        sum(one.total for one in Invoice.objects.all())
    )


def test_an_exercise_is_closed_and_reopened(world, office):
    page = f"{page_of(world)}cloture/"
    shown = office.get(page).content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', shown)
    assert seen
    assert "ont changé entre-temps" in text(office.post(page, {"seen": "0"}, follow=True))
    assert "L’exercice est clos" in text(office.post(page, {"seen": seen[1]}, follow=True))
    row = ExerciseClosing.objects.get()
    assert row.sha256 == seen[1]
    closed = office.get(page)
    assert plain(euros_text(row.left)) in text(closed)
    assert 'name="reopen"' not in closed.content.decode()
    assert "clos" in text(office.get(ROOT))
    left = office.get(f"{page}fichier/?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(left) == 1 + row.rows.count()
    assert office.post(page, {"reopen": "1", "reason": "Un oubli"}).status_code == 404
    row.refresh_from_db()
    assert row.reopened_at is None
    chief = Client()
    chief.force_login(world.staff("admin", Role.ADMINISTRATOR))
    empty = chief.post(page, {"reopen": "1", "reason": ""})
    assert empty.status_code == 200
    assert "L’exercice est rouvert" in text(
        chief.post(page, {"reopen": "1", "reason": "Un oubli"}, follow=True)
    )
    assert "rouvert le mardi 2 mars 2027 à 9 h 00" in text(chief.get(page))


def closed_now(world: Books, office: Client) -> ExerciseClosing:
    page = f"{page_of(world)}cloture/"
    [seen] = re.findall(r'name="seen" value="([0-9a-f]+)"', office.get(page).content.decode())
    office.post(page, {"seen": seen})
    return ExerciseClosing.objects.get()


def test_a_closing_is_printed_for_the_comptable_the_same_each_time(world, office):
    world.treasury()
    paper = f"{page_of(world)}cloture/pdf/"
    assert office.get(paper).status_code == 404
    row = closed_now(world, office)
    assert f'href="{paper}"' in office.get(f"{page_of(world)}cloture/").content.decode()
    answer = office.get(paper)
    assert answer["Content-Type"] == "application/pdf"
    told = text_of(answer.content)
    for said in (
        "Clôture de l’exercice 2026", "À l’attention du comptable public, Trésorerie du Val d’Arelle",
        "Par mois facturé", "Par structure", "Par activité et code", "Ce qui était encore ouvert", "7067",
        "Ailleurs · Mercredis", row.sha256, euros_text(row.billed), euros_text(row.left_at_end),
    ):  # fmt: skip
        assert plain(said) in told, said
    for month, figures in draft_frozen(row).months:
        assert month_text(month).capitalize() in told
        assert plain(euros_text(figures.billed)) in told
    for left in row.rows.all():
        assert f"{left.number} " in told
        assert plain(euros_text(left.at_closing)) in told
    for bill in Invoice.objects.filter(kind="monthly"):
        world.pays(bill, bill.total, date(2027, 3, 1))
    Structure.objects.update(name="Autre nom")
    Authority.objects.update(name="Autre nom", address="Ailleurs")
    Treasury.objects.update(name="Autre nom")
    assert office.get(paper).content == answer.content


def test_a_paper_whose_rows_were_changed_says_so(world, office):
    row = closed_now(world, office)
    assert "ne correspond plus" not in text_of(closing_pdf(row))
    row.rows.filter(at_closing__gt=0).update(at_closing=F("at_closing") + 1)
    assert "ne correspond plus à son empreinte" in text_of(closing_pdf(row))


def test_a_paper_names_no_bill_of_a_home_that_is_close_and_counts_it(world, office):
    row = closed_now(world, office)
    count = row.rows.count()
    assert count > 2
    told = text_of(closing_pdf(row, but_homes=[world.durand.family.pk]))
    assert f"{count} lignes sont de foyers qui vous sont proches" in told
    assert not [one.number for one in row.rows.all() if one.number in told]
    assert plain(euros_text(row.left)) in told
    first, *others = [one.number for one in row.rows.all()]
    told = text_of(closing_pdf(row, listed=1))
    assert first in told
    assert not [number for number in others if number in told]
    assert f"{count - 1} autres factures sont dans le classeur des restes à recouvrer." in told


def test_a_closing_of_before_says_that_its_sums_were_not_frozen(world, office):
    row = closed_now(world, office)
    row.sums, row.head = {}, {}
    told = text_of(closing_pdf(row))
    assert "avant que les totaux par mois, structure et code soient figés" in told
    assert "Par mois facturé" not in told
    assert world.the_authority.name in told


def test_an_exercise_that_is_not_over_says_from_when(world, office, time_machine):
    time_machine.move_to("2026-12-31 09:00+01:00")
    page = f"{page_of(world)}cloture/"
    assert "l’exercice se clôt à partir du 1er janvier" in text(office.get(page))
    assert "L’année n’est pas finie" in text(office.post(page, {"seen": "0"}, follow=True))
    assert not ExerciseClosing.objects.exists()


def test_a_director_reads_none_of_it(world):
    client = Client()
    client.force_login(world.staff("direction", Role.DIRECTOR))
    for url in (
        ROOT,
        page_of(world),
        f"{page_of(world)}detail/",
        f"{page_of(world)}classeur/",
        f"{page_of(world)}cloture/",
        f"{ROOT}{world.the_authority.pk}/cantine-1-euro/",
        f"/agents/factures/foyers/{world.durand.family.pk}/compte/",
    ):
        assert client.get(url).status_code == 403


def test_the_account_of_a_payer(world, office):
    payer = world.the_authority.payers.create(
        kind="ccas", last_name="CCAS d’Arelle", street="1 rue Haute", postal_code="21000", city="Dijon"
    )
    Invoice.objects.create(
        authority=world.the_authority, family=world.durand.family, payer=payer, number="P-1",
        month=date(2027, 1, 1), issued_on=date(2027, 2, 5), due_on=date(2027, 3, 5), total=Decimal("31.20"),
    )  # fmt: skip
    shown = text(office.get(f"/agents/factures/payeurs/{payer.pk}/compte/"))
    assert (
        "Facture P-1 31,20 €" in re.sub(r"Montant :|Solde :", "", shown).replace("  ", " ")
        or "31,20 €" in shown
    )
    home = f"/agents/factures/foyers/{world.durand.family.pk}/compte/?jour=2027-12-31"
    assert "31,20" not in text(office.get(home))
    answer = office.get(f"/agents/factures/payeurs/{payer.pk}/compte/?jour=2027-12-31&format=csv")
    name = world.the_authority.name
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "Collectivité;Jour;Ce qui s’est passé;Montant;Solde",
        f"{name};2027-01-01;Solde au 1er janvier 2027;;0,00",
        f"{name};2027-02-05;Facture P-1;31,20;31,20",
        f"{name};2027-12-31;Solde au 31 décembre 2027;;31,20",
    ]
    book = office.get(f"{home}&format=xlsx")
    assert f'compte-{world.durand.family.number}.xlsx"' in book["Content-Disposition"]
    assert book.content.startswith(b"PK")


def test_the_page_of_meals_at_one_euro(world, office):
    page = f"{ROOT}{world.the_authority.pk}/cantine-1-euro/"
    assert "septembre à décembre 2026" in text(office.get(page))
    assert "janvier à avril 2027" in text(office.get(f"{page}?periode=2027-1"))
    for asked in ("?periode=x", "?periode=2027-4", "?periode=-"):
        assert office.get(page + asked).status_code == 200
    assert (
        office.get(f"{page}fichier/?periode=2026-3&format=csv")
        .content.decode("utf-8-sig")
        .startswith("Structure;")
    )
