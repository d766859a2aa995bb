"""The PDF of an invoice that came without one: it opens, is tagged, and says what the page says."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from decimal import Decimal

import pikepdf
import pytest
from PIL import Image

from marelle.billing.models import InvoiceLine
from marelle.billing.pdf import invoice_pdf
from marelle.billing.selectors import address_of, invoice_page, treasury_of
from marelle.core.clock import PARIS
from marelle.core.kept import kept_changed
from marelle.files.pdfs import clean_pdf
from marelle.places.models import Look
from tests.billing.pdf_text import text_of
from tests.billing.world import Village

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Village:
    return Village()


def made(world, invoice) -> bytes:
    page = invoice_page(world.durand.actor, invoice.pk)
    assert page is not None
    return invoice_pdf(page, address=address_of(invoice), treasury=treasury_of(invoice.authority_id))


def test_it_opens_is_tagged_and_in_french(world):
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
    with_logo = invoice_pdf(page, address=None, treasury=None, logo=logo.getvalue())
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
    assert "Famille Martin" in text_of(invoice_pdf(page, address=None, treasury=None))


def test_it_stays_tagged_once_made_harmless_as_if_it_were_sent_back(world):
    cleaned = clean_pdf(made(world, world.invoice()))
    with pikepdf.open(io.BytesIO(cleaned.content)) as document:
        assert "/StructTreeRoot" in document.Root


def _figures(content: bytes) -> list[str]:
    """The alternatives of the pictures of a PDF."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return [str(tag.Alt) for tag in document.objects if _is_tag(tag) and tag.S == "/Figure"]


def _is_tag(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and "/S" in thing and "/P" in thing and "/K" in thing
