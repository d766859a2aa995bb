"""The demo's invoices add up, and each told home has something to see, whatever the season."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from marelle.billing.models import (
    BillingTerms,
    ExportedBill,
    Invoice,
    Payment,
    Reminder,
    ReminderStep,
    StrayPayment,
)
from marelle.billing.rules import InvoiceState, amount_of
from marelle.demo.builder import build
from marelle.demo.invoices import billed_months
from marelle.places.models import Authority

pytestmark = pytest.mark.django_db


@pytest.mark.prove
@pytest.mark.parametrize("today", [date(2026, 11, 25), date(2026, 9, 8)])
def test_invoices_of_the_world(today: date) -> None:
    """On another, each time the suite runs: see `test_world.py`."""
    build(today=today, families=8)
    assert_invoices_add_up(today)


def assert_invoices_add_up(today: date) -> None:
    invoices = list(Invoice.objects.prefetch_related("lines").select_related("family"))
    for invoice in invoices:
        assert invoice.total == sum(line.amount for line in invoice.lines.all()) > 0
        assert invoice.paid == sum(row.amount for row in invoice.payments.all())
        for line in invoice.lines.all():
            assert line.amount == amount_of(line.quantity, line.unit_price)
        assert invoice.issued_on <= today
        assert invoice.paid_on is None or invoice.issued_on <= invoice.paid_on <= today
    terms = BillingTerms.objects.filter(since__lte=today)
    assert {row.authority_id for row in terms} == set(Authority.objects.values_list("pk", flat=True))
    back = ExportedBill.objects.exclude(state="")
    assert bool(back) == (today.month > 10)
    assert {row.state for row in back} <= {"taken", "rejected"}
    assert StrayPayment.objects.count() == (1 if back else 0)
    assert not back or Payment.objects.filter(means="tresor").exists()
    assert ReminderStep.objects.count() == 3 * Authority.objects.count()
    assert [row.family.name for row in Reminder.objects.all()] == ["Durand"] * bool(back)
    durand = [invoice for invoice in invoices if invoice.family.name == "Durand"]
    states = Counter(invoice.state for invoice in durand)
    assert states[InvoiceState.PAID]
    unpaid = [invoice for invoice in durand if invoice.state is InvoiceState.TO_PAY]
    assert any(invoice.due_on < today for invoice in unpaid)
    assert any(invoice.due_on >= today for invoice in unpaid)


@pytest.mark.parametrize(
    ("today", "latest"),
    [
        (date(2026, 11, 25), date(2026, 10, 1)),
        (date(2026, 11, 5), date(2026, 10, 1)),
        (date(2026, 11, 4), date(2026, 9, 1)),
        (date(2026, 1, 2), date(2025, 11, 1)),
    ],
)
def test_the_latest_month_is_one_whose_invoices_have_left(today, latest):
    assert billed_months(today)[0] == latest
