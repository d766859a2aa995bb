"""The bills of a month, printed or taken away at once; what they would lack, before they leave."""

from __future__ import annotations

import io
import re
from zipfile import ZipFile

import pikepdf
import pytest
from django.test import Client

from marelle.agents.bills import print_views, words
from marelle.billing.making import bills_made
from marelle.billing.models import Addressee, Treasury
from marelle.core.actor import Role
from marelle.families.models import Person
from marelle.files.models import StoredFile
from marelle.places.models import Authority, Post
from tests.billing.pdf_text import text_of
from tests.flows.bills.billed import FIRST, NOW, Billed
from tests.pricing.sheets import MORNING

pytestmark = pytest.mark.django_db

TREASURY = {
    "name": "Trésorerie", "address": "3 place du Marché", "signatory": "Agnès Aubry",
    "signatory_capacity": "présidente", "how_to_pay": "Par chèque.", "how_to_contest": "Dans les deux mois.",
}  # fmt: skip
NAMES = ("Roy", "Blanc", "Noir")


@pytest.fixture
def world(time_machine) -> Billed:
    time_machine.move_to(NOW)
    world = Billed("wednesdays")
    for name in NAMES:
        home = world.home(name)
        world.quotient(home, "400")
        world.books(world.enrols(home, f"Zoé {name}"), FIRST, MORNING)
    return world


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def issued(world: Billed) -> str:
    run = world.previews()
    world.confirms(run)
    return f"/agents/factures/mois/{run.pk}/"


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def read(response) -> bytes:
    assert response.status_code == 200, response
    return b"".join(response.streaming_content)


def order(content: bytes) -> list[str]:
    """Whose they are, by the foot of each page."""
    return re.findall(r"· Camille (\w+) page", text_of(content))


def test_how_far_the_pdfs_are_is_told_until_they_can_be_printed(world, office):
    address = issued(world)
    page = office.get(address)
    assert "0 PDF faits sur 3" in text(page)
    assert b"data-follow" in page.content
    assert office.get(f"{address}imprimer/1/").status_code == 404, "none is forgotten in the pile"
    assert office.get(f"{address}zip/").status_code == 404
    bills_made(now=NOW)
    page = office.get(address)
    assert b"data-follow" not in page.content
    assert f'href="{address}imprimer/1/"' in page.content.decode()
    assert f'href="{address}zip/"' in page.content.decode()


def test_nothing_is_to_be_printed_before_a_month_is_issued(world, office):
    run = world.previews()
    assert "Imprimer" not in text(office.get(f"/agents/factures/mois/{run.pk}/"))
    assert office.get(f"/agents/factures/mois/{run.pk}/imprimer/1/").status_code == 404


def test_they_come_in_the_order_in_which_they_are_posted(world, office):
    address = issued(world)
    bills_made(now=NOW)
    for name, code, street in (
        ("Roy", "21100", "1 rue A"),
        ("Blanc", "21000", "2 rue B"),
        ("Noir", "21000", "1 rue B"),
    ):
        Addressee.objects.filter(last_name=name).update(postal_code=code, street=street)
    assert order(read(office.get(f"{address}imprimer/1/"))) == ["Noir", "Blanc", "Roy"]
    StoredFile.objects.filter(invoices__addressee__last_name="Noir").update(pages=3)
    StoredFile.objects.filter(invoices__addressee__last_name="Blanc").update(pages=2)
    printed = read(office.get(f"{address}imprimer/1/"))
    assert order(printed) == ["Blanc", "Roy", "Noir"], "those of one sheet come first"
    with pikepdf.open(io.BytesIO(printed)) as document:
        assert len(document.pages) == 6


def test_many_are_printed_in_parts(world, office, monkeypatch):
    address = issued(world)
    bills_made(now=NOW)
    monkeypatch.setattr(words, "AT_ONCE", 2)
    monkeypatch.setattr(print_views, "AT_ONCE", 2)
    page = text(office.get(address))
    assert "Imprimer de 1 à 2 (PDF)" in page
    assert "Imprimer de 3 à 3 (PDF)" in page
    first, second = (order(read(office.get(f"{address}imprimer/{part}/"))) for part in (1, 2))
    assert (len(first), len(second)) == (2, 1)
    assert sorted(first + second) == sorted(NAMES)
    for part in (0, 3):
        assert office.get(f"{address}imprimer/{part}/").status_code == 404


