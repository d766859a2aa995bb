"""The PDF of a bill: it opens, is tagged, says what the page says and what the law wants."""

from __future__ import annotations

import io
import re
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from marelle.billing.addressed import Addressed
from marelle.billing.models import Addressee, BillingRun, Invoice, InvoiceLine, Payer, Treasury
from marelle.billing.pdf import invoice_pdf
from marelle.billing.runs.addressing import addressees_write
from marelle.billing.selectors import InvoicePage, addressed_of, invoice_page, treasury_of
from marelle.core.clock import PARIS
from marelle.core.kept import kept_changed
from marelle.families.models import Family, Person, Residence
from marelle.files.pdfs import clean_pdf
from marelle.files.typeset import pages_in
from marelle.mail.letterhead import Letterhead
from marelle.places.models import Authority, Look
from tests.billing.pdf_text import text_of
from tests.billing.world import Village
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def made(world, invoice) -> bytes:
    page = invoice_page(world.durand.actor, invoice.pk)
    assert page is not None
    return invoice_pdf(page, addressed=addressed_of(page.invoice), treasury=treasury_of(invoice.authority_id))


def test_it_opens_is_tagged_and_in_french(world):
    world.treasury()
    with pikepdf.open(io.BytesIO(made(world, world.invoice()))) as document:
        root = document.Root
        assert root.MarkInfo.Marked
        assert root.Lang == "fr-FR"
        assert root.ViewerPreferences.DisplayDocTitle
        kinds = {str(thing.S) for thing in document.objects if _is_tag(thing)}
        assert {"/Table", "/TH", "/TD", "/H1", "/H2", "/P"} <= kinds
        with document.open_metadata() as told:
            assert told["pdfuaid:part"] == "1"
            assert told["dc:title"] == "Facture 2026-0001"
        assert len(document.pages) == 1


def test_the_logo_stands_above_the_name_with_its_alternative(world, client):
    invoice = world.invoice()
    page = invoice_page(world.durand.actor, invoice.pk)
    logo = io.BytesIO()
    Image.new("RGBA", (480, 138), "teal").save(logo, "PNG")
    with_logo = invoice_pdf(
        page,
        addressed=addressed_of(invoice),
        treasury=None,
        letterhead=Letterhead(logo=logo.getvalue(), logo_size=(480, 138)),
    )
    assert _figures(with_logo) == [invoice.authority.name]
    assert _figures(made(world, invoice)) == []
    Look.objects.create(authority=invoice.authority, logo=logo.getvalue())
    kept_changed()
    client.force_login(world.durand.user)
    downloaded = client.get(f"/factures/{invoice.pk}/pdf/")
    assert _figures(downloaded.getvalue()) == [invoice.authority.name]


def test_it_shows_the_same_total_and_lines_as_the_page(world, client, time_machine):
    time_machine.move_to(datetime(2026, 11, 25, 21, 14, tzinfo=PARIS))
    world.treasury(payfip="012345")
    invoice = world.invoice(total="1234.56")
    client.force_login(world.durand.user)
    page = re.sub(r"[\s\u00a0\u202f]+", " ", client.get(f"/factures/{invoice.pk}/").content.decode())
    (total,) = re.findall(r"<dt>Total</dt><dd>([^<]+)</dd>", page)
    text = text_of(made(world, invoice))
    assert total == "1 234,56 €"
    assert "<dt>Référence de la dette</dt><dd>2026-0001</dd>" in page
    assert f"Total à payer {total}" in re.sub(r" +", " ", text)
    for told in (
        "Facture 2026-0001",
        "Famille Durand",
        "rue des Durand",
        "21999 Arelle",
        world.the_authority.name,
        "octobre 2026",
        "15 décembre 2026",
        "Zoé Durand",
        "Restauration : Repas",
        "Trésorerie du Val d’Arelle",
        "012345",
        "Dans les deux mois, devant le tribunal administratif.",
        "Agnès Aubry, présidente",
    ):
        assert told in text, told


def test_marks_of_the_typesetting_language_are_mere_letters(world):
    invoice = world.invoice()
    InvoiceLine.objects.update(activity='#read("/etc/passwd") *gras* $x$ <a> @b \\ `c`')
    assert '#read("/etc/passwd") *gras* $x$ <a> @b \\ `c`' in text_of(made(world, invoice))


