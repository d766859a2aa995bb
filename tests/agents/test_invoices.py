"""The office imports: a form that checks, a preview that writes nothing, a confirmation that writes once."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import datetime

import pytest
from django.test import Client

from marelle.billing.models import ImportRun, Invoice, Treasury
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.agents.village import seen
from tests.billing.files import csv_of, upload, zip_of
from tests.billing.world import Village as Base
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 5, 10, 0, tzinfo=PARIS)


class Village(Base):
    def row(self, number="2026-1", total="8,70") -> str:
        number_of_home = self.durand.family.number
        return (
            f"{number};{number_of_home};11/2026;05/12/2026;31/12/2026;Zoé;Cantine;Repas;2;4,35;8,70;{total}"
        )

    def posted(self, content: bytes | str = "", **changes) -> dict[str, object]:
        return {
            "authority": self.the_authority.pk,
            "kind": "invoices",
            "month": "11/2026",
            "file": upload(content or csv_of(self.row())),
            **changes,
        }


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.guichet)
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def test_a_month_is_read_then_imported_then_seen_by_the_family(world, office, client):
    seen = office.post("/agents/factures/importer/", world.posted(), follow=True)
    assert "Le fichier est bon." in text(seen)
    assert "1 nouvelle facture : 1 ligne pour 1 famille, 8,70 € en tout." in text(seen)
    assert not Invoice.objects.exists()
    ((path, _status),) = seen.redirect_chain
    done = office.post(f"{path}confirmer/", {"tell": "1"}, follow=True)
    assert "Import terminé. 1 nouvelle facture" in text(done)
    assert "importé" in text(office.get("/agents/factures/"))
    assert Message.objects.count() == 1
    again = office.post(f"{path}confirmer/", {"tell": "1"}, follow=True)
    assert again.status_code == 200
    assert (Invoice.objects.count(), Message.objects.count()) == (1, 1)
    client.force_login(world.durand.user)
    assert "Novembre 2026" in text(client.get("/factures/"))


def test_without_the_tick_nobody_is_told(world, office):
    office.post("/agents/factures/importer/", world.posted())
    office.post(f"/agents/factures/importer/{ImportRun.objects.get().pk}/confirmer/")
    assert (Invoice.objects.count(), Message.objects.count()) == (1, 0)


def test_the_same_file_again_says_that_nothing_changed(world, office):
    office.post("/agents/factures/importer/", world.posted())
    office.post(f"/agents/factures/importer/{ImportRun.objects.get().pk}/confirmer/")
    page = text(office.post("/agents/factures/importer/", world.posted(), follow=True))
    assert "Déjà importé le samedi 5 décembre 2026 à 10 h 00, par Guichet : rien n’a changé." in page
    assert 'action="' not in page


def test_the_problems_are_told_line_by_line_and_cannot_be_confirmed(world, office):
    content = csv_of(world.row("1", total="9,99"), world.row("2"), world.row("<b>3</b>"))
    page = office.post("/agents/factures/importer/", world.posted(content), follow=True)
    assert "2 lignes sont à corriger : rien n’est importé." in text(page)
    assert "Ligne 2 : le total est de 9,99 €, et les lignes font 8,70 €." in text(page)
    assert "Ligne 4 : « &lt;b&gt;3&lt;/b&gt; » n’est pas un numéro de facture" in text(page)
    run = ImportRun.objects.get()
    assert f"{run.pk}/confirmer/" not in page.content.decode()
    refused = office.post(f"/agents/factures/importer/{run.pk}/confirmer/", follow=True)
    assert "rien n’est importé" in text(refused)
    assert not Invoice.objects.exists()


def test_many_problems_are_told_by_the_first(world, office):
    content = csv_of(*[world.row(str(number), total="9,99") for number in range(250)])
    page = text(office.post("/agents/factures/importer/", world.posted(content), follow=True))
    assert "250 lignes sont à corriger" in page
    assert "et 50 autres." in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file": ""}, "Choisissez un fichier."),
        ({"file": upload(b"")}, "Ce fichier est vide"),
        ({"month": ""}, "Dites de quel mois sont ces factures."),
        ({"month": "demain"}, "Écrivez un mois, par exemple 11/2026."),
        ({"month": "01/1850"}, "Écrivez un mois"),
        ({"kind": "autre"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_form_badly_filled_says_why_and_keeps_what_was_typed(world, office, changes, said):
    answer = office.post("/agents/factures/importer/", world.posted(**{"correction": "on", **changes}))
    assert answer.status_code == 200
    assert said in text(answer)
    assert 'name="correction"' in answer.content.decode()
    assert re.search(r'name="correction"[^>]*checked', answer.content.decode())
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"PK\x03\x04classeur", "invoices", "C’est un classeur, pas un CSV"),
        (b"bonjour", "invoices", "La première ligne ne nomme aucune colonne connue"),
        (
            b'facture;paye\n1;2\n"2;3\n4;5\n',
            "payments",
            "À la ligne 3, un guillemet (&quot;) s’ouvre et ne se ferme pas",
        ),
        (
            b"facture;paye\n1;2\n2;" + b"3" * 1_000_000,
            "payments",
            "À la ligne 3, une case a plus de 2 000 lettres",
        ),
        (b"facture;famille\n1;2\n", "invoices", "Il manque les colonnes « mois », « émise le »"),
        (b"facture;date\n1;\n", "payments", "ni le montant payé ni l’état ne sont dits."),
        (b"%PDF-1.7", "pdfs", "Ce fichier n’est pas un ZIP"),
        (zip_of({"../2026-1.pdf": b"x"}), "pdfs", "../2026-1.pdf : les PDF sont à la racine du ZIP"),
        (zip_of({"<script>.pdf": b"x"}), "pdfs", "?script?.pdf : un PDF porte le numéro"),
    ],
)
def test_a_file_that_is_not_what_it_should_be(world, office, content, kind, said):
    page = office.post("/agents/factures/importer/", world.posted(content, kind=kind), follow=True)
    assert said in text(page)
    assert page.status_code == 200


def test_a_name_with_folders_and_300_signs_is_tidied(world, office):
    file = upload(csv_of(world.row()), "novembre.csv")
    file._name = "../" + "é" * 300 + ".csv"
    office.post("/agents/factures/importer/", world.posted(file=file))
    name = ImportRun.objects.get().file_name
    assert "/" not in name
    assert len(name) <= 120


TREASURY = {
    "name": "Trésorerie d’Arelle",
    "address": "1 place du Marché",
    "hours": "le matin",
    "phone": "",
    "email": "",
    "how_to_pay": "Par chèque.\nEn espèces.",
    "how_to_contest": "Dans les deux mois.",
    "payfip": "012345",
    "signatory": "Agnès Aubry",
    "signatory_capacity": "présidente",
}


def test_how_to_pay_is_set_by_the_office_and_read_by_the_family(world, office, client):
    path = f"/agents/factures/tresorerie/{world.the_authority.pk}/"
    assert office.get("/agents/factures/tresorerie/").headers["Location"] == path
    assert "dans les deux mois" in text(office.get(path))
    shown = seen(office.get(path))
    assert "C’est enregistré" in text(office.post(path, {**TREASURY, "seen": shown}, follow=True))
    for _again in range(2):
        office.post(path, {**TREASURY, "payfip": "", "seen": seen(office.get(path))})
    assert [entry.data["fields"] for entry in Entry.objects.filter(verb="treasury.changed").order_by("pk")][
        1:
    ] == [["payfip"]]
    world.invoice()
    client.force_login(world.durand.user)
    page = text(client.get("/factures/"))
    assert "Par chèque." in page
    assert "Trésorerie d’Arelle" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Ce champ est obligatoire"),
        ({"payfip": "12"}, "six chiffres"),
        ({"email": "trésor"}, "adresse"),
        ({"how_to_pay": "x" * 1501}, "1500"),
    ],
)
def test_what_is_wrong_in_how_to_pay_is_told_and_nothing_kept(world, office, changes, said):
    path = f"/agents/factures/tresorerie/{world.the_authority.pk}/"
    answer = office.post(path, {**TREASURY, **changes})
    assert answer.status_code == 200
    assert said in text(answer)
    assert "présidente" in answer.content.decode()
    assert not Treasury.objects.exists()


def test_an_administrator_picks_the_authority(world, client):
    mairie = world.authority("Mairie")
    assert world.the_authority
    client.force_login(world.staff("admin", Role.ADMINISTRATOR))
    page = text(client.get("/agents/factures/tresorerie/"))
    assert "Mairie" in page
    assert world.the_authority.name in page
    wrong = client.post("/agents/factures/importer/", world.posted(authority=999_999))
    assert "Sélectionnez un choix valide" in text(wrong)
    client.post("/agents/factures/importer/", world.posted(authority=mairie.pk))
    assert ImportRun.objects.get().authority == mairie