def test_a_zip_has_one_pdf_a_bill_by_its_number(world, office):
    address = issued(world)
    bills_made(now=NOW)
    with ZipFile(io.BytesIO(read(office.get(f"{address}zip/")))) as archive:
        assert archive.namelist() == [f"2026-{n:06}.pdf" for n in (1, 2, 3)]


def test_a_bill_of_ones_own_childs_other_home_is_a_colleagues_to_print(world, client):
    address = issued(world)
    bills_made(now=NOW)
    mine = world.home("Mien", "Hugo")
    child = Person.objects.get(first_name="Zoé Roy")
    world._member(mine, child, "child")
    world.guardian(mine.adult, child, link="father")
    Post.objects.create(user=mine.user, role=Role.OFFICE.value, authority=world.the_authority)
    client.force_login(mine.user)
    assert "1 facture est d’un foyer qui vous est proche" in text(client.get(address))
    assert sorted(order(read(client.get(f"{address}imprimer/1/")))) == ["Blanc", "Noir"]
    with ZipFile(io.BytesIO(read(client.get(f"{address}zip/")))) as archive:
        assert len(archive.namelist()) == 2


def test_the_office_of_another_authority_prints_nothing(world, client):
    address = issued(world)
    bills_made(now=NOW)
    other = world.authority("Commune de Loin")
    client.force_login(world.staff("loin", Role.OFFICE, authority=other))
    for page in ("", "imprimer/1/", "zip/"):
        assert client.get(f"{address}{page}").status_code == 404


def test_what_the_law_wants_and_is_not_there_is_told_before_they_leave(world, office):
    Authority.objects.update(siret="", address="")
    run = world.previews()
    address = f"/agents/factures/mois/{run.pk}/"
    page = text(office.get(address))
    assert "Il manque une mention obligatoire" in page
    assert page.index("Il manque une mention") < page.index("Appels qui ne sont pas clos")
    assert "le signataire" in page
    assert "Le SIRET de la collectivité" in page
    assert "L’adresse de la collectivité" in page
    treasury = Treasury.objects.create(authority=world.the_authority, **TREASURY)
    Authority.objects.update(siret="20001234500017", address="2 place de la Mairie")
    page = text(office.get(address))
    assert "le signataire" not in page
    assert "Le tribunal devant lequel contester" in page
    assert "Le délai de deux mois" not in page
    treasury.how_to_contest, treasury.court = "Écrivez-nous.", "Tribunal administratif de Dijon"
    treasury.save()
    page = text(office.get(address))
    assert "Le tribunal devant lequel" not in page
    assert "Le délai de deux mois" in page
    treasury.how_to_contest = "Dans les deux\u00a0mois."
    treasury.save()
    assert "Il manque" not in text(office.get(address))


def test_once_they_have_left_nothing_is_asked_any_more(world, office):
    address = issued(world)
    assert "Il manque" not in text(office.get(address))


def test_the_formula_follows_the_law_unless_it_is_written_otherwise(world, office):
    address = f"/agents/factures/tresorerie/{world.the_authority.pk}/"
    page = office.get(address)
    shown = page.context["form"]
    said = {
        **TREASURY,
        "seen": shown.initial["seen"],
        "executory": shown.initial["executory"],
        "court": "TA de Dijon",
    }
    assert "L.\u00a0252\u00a0A" in said["executory"]
    assert office.post(address, said).status_code == 302
    assert Treasury.objects.get().executory == ""
    assert Treasury.objects.get().court == "TA de Dijon"
    said |= {
        "executory": "Titre pris autrement.",
        "seen": office.get(address).context["form"].initial["seen"],
    }
    assert office.post(address, said).status_code == 302
    assert Treasury.objects.get().executory == "Titre pris autrement."
