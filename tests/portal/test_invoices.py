"""« Mes factures » through a parent's eyes: what is to pay, the rest on demand, nothing of another home."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from marelle.billing.models import ImportRun, Invoice, InvoiceLine
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.french import euros_text
from marelle.files.services import file_make
from marelle.flows.actor.actors import ACTING_FOR
from tests.billing.files import pdf
from tests.billing.world import Village
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TREASURY_PAYS = (
    "Les factures restent à régler auprès du Trésor public. "
    "Vous ne pouvez pas régler directement via le portail famille"
)


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def test_by_default_the_monthly_ones_to_pay(world, parent):
    world.treasury()
    world.invoice(total="86.40", month=date(2026, 10, 1))
    world.invoice(total="30.00", paid="10.00", month=date(2026, 9, 1))
    world.invoice(total="11.11", paid="11.11", month=date(2026, 8, 1))
    world.invoice(total="22.22", cancelled_on=date(2026, 11, 1))
    world.invoice(total="33.33", kind="other")
    page = text(parent.get("/factures/"))
    assert TREASURY_PAYS in page
    assert "Factures mensuelles à payer : 106,40 € en tout" in page
    assert "Octobre 2026" in page
    assert "à payer avant le 15 décembre 2026" in page
    assert "payée en partie" in page
    for hidden in ("11,11", "22,22", "33,33"):
        assert hidden not in page
    assert "1 autre facture est aussi à payer." in page
    assert "Trésorerie du Val d’Arelle" in page
    assert "devant le tribunal administratif" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("etat=payees", {"11,11"}),
        ("etat=annulees", {"22,22"}),
        ("etat=toutes", {"10,10", "11,11", "22,22"}),
        ("nature=autres", {"33,33"}),
        ("etat=toutes&nature=toutes", {"10,10", "11,11", "22,22", "33,33"}),
        ("etat=toutes&periode=2026-08", {"11,11"}),
        ("etat=toutes&structure={structure}", {"10,10"}),
        ("etat=toutes&structure=collectivite-{authority}", {"11,11", "22,22"}),
        ("etat=payees&periode=2026-10", set()),
        ("etat=x&nature=%00&periode=1850-01&structure=999&page=-4", {"10,10"}),
        ("etat=<script>", {"10,10"}),
    ],
)
def test_the_filters(world, parent, query, shown):
    world.invoice(total="10.10", structure=world.the_structure)
    world.invoice(total="11.11", paid="11.11", month=date(2026, 8, 1))
    world.invoice(total="22.22", cancelled_on=date(2026, 11, 1))
    world.invoice(total="33.33", kind="other", structure=world.structure("Ailleurs"))
    answer = parent.get(
        f"/factures/?{query.format(structure=world.the_structure.pk, authority=world.the_authority.pk)}"
    )
    assert answer.status_code == 200
    rows = re.findall(r"<li>.*?</li>", answer.content.decode(), re.DOTALL)
    found = {amount for row in rows for amount in re.findall(r"\d\d,\d\d", row)}
    assert found == shown
    assert "<script>" not in answer.content.decode().replace("<script src", "")


def test_a_late_invoice_is_told_gently(world, parent):
    invoice = world.invoice(due_on=date(2026, 11, 24))
    page = text(parent.get("/factures/"))
    assert "en retard" in page
    assert "· était à payer avant le 24 novembre 2026" in page
    bill = text(parent.get(f"/factures/{invoice.pk}/"))
    assert "La date du 24 novembre 2026 est passée." in bill
    assert "Si vous avez déjà payé, vous n’avez rien à faire" in bill
    invoice.due_on = date(2026, 11, 25)
    invoice.save()
    assert "en retard" not in text(parent.get("/factures/"))


def test_nothing_yet_and_nothing_to_pay_each_say_so(world, parent):
    page = text(parent.get("/factures/"))
    assert "Aucune facture pour le moment" in page
    assert "à la fin du mois" not in page, "a home that is enrolled nowhere has none to come"
    world.invoice(total="10.00", paid="10.00")
    assert "Rien à payer pour le moment" in text(parent.get("/factures/"))


def test_one_invoice_by_child_and_activity_with_what_was_paid(world, parent):
    world.treasury(payfip="012345")
    invoice = world.invoice(total="50.00", paid="12.50", paid_on=date(2026, 11, 20))
    InvoiceLine.objects.all().delete()
    lines = [
        (world.zoe, "Restauration", "Repas", "4", "4.35", "17.40"),
        (world.leo, "Mercredis", "Journée", "2.5", "12.04", "30.10"),
        (world.zoe, "Périscolaire", "", "1", "4.0000", "4.00"),
        (None, "Adhésion", "réduction", "1", "-1.5", "-1.50"),
    ]
    for order, (child, activity, label, quantity, price, amount) in enumerate(lines, start=1):
        InvoiceLine.objects.create(
            invoice=invoice, child=child, activity=activity, label=label, order=order,
            quantity=Decimal(quantity), unit_price=Decimal(price), amount=Decimal(amount),
        )  # fmt: skip
    page = text(parent.get(f"/factures/{invoice.pk}/"))
    assert "Restauration : Repas 4 × 4,35 € 17,40 €" in page
    assert "Mercredis : Journée 2,5 × 12,04 € 30,10 €" in page
    assert "Sous-total 21,40 €" in page
    assert "Pour le foyer" in page
    assert "-1,50 €" in page
    assert "Total 50,00 €" in page
    assert "Payé le 20 novembre 2026 12,50 €, état des paiements" in page
    assert "Reste à payer 37,50 €" in page
    assert TREASURY_PAYS in page
    assert "identifiant de la collectivité 012345" in page


@pytest.mark.parametrize("kind", ["payments", "tresor", "tresor_csv"])
def test_until_when_payments_are_known(world, parent, kind):
    invoice = world.invoice()
    ImportRun.objects.create(
        authority=world.the_authority, kind=kind, file_name="x", sha256="x",
        prepared_at=NOW, done_at=datetime(2026, 11, 20, 9, tzinfo=PARIS),
    )  # fmt: skip
    assert "Paiements connus ici jusqu’au 20 novembre 2026." in text(parent.get(f"/factures/{invoice.pk}/"))


def test_only_ones_own_home_never_the_other_home_of_a_child(world, parent, client):
    petit = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, petit)
    mine, theirs = world.invoice(), world.invoice(petit, total="77.77")
    assert "77,77" not in text(parent.get("/factures/?etat=toutes&nature=toutes"))
    for path in (f"/factures/{theirs.pk}/", f"/factures/{theirs.pk}/pdf/", f"/factures/{10**17}/"):
        assert parent.get(path).status_code == 404
    client.force_login(petit.user)
    assert client.get(f"/factures/{mine.pk}/").status_code == 404
    assert client.get(f"/factures/{theirs.pk}/").status_code == 200


def test_a_family_that_has_left_still_reads_its_bills(world, parent):
    world.durand.family.left_on = date(2026, 9, 1)
    world.durand.family.save()
    invoice = world.invoice(total="10.00")
    assert "10,00 €" in text(parent.get("/factures/"))
    assert parent.get(f"/factures/{invoice.pk}/pdf/").status_code == 200


def test_an_agent_in_the_familys_name_reads_those_of_its_own_authority(world, client):
    mairie = world.authority("Mairie")
    ours, village = world.invoice(total="10.10"), world.invoice(total="77.77", authority=mairie)
    client.force_login(world.guichet)
    session = client.session
    session[ACTING_FOR] = world.durand.family.pk
    session.save()
    page = text(client.get("/factures/"))
    assert "10,10" in page
    assert "77,77" not in page
    assert client.get(f"/factures/{ours.pk}/").status_code == 200
    assert client.get(f"/factures/{village.pk}/").status_code == 404
    assert client.get(f"/factures/{village.pk}/pdf/").status_code == 404
    client.force_login(world.staff("mairie", Role.OFFICE, authority=mairie))
    session = client.session
    session[ACTING_FOR] = world.durand.family.pk
    session.save()
    assert client.get(f"/factures/{village.pk}/").status_code == 200


def test_the_imported_pdf_is_served_as_a_download(world, parent):
    invoice = world.invoice()
    content = pdf("imported")
    invoice.pdf = file_make(
        actor=SYSTEM, content=content, name="2026-0001.pdf", pages=1, family_id=invoice.family_id, now=NOW
    )
    invoice.save()
    answer = parent.get(f"/factures/{invoice.pk}/pdf/")
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/pdf"


def test_the_pdf_made_is_a_download_that_nothing_keeps(world, parent):
    invoice = world.invoice()
    answer = parent.get(f"/factures/{invoice.pk}/pdf/")
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith(f'attachment; filename="facture-{invoice.number}.pdf"')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert Invoice.objects.get().pdf is None


def test_the_cost_is_the_same_with_many(world, parent, count_queries):
    world.treasury()
    invoice = world.invoice(structure=world.the_structure)
    parent.get("/factures/")
    with count_queries(8) as few:
        parent.get("/factures/")
    with count_queries(8) as few_lines:
        parent.get(f"/factures/{invoice.pk}/")
    for number in range(12):
        world.invoice(structure=world.structure(f"Lieu {number}"), month=date(2026, number % 12 + 1, 1))
        InvoiceLine.objects.create(
            invoice=invoice, child=world.leo, activity="Mercredis", label=f"Jour {number}",
            quantity=1, unit_price=1, amount=1, order=number + 2,
        )  # fmt: skip
    with count_queries() as many:
        page = parent.get("/factures/")
    with count_queries() as many_lines:
        parent.get(f"/factures/{invoice.pk}/")
    assert (len(many), len(many_lines)) == (len(few), len(few_lines))
    assert euros_text(Decimal("520.00")) in page.content.decode()
