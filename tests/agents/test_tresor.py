"""The office sends a month's bills to the Trésor on screen."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest
from django.test import Client

from marelle.billing.models import Addressee, ExportedBill, TresorExport, TresorTerms
from marelle.billing.tresor.files import exports_write
from marelle.core.actor import Role
from marelle.families.models import Guardianship
from tests.billing.tresor.checker import faults
from tests.flows.bills.billed import NOW
from tests.flows.bills.test_tresor import WHY, Sent
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TRESOR = "/agents/factures/tresor/"
SAID = {
    "layout": "pes", "sort": "role", "post": "021030", "collection": "123", "acronym": "Cœur d’Arelle",
    "budgets": "01", "products": "PERI\n7067 = CANT\n", "period": "quarter", "with_key": "on",
}  # fmt: skip


built = built_once(Sent, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Sent:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def control(world: Sent) -> str:
    return f"{TRESOR}mois/{world.sent[0].run_id}/"


def asks(office: Client, page: str):
    seen = re.search(r'name="seen" value="(\w+)"', office.get(page).content.decode())
    return office.post(page, {"seen": seen[1] if seen else ""}, follow=True)


def test_from_the_list_to_the_file_and_back(world, office):
    assert "Factures · novembre 2026" in text(office.get(TRESOR))
    page = text(office.get(control(world)))
    assert "Pièces 3" in page
    assert "Total 22,50 €" in page
    answer = asks(office, control(world))
    assert "en préparation" in text(answer)
    export = TresorExport.objects.get()
    there = f"{TRESOR}fichiers/{export.pk}/"
    assert office.get(f"{there}fichier/").status_code == 404
    exports_write(now=NOW)
    assert "prêt" in text(office.get(there))
    file = office.get(f"{there}fichier/")
    assert faults(file.getvalue()) == []
    assert "PESORMC_" in file["Content-Disposition"]
    assert "Rien n’attend" in text(office.get(control(world)))
    assert "Ce champ est obligatoire" in text(office.post(there, {"reason": " "}))
    assert "attendent à nouveau" in text(office.post(there, {"reason": WHY}, follow=True))
    assert "déjà annulé" in text(office.post(there, {"reason": WHY}, follow=True))
    assert not ExportedBill.objects.filter(live=True).exists()
    assert "Pièces 3" in text(office.get(control(world)))


def test_what_changed_since_it_was_shown_is_looked_at_again(world, office):
    seen = re.search(r'name="seen" value="(\w+)"', office.get(control(world)).content.decode())[1]
    Guardianship.objects.filter(adult__memberships__family=world.sent[0].family_id).update(link="guardian")
    assert "a changé entre-temps" in text(office.post(control(world), {"seen": seen}, follow=True))
    assert not TresorExport.objects.exists()


def test_what_lacks_is_told_with_the_way_to_mend_it(world, office):
    Guardianship.objects.update(link="guardian")
    TresorTerms.objects.update(post="", products={})
    world.the_authority.siret = ""
    world.the_authority.save()
    html = office.get(control(world)).content.decode()
    assert f'href="{TRESOR}reglages/{world.the_authority.pk}/"' in html
    assert "Le SIRET de la collectivité manque" in html
    assert "Produire le fichier" not in html
    first = f"{TRESOR}factures/{world.sent[0].pk}/"
    assert f'href="{first}"' in html
    assert "Sa civilité manque" in html
    assert "obligatoire" in text(office.post(first, {"civility": ""}))
    assert office.post(first, {"civility": "mrs"}).status_code == 302
    assert Addressee.objects.get(invoice=world.sent[0]).civility == "mrs"
    assert "Il ne manque rien" in text(office.get(first))


def test_an_address_is_said_as_the_tresor_takes_it(world, office):
    bill = world.sent[0]
    Addressee.objects.filter(invoice=bill).update(civility="mr", street="", postal_code="")
    page = f"{TRESOR}factures/{bill.pk}/"
    answer = text(office.post(page, {"street": ".", "postal_code": "2199"}))
    assert "Sa rue manque." in answer
    assert "pas cinq chiffres" in answer
    assert office.post(page, {"street": "1 rue Haute", "postal_code": "21999"}).status_code == 302
    assert Addressee.objects.get(invoice=bill).street == "1 rue Haute"


def test_settings_are_kept_as_they_are_typed(world, office):
    page = f"{TRESOR}reglages/{world.the_authority.pk}/"
    assert office.post(page, SAID).status_code == 302
    row = TresorTerms.objects.get()
    assert (row.acronym, row.budgets, row.products) == (
        "Coeur d'Arelle", {"": "01"}, {"": "PERI", "7067": "CANT"},
    )  # fmt: skip
    assert "7067 = CANT" in office.get(page).content.decode()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"post": "12345"}, "six ou sept chiffres"),
        ({"collection": "12a"}, "trois chiffres"),
        ({"acronym": "…"}, ""),
        ({"acronym": "."}, "ne prend pas ce sigle"),
        ({"budgets": "1"}, "« 1 »"),
        ({"budgets": "01\n02"}, "Deux codes pour la même chose"),
        ({"products": "CANTINE"}, "« CANTINE »"),
        ({"products": "=\n="}, "« = »"),
        ({"period": ""}, "obligatoire"),
        ({"sort": "reductions"}, "Sélectionnez un choix valide"),
    ],
)
def test_what_the_tresor_would_refuse_is_told_at_its_field(world, office, said, told):
    answer = office.post(f"{TRESOR}reglages/{world.the_authority.pk}/", {**SAID, **said})
    if told:
        assert told in text(answer)
    else:
        assert answer.status_code == 302


def test_another_authority_is_not_ours(world, client):
    other = world.authority("Ailleurs")
    client.force_login(world.staff("loin", Role.OFFICE, authority=other))
    asks_of = tuple(
        f"{TRESOR}{one}/" for one in (f"reglages/{world.the_authority.pk}", f"factures/{world.sent[0].pk}")
    )
    for page in (control(world), f"{control(world)}avoirs/", *asks_of):
        assert client.get(page).status_code == client.post(page, {}).status_code == 404
    assert "Factures ·" not in text(client.get(TRESOR))
