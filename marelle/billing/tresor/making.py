"""From a bill to a piece: one line for each account and rate of VAT. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from marelle.billing.tresor.debtors import debtor_of
from marelle.billing.tresor.keys import period_of, second_key
from marelle.billing.tresor.pieces import Bill, BillLine, Debit, Line, Numbers, Piece, Sender, Sort, Terms
from marelle.billing.tresor.texts import latin, text_of
from marelle.core.french import month_text
from marelle.core.money import ZERO, rounded

HUNDRED = Decimal(100)
ROLE_NATURE = "588"
LABEL = 160

Account = tuple[str, Decimal]
"""Its code, and the rate of VAT in percent."""


def by_account(lines: Iterable[BillLine]) -> Mapping[Account, Sequence[BillLine]]:
    """In the order of the bill, without those that come to nothing."""
    found: dict[Account, list[BillLine]] = {}
    for line in lines:
        found.setdefault((line.account, line.vat), []).append(line)
    return {key: them for key, them in found.items() if sum(line.amount for line in them)}


def line_numbers(lines: Iterable[BillLine]) -> dict[Account, int]:
    """IdLigne of each, from 1 on."""
    return {key: number for number, key in enumerate(by_account(lines), 1)}


def budgets_of(bill: Bill, terms: Terms) -> set[str]:
    """CodBud of its lines; "" for a budget that has none."""
    return {terms.budget_of(line.budget) for line in bill.lines}


def piece_of(
    bill: Bill,
    numbers: Numbers,
    *,
    sort: Sort,
    exercise: int,
    sender: Sender,
    terms: Terms,
    debit: Debit | None = None,
) -> Piece:
    """Of a bill in which `checks` finds nothing."""
    period = period_of(bill.month, terms.rule)
    return Piece(
        bill_id=bill.id,
        bill_number=bill.number,
        numbers=numbers,
        notice_on=bill.notice_on,
        label=text_of(f"{'Avoir' if bill.is_credit else 'Facture'} {bill.number} - {_month(bill)}", LABEL),
        period=period,
        key=second_key(exercise, period, numbers.debt) if terms.with_key and period else "",
        attachment=f"{sender.siret}{exercise}{sender.budget}{numbers.piece:08d}",
        debtor=debtor_of(bill.addressed),
        lines=tuple(_lines(bill, sort, terms)),
        debit=debit,
    )


def _month(bill: Bill) -> str:
    return latin(month_text(bill.month))


def _lines(bill: Bill, sort: Sort, terms: Terms) -> Iterable[Line]:
    for number, ((account, rate), lines) in enumerate(by_account(bill.lines).items(), 1):
        amount = sum((line.amount for line in lines), ZERO)
        taken = -amount if sort == Sort.REDUCTIONS else amount
        net = rounded(taken * HUNDRED / (HUNDRED + rate))
        names = ", ".join(dict.fromkeys(line.activity for line in lines))
        yield Line(
            number=number,
            product=terms.product_of(account),
            nature=ROLE_NATURE if terms.sort == Sort.ROLE else account,
            label=text_of(f"{_month(bill)} - {names}", LABEL),
            net=net,
            tax=taken - net,
            rate=rate,
            origin=_origin(bill, (account, rate)),
        )


def _origin(bill: Bill, account: Account) -> tuple[int, int, int] | None:
    if bill.origin is None:
        return None
    of = bill.origin
    return of.exercise, of.piece, of.lines.get(account, 1)
