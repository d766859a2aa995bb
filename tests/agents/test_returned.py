"""The office reads what the Trésor sends back, mends what it rejects and matches what waits."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date

import pytest
from django.test import Client

from marelle.billing.models import Addressee, ExportedBill, Payment, StrayPayment
from marelle.billing.tresor.reasons import Reason, reason_of
from marelle.core.actor import Role
from marelle.families.models import Guardianship, Member
from marelle.places.models import Post
from tests.billing.files import csv_of, upload
from tests.billing.tresor.returned import Came, Head, Of, acquit, pes_return
from tests.flows.bills.test_returned import LATER, Returned
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TRESOR = "/agents/factures/tresor/"
SEND = "/agents/factures/importer/"


built = built_once(Returned, now=LATER)


@pytest.fixture
def world(built, db, time_machine) -> Returned:
    time_machine.move_to(LATER)
    return deepcopy(built)


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def sent(office: Client, content: bytes, kind: str = "tresor") -> str:
    answer = office.post(SEND, {"kind": kind, "file": upload(content, "retour.xml")})
    assert answer.status_code == 302, text(answer)
    return str(answer.headers["Location"])


def came_back(world: Returned) -> bytes:
    first, second, third = (one.piece for one in world.pieces)
    return pes_return(
        [
            Of(first, "04", code="21", text="Adresse du tiers inexistante"),
            Of(second, "02", [Came("2026-12-08", "3.00")]),
            Of(third, "02", [Came("2026-12-08", "1000.00")]),
            Of(999, "02", [Came("2026-12-09", "4.00")]),
        ]
    )


def test_a_return_is_looked_at_then_imported_and_says_where_it_leads(world, office):
    there = sent(office, came_back(world))
    page = text(office.get(there))
    assert "3 pièces changent d’état, dont 1 rejetée, 2 factures payées" in page
    assert "2 encaissements à rattacher" in page
    assert "Prévenir les familles" not in page
    assert not Payment.objects.exists()
    assert not StrayPayment.objects.exists()
    assert "Import terminé" in text(office.post(f"{there}confirmer/", follow=True))
    tresor = office.get(TRESOR)
    assert f'href="{TRESOR}rejets/"' in tresor.content.decode()
    assert f'href="{TRESOR}encaissements/"' in tresor.content.decode()
    export = text(office.get(f"{TRESOR}fichiers/{world.export.pk}/"))
    assert "Rejetée 1 pièce" in export
    assert "Prise en charge 2 pièces" in export
    assert "Annuler ce fichier" not in export


def test_a_rejected_bill_says_why_and_what_to_do_then_is_sent_again(world, office):
    office.post(f"{sent(office, came_back(world))}confirmer/")
    bill = world.bill
    line = text(office.get(f"{TRESOR}rejets/"))
    assert bill.number in line
    assert "21 · Adresse du tiers inexistante" in line
    page = f"{TRESOR}factures/{bill.pk}/"
    told = text(office.get(page))
    assert "Corrigez l’adresse, ici et sur le dossier, puis renvoyez la facture." in told
    assert f"/agents/familles/{bill.family_id}/" in office.get(page).content.decode()
    assert "Au Trésor : rejetée" in text(office.get(f"/agents/factures/foyers/{bill.family_id}/"))
    changes = {
        "civility": "mrs", "first_name": "Ana", "last_name": "Roy", "street": "9 rue Neuve",
        "postal_code": "21000", "city": "Dijon", "country": "",
    }  # fmt: skip
    assert "déjà dans un fichier" in text(office.post(page, changes, follow=True))
    assert "Elle attend d’être renvoyée" in text(office.post(page, {"free": "1"}, follow=True))
    assert "ne repart pas" in text(
        office.post(f"{TRESOR}factures/{world.pieces[1].invoice_id}/", {"free": 1}, follow=True)
    )
    assert office.post(page, changes).status_code == 302
    row = Addressee.objects.get(invoice=bill)
    assert (row.first_name, row.street, row.city) == ("Ana", "9 rue Neuve", "Dijon")
    assert "Pièces 1" in text(office.get(f"{TRESOR}mois/{bill.run_id}/"))
    assert not ExportedBill.objects.filter(invoice=bill, live=True).exists()
    assert bill.number not in text(office.get(f"{TRESOR}rejets/"))


def test_a_refused_file_shows_beside_it_what_is_paid_of_it(world, office):
    page, there = f"{TRESOR}fichiers/{world.export.pk}/", f"{TRESOR}factures/{world.bill.pk}/"
    came = pes_return([Of(world.pieces[0].piece, came=[Came("2026-12-08", "3.00")])])
    office.post(f"{sent(office, came)}confirmer/")
    assert "Rejetées, et pourtant payées" not in text(office.get(page))
    refused = sent(office, acquit("0", whole=("9", "Bordereau refusé"), head=Head(made_on="2026-12-14")))
    said = "1 facture rejetée est payée de 3,00 €"
    assert f"{said} : à vous de décider" in text(office.get(refused))
    office.post(f"{refused}confirmer/")
    told = text(office.get(page))
    assert f"{said}. Rien n’est repris." in told
    assert f"{world.bill.number} · " in told
    assert "3,00 € payés sur" in told
    assert f'href="{there}"' in office.get(page).content.decode()
    told = text(office.get(there))
    assert "8 décembre 2026 3,00 € · retour du Trésor : acquittement ou PES Retour (XML), retour.xml" in told
    assert "Le Trésor la rejette, et 3,00 € en sont payés ici." in told
    assert "C’est repris" in text(office.post(there, {"take_back": "1"}, follow=True))
    assert "-3,00 € · noté par" in text(office.get(there)).replace("−", "-")
    assert "rien n’est payé de cette facture" in text(office.post(there, {"take_back": "1"}, follow=True))
    assert "Rejetées, et pourtant payées" not in text(office.get(page))


def test_an_import_is_undone_from_its_page_and_read_again(world, office):
    there = sent(office, came_back(world))
    assert "Annuler cet import" not in text(office.get(there)), "it is not imported"
    office.post(f"{there}confirmer/")
    assert "Annuler cet import" in text(office.get(there))
    assert office.get(f"{there}annuler/").status_code == 405
    assert "L’import est annulé" in text(office.post(f"{there}annuler/", follow=True))
    page = text(office.get(there))
    assert re.search(r"Annulé le .*20 décembre 2026.*, par ", page)
    assert "Rien de ce qu’il avait apporté n’est plus compté." in page
    assert "Annuler cet import" not in page
    assert re.search("Annulé le .*20 décembre", text(office.get("/agents/factures/")))
    assert world.paid(world.pieces[1].invoice)[0] == 0
    again = sent(office, came_back(world))
    assert "Import terminé" in text(office.post(f"{again}confirmer/", follow=True))
    assert world.paid(world.pieces[1].invoice)[0] == 3
    state = csv_of(f"{world.pieces[1].invoice.number};4;15/12/2026", header="facture;payé;date")
    office.post(f"{sent(office, state, 'payments')}confirmer/")
    told = text(office.post(f"{again}annuler/", follow=True))
    assert "Le fichier « retour.xml », lu depuis, s’appuie sur celui-ci : annulez-le d’abord." in told


def test_what_waits_is_given_to_a_bill_or_set_aside(world, office):
    office.post(f"{sent(office, came_back(world))}confirmer/")
    listed = text(office.get(f"{TRESOR}encaissements/"))
    assert "4,00 €, le 9 décembre 2026" in listed
    assert "bordereau 1 de 2026, pièce 999 · aucune pièce de ce numéro n’est partie d’ici" in listed
    unknown = StrayPayment.objects.get(why="unknown")
    more = StrayPayment.objects.get(why="more")
    page = f"{TRESOR}encaissements/{unknown.pk}/"
    assert "Aucune facture de cette collectivité n’a ce numéro" in text(
        office.post(page, {"number": "2026-9"})
    )
    answer = office.post(page, {"number": world.pieces[2].invoice.number})
    assert "C’est plus que ce qui reste à payer de cette facture : 0,00 €" in text(answer)
    assert "est noté sur la facture" in text(office.post(page, {"number": world.bill.number}, follow=True))
    assert office.get(page).status_code == 404
    aside = f"{TRESOR}encaissements/{more.pk}/"
    assert "obligatoire" in text(office.post(aside, {"aside": "1", "reason": ""}))
    assert "écarté" in text(office.post(aside, {"aside": "1", "reason": "Rendu"}, follow=True))
    assert "Rien n’attend" in text(office.get(f"{TRESOR}encaissements/"))
    assert Payment.objects.filter(invoice=world.bill).get().on == date(2026, 12, 9)


def test_those_that_are_ticked_are_set_aside_together(world, office):
    office.post(f"{sent(office, came_back(world))}confirmer/")
    page = f"{TRESOR}encaissements/"
    ids = [str(pk) for pk in StrayPayment.objects.order_by("pk").values_list("pk", flat=True)]
    assert "Cochez au moins un encaissement." in text(office.post(page, {"reason": "Rendu"}))
    answer = office.post(page, {"reason": "", "encaissement": ids})
    assert "obligatoire" in text(answer)
    assert answer.content.decode().count(" checked") == len(ids) == 2, "what was ticked stays"
    assert not StrayPayment.objects.exclude(outcome="").exists()
    answer = office.post(page, {"reason": "Rendu", "encaissement": [*ids, "é", "99999"]}, follow=True)
    assert "2 encaissements sont écartés." in text(answer)
    assert "2 n’attendaient plus : un collègue" in text(answer)
    assert set(StrayPayment.objects.values_list("outcome", "reason")) == {("aside", "Rendu")}


def test_nobody_gives_to_a_bill_of_the_other_home_of_its_child(world, office):
    office.post(f"{sent(office, came_back(world))}confirmer/")
    zoe = world.bill.lines.first().child
    mine = world.home("Noir", "Ana")
    Member.objects.create(family=mine.family, person=zoe, kind=Member.Kind.CHILD, since=date(2019, 9, 1))
    Guardianship.objects.create(child=zoe, adult=mine.adult, link="father", since=date(2019, 9, 1))
    Post.objects.create(user=mine.user, role=Role.OFFICE.value, authority=world.the_authority)
    office.force_login(mine.user)
    stray = StrayPayment.objects.get(why="unknown")
    page = f"{TRESOR}encaissements/{stray.pk}/"
    assert "un collègue s’en occupe" in text(office.post(page, {"number": world.bill.number}))
    assert world.bill.number not in text(office.get(f"{TRESOR}rejets/"))
    StrayPayment.objects.filter(pk=stray.pk).update(invoice=world.bill)
    assert office.get(page).status_code in {403, 404}
    assert "4,00 €" not in text(office.get(f"{TRESOR}encaissements/"))


def test_a_file_of_another_authority_says_so_at_its_field(world, office):
    answer = office.post(SEND, {"kind": "tresor", "file": upload(b"<a/>", "x.xml")})
    assert "ni un acquittement (PES_ACQUIT) ni un PES Retour Recette" in text(answer)
    world.the_authority.siret = "21210002000016"
    world.the_authority.save()
    answer = office.post(SEND, {"kind": "tresor", "file": upload(came_back(world), "x.xml")})
    assert "Ce fichier est d’une autre collectivité (21210001000017) : il n’est pas lu." in text(answer)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Adresse du tiers inexistante", Reason.ADDRESS),
        ("Code postal erroné", Reason.ADDRESS),
        ("Civilité du débiteur absente", Reason.DEBTOR),
        ("SIRET invalide", Reason.SIRET),
        ("CodProdLoc inconnu", Reason.PRODUCT),
        ("Pièce déjà intégrée", Reason.TWICE),
        ("Budget inconnu", Reason.SETTINGS),
        ("Exercice clos", Reason.EXERCISE),
        ("IdUnique en double", Reason.ATTACHMENT),
        ("Coordonnées bancaires erronées", Reason.ACCOUNT),
        ("Titre d’origine inconnu", Reason.ORIGIN),
        ("Rejet 4512", Reason.UNKNOWN),
        ("", Reason.UNKNOWN),
    ],
)
def test_what_is_to_be_mended_is_read_in_the_words_of_the_error(said, reason):
    assert reason_of(said) == reason
