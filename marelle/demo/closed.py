"""The exercise before this one in the demo: some bills that came by a file, and its closing."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final

from marelle.billing.models import ImportRun, Invoice, InvoiceLine, Payment
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.demo.invoices import DAYS_TO_PAY, SENDER, payments_of, sent_at
from marelle.families.models import Family, Member
from marelle.flows.bills.closing import exercise_close, to_close
from marelle.places.models import Authority

HOMES: Final = 8
CLOSED_ON: Final = (2, 20)
PRICE: Final = Decimal("14.50")
LEAST_DAYS: Final = 3
LATE: Final = 5
NEVER: Final = 6
"""Of the homes, the one that never pays; `LATE` does once the exercise is closed."""


def close_last(office: Actor, authority: Authority, today: date, *, but: tuple[str, ...]) -> None:
    """Bills of its last two months, of homes that have no account among `but`; nothing before 20 February."""
    exercise = today.year - 1
    closed_on = date(today.year, *CLOSED_ON)
    if today <= closed_on:
        return
    homes = list(
        Family.objects.exclude(members__person__account__identifier__in=but)
        .filter(members__kind=Member.Kind.CHILD)
        .distinct()
        .order_by("pk")[:HOMES]
    )
    for month in (date(exercise, 11, 1), date(exercise, 12, 1)):
        bills = [_bill(authority, home, month, rank, today) for rank, home in enumerate(homes, 1)]
        run = _run(authority, month, bills)
        for bill in bills:
            bill.imported_in = run
        Invoice.objects.bulk_create(bills)
        InvoiceLine.objects.bulk_create(map(_line, bills))
        Payment.objects.bulk_create(payments_of(bills))
    now = instant_at(closed_on, time(10))
    seen = to_close(authority.pk, exercise, closed_on).seen
    exercise_close(actor=office, authority_id=authority.pk, exercise=exercise, seen=seen, now=now)


def _bill(authority: Authority, home: Family, month: date, rank: int, today: date) -> Invoice:
    issued_on = sent_at(month).date()
    bill = Invoice(
        authority=authority, family=home, number=f"{month:%Y-%m}-C{rank:03}", month=month,
        issued_on=issued_on, due_on=issued_on + DAYS_TO_PAY, total=PRICE * (rank + LEAST_DAYS),
    )  # fmt: skip
    if rank != NEVER:
        after = timedelta(days=9 + rank) if rank != LATE else timedelta(days=80)
        bill.paid, bill.paid_on = bill.total, min(issued_on + after, today)
    return bill


def _line(bill: Invoice) -> InvoiceLine:
    child = Member.objects.filter(family=bill.family, kind=Member.Kind.CHILD).order_by("pk")[0].person
    return InvoiceLine(
        invoice=bill, child=child, activity="Mercredis", label="Journée", quantity=bill.total / PRICE,
        unit_price=PRICE, amount=bill.total, order=1,
    )  # fmt: skip


def _run(authority: Authority, month: date, bills: list[Invoice]) -> ImportRun:
    at, mark = sent_at(month), sha256(f"{authority.pk} {month} closed".encode()).hexdigest()
    return ImportRun.objects.create(
        authority=authority, kind=ImportRun.Kind.INVOICES, month=month,
        file_name=f"factures-{month:%Y-%m}.csv", sha256=mark,
        prepared_at=at, prepared_by=SENDER, done_at=at, done_by=SENDER,
        counts={
            "created": len(bills), "lines": len(bills), "families": len(bills),
            "total": str(sum(one.total for one in bills)),
        },
    )  # fmt: skip
