"""When an invoice is paid, when it is late. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from marelle.core.money import ZERO, rounded


class InvoiceState(StrEnum):
    TO_PAY = "to_pay"
    PART_PAID = "part_paid"
    PAID = "paid"
    CANCELLED = "cancelled"
    CREDITED = "credited"
    """Taken back whole by credit notes."""
    CREDIT = "credit"
    """A credit note itself."""


UNPAID: Final = (InvoiceState.TO_PAY, InvoiceState.PART_PAID)
"""Something is left to pay."""


def state_of(
    total: Decimal, paid: Decimal, *, credited: Decimal = ZERO, cancelled: bool = False
) -> InvoiceState:
    """An invoice of nothing is paid from the start; one that is cancelled stays so, whatever was paid."""
    if cancelled:
        return InvoiceState.CANCELLED
    if total < 0:
        return InvoiceState.CREDIT
    if total and credited >= total:
        return InvoiceState.CREDITED
    if paid + credited >= total:
        return InvoiceState.PAID
    return InvoiceState.PART_PAID if paid > 0 else InvoiceState.TO_PAY


def is_overdue(state: InvoiceState, due_on: date, day: date) -> bool:
    """Late from the day after `due_on`, as long as something is left to pay."""
    return state in UNPAID and due_on < day


def amount_of(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """What a line costs, in euros, to the cent."""
    return rounded(quantity * unit_price)


BALANCE: Final = "SOLDE-"
"""What the number of a balance begins with, that came from another software without one: the Trésor does not
know it."""


def is_known_to_tresor(number: str) -> bool:
    """Whether who pays online finds a bill by its number."""
    return not number.startswith(BALANCE)


def debt_reference(number: str) -> str:
    """What a debtor types to pay, and `NumDette` of the file for the Trésor: "2026000123" of the bill
    « 2026-000123 », once in an authority, and as long as the bill is owed."""
    return number.replace("-", "")