@pytest.mark.parametrize("label", ["Atelier 😀", "中文", "bip\x07", "x" * 160, "mot\u202e tourné", ""])
def test_what_no_font_draws_does_not_stop_it(world, label):
    invoice = world.invoice()
    InvoiceLine.objects.update(label=label)
    assert made(world, invoice).startswith(b"%PDF-")


def test_a_long_invoice_runs_over_pages_and_keeps_its_header(world):
    invoice = world.invoice(total="120.00")
    InvoiceLine.objects.all().delete()
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, child=world.zoe, activity="Repas", label=f"jour {number}", quantity=1,
            unit_price=Decimal(1), amount=Decimal(1), order=number,
        )
        for number in range(120)
    )  # fmt: skip
    content = made(world, invoice)
    with pikepdf.open(io.BytesIO(content)) as document:
        assert len(document.pages) > 2
    text = text_of(content)
    assert text.count("Prix unitaire") > 2
    assert all(f"jour {number} " in text for number in range(120))


def test_the_same_invoice_gives_the_same_bytes(world):
    invoice = world.invoice()
    assert made(world, invoice) == made(world, invoice)


def test_without_a_treasury_nor_an_address_it_is_made_all_the_same(world):
    martin = world.home("Martin", address=False)
    invoice = world.invoice(martin, issued_on=date(2019, 1, 1), due_on=date(2019, 2, 1))
    page = invoice_page(martin.actor, invoice.pk)
    assert page is not None
    assert "Famille Martin" in text_of(invoice_pdf(page, addressed=addressed_of(page.invoice), treasury=None))


def test_it_stays_tagged_once_made_harmless_as_if_it_were_sent_back(world):
    cleaned = clean_pdf(made(world, world.invoice()))
    with pikepdf.open(io.BytesIO(cleaned.content)) as document:
        assert "/StructTreeRoot" in document.Root


@dataclass
class Line:
    child: Person | None
    activity: str
    label: str
    amount: str
    days: tuple[str, ...] = ()


LONG = tuple(f"2026-11-{day:02}" for day in range(1, 18))
MEALS = ("2026-11-03", "2026-11-05", "2026-11-06")


def here(world, *lines: Line, **fields: object):
    """A bill that was made here."""
    run = BillingRun.objects.create(
        authority=world.the_authority, month=date(2026, 11, 1), cutoff=date(2026, 11, 30),
        issued_on=date(2026, 12, 1), due_on=date(2026, 12, 31), exercise=2026, state="issued",
        started_at=datetime(2026, 12, 1, tzinfo=PARIS), started_by="Nadège",
    )  # fmt: skip
    text = Addressed(
        "Durand-Œuvrard", "F00009", "Zoë", "mrs", more="Bâtiment B", street="14 rue de l’Éœuf",
        postal_code="21990", city="Brisecombe",
    )  # fmt: skip
    invoice = Invoice.objects.create(
        **{
            "authority": world.the_authority, "family": world.durand.family, "number": "2026-000123",
            "month": run.month, "issued_on": run.issued_on, "due_on": run.due_on, "run": run,
            "total": sum((Decimal(line.amount) for line in lines), Decimal(0)), **fields,
        }
    )  # fmt: skip
    addressees_write([(invoice, text)])
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, child=line.child, activity=line.activity, label=line.label, order=order,
            quantity=Decimal(len(line.days) or 1), amount=Decimal(line.amount), days=list(line.days),
            unit_price=Decimal(line.amount) / (len(line.days) or 1),
        )
        for order, line in enumerate(lines, 1)
    )  # fmt: skip
    return invoice


