"""Invoices of the last months, from the days that each child had: one to pay, one late, the others paid.

Prices are invented. The months move with today: the latest is the last whose invoices have left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random

from django.db.models import Count
from django.db.models.functions import TruncMonth

from marelle.billing.models import ImportRun, Invoice, InvoiceLine, Payment, Treasury
from marelle.billing.paid import Means
from marelle.billing.rules import amount_of
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.clock import instant_at
from marelle.core.money import ZERO
from marelle.demo.people_rows import People
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.places.models import StructureKind

MONTHS = 4
SENT_ON_THE = 5
DAYS_TO_PAY = timedelta(days=30)
PRICES = {
    StructureKind.CHILDCARE: Decimal("16.4000"),
    StructureKind.RELAY: Decimal("0.0000"),
    StructureKind.LEISURE: Decimal("7.2500"),
    StructureKind.AFTER_SCHOOL: Decimal("1.8500"),
    StructureKind.CANTEEN: Decimal("4.3500"),
    StructureKind.YOUTH: Decimal("3.1000"),
}
LATE_SHARE, PAID_SHARE = 0.06, 0.45
SENDER = "Nadège Courtin"
PAYFIP = {"cc": "099901", "village": "099902"}


@dataclass(frozen=True, slots=True)
class Had:
    """How many times a child had a slot in a month."""

    family_id: int
    authority_id: int
    month: date
    child_id: int
    activity: str
    slot: str
    kind: str
    times: int


def bill(
    people: People, places: Places, year: SchoolYear, random: Random, *, but: Collection[date] = ()
) -> int:
    """Write invoices, lines and the imports that they came by, of the months that do not come
    by `but`. Returns how many invoices."""
    for key, authority in places.authorities.items():
        Treasury.objects.filter(authority=authority).update(payfip=PAYFIP[key])
    months = billed_months(year.today)
    had = sorted(
        (row for row in _had(months) or _had_soon(months, year) if row.month not in but),
        key=lambda row: (row.authority_id, row.month, row.family_id),
    )
    lines: dict[tuple[int, date, int], list[Had]] = {}
    for row in had:
        lines.setdefault((row.authority_id, row.month, row.family_id), []).append(row)
    runs = {
        (authority_id, month): _run(authority_id, month, places)
        for authority_id, month in sorted({(key[0], key[1]) for key in lines})
    }
    told = {family.pk: home.key for home, family in people.families.items()}
    invoices = [
        _invoice(key, rows, number, runs[key[0], key[1]])
        for number, (key, rows) in enumerate(lines.items(), start=1)
    ]
    for invoice in invoices:
        settle(invoice, months.index(invoice.month), told[invoice.family_id], year.today, random)
    Invoice.objects.bulk_create(invoices)
    Payment.objects.bulk_create(payments_of(invoices))
    _tell_imports(dict(zip(invoices, map(len, lines.values()), strict=True)), runs.values(), year.today)
    InvoiceLine.objects.bulk_create(
        line for invoice, rows in zip(invoices, lines.values(), strict=True) for line in _lines(invoice, rows)
    )
    return len(invoices)


def billed_months(today: date) -> list[date]:
    """The first days of the last months whose invoices have left, the latest first."""
    first = today.replace(day=1)
    if today.day < SENT_ON_THE:
        first = _before(first)
    months = [_before(first)]
    while len(months) < MONTHS:
        months.append(_before(months[-1]))
    return months


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _had(months: list[date]) -> list[Had]:
    return _counted(months[-1], (months[0] + timedelta(days=32)).replace(day=1))


def _had_soon(months: list[date], year: SchoolYear) -> list[Had]:
    """In September nothing of the year is billed yet: as if each month before had been like the first."""
    first = year.first_day.replace(day=1)
    return [
        replace(row, month=month)
        for row in _counted(first, _before(first) + timedelta(days=62))
        for month in months
        if row.month == first
    ]


def _counted(first: date, end: date) -> list[Had]:
    """Of the days from `first` until `end`, that one not included."""
    rows = (
        Booking.objects.filter(state=BookingState.BOOKED, day__gte=first, day__lt=end)
        .annotate(month=TruncMonth("day"))
        .values_list(
            "family_id",
            "opening__activity__structure__authority_id",
            "month",
            "child_id",
            "opening__activity__name",
            "opening__slot__name",
            "opening__activity__structure__kind",
        )
        .annotate(times=Count("pk"))
        .order_by("child_id", "opening__activity__name", "opening__slot__name")
    )
    return [had for had in (Had(*row) for row in rows) if _price(had)]


def _run(authority_id: int, month: date, places: Places) -> ImportRun:
    authority = next(row for row in places.authorities.values() if row.pk == authority_id)
    at = sent_at(month)
    return ImportRun.objects.create(
        authority=authority,
        kind=ImportRun.Kind.INVOICES,
        month=month,
        file_name=f"factures-{month:%Y-%m}.csv",
        sha256=sha256(f"{authority_id} {month}".encode()).hexdigest(),
        prepared_at=at,
        prepared_by=SENDER,
        done_at=at,
        done_by=SENDER,
    )


def _tell_imports(invoices: dict[Invoice, int], runs: Iterable[ImportRun], today: date) -> None:
    """What each import did, and payments that came three days ago. `invoices`: how many lines each has."""
    for run in runs:
        mine = [invoice for invoice in invoices if invoice.imported_in_id == run.pk]
        run.counts = {
            "created": len(mine),
            "lines": sum(invoices[invoice] for invoice in mine),
            "families": len({invoice.family_id for invoice in mine}),
            "total": str(sum((invoice.total for invoice in mine), ZERO)),
        }
        run.save(update_fields=["counts"])
    at = instant_at(today - timedelta(days=3), time(8, 15))
    for authority_id in {invoice.authority_id for invoice in invoices}:
        paid = [row for row in invoices if row.authority_id == authority_id and row.paid]
        ImportRun.objects.create(
            authority_id=authority_id,
            kind=ImportRun.Kind.PAYMENTS,
            file_name=f"paiements-{at:%Y-%m-%d}.csv",
            sha256=sha256(f"{authority_id} {at}".encode()).hexdigest(),
            prepared_at=at,
            prepared_by=SENDER,
            done_at=at,
            done_by=SENDER,
            counts={"changed": len(paid), "total": str(sum((row.paid for row in paid), ZERO))},
        )


def sent_at(month: date) -> datetime:
    return instant_at((month + timedelta(days=32)).replace(day=SENT_ON_THE), time(9, 30))


def _invoice(key: tuple[int, date, int], rows: list[Had], number: int, run: ImportRun) -> Invoice:
    authority_id, month, family_id = key
    issued_on = (month + timedelta(days=32)).replace(day=SENT_ON_THE)
    return Invoice(
        authority_id=authority_id,
        family_id=family_id,
        number=f"{month:%Y-%m}-{number:04}",
        month=month,
        issued_on=issued_on,
        due_on=issued_on + DAYS_TO_PAY,
        total=sum((amount_of(Decimal(row.times), _price(row)) for row in rows), ZERO),
        imported_in=run,
    )


def _lines(invoice: Invoice, rows: list[Had]) -> Iterator[InvoiceLine]:
    for order, row in enumerate(rows, start=1):
        yield InvoiceLine(
            invoice=invoice,
            child_id=row.child_id,
            activity=row.activity,
            label=row.slot,
            quantity=Decimal(row.times),
            unit_price=_price(row),
            amount=amount_of(Decimal(row.times), _price(row)),
            order=order,
        )


def _price(row: Had) -> Decimal:
    return PRICES[StructureKind(row.kind)]


def payments_of(invoices: Iterable[Invoice]) -> Iterator[Payment]:
    """Of what each says is paid."""
    for one in invoices:
        if one.paid and one.paid_on:
            at = instant_at(one.paid_on, time(8, 15))
            yield Payment(
                invoice=one, amount=one.paid, on=one.paid_on, means=Means.STATE, recorded_at=at,
                recorded_by=SENDER,
            )  # fmt: skip


def settle(invoice: Invoice, age: int, home: str, today: date, random: Random) -> None:
    """Whether it is paid: `age` 0 is the latest month. The Durand home is late for one invoice."""
    if home == "durand":
        paid = age > 1 or (age == 1 and invoice.total < Decimal(100))
    else:
        paid = random.random() > LATE_SHARE if age else random.random() < PAID_SHARE
    if paid:
        invoice.paid = invoice.total
        after = timedelta(days=random.randrange(4, 25))
        invoice.paid_on = min(invoice.issued_on + after, today)
