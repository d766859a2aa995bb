"""« Frais de garde » as the home and the office read them: a year that is over has its statement."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from decimal import Decimal

import pikepdf
import pytest
from django.test import Client

from marelle.billing.models import Invoice, InvoiceLine
from marelle.core.clock import PARIS
from tests.billing.pdf_text import text_of
from tests.billing.world import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 4, 21, 14, tzinfo=PARIS)


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    world = Village()
    world.treasury()
    bill = world.invoice(total="24.00", paid="24.00")
    bill.lines.all().delete()
    InvoiceLine.objects.create(
        invoice=bill, child=world.leo, activity="Mercredis", of_activity=world.activity("Mercredis"),
        label="Matin", quantity=2, unit_price=12, amount=Decimal("24.00"), order=1,
    )  # fmt: skip
    world.invoice(total="8.00", paid="8.00", paid_on=date(2027, 1, 2))
    return world


def address(world: Village, year: int) -> str:
    return f"/factures/frais-de-garde/{world.the_authority.pk}/{year}/"


def text(response) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_home_reads_its_years_and_downloads_those_that_are_over(world, client):
    client.force_login(world.durand.user)
    assert "/factures/frais-de-garde/" in client.get("/factures/").content.decode()
    page = client.get("/factures/frais-de-garde/")
    assert "Frais de garde payés en 2026 : 24,00 €" in text(page)
    assert "8,00 €" in text(page)
    assert "L’année n’est pas finie" in text(page)
    assert [address(world, year) in page.content.decode() for year in (2026, 2027)] == [True, False]
    made = client.get(address(world, 2026))
    assert 'filename="attestation-frais-de-garde-2026.pdf"' in made["Content-Disposition"]
    said = text_of(made.content)
    for words in (
        "Attestation de frais de garde 2026", "Camille Durand", "Léo Durand", "24,00 €",
        "Fait le 4 janvier 2027.", "Agnès Aubry, présidente", "article 200 quater B",
    ):  # fmt: skip
        assert words in said
    with pikepdf.open(io.BytesIO(made.content)) as document:
        assert document.Root.MarkInfo.Marked
        assert len(document.pages) == 1
    assert [client.get(address(world, year)).status_code for year in (2025, 2027)] == [404, 404]
    assert client.get(f"/factures/frais-de-garde/{world.the_authority.pk + 999}/2026/").status_code == 404


def test_another_home_reads_nothing_of_it(world, client):
    other = world.home("Morel", "Nadia")
    world.shared(world.leo, world.durand, other)
    client.force_login(other.user)
    assert "Aucun paiement connu" in text(client.get("/factures/frais-de-garde/"))
    assert client.get(address(world, 2026)).status_code == 404


def test_the_office_reads_the_same(world, client):
    client.force_login(world.guichet)
    months = f"/agents/factures/foyers/{world.durand.family.pk}/"
    assert f"{months}frais-de-garde/" in client.get(months).content.decode()
    assert "Frais de garde payés en 2026 : 24,00 €" in text(client.get(f"{months}frais-de-garde/"))
    mine = f"{months}frais-de-garde/{world.the_authority.pk}/2026/"
    parent = Client()
    parent.force_login(world.durand.user)
    assert text_of(client.get(mine).content) == text_of(parent.get(address(world, 2026)).content)
    elsewhere = world.authority("Ailleurs")
    Invoice.objects.update(authority=elsewhere)
    assert "Aucun paiement" in text(client.get(f"{months}frais-de-garde/"))
    assert client.get(f"{months}frais-de-garde/{elsewhere.pk}/2026/").status_code == 404
