"""Bills with all that happened to them, as the rows say."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from marelle.billing.accounting.rules import Bill, events_of
from marelle.billing.models import Invoice, InvoiceQuerySet, Payment


def histories(bills: InvoiceQuerySet) -> list[Bill]:
    """In the order of their months and numbers; three queries, however many."""
    bills = bills.exclude(kind=Invoice.Kind.CREDIT).order_by()
    taken: dict[int, list[tuple[date, Decimal, str]]] = defaultdict(list)
    notes = Invoice.objects.filter(kind=Invoice.Kind.CREDIT, corrects__in=bills.values("pk")).order_by("pk")
    for bill_id, on, total, number in notes.values_list("corrects_id", "issued_on", "total", "number"):
        taken[bill_id or 0].append((on, -total, number))
    payments: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    paid = Payment.objects.filter(invoice__in=bills.values("pk")).order_by("on", "pk")
    for bill_id, on, amount in paid.values_list("invoice_id", "on", "amount"):
        payments[bill_id].append((on, amount))
    rows = bills.order_by("month", "number", "pk").values_list(
        "pk", "number", "month", "family_id", "payer_id", "total", "issued_on", "cancelled_on"
    )
    return [
        Bill(
            pk,
            number,
            month,
            family_id,
            payer_id,
            events_of(
                bill_id=pk,
                number=number,
                total=total,
                issued_on=issued_on,
                cancelled_on=cancelled_on,
                notes=taken.get(pk, ()),
                payments=payments.get(pk, ()),
            ),
        )
        for pk, number, month, family_id, payer_id, total, issued_on, cancelled_on in rows
    ]