def test_a_bill_made_here_bears_all_that_the_law_wants(world):
    Authority.objects.update(siret="20001234500017", address="2 place de la Mairie, 21990 Arelle")
    world.the_authority.refresh_from_db()
    world.treasury(payfip="012345", court="Tribunal administratif de Dijon, 22 rue d’Assas, 21000 Dijon")
    invoice = here(
        world,
        Line(world.zoe, "Restauration", "Repas · tarif 3", "12.30", MEALS),
        Line(world.zoe, "Mercredis", "Matin · tarif 2", "11.00", ("2026-11-04", "2026-11-25")),
        Line(
            world.zoe, "Mercredis", "Régularisation, octobre 2026\u00a0: absence · Matin", "-5.50",
            ("2026-10-14",),
        ),
        Line(world.leo, "Restauration", "Repas", "4.10", ("2026-11-03",)),
        regie="Enfance",
    )  # fmt: skip
    text = text_of(made(world, invoice))
    for told in (
        # Who, to whom, which
        world.the_authority.name, "SIRET 200 012 345 00017", "2 place de la Mairie, 21990 Arelle",
        "Facture de novembre 2026", "2026-000123", "F00009", "Exercice", "Régie", "Enfance",
        "1er décembre 2026",
        "Mme Zoë Durand-Œuvrard", "Bâtiment B", "14 rue de l’Éœuf", "21990 Brisecombe",
        "À payer avant le 31 décembre 2026", "Total à payer", "21,90 €",
        # What it is made of
        "Zoé Durand", "Restauration : Repas · tarif 3", "3, 5, 6 nov.", "4,10 €", "12,30 €",
        "Matin · tarif 2", "4, 25 nov.", "5,50 €",
        "Régularisation, octobre 2026 : absence · Matin", "14 oct.", "-5,50 €", "Sous-total", "17,80 €",
        # How to pay and to contest, and what makes it a title
        "www.payfip.gouv.fr", "012345", "2026000123", "Trésorerie du Val d’Arelle",
        "3 place du Marché, 21999 Arelle",
        "Dans les deux mois, devant le tribunal administratif.",
        "Tribunal administratif de Dijon, 22 rue d’Assas, 21000 Dijon", "www.telerecours.fr",
        "Émise et rendue exécutoire par Agnès Aubry, présidente.",
        "article L. 252 A du livre des procédures fiscales", "articles R. 2342-4 et D. 3342-11 du code",
    ):  # fmt: skip
        assert told in text, told
    assert "Durand Œ" not in text


def test_without_payfip_nor_court_nothing_is_said_of_them(world):
    world.treasury(executory="Titre pris comme notre comptable le demande.")
    text = text_of(made(world, here(world, Line(world.zoe, "Restauration", "Repas", "4.10", MEALS[:1]))))
    assert not {"payfip", "telerecours", "Référence"} & set(re.findall(r"\w+", text))
    assert "Titre pris comme notre comptable le demande." in text
    assert "252" not in text


def test_a_bill_that_came_by_a_file_is_no_title_of_ours(world):
    world.treasury(payfip="012345")
    text = text_of(made(world, world.invoice()))
    assert "exécutoire" not in text
    assert "Émise par Agnès Aubry, présidente." in text
    assert "2026-0001" in text
    assert "Jours" not in text


def test_it_is_addressed_to_the_words_that_were_frozen(world):
    invoice = here(world, Line(world.zoe, "Restauration", "Repas", "4.10", MEALS[:1]))
    before = made(world, invoice)
    Residence.objects.update(street="1 rue d’Ailleurs")
    Person.objects.filter(memberships__kind="adult").update(last_name="Leblanc")
    assert made(world, invoice) == before


def test_a_month_of_two_children_fits_on_a_page(world):
    world.treasury(payfip="012345", court="Tribunal administratif de Dijon, 22 rue d’Assas, 21000 Dijon")
    labels = (
        "Matin",
        "Soir",
        "Régularisation, octobre 2026 : absence · Matin + Repas (0,00 € au lieu de 7,50 €)",
    )
    lines = [
        Line(child, activity, label, "17.00", LONG)
        for child in (world.zoe, world.leo)
        for activity, labels_of in (
            ("Restauration", labels[:1]),
            ("Périscolaire", labels[:2]),
            ("Mercredis", labels[1:]),
        )
        for label in labels_of
    ]
    assert len(lines) == 10
    assert _pages(made(world, here(world, *lines))) == 1


