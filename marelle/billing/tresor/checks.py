"""What the Trésor would refuse: each point is a check of its own, told before a file is given. Pure.

Source of the points: the DGFiP's « dossier technique PES V2 » (5.19). The French of each is put above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.terms import LAST_OF_EXERCISE
from marelle.billing.tresor.debtors import debtor_of
from marelle.billing.tresor.making import budgets_of, by_account
from marelle.billing.tresor.pieces import Bill, Debtor, Sender, Sort, Terms
from marelle.billing.tresor.texts import says_something, text_of
from marelle.core.money import ZERO
from marelle.core.siret import siret_read

ACRONYM, ADDRESS = 32, 38
TWO_DIGITS: Final = 10


class Point(StrEnum):
    """Of a whole file, then of one bill."""

    POST = "post"
    COLLECTION = "collection"
    ACRONYM = "acronym"
    SIRET = "siret"
    ADDRESS = "address"
    PERIOD = "period"
    """What a month of two digits becomes is not agreed."""
    EXERCISE = "exercise"
    """The day is not in it, nor in the January that follows."""

    CANCELLED = "cancelled"
    NIL = "nil"
    """A bill of nothing is not sent."""
    PDF = "pdf"
    """It is still to be made."""
    SUM = "sum"
    BUDGET = "budget"
    BUDGETS = "budgets"
    """It is on several, of which each has its own files."""
    PRODUCT = "product"
    ACCOUNT = "account"
    ORIGIN = "origin"
    """A reduction of what the Trésor has not got."""
    OVER = "over"
    NAME = "name"
    FIRST_NAME = "first_name"
    CIVILITY = "civility"
    PAYER_SIRET = "payer_siret"
    STREET = "street"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    COUNTRY = "country"

    DEBIT_ENDED = "debit_ended"
    """These leave a bill in its file, without the debit that it announced."""
    DEBIT_LAPSED = "debit_lapsed"
    DEBIT_ICS = "debit_ics"
    DEBIT_HOLDER = "debit_holder"
    DEBIT_SEALED = "debit_sealed"
    """No key opens the account: there is no file until one does."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`what`: the code, account or country that it is about."""

    point: Point
    what: str = ""


def of_sender(sender: Sender, terms: Terms, *, exercise: int, month: date, day: date) -> Iterator[Problem]:
    """Of a file of the bills of `month`, made on `day`: one of them is enough, and there is no file."""
    if not _is(r"\d{6,7}", sender.post):
        yield Problem(Point.POST)
    if not _is(r"\d{3}", sender.collection):
        yield Problem(Point.COLLECTION)
    if not sender.acronym or text_of(sender.acronym, ACRONYM) != sender.acronym:
        yield Problem(Point.ACRONYM)
    if not _is_siret(sender.siret):
        yield Problem(Point.SIRET)
    if not sender.address or text_of(sender.address, ADDRESS) != sender.address:
        yield Problem(Point.ADDRESS)
    if not _is(r"\d{2}", sender.budget):
        yield Problem(Point.BUDGET)
    if not terms.period and month.month >= TWO_DIGITS:
        yield Problem(Point.PERIOD)
    if not date(exercise, 1, 1) <= day <= date(exercise + 1, *LAST_OF_EXERCISE):
        yield Problem(Point.EXERCISE, str(exercise))


def of_bill(bill: Bill, terms: Terms) -> list[Problem]:
    """Why it stays out of a file; nothing for one that goes in it."""
    if bill.is_cancelled:
        return [Problem(Point.CANCELLED)]
    if not bill.total:
        return [Problem(Point.NIL)]
    return [*_of_money(bill, terms), *_of_debtor(debtor_of(bill.addressed), bill.addressed)]


def _of_money(bill: Bill, terms: Terms) -> Iterator[Problem]:
    if not bill.has_pdf:
        yield Problem(Point.PDF)
    if sum((line.amount for line in bill.lines), ZERO) != bill.total:
        yield Problem(Point.SUM)
    budgets = budgets_of(bill, terms)
    if len(budgets) > 1:
        yield Problem(Point.BUDGETS, ", ".join(sorted(budgets)))
    if any(not _is(r"\d{2}", one) for one in budgets):
        yield Problem(Point.BUDGET, _missing([line.budget for line in bill.lines], terms.budget_of))
    for (account, _rate), lines in by_account(bill.lines).items():
        if not _is(r"[A-Za-z0-9]{1,4}", terms.product_of(account)):
            yield Problem(Point.PRODUCT, account)
        if terms.sort != Sort.ROLE and not (_is(r"\d{1,12}", account) and says_something(account)):
            yield Problem(Point.ACCOUNT, account or lines[0].activity)
    if bill.is_credit and bill.origin is None:
        yield Problem(Point.ORIGIN)
    if bill.is_credit and bill.over:
        yield Problem(Point.OVER)


def _of_debtor(debtor: Debtor, said: Addressed) -> Iterator[Problem]:
    if not debtor.last_name:
        yield Problem(Point.NAME, said.last_name)
    if debtor.kind == PayerKind.PERSON:
        if not debtor.first_name:
            yield Problem(Point.FIRST_NAME, said.first_name)
        if not debtor.civility:
            yield Problem(Point.CIVILITY)
    elif not _is_siret(debtor.siret):
        yield Problem(Point.PAYER_SIRET, debtor.siret)
    if not debtor.street[1]:
        yield Problem(Point.STREET, said.street)
    if not (_is(r"\d{5}", debtor.postal_code) and says_something(debtor.postal_code)):
        yield Problem(Point.POSTAL_CODE, said.postal_code)
    if not debtor.city or not text_of(said.city, ADDRESS):
        yield Problem(Point.CITY, said.city)
    if said.country and not debtor.country:
        yield Problem(Point.COUNTRY, said.country)


DEBTOR_FIELDS: Final[Mapping[Point, str]] = {
    Point.CIVILITY: "civility",
    Point.FIRST_NAME: "first_name",
    Point.NAME: "last_name",
    Point.PAYER_SIRET: "siret",
    Point.STREET: "street",
    Point.POSTAL_CODE: "postal_code",
    Point.CITY: "city",
    Point.COUNTRY: "country",
}
"""What an addressee lacks where a point is not kept."""


def wanting(said: Addressed) -> set[Point]:
    """The points that an addressee does not keep."""
    return {one.point for one in _of_debtor(debtor_of(said), said)}


def _missing(names: Iterable[str], code_of: Callable[[str], str]) -> str:
    return ", ".join(sorted({name for name in names if not code_of(name)}))


def _is(form: str, text: str) -> bool:
    return re.fullmatch(form, text, re.ASCII) is not None


def _is_siret(text: str) -> bool:
    try:
        return siret_read(text) == text
    except ValueError:
        return False
