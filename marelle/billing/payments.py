"""Writing what was paid of bills, and what that comes to: the one place that sets `Invoice.paid`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from marelle.billing.models import ImportRun, Invoice, InvoiceLine, Payment
from marelle.billing.paid import Means, Told, paid_of, told
from marelle.core.actor import SYSTEM
from marelle.core.subject import Subject
from marelle.journal.services import Act, record_many

AT_ONCE: Final = 2_000
"""Bills in one condition."""


HALF_A_CENT: Final = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class NewPayment:
    """See `models.Payment`."""

    invoice_id: int
    amount: Decimal
    on: date
    means: Means
    reference: str = ""


def bills_locked(ids: Collection[int]) -> dict[int, Invoice]:
    """The bills as they are, locked until the transaction ends: in the order of their keys, after the home or
    the authority that the caller holds."""
    return {row.pk: row for some in _some(ids) for row in _locked(some)}


def _locked(ids: Sequence[int]) -> QuerySet[Invoice]:
    return Invoice.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk")


def payments_add(new: Iterable[NewPayment], *, run: ImportRun | None, who: str, now: datetime) -> int:
    """Write payments, and what their bills are then paid, in the caller's transaction, which holds these
    bills (`bills_locked`). Returns how many rows."""
    rows = [
        Payment(
            invoice_id=one.invoice_id,
            amount=one.amount,
            on=one.on,
            means=one.means,
            reference=one.reference,
            read_in=run,
            recorded_at=now,
            recorded_by=who[:200],
        )
        for one in new
        if one.amount
    ]
    Payment.objects.bulk_create(rows, batch_size=AT_ONCE)
    _summed({row.invoice_id for row in rows})
    return len(rows)


def _summed(ids: Collection[int]) -> None:
    for some in _some(ids):
        rows = defaultdict(list)
        for row in Payment.objects.filter(invoice__in=some):
            rows[row.invoice_id].append(row)
        bills = [Invoice(pk=pk) for pk in some]
        for bill in bills:
            bill.paid, bill.paid_on = paid_of(rows[bill.pk])
        Invoice.objects.bulk_update(bills, ["paid", "paid_on"], batch_size=500)


def _some(ids: Collection[int]) -> Iterator[list[int]]:
    rest = sorted(ids)
    for start in range(0, len(rest), AT_ONCE):
        yield rest[start : start + AT_ONCE]


def payments_told(invoice_ids: Collection[int]) -> dict[int, tuple[Told, ...]]:
    """By bill, those that have any; one query."""
    rows: dict[int, list[Payment]] = defaultdict(list)
    for row in Payment.objects.filter(invoice__in=invoice_ids):
        rows[row.invoice_id].append(row)
    return {pk: told(them) for pk, them in rows.items()}


def bills_unlike_their_payments() -> QuerySet[Invoice]:
    """Those of which `paid` is not the sum of the rows: none, unless a write went round the services."""
    return _unlike("paid", Payment.objects.all())


def bills_unlike_their_lines() -> QuerySet[Invoice]:
    """The same of the totals of those that were made here."""
    return _unlike("total", InvoiceLine.objects.all()).exclude(run=None)


def _unlike(column: str, rows: QuerySet[Payment] | QuerySet[InvoiceLine]) -> QuerySet[Invoice]:
    money = DecimalField(max_digits=10, decimal_places=2)
    sums = rows.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    total = Coalesce(
        Subquery(sums.annotate(sum=Sum("amount")).values("sum"), output_field=money),
        Value(Decimal("0.00")),
        output_field=money,
    )
    # By half a cent: SQLite adds as floating numbers do.
    more, less = F("sum") + HALF_A_CENT, F("sum") - HALF_A_CENT
    unlike = Q(**{f"{column}__gt": more}) | Q(**{f"{column}__lt": less})
    return Invoice.objects.annotate(sum=total).filter(unlike).order_by("number", "pk")


@transaction.atomic
def payments_recount(*, now: datetime) -> list[Invoice]:
    """Put right what bills say is paid, from the rows; returns those that were wrong, as they were."""
    wrong = list(bills_unlike_their_payments())
    bills_locked([row.pk for row in wrong])
    _summed([row.pk for row in wrong])
    acts = (Act("invoice.recounted", Subject("invoice", row.pk, row.number)) for row in wrong)
    record_many(actor=SYSTEM, acts=acts, now=now)
    return wrong
