"""From the rows of a CSV to invoices that add up, and what is wrong with those that do not. Pure.

Columns: see docs/factures.md. The rows of an invoice follow each other; what is said of the whole invoice
(home, month, dates, total) is on its first row, and may be repeated or left empty on the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Final

from marelle.billing.imports import values
from marelle.billing.imports.reader import Reader
from marelle.billing.rules import amount_of
from marelle.core.money import ZERO, rounded
from marelle.core.tabular import Column, Problem, Row, plain

COLUMNS: Final = (
    Column("number", "facture", ("numéro", "numéro de facture", "n° facture", "invoice")),
    Column("family", "famille", ("dossier", "numéro de famille", "numéro de dossier", "n° famille")),
    Column("month", "mois", ("mois facturé",)),
    Column("issued_on", "émise le", ("émission", "date d’émission", "issued")),
    Column("due_on", "échéance", ("date d’échéance", "à payer avant le", "due")),
    Column("activity", "activité", ("prestation",)),
    Column("label", "libellé", ("détail", "désignation")),
    Column("quantity", "quantité", ("qté", "nombre")),
    Column("unit_price", "prix unitaire", ("pu", "tarif")),
    Column("amount", "montant", ("montant de la ligne",)),
    Column("total", "total", ("total facture", "total de la facture")),
    Column("child", "enfant", ("prénom de l’enfant",), required=False),
    Column("structure", "structure", (), required=False),
    Column("kind", "nature", ("type",), required=False),
)
PAST_COLUMNS: Final = (
    *COLUMNS,
    Column("paid", "payé", ("montant payé", "réglé", "montant réglé"), required=False),
    Column("paid_on", "payée le", ("date de paiement", "date de règlement"), required=False),
    Column("food", "part du repas", ("dont repas", "alimentation"), required=False),
    Column("hours", "heures", ("heures facturées",), required=False),
)
"""Of the last bills of another software: what was paid of each, and what a tax statement and the CAF ask."""

OF_THE_WHOLE: Final = (
    "family", "month", "issued_on", "due_on", "total", "structure", "kind", "paid", "paid_on",
)  # fmt: skip
KINDS: Final = {
    "": "monthly",
    "mensuelle": "monthly",
    "facturemensuelle": "monthly",
    "monthly": "monthly",
    "autre": "other",
    "autrefacture": "other",
    "other": "other",
}
LABEL_LENGTH: Final = 160
ACTIVITY_LENGTH: Final = 120
MAX_LINES: Final = 500
"""Of one invoice."""


@dataclass(frozen=True, slots=True)
class LineDraft:
    line: int
    child: str
    activity: str
    label: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    food: Decimal | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """An invoice as the file says it, whose sums are right. `line` is its first. `paid`, in all, by the
    last day `paid_on`."""

    line: int
    number: str
    family: str
    month: date
    kind: str
    issued_on: date
    due_on: date
    structure: str
    total: Decimal
    lines: tuple[LineDraft, ...]
    paid: Decimal = ZERO
    paid_on: date | None = None


TITLES: Final = {column.code: column.title for column in PAST_COLUMNS}


def sums_said(rows: Iterable[Row]) -> tuple[Decimal, Decimal]:
    """What all invoices ask, and what was paid of them, as far as it can be read."""
    asked = paid = ZERO
    for _number, group in groupby(rows, key=lambda row: row.get("number")):
        first = next(group)
        asked += values.read_or_none(first.get("total"), values.amount) or ZERO
        paid += values.read_or_none(first.get("paid"), values.amount) or ZERO
    return asked, paid


def invoice_drafts(
    rows: Iterable[Row], month: date | None, *, day: date | None = None
) -> tuple[list[InvoiceDraft], list[Problem]]:
    """The invoices of `month` (its first day; None: of any) that are right, and the problems of the others.
    `day`: nothing was paid after it."""
    drafts: list[InvoiceDraft] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, group in groupby(rows, key=lambda row: row.get("number")):
        lines = list(group)
        first = lines[0]
        if number in seen:
            before = seen[number]
            problems.append(Problem(str(first.line), "number_again", {"value": number[:60], "line": before}))
            continue
        if number:
            seen[number] = first.line
        draft = _invoice(lines, month, day, problems)
        if draft is not None:
            drafts.append(draft)
    return drafts, problems


def _invoice(
    rows: Sequence[Row], month: date | None, day: date | None, problems: list[Problem]
) -> InvoiceDraft | None:
    before = len(problems)
    head = Reader(rows[0], TITLES)
    number = head.read("number", values.number)
    family = head.read("family", lambda text: values.short(text, 40))
    of_month = head.read("month", values.month)
    issued_on, due_on = head.read("issued_on", values.day), head.read("due_on", values.day)
    total = head.read("total", values.amount)
    kind = KINDS.get(plain(head.row.get("kind")))
    if kind is None:
        head.say("kind", value=head.row.get("kind")[:60])
    if of_month is not None and month is not None and of_month != month:
        head.say("wrong_month", found=of_month, expected=month)
    paid, paid_on = _paid(head, total, day)
    if issued_on and due_on and due_on < issued_on:
        head.say("due_before_issue")
    if total is not None and total < 0:
        head.say("negative_total", total=total)
    if len(rows) > MAX_LINES:
        head.say("too_many_lines", limit=MAX_LINES)
    problems += head.problems
    lines = [_line(row, rows[0], problems) for row in rows]
    found = [line for line in lines if line is not None]
    if len(found) == len(lines) and total is not None:
        added = sum((line.amount for line in found), ZERO)
        if added != total:
            problems.append(Problem(str(rows[0].line), "total_differs", {"total": total, "added": added}))
    if len(problems) > before or not (number and family and of_month and issued_on and due_on and kind):
        return None
    if total is None:
        return None
    structure = head.row.get("structure")
    return InvoiceDraft(
        rows[0].line, number, family, of_month, kind, issued_on, due_on, structure, total, tuple(found),
        paid, paid_on,
    )  # fmt: skip


def _paid(head: Reader, total: Decimal | None, day: date | None) -> tuple[Decimal, date | None]:
    """What was paid of it in all, and when."""
    paid = head.read("paid", values.amount, required=False) or ZERO
    on = head.read("paid_on", values.day, required=False)
    if paid < 0:
        head.say("negative_payment")
    if total is not None and paid > max(total, ZERO):
        head.say("more_than_total", total=total, paid=paid)
    if paid and not head.row.get("paid_on"):
        head.say("paid_undated")
    if on is not None and day is not None and on > day:
        head.say("in_the_future", day=on)
    return paid, on


def _line(row: Row, first: Row, problems: list[Problem]) -> LineDraft | None:
    reader = Reader(row, TITLES)
    if row.extra:
        reader.say("extra_cells")
    for code in OF_THE_WHOLE:
        if row.get(code) not in {"", first.get(code)}:
            reader.say("differs_from_first", column=TITLES[code], line=first.line)
    activity = reader.read("activity", lambda text: values.short(text, ACTIVITY_LENGTH))
    label = row.get("label")
    if len(label) > LABEL_LENGTH:
        reader.say("too_long", column=TITLES["label"], limit=LABEL_LENGTH)
    quantity = reader.read("quantity", values.quantity)
    unit_price = reader.read("unit_price", values.unit_price)
    amount = reader.read("amount", values.amount)
    food = reader.read("food", values.amount, required=False)
    hours = reader.read("hours", values.quantity, required=False)
    if food is not None and amount is not None and not min(amount, ZERO) <= food <= max(amount, ZERO):
        reader.say("food_beyond", food=food, amount=amount)
    if quantity is not None and unit_price is not None and amount is not None:
        computed = amount_of(quantity, unit_price)
        if computed != amount:
            reader.say("line_differs", amount=amount, computed=computed)
    problems += reader.problems
    if reader.problems or activity is None or quantity is None or unit_price is None or amount is None:
        return None
    minutes = None if hours is None else int(rounded(hours * 60))
    return LineDraft(row.line, row.get("child"), activity, label, quantity, unit_price, amount, food, minutes)
