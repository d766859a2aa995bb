"""What a home has to pay: counted for itself alone, and late only from the day after."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from marelle.billing.models import Invoice
from marelle.billing.rules import InvoiceState
from marelle.billing.selectors import DueInvoices, due_invoices
from marelle.core.actor import Actor
from marelle.files.services import file_make, files_delete
from tests.billing.world import Village, is_late

pytestmark = pytest.mark.django_db

DUE = date(2026, 11, 20)


@pytest.fixture
def world() -> Village:
    return Village()


@pytest.mark.parametrize(
    ("fields", "late"),
    [
        ({}, True),
        ({"paid": "39.99"}, True),
        ({"paid": "40.00"}, False),
        ({"cancelled_on": DUE}, False),
        ({"total": "0.00"}, False),
    ],
)
def test_an_overdue_bill_is_one_with_something_left_past_its_date(world, fields, late):
    invoice = world.invoice(due_on=DUE, **fields)
    assert is_late(invoice.family_id, date(2026, 11, 21)) is late
    assert not is_late(invoice.family_id, DUE)
    assert not is_late(world.home("Martin").family.pk, date(2026, 11, 21))


def test_what_is_due_is_counted_for_the_home_alone(world, count_queries):
    world.invoice(total="40.00", paid="15.50", due_on=date(2026, 12, 15))
    world.invoice(total="0.10", due_on=date(2026, 12, 1))
    world.invoice(total="9.00", paid="9.00")
    world.invoice(world.home("Martin"), total="1000.00")
    with count_queries(1):
        found = due_invoices(Actor(None, "Camille", family_id=world.durand.family.pk))
    assert (found.count, found.next_due, found.left) == (2, date(2026, 12, 1), Decimal("24.60"))
    assert due_invoices(world.office) == DueInvoices()


def test_what_the_database_finds_unpaid_is_what_the_rule_says(world):
    world.invoice(total="40.00")
    world.invoice(total="40.00", paid="0.01")
    world.invoice(total="40.00", paid="40.00")
    world.invoice(total="40.00", paid="41.00")
    world.invoice(total="0.00")
    world.invoice(total="40.00", paid="2.00", cancelled_on=DUE)
    less = world.invoice(total="40.00", paid="2.00", credited="1.00")
    world.invoice(total="40.00", paid="2.00", credited="38.00")
    world.invoice(total="40.00", credited="40.00")
    world.invoice(total="-1.00", kind="credit", corrects=less)
    owed = {InvoiceState.TO_PAY, InvoiceState.PART_PAID}
    every = Invoice.objects.all()
    assert {invoice.state for invoice in every} == set(InvoiceState)
    assert set(Invoice.objects.unpaid()) == {invoice for invoice in every if invoice.state in owed}


def test_the_pdf_of_an_invoice_is_not_deleted_as_other_files_are(world):
    stored = file_make(
        actor=world.office, content=b"%PDF-1.7", name="facture.pdf", pages=1, now=timezone.now()
    )
    invoice = world.invoice()
    Invoice.objects.filter(pk=invoice.pk).update(pdf=stored)
    with pytest.raises(ProtectedError):
        files_delete(ids=[stored.pk])