def test_thirty_lines_go_on_over_a_page_under_their_head(world):
    world.treasury()
    lines = [Line(world.zoe, "Mercredis", f"Créneau numéro {n}", "17.00", LONG) for n in range(30)]
    content = made(world, here(world, *lines))
    assert _pages(content) == pages_in(content) == 2
    text = text_of(content)
    assert text.count("Prix unitaire") == 2
    assert text.count("Zoé Durand") == 2, "the child is named again on the page that goes on"
    assert all(f"Créneau numéro {n} " in text for n in range(30))


@pytest.mark.parametrize("name", ["Ærøskøbing", "Łukasz Žižek", "D’Œuvrard-Ÿ", "Nguyễn", "O'Neil-Þór"])
def test_names_are_drawn_as_they_are_written(world, name):
    invoice = here(world, Line(world.zoe, name, "Repas", "4.10", MEALS[:1]))
    Addressee.objects.update(last_name=name)
    assert text_of(made(world, invoice)).count(name) >= 2


def test_an_emoji_is_a_question_mark_and_the_rest_stays(world):
    invoice = here(world, Line(world.zoe, "Restauration", "Repas 😀", "4.10", MEALS[:1]))
    Addressee.objects.update(first_name="Zoë 🦄")
    text = text_of(made(world, invoice))
    assert "Zoë ? Durand-Œuvrard" in text
    assert "Repas ?" in text


def test_its_parts_are_tagged(world):
    world.treasury(payfip="012345")
    invoice = here(world, Line(world.zoe, "Restauration", "Repas", "4.10", MEALS[:1]))
    with pikepdf.open(io.BytesIO(made(world, invoice))) as document:
        kinds = [str(thing.S) for thing in document.objects if _is_tag(thing)]
        assert kinds.count("/H1") == 1
        assert {"/Table", "/THead", "/TH", "/TD", "/H2", "/P", "/Link"} <= set(kinds)
        assert kinds.count("/Table") == 1, "nothing but the lines is a table"
        with document.open_metadata() as told:
            assert told["pdfuaid:part"] == "1"


