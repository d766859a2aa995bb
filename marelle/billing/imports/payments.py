"""The state of payments by CSV: what was paid of which invoice, and when. Columns: see docs/factures.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from marelle.billing.imports import values
from marelle.billing.imports.planning import invoices_by_number
from marelle.billing.models import Invoice
from marelle.billing.rules import InvoiceState, state_of
from marelle.core.money import ZERO
from marelle.core.tabular import Column, Problem, Row, plain

T = TypeVar("T")

COLUMNS: Final = (
    Column("number", "facture", ("numéro", "numéro de facture", "n° facture", "invoice")),
    Column("paid", "payé", ("montant payé", "réglé", "montant réglé"), required=False),
    Column("on", "date", ("payée le", "date de paiement", "date de règlement"), required=False),
    Column("state", "état", ("état de paiement", "statut"), required=False),
)
TITLES: Final = {column.code: column.title for column in COLUMNS}
STATES: Final = {
    "apayer": InvoiceState.TO_PAY,
    "topay": InvoiceState.TO_PAY,
    "impayee": InvoiceState.TO_PAY,
    "payeeenpartie": InvoiceState.PART_PAID,
    "partiel": InvoiceState.PART_PAID,
    "partpaid": InvoiceState.PART_PAID,
    "payee": InvoiceState.PAID,
    "soldee": InvoiceState.PAID,
    "paid": InvoiceState.PAID,
    "annulee": InvoiceState.CANCELLED,
    "cancelled": InvoiceState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Payment:
    """What the file says of one invoice: `paid` in all, not what was added; None says nothing of it."""

    line: int
    number: str
    paid: Decimal | None
    on: date | None
    state: InvoiceState | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an invoice becomes: `paid` in all, what is new of it `on` a day, or taken back."""

    paid: Decimal
    on: date
    cancelled_on: date | None


@dataclass
class PaymentPlan:
    """`told`: ids of the bills of which the file says what is paid in all, changed or not."""

    changed: list[tuple[Invoice, Settled]] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def bill_ids(self) -> set[int]:
        return {invoice.pk for invoice, _settled in self.changed}

    @property
    def counts(self) -> dict[str, Any]:
        added = sum((settled.paid - invoice.paid for invoice, settled in self.changed), ZERO)
        cancelled = sum(
            settled.cancelled_on is not None and invoice.cancelled_on is None
            for invoice, settled in self.changed
        )
        return {
            "changed": len(self.changed),
            "same": self.same,
            "cancelled": cancelled,
            "total": str(added),
        }


def payments_planned(
    payments: Iterable[Payment],
    problems: Iterable[Problem],
    *,
    authority_id: int,
    correction: bool,
    day: date,
) -> PaymentPlan:
    """`day` is today: nothing is paid later. `problems` are those of the file itself, by line."""
    payments = list(payments)
    plan = PaymentPlan(problems=list(problems))
    there = invoices_by_number(authority_id, [payment.number for payment in payments])
    for payment in payments:
        invoice = there.get(payment.number)
        if invoice is None:
            plan.problems.append(
                Problem(str(payment.line), "invoice_unknown", {"value": payment.number[:60]})
            )
            continue
        plan.told.append(invoice.pk)
        settled = settle(payment, invoice, day)
        if isinstance(settled, Problem):
            plan.problems.append(settled)
        elif (settled.paid, settled.cancelled_on) == (invoice.paid, invoice.cancelled_on):
            plan.same += 1
        elif _goes_back(invoice, settled) and not correction:
            plan.problems.append(_problem(payment, "goes_back", paid=invoice.paid))
        else:
            plan.changed.append((invoice, settled))
    plan.problems.sort(key=lambda problem: int(problem.where))
    return plan


def payments_read(rows: Iterable[Row], day: date) -> tuple[list[Payment], list[Problem]]:
    payments: list[Payment] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for row in rows:
        try:
            payment = _read(row, day)
            if payment.number in seen:
                raise values.Bad("number_again", value=payment.number, line=seen[payment.number])  # noqa: TRY301
        except values.Bad as bad:
            problems.append(Problem(str(row.line), bad.code, bad.data))
            continue
        seen[payment.number] = row.line
        payments.append(payment)
    return payments, problems


def settle(payment: Payment, invoice: Invoice, day: date) -> Settled | Problem:
    """What the invoice becomes, or why its row is refused."""
    on = payment.on or day
    if payment.state is InvoiceState.CANCELLED:
        paid = payment.paid if payment.paid is not None else invoice.paid
        return Settled(paid, on, payment.on or invoice.cancelled_on or day)
    paid = _paid(payment, invoice)
    if paid > invoice.total:
        return _problem(payment, "more_than_total", total=invoice.total, paid=paid)
    said = payment.state
    if said is not None and said is not state_of(invoice.total, paid, credited=invoice.credited):
        return _problem(payment, "state_differs", total=invoice.total, paid=paid)
    return Settled(paid, on, None)


def _paid(payment: Payment, invoice: Invoice) -> Decimal:
    if payment.paid is not None:
        return payment.paid
    if payment.state is InvoiceState.PAID:
        return invoice.total - min(invoice.credited, invoice.total)
    return ZERO if payment.state is InvoiceState.TO_PAY else invoice.paid


def _read(row: Row, day: date) -> Payment:
    number = row.get("number")
    if not number:
        raise values.Bad("missing", column=TITLES["number"])
    if row.extra:
        raise values.Bad("extra_cells")
    values.number(number)
    paid = _cell(row, "paid", values.amount)
    if paid is not None and paid < 0:
        raise values.Bad("negative_payment")
    on = _cell(row, "on", values.day)
    if on is not None and on > day:
        raise values.Bad("in_the_future", day=on)
    text = row.get("state")
    state = STATES.get(plain(text))
    if text and state is None:
        raise values.Bad("state", value=text[:60])
    if paid is None and state is None:
        raise values.Bad("nothing_said")
    return Payment(row.line, number, paid, on, state)


def _cell(row: Row, code: str, how: Callable[[str], T]) -> T | None:
    return values.cell(row.get(code), how, column=TITLES[code])


def _goes_back(invoice: Invoice, settled: Settled) -> bool:
    """Less paid than is known, or a cancelled invoice that would live again."""
    return settled.paid < invoice.paid or (invoice.cancelled_on is not None and settled.cancelled_on is None)


def _problem(payment: Payment, code: str, **data: Any) -> Problem:
    return Problem(str(payment.line), code, data)
