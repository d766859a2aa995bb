"""Each bill made here gets its PDF once, and keeps it as it is."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.files.storage import storages

from marelle.billing import making
from marelle.billing.making import bill_pdf, bills_made, pdfs_keep
from marelle.billing.models import Invoice, InvoiceLine, Treasury
from marelle.core.kept import revision_once
from marelle.core.rehearsal import is_rehearsal
from marelle.families.models import Person
from marelle.files.models import StoredFile
from marelle.files.services import STORAGE, open_content
from tests.billing.pdf_text import text_of
from tests.flows.bills.billed import FIRST, NOW, Billed
from tests.pricing.sheets import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Billed:
    world = Billed("wednesdays")
    for name in ("Roy", "Blanc", "Noir"):
        home = world.home(name)
        world.quotient(home, "400")
        world.books(world.enrols(home, "Zoé"), FIRST, MORNING)
    Treasury.objects.create(
        authority=world.the_authority, name="Trésorerie", address="3 place du Marché",
        signatory="Agnès Aubry", how_to_pay="Par chèque.", how_to_contest="Dans les deux mois.",
        signatory_capacity="présidente",
    )  # fmt: skip
    return world


def content(stored: StoredFile | None) -> bytes:
    assert stored is not None
    with open_content(stored) as file:
        return file.read()


def stored() -> set[str]:
    folder = Path(storages[STORAGE].path(""))
    return {path.name for path in folder.glob("??/*")}


def test_the_worker_makes_each_once(world):
    bills = world.bills()
    before = stored()
    assert bills_made(now=NOW) == 3
    assert bills_made(now=NOW) == 0
    files = [bill.pdf for bill in Invoice.objects.order_by("number")]
    assert [(file.name, file.pages) for file in files] == [
        (f"facture-{bill.number}.pdf", 1) for bill in bills
    ]
    assert [file.family_id for file in files] == [bill.family_id for bill in bills]
    assert {"Agnès Aubry" in text_of(content(file)) for file in files} == {True}
    assert stored() - before == {file.key for file in files}


def test_it_goes_on_batch_after_batch(world, monkeypatch):
    world.bills()
    monkeypatch.setattr(making, "AT_ONCE", 2)
    assert bills_made(now=NOW) == 3


def test_not_a_byte_changes_afterwards(world):
    world.bills()
    bills_made(now=NOW)
    bill = Invoice.objects.earliest("number")
    before = content(bill.pdf)
    Treasury.objects.update(signatory="Quelqu’un d’autre")
    InvoiceLine.objects.update(label="Autre chose")
    Person.objects.update(last_name="Leblanc")
    assert bills_made(now=NOW + timedelta(days=1)) == 0
    bill.refresh_from_db()
    assert content(bill_pdf(bill, now=NOW)) == before


def test_who_asks_before_the_worker_has_it_made_for_good(world):
    world.bills()
    bill = Invoice.objects.earliest("number")
    before = content(bill_pdf(bill, now=NOW))
    Treasury.objects.update(signatory="Quelqu’un d’autre")
    assert bills_made(now=NOW) == 2
    bill.refresh_from_db()
    assert content(bill.pdf) == before


def test_of_two_who_make_it_one_does(world, monkeypatch):
    [first, *_others] = world.bills()
    put = making._put

    def slow(page, head, now):
        monkeypatch.setattr(making, "_put", put)
        pdfs_keep([first.pk], now=now)
        return put(page, head, now)

    monkeypatch.setattr(making, "_put", slow)
    before = stored()
    assert pdfs_keep([first.pk], now=NOW) == {}
    assert StoredFile.objects.count() == 1
    assert stored() - before == {StoredFile.objects.get().key}, "the other left nothing behind"


def test_what_breaks_leaves_nothing_and_is_made_next_time(world, monkeypatch):
    world.bills()
    put, calls = making._put, iter(range(10))

    def breaks(page, head, now):
        if next(calls) == 1:
            raise OSError("disk full")
        return put(page, head, now)

    before = stored()
    monkeypatch.setattr(making, "_put", breaks)
    with pytest.raises(OSError, match="disk full"):
        bills_made(now=NOW)
    assert stored() == before
    assert not StoredFile.objects.exists()
    monkeypatch.setattr(making, "_put", put)
    assert bills_made(now=NOW) == 3


def test_a_batch_takes_as_many_queries_however_many(world, django_assert_num_queries):
    bills = world.bills()
    with revision_once():  # as in a turn of a job
        is_rehearsal()
        with django_assert_num_queries(8):
            pdfs_keep([bills[0].pk], now=NOW)
        with django_assert_num_queries(8):
            pdfs_keep([bill.pk for bill in bills[1:]], now=NOW)


def test_a_bill_that_came_by_a_file_is_left_alone(world):
    bill = world.bills()[0]
    Invoice.objects.update(run=None)
    assert bills_made(now=NOW) == 0
    bill.refresh_from_db()
    assert bill_pdf(bill, now=NOW) is None


def test_the_home_reads_the_one_that_is_kept(world, client):
    [bill, other, _third] = world.bills()
    reader = bill.family.members.get(kind="adult").person
    client.force_login(reader.account)
    first = client.get(f"/factures/{bill.pk}/pdf/")
    read = b"".join(first.streaming_content)
    assert pikepdf.open(io.BytesIO(read)).pages
    bill.refresh_from_db()
    assert content(bill.pdf) == read
    assert client.get(f"/factures/{other.pk}/pdf/").status_code == 404
    other.refresh_from_db()
    assert other.pdf is None, "who may not read it makes nothing"
