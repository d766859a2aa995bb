"""The office notes who pays besides a home, and what of it."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from marelle.billing.models import Coverage, Invoice, Payer
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.core.actor import Role
from marelle.families.models import Guardianship, Member
from marelle.places.models import Post
from tests.flows.bills.billed import FIRST, NOW, Billed
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

PAYERS = "/agents/factures/payeurs/"
SAID = {
    "kind": "department", "last_name": "Département de la Côte", "siret": "200 000 107 00017",
    "street": "1 rue Haute", "postal_code": "21000", "city": "Dijon",
}  # fmt: skip
NOTED = {"way": "percent", "figure": "50", "since": "2026-11-01", "reason": "Décision du 3 novembre"}


built = built_once(lambda: Billed("wednesdays"), now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Billed:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def noted(office: Client, **said: str) -> Payer:
    answer = office.post(PAYERS, {**SAID, **said})
    assert answer.status_code == 302, text(answer)
    return Payer.objects.latest("pk")


def test_a_payer_is_noted_then_changed(world, office):
    payer = noted(office)
    assert (payer.siret, payer.authority) == ("20000010700017", world.the_authority)
    assert "Département de la Côte département · 1 rue Haute · 21000 Dijon" in text(office.get(PAYERS))
    page = office.get(f"{PAYERS}{payer.pk}/")
    assert "20000010700017" in page.content.decode()
    office.post(f"{PAYERS}{payer.pk}/", {**SAID, "street": "2 rue Basse"})
    payer.refresh_from_db()
    assert payer.street == "2 rue Basse"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"siret": "200 000 107 00018"}, "14 chiffres, dont une clé"),
        ({"siret": ""}, "sauf pour un particulier"),
        ({"kind": "person", "siret": ""}, "Le Trésor public le demande pour un particulier."),
        ({"postal_code": "2100"}, "Un code postal a cinq chiffres."),
        ({"last_name": ""}, "obligatoire"),
    ],
)
def test_what_the_tresor_would_refuse_is_told_at_its_field(office, said, told):
    page = office.post(PAYERS, SAID | said)
    assert told in text(page)
    assert "1 rue Haute" in page.content.decode(), "what was typed stays"
    assert not Payer.objects.exists()


def test_a_person_abroad_has_no_siret(office):
    payer = noted(
        office,
        kind="person",
        siret="",
        first_name="Rose",
        civility="mrs",
        postal_code="B-1000",
        country="Belgique",
    )  # fmt: skip
    assert str(payer) == "Rose Département de la Côte"


def test_a_part_is_noted_on_a_home_and_ended(world, office):
    home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    payer = noted(office)
    address = f"/agents/factures/foyers/{home.family.pk}/prises-en-charge/"
    assert "Ce foyer paie tout." in text(office.get(address))
    answer = office.post(address, {**NOTED, "payer": f"p{payer.pk}", "child": str(zoe.pk), "most": "100"})
    assert answer.status_code == 302, text(answer)
    told = text(office.get(address))
    assert "Département de la Côte · Zoé 50 % · toutes les activités · 100,00 € en tout au plus" in told
    assert "Décision du 3 novembre, noté le" in told
    [own, theirs] = world.bills()
    assert (own.total, theirs.total) == (Decimal("2.75"), Decimal("2.75"))
    row = Coverage.objects.get()
    refused = office.post(f"{address}{row.pk}/", {"until": ""})
    assert "Donnez une date." in text(refused)
    office.post(f"{address}{row.pk}/", {"until": "2026-12-31"})
    row.refresh_from_db()
    assert (str(row.until), row.withdrawn_at) == ("2026-12-31", None)
    office.post(f"{address}{row.pk}/", {"mistake": "on", "until": ""})
    assert "Ce foyer paie tout." in text(office.get(address))
    assert office.get(f"{address}{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"payer": ""}, "Dites qui paie."),
        ({"payer": "p999"}, "Sélectionnez un choix valide"),
        ({"figure": "beaucoup"}, "Écrivez un nombre"),
        ({"figure": "120"}, "Donnez un nombre entre 0,01 et 100."),
        ({"figure": "0"}, "Donnez un nombre entre 0,01 et 100."),
        ({"way": "custody", "figure": ""}, "Les jours de garde sont ceux d’un enfant"),
        ({"until": "2026-10-01"}, "La fin vient avant le début."),
        ({"since": "2026-02-31"}, "Donnez une date qui existe"),
        ({"most": "-3"}, "Donnez un nombre"),
    ],
)
def test_what_is_no_coverage_is_told_at_its_field(world, office, said, told):
    home, _zoe = home_of(world)
    payer = noted(office)
    address = f"/agents/factures/foyers/{home.family.pk}/prises-en-charge/"
    page = office.post(address, {**NOTED, "payer": f"p{payer.pk}", **said})
    assert told in text(page)
    assert "Décision du 3 novembre" in page.content.decode(), "what was typed stays"
    assert not Coverage.objects.exists()


def test_the_payers_of_another_authority_are_not_ours(world, office):
    payer = noted(office)
    stranger = Client()
    stranger.force_login(world.staff("ailleurs", Role.OFFICE, authority=world.authority("Ailleurs")))
    assert stranger.get(f"{PAYERS}{payer.pk}/").status_code == 404
    assert "Département de la Côte" not in text(stranger.get(PAYERS))


def test_a_payer_says_its_own_bills_with_each_payment_but_those_of_an_other_home_of_the_reader(world, office):
    payer, roy = noted(office), world.home("Roy")
    bill, other = (
        Invoice.objects.create(
            authority=world.the_authority, family=roy.family, number=f"2026-{number}", total=Decimal("12.00"),
            month=date(2026, 11, 1), issued_on=NOW.date(), due_on=NOW.date(), payer=whose,
        )
        for number, whose in ((1, payer), (2, None))
    )  # fmt: skip
    taken = NewPayment(bill.pk, Decimal("5.00"), date(2026, 12, 1), Means.TRESOR, "R1")
    payments_add([taken], run=None, who="Nadège", now=NOW)
    told = text(office.get(f"{PAYERS}{payer.pk}/"))
    assert "Facture mensuelle 2026-1 12,00 €" in told
    assert "reste 7,00 € · pour la famille Roy" in told
    assert "Payé le 1er décembre 2026 : 5,00 €, retour du Trésor public" in told
    assert other.number not in told
    zoe = world.child(roy, "Zoé")
    mine = world.home("Noir", "Ana")
    Member.objects.create(family=mine.family, person=zoe, kind=Member.Kind.CHILD, since=date(2019, 9, 1))
    Guardianship.objects.create(child=zoe, adult=mine.adult, link="father", since=date(2019, 9, 1))
    Post.objects.create(user=mine.user, role=Role.OFFICE.value, authority=world.the_authority)
    office.force_login(mine.user)
    assert bill.number not in text(office.get(f"{PAYERS}{payer.pk}/"))
