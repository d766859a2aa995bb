"""The rows that a figure of an exercise is the sum of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from django.db.models import QuerySet

from marelle.billing.accounting.rules import Bill, Happened, balance_of
from marelle.billing.accounting.totals import CANCELLED, ITS_NOTES, STRUCTURE, code_lines
from marelle.billing.models import InvoiceLine, InvoiceQuerySet
from marelle.core.money import ZERO


class Figure(StrEnum):
    """Which one; as an address names it."""

    BILLED = "factures"
    CREDITED = "avoirs"
    CANCELLED = "annulations"
    PAID = "paiements"
    LEFT = "restes"
    OVER = "trop-percus"
    LINES = "lignes"


EVENTS: Final = {
    Figure.BILLED: Happened.BILLED,
    Figure.CREDITED: Happened.CREDITED,
    Figure.CANCELLED: Happened.CANCELLED,
    Figure.PAID: Happened.PAID,
}


class Told(NamedTuple):
    """A row: its day (of what is left to pay, the one on which the bill was sent), and what it adds."""

    on: date
    label: str
    family_id: int
    payer_id: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Chosen:
    """`billed`: the first day of the month billed; `within`: of the month in which it happened; None: all."""

    figure: Figure = Figure.BILLED
    billed: date | None = None
    within: date | None = None


def told_of(bills: Iterable[Bill], chosen: Chosen) -> list[Told]:
    """Of any figure but lines, by day."""
    held = (bill for bill in bills if chosen.billed is None or bill.month == chosen.billed)
    rows = (row for bill in held for row in _told(bill, chosen.figure))
    within = chosen.within
    return sorted(row for row in rows if within is None or row.on.replace(day=1) == within)


def _told(bill: Bill, figure: Figure) -> Iterator[Told]:
    if figure in EVENTS:
        for one in bill.events:
            if one.what is EVENTS[figure]:
                yield Told(one.on, one.label, bill.family_id, bill.payer_id, one.amount)
        return
    balance = balance_of(bill.events)
    left = balance if figure is Figure.LEFT else -balance
    if left > ZERO:
        yield Told(bill.events[0].on, bill.number, bill.family_id, bill.payer_id, left)


@dataclass(frozen=True, slots=True)
class OfCode:
    """Which lines: see `totals.Code`. None chooses nothing; 0, those that are of none."""

    structure_id: int | None = None
    activity_id: int | None = None
    activity: str | None = None
    account: str | None = None
    budget: str | None = None
    regie: str | None = None


def lines_chosen(bills: InvoiceQuerySet, code: OfCode) -> QuerySet[InvoiceLine]:
    """Of bills and of their credit notes: those of what was cancelled come to nothing, and are not there."""
    named = {
        "of_structure": code.structure_id,
        "of_activity": code.activity_id,
        "activity": code.activity,
        "account": code.account,
        "budget": code.budget,
        "invoice__regie": code.regie,
    }
    wanted = {
        f"{name}__isnull" if value == 0 else name: True if value == 0 else value
        for name, value in named.items()
        if value is not None
    }
    rows = code_lines(bills).alias(of_structure=STRUCTURE).filter(**wanted).exclude(CANCELLED | ITS_NOTES)
    named_rows = rows.select_related("invoice__family", "invoice__payer", "child")
    return named_rows.order_by("invoice__issued_on", "invoice__number", "order")