def _pages(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as document:
        return len(document.pages)


def _figures(content: bytes) -> list[str]:
    """The alternatives of the pictures of a PDF."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return [str(tag.Alt) for tag in document.objects if _is_tag(tag) and tag.S == "/Figure"]


def _is_tag(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and "/S" in thing and "/P" in thing and "/K" in thing


def test_a_credit_note_asks_for_nothing_and_says_what_it_takes_from(world):
    world.treasury(payfip="012345", court="Tribunal administratif de Dijon")
    bill = here(world, Line(world.zoe, "Restauration", "Repas", "12.30", MEALS))
    credit = Invoice.objects.create(
        authority=world.the_authority, family=world.durand.family, number="2026-000124", month=bill.month,
        issued_on=bill.issued_on, due_on=bill.due_on, total=Decimal("-4.10"), kind="credit", corrects=bill,
        reason="Zoé était malade le 3.", run=bill.run,
    )  # fmt: skip
    addressees_write([(credit, bill.addressee.text)])
    InvoiceLine.objects.create(
        invoice=credit, child=world.zoe, activity="Restauration", label="Régularisation", order=1,
        quantity=Decimal(1), unit_price=Decimal("-4.10"), amount=Decimal("-4.10"), days=["2026-11-03"],
    )  # fmt: skip
    content = made(world, credit)
    text = text_of(content)
    for told in (
        "Avoir de novembre 2026", "Avoir n°", "En votre faveur 4,10 €", "Corrige la facture", "2026-000123",
        "Motif de la correction : Zoé était malade le 3.", "Ce montant est retiré de la facture 2026-000123.",
        "Total de l’avoir", "-4,10 €", "Émis par Agnès Aubry, présidente.", "Tribunal administratif de Dijon",
    ):  # fmt: skip
        assert told in text, told
    assert not {"payer", "payfip", "exécutoire"} & set(re.findall(r"\w+", text))
    with pikepdf.open(io.BytesIO(content)) as document, document.open_metadata() as told:
        assert told["dc:title"] == "Avoir 2026-000124"


def test_a_further_bill_says_which_one_it_completes_and_why(world):
    world.treasury()
    bill = here(world, Line(world.zoe, "Restauration", "Repas", "12.30", MEALS))
    Invoice.objects.filter(pk=bill.pk).update(number="2026-000100")
    bill.refresh_from_db()
    further = here(
        world, Line(world.zoe, "Restauration", "Repas", "4.10", MEALS[:1]), kind="further", corrects=bill,
        reason="Venue sans réservation.",
    )  # fmt: skip
    text = text_of(made(world, further))
    assert "Facture complémentaire de novembre 2026" in text
    assert "Corrige la facture 2026-000100" in text
    assert "Motif de la correction : Venue sans réservation." in text
    assert "Émise et rendue exécutoire" in text


def test_who_pays_for_a_home_reads_its_own_reference_and_whose_it_is(world):
    payer = Payer.objects.create(authority=world.the_authority, kind="ccas", last_name="CCAS d’Arelle")
    bill = here(world, Line(world.zoe, "Restauration", "Repas", "4.10", MEALS[:1]), payer=payer)
    Addressee.objects.filter(invoice=bill).update(
        kind="ccas", civility="", first_name="", last_name="CCAS d’Arelle", reference="T00004"
    )
    bill = Invoice.objects.select_related("authority", "family", "run").get(pk=bill.pk)
    page = InvoicePage(bill, tuple(bill.lines.all()))
    text = text_of(invoice_pdf(page, addressed=addressed_of(bill), treasury=None))
    assert "Votre référence T00004" in text
    assert f"Dossier famille {world.durand.family.number}" in text
    assert "CCAS d’Arelle" in text
    assert "Zoé Durand" in text


def test_what_stands_beside_the_address_may_be_long(world):
    Authority.objects.update(name="Communauté de communes " * 4, address="1 rue de la Mairie, " * 9)
    world.the_authority.refresh_from_db()
    invoice = here(world, Line(world.zoe, "Restauration", "Repas", "4.10", MEALS[:1]), regie="Régie " * 6)
    assert "Restauration : Repas" in text_of(made(world, invoice))


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(ANYTHING, ANYTHING, ANYTHING)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_somewhere_a_bill_is_made(name, label, told):
    """A file of families read in the wrong encoding leaves signs that nobody sees."""
    authority, day = Authority(pk=1, name="Arelle", address=told), date(2026, 12, 1)
    invoice = Invoice(
        authority=authority, family=Family(name=name), number="2026-000001", month=date(2026, 11, 1),
        issued_on=day, due_on=day, total=Decimal(1), regie=label,
    )  # fmt: skip
    line = InvoiceLine(
        invoice=invoice, child=Person(first_name=name), activity=label, label=told, quantity=Decimal(1),
        unit_price=Decimal(1), amount=Decimal(1),
    )  # fmt: skip
    treasury = Treasury(authority=authority, name=told, how_to_pay=label, how_to_contest=told, signatory=name)
    content = invoice_pdf(
        InvoicePage(invoice, (line,)), addressed=Addressed(name, "F1", street=told), treasury=treasury
    )
    assert pages_in(content) >= 1


@pytest.mark.parametrize(
    ("written", "drawn"),
    [("L\x92Isle", "L?Isle"), ("C:\\bin\x08", "C:\\bin?"), ("\\u0012 \u0378", "\\u0012 ?")],
)
def test_what_no_font_draws_is_a_question_mark_and_nothing_else_is(world, written, drawn):
    invoice = here(world, Line(world.zoe, written, "Repas", "4.10", MEALS[:1]))
    assert f"{drawn} : Repas" in text_of(made(world, invoice))


def test_who_pays_for_a_home_never_reads_where_it_lives(world):
    payer = Payer.objects.create(authority=world.the_authority, kind="ccas", last_name="CCAS d’Arelle")
    Residence.objects.filter(family=world.durand.family).update(street="3 rue Cachée")
    bill = here(world, Line(world.zoe, "Restauration", "Repas", "4.10", MEALS[:1]), payer=payer)
    Addressee.objects.filter(invoice=bill).delete()
    bill = Invoice.objects.select_related("authority", "family", "run").get(pk=bill.pk)
    told = addressed_of(bill)
    assert (told.name, told.reference, told.place) == ("CCAS d’Arelle", f"P{payer.pk}", payer.addressed.place)
