"""Bills leave in a file once: numbered without a reuse, locked, and given back by a cancelling alone."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError

from marelle.billing.making import bills_made
from marelle.billing.models import Addressee, ExportedBill, Invoice, TresorExport, TresorTerms
from marelle.billing.tresor import files
from marelle.billing.tresor.checks import Point
from marelle.billing.tresor.files import export_open, export_write, exports_write
from marelle.billing.tresor.report import Batch, report_of, waiting_of
from marelle.billing.tresor.services import (
    ExportRefused,
    addressee_complete,
    tresor_export,
    tresor_export_cancel,
    tresor_terms_set,
)
from marelle.bookings.models import Booking
from marelle.core.refusals import NotYours
from marelle.families.models import Guardianship, Person
from marelle.files.services import STORAGE
from marelle.flows.bills.working import bill_correct
from marelle.journal.models import Entry
from tests.billing.tresor.checker import faults
from tests.flows.bills.billed import FIRST, NOW, Billed
from tests.pricing.sheets import MEAL, MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

SIRET = "21210001000017"
TERMS = {
    "layout": "pes", "sort": "role", "post": "021030", "collection": "123", "acronym": "VAL ARELLE",
    "period": "last_digit", "with_key": True, "budgets": {"": "01"}, "products": {"": "PERI"},
    "ics": "", "creditor": "",
}  # fmt: skip
DAY = NOW.date()
MONTH = date(2026, 11, 1)
WHY = "Le fichier est refusé."


class Sent(Billed):
    """Three homes billed for a month, whose PDFs are made, at an authority that has said how they leave."""

    def __init__(self, names=("Roy", "Łukasz", "Œil"), **terms: object) -> None:
        super().__init__("wednesdays")
        authority = self.the_authority
        authority.siret, authority.address = SIRET, "1 place de la Mairie, 21999 Arelle"
        authority.save()
        self.says(**terms)
        for name in names:
            home = self.home(name)
            self.quotient(home, "400")
            self.books(self.enrols(home, "Zoé"), FIRST, MORNING, MEAL)
        self.sent = self.bills()
        bills_made(now=NOW)

    def says(self, **terms: object) -> TresorTerms:
        values = {**TERMS, **terms}
        return tresor_terms_set(actor=self.bursar, authority_id=self.the_authority.pk, values=values, now=NOW)

    def batch(self, *, is_credit: bool = False) -> Batch:
        return Batch(self.the_authority.pk, 2026, MONTH, is_credit)

    def report(self, *, is_credit: bool = False):
        return report_of(self.bursar, self.batch(is_credit=is_credit), day=DAY)

    def leaves(self, *, is_credit: bool = False) -> list[TresorExport]:
        return tresor_export(
            actor=self.bursar,
            batch=self.batch(is_credit=is_credit),
            seen=self.report(is_credit=is_credit).seen,
            now=NOW,
        )

    def written(self, export: TresorExport) -> bytes:
        exports_write(now=NOW)
        export.refresh_from_db()
        with export_open(export) as content:
            return content.read()


def all_of(content: bytes, name: str) -> list[str]:
    root = ET.fromstring(content)  # noqa: S314 - made by the test
    return [one.get("V") for one in root.iter(name)]


def told(world: Sent, **fields: bool) -> set[Point]:
    report = world.report(**fields)
    return {
        one.point
        for them in (*(one.problems for one in report.files), *(one.problems for one in report.left_out))
        for one in them
    }


built = built_once(Sent, now=NOW)


@pytest.fixture
def world(built, db) -> Sent:
    return deepcopy(built)


def test_the_file_written_again_is_the_same_to_the_byte(world):
    [export] = world.leaves()
    before = world.written(export)
    TresorTerms.objects.update(acronym="AUTRE", products={"": "XXXX"})
    world.the_authority.save()
    TresorExport.objects.update(key="")
    Guardianship.objects.update(link="father")
    assert world.written(export) == before


def test_a_bill_that_left_never_leaves_again_unless_its_file_is_cancelled_for_a_reason(world):
    seen = world.report().seen
    [export] = world.leaves()
    with pytest.raises(ExportRefused, match="nothing"):
        tresor_export(actor=world.bursar, batch=world.batch(), seen=seen, now=NOW)
    with pytest.raises(IntegrityError):
        ExportedBill.objects.create(export=export, invoice=world.sent[0], piece=99, debt="99")


def test_one_that_is_cancelled_gives_back_its_bills_and_not_its_numbers(world):
    [first] = world.leaves()
    before = world.written(first)
    tresor_export_cancel(actor=world.bursar, export_id=first.pk, reason=WHY, now=NOW)
    first.refresh_from_db()
    assert (first.reason, first.cancelled_at) == (WHY, NOW)
    with pytest.raises(ExportRefused, match="cancelled"):
        tresor_export_cancel(actor=world.bursar, export_id=first.pk, reason=WHY, now=NOW)
    [second] = world.leaves()
    after = world.written(second)
    assert (second.number, faults(after)) == (2, [])
    for name in ("IdBord", "IdPce", "IdUnique"):
        assert not set(all_of(before, name)) & set(all_of(after, name)), name
    assert all_of(before, "NumDette") == all_of(after, "NumDette"), "what their homes were told to type"
    assert list(Entry.objects.filter(verb__startswith="tresor_export").values_list("verb", flat=True)) in (
        ["tresor_export.made", "tresor_export.cancelled", "tresor_export.made"],
        ["tresor_export.made", "tresor_export.cancelled", "tresor_export.made"][::-1],
    )


def test_a_credit_note_is_a_reduction_of_the_piece_that_its_bill_was(world):
    bill = world.sent[0]
    meal = Booking.objects.filter(family=bill.family_id).latest("pk")
    Booking.objects.filter(pk=meal.pk).update(state="cancelled")
    run = bill_correct(actor=world.bursar, invoice_id=bill.pk, reason="Repas annulé", now=NOW)
    world.confirms(run)
    bills_made(now=NOW)
    assert told(world, is_credit=True) == {Point.ORIGIN}
    assert {(one.batch.is_credit, one.count) for one in waiting_of(world.bursar)} == {(False, 3), (True, 1)}
    [given_up] = world.leaves()
    tresor_export_cancel(actor=world.bursar, export_id=given_up.pk, reason=WHY, now=NOW)
    assert told(world, is_credit=True) == {Point.ORIGIN}
    [role] = world.leaves()
    assert told(world, is_credit=True) == set()
    [export] = world.leaves(is_credit=True)
    content = world.written(export)
    assert faults(content) == []
    piece = ExportedBill.objects.get(invoice=bill, live=True).piece
    assert all_of(content, "IdPceOrig") == [str(piece)]
    assert all_of(content, "MtHT") == [f"{bill.total - Invoice.objects.get(pk=bill.pk).left:.2f}"]
    with pytest.raises(ExportRefused, match="reduced"):
        tresor_export_cancel(actor=world.bursar, export_id=role.pk, reason=WHY, now=NOW)


def test_the_report_says_what_is_left_out_and_why(world):
    first, second, third = world.sent
    Invoice.objects.filter(pk=first.pk).update(pdf=None)
    Guardianship.objects.filter(adult__memberships__family=second.family_id).update(link="guardian")
    report = world.report()
    assert {one.bill.id: [p.point for p in one.problems] for one in report.left_out} == {
        first.pk: [Point.PDF], second.pk: [Point.CIVILITY],
    }  # fmt: skip
    [draft] = report.files
    assert ([one.bill_id for one in draft.bills], draft.total) == ([third.pk], Decimal("7.50"))
    assert sum(draft.accounts.values()) == Decimal("7.50")


def test_a_civility_is_said_of_a_bill_or_is_that_of_the_file(world):
    Guardianship.objects.update(link="guardian")
    first, second, third = world.sent
    complete(world, first, {Point.CIVILITY: "mr"})
    with pytest.raises(ExportRefused, match="complete"):
        complete(world, first, {Point.CIVILITY: "mrs"})
    assert Addressee.objects.get(invoice=first).civility == "mr"
    Person.objects.filter(memberships__family=second.family_id).update(civility="mrs")
    report = world.report()
    assert {one.bill_id: one.civility for one in report.files[0].bills} == {first.pk: "mr", second.pk: "mrs"}
    assert [one.bill.id for one in report.left_out] == [third.pk]


def complete(world: Sent, bill: Invoice, values: dict[Point, str]) -> None:
    addressee_complete(actor=world.bursar, invoice_id=bill.pk, values=values, now=NOW)


def test_an_address_that_lacks_is_said_and_one_that_left_is_not_changed(world):
    first, second, _third = world.sent
    Addressee.objects.filter(invoice=first).update(street="", postal_code="2199", civility="mrs")
    with pytest.raises(ExportRefused, match="complete"):
        complete(world, first, {Point.STREET: "1 rue Haute", Point.CITY: "Ailleurs"})
    complete(world, first, {Point.STREET: "1 rue Haute", Point.POSTAL_CODE: "21999"})
    assert not world.report().left_out
    world.leaves()
    Addressee.objects.filter(invoice=second).update(street="")
    with pytest.raises(ExportRefused, match="sent"):
        complete(world, second, {Point.STREET: "1 rue Haute"})


def test_no_file_without_what_its_head_wants(world):
    world.the_authority.siret = ""
    world.the_authority.save()
    assert told(world) == {Point.SIRET}
    with pytest.raises(ExportRefused, match="lacking"):
        world.leaves()
    TresorTerms.objects.all().delete()
    assert {Point.POST, Point.COLLECTION, Point.ACRONYM, Point.BUDGET} <= told(world)


def test_what_is_sent_is_what_was_read(world):
    seen = world.report().seen
    Invoice.objects.filter(pk=world.sent[0].pk).update(pdf=None)
    with pytest.raises(ExportRefused, match="changed"):
        tresor_export(actor=world.bursar, batch=world.batch(), seen=seen, now=NOW)
    assert not ExportedBill.objects.exists()


def test_what_came_by_a_file_or_owes_nothing_does_not_leave(world):
    first, second, _third = world.sent
    Invoice.objects.filter(pk=first.pk).update(run=None)
    Invoice.objects.filter(pk=second.pk).update(cancelled_on=DAY)
    [waiting] = waiting_of(world.bursar)
    assert waiting.count == 1
    assert len(world.report().files[0].bills) == 1


def test_another_office_neither_sends_nor_cancels(world):
    [export] = world.leaves()
    other = world.authority("Ailleurs")
    stranger = replace(
        world.bursar, powers=frozenset(replace(one, authority_id=other.pk) for one in world.bursar.powers)
    )
    assert report_of(stranger, world.batch(), day=DAY) is None
    assert waiting_of(stranger) == []
    for call in (
        lambda: tresor_export(actor=stranger, batch=world.batch(), seen="", now=NOW),
        lambda: tresor_export_cancel(actor=stranger, export_id=export.pk, reason=WHY, now=NOW),
        lambda: addressee_complete(
            actor=stranger, invoice_id=world.sent[0].pk, values={Point.CIVILITY: "mr"}, now=NOW
        ),
        lambda: tresor_terms_set(actor=stranger, authority_id=world.the_authority.pk, values=TERMS, now=NOW),
    ):
        with pytest.raises(NotYours):
            call()


def test_numbers_go_on_across_months_and_begin_anew_with_the_exercise(world):
    world.leaves()
    for year, month in ((2026, 12), (2027, 1)):
        bill = Invoice.objects.get(pk=world.sent[0].pk)
        run = bill.run
        run.pk, run.exercise, run.month = None, year, date(year, month, 1)
        run.cutoff = run.month + timedelta(days=20)
        run.save()
        Invoice.objects.create(
            authority=bill.authority, family=bill.family, number=f"{year}-{month}", month=run.month,
            issued_on=DAY, due_on=bill.due_on, total=bill.total, run=run, pdf=bill.pdf,
        )  # fmt: skip
        made = Invoice.objects.get(number=f"{year}-{month}")
        text = bill.addressee
        text.pk, text.invoice, text.civility = None, made, "mrs"
        text.save()
        for one in bill.lines.all():
            one.pk, one.invoice = None, made
            one.save()
        batch = Batch(world.the_authority.pk, year, run.month)
        now = NOW if year == 2026 else NOW + timedelta(days=40)
        report = report_of(world.bursar, batch, day=now.date())
        tresor_export(actor=world.bursar, batch=batch, seen=report.seen, now=now)
    numbers = TresorExport.objects.order_by("exercise", "pk").values_list("exercise", "number")
    assert list(numbers) == [(2026, 1), (2026, 2), (2027, 1)]
    pieces = [row.piece for row in ExportedBill.objects.order_by("pk")]
    assert pieces == [1, 2, 3, 4, 1]


def test_a_file_is_written_once_and_nothing_is_left_of_the_one_who_lost(world):
    [export] = world.leaves()

    def held() -> set[str]:
        folder = Path(storages[STORAGE].path("tresor"))
        return {path.name for path in folder.glob("*")}

    before = held()
    assert export_write(export)
    assert not export_write(export)
    export.refresh_from_db()
    assert held() - before == {export.key.removeprefix("tresor/")}
    assert exports_write(now=NOW) == 0


def test_more_bills_than_are_read_at_once(world, monkeypatch):
    whole = world.written(world.leaves()[0])
    monkeypatch.setattr(files, "AT_ONCE", 1)
    monkeypatch.setattr("marelle.billing.tresor.reading.AT_ONCE", 1)
    TresorExport.objects.update(key="")
    assert world.written(TresorExport.objects.get()) == whole
