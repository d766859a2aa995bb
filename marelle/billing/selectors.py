"""What pages read of invoices, always through the actor: a home reads those addressed to it, no other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marelle.billing.models import Invoice
from marelle.core.actor import Actor
from marelle.core.money import ZERO


@dataclass(frozen=True, slots=True)
class DueInvoices:
    """What is left to pay by a home: how many invoices, until when the first, how much in all, in euros."""

    count: int
    next_due: date | None
    left: Decimal


def has_unpaid(family_id: int, day: date) -> bool:
    """Whether an invoice of the home is past its date on `day` and not paid whole; one query."""
    return Invoice.objects.unpaid().filter(family_id=family_id, due_on__lt=day).exists()


def due_invoices(actor: Actor) -> DueInvoices:
    """What the actor's home has left to pay; one query."""
    if actor.family_id is None:
        return DueInvoices(0, None, ZERO)
    rows = list(
        Invoice.objects.unpaid()
        .filter(family_id=actor.family_id)
        .order_by("due_on")
        .values_list("due_on", "total", "paid")
    )
    return DueInvoices(
        count=len(rows),
        next_due=rows[0][0] if rows else None,
        left=sum((total - paid for _due, total, paid in rows), ZERO),
    )
