"""What homes owed, or had in hand, in another software: one amount a home, on a day. Columns: docs/moving.md.

What a home owes becomes a bill of that amount, which the Trésor has already and is never sent again. What it
had in hand becomes a share that waits (`models.Share`), which its next bill takes off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from marelle.billing.imports import values
from marelle.billing.imports.drafts import LABEL_LENGTH
from marelle.billing.imports.homes import homes_by_number, in_batches
from marelle.billing.imports.planning import invoices_by_number
from marelle.billing.imports.reader import Reader
from marelle.billing.imports.sides import Side, credits_and_debts, sides_kept
from marelle.billing.models import ImportRun, Invoice, Share
from marelle.billing.rules import BALANCE
from marelle.billing.runs.closed import closed_exercises
from marelle.billing.runs.services import terms_held
from marelle.billing.terms import exercise_of
from marelle.core.money import ZERO
from marelle.core.tabular import Column, Problem, Row, plain
from marelle.pricing.lines import Ledger
from marelle.pricing.selectors import book_of

COLUMNS: Final = (
    Column("family", "famille", ("dossier", "numéro de famille", "numéro de dossier", "n° famille")),
    Column("amount", "solde", ("montant", "solde du compte")),
    Column("on", "au", ("date", "arrêté au", "date du solde")),
    Column("number", "facture", ("numéro", "référence", "référence de la dette"), required=False),
    Column("label", "libellé", ("détail",), required=False),
    Column("account", "compte", ("code comptable", "imputation"), required=False),
    Column("regie", "régie", (), required=False),
)
TITLES: Final = {column.code: column.title for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Balance:
    """What a line says. `amount`: above zero the home owes it, below it is owed to the home. `number`: under
    which the Trésor knows a debt, "" for none."""

    line: int
    family: str
    amount: Decimal
    on: date
    number: str = ""
    label: str = ""
    account: str = ""
    regie: str = ""


@dataclass(frozen=True, slots=True)
class BalancesRead:
    """`theirs`: the amounts of all lines on which one can be read, be they wrong otherwise."""

    balances: tuple[Balance, ...]
    problems: tuple[Problem, ...]
    theirs: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A balance whose home is found, and where a credit goes."""

    balance: Balance
    family_id: int
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def number(self) -> str:
        return self.balance.number or f"{BALANCE}{self.balance.family.upper()}"


@dataclass(frozen=True, slots=True)
class Held:
    """What was brought of a home: its bills, and the shares that wait. `touched`: something of it was paid,
    reminded of or taken off a bill."""

    bills: tuple[Invoice, ...] = ()
    shares: tuple[Share, ...] = ()
    touched: bool = False

    @property
    def amount(self) -> Decimal:
        """Nothing of a bill that was cancelled since."""
        bills = (one.total for one in self.bills if one.cancelled_on is None)
        return sum((*bills, *(one.total for one in self.shares)), ZERO)


@dataclass
class BalancePlan:
    """`replaced`: what is there of the homes of `to_write` that a correction takes the place of. `homes`: all
    that the file names and that are known. `beside`: how many of those that owe have bills of a file to pay
    too, and how much: nobody but the other software knows whether the balance holds them."""

    homes: tuple[int, ...] = ()
    theirs: tuple[Decimal, ...] = ()
    created: list[Placed] = field(default_factory=list)
    corrected: list[Placed] = field(default_factory=list)
    replaced: list[Held] = field(default_factory=list)
    beside: tuple[int, Decimal] = (0, ZERO)
    same: list[Decimal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def to_write(self) -> list[Placed]:
        return [one for one in (*self.created, *self.corrected) if one.balance.amount]

    @property
    def family_ids(self) -> set[int]:
        return {one.family_id for one in (*self.created, *self.corrected)}

    @property
    def bill_ids(self) -> set[int]:
        return {bill.pk for had in self.replaced for bill in had.bills}

    @property
    def sides(self) -> tuple[Side, ...]:
        ours = credits_and_debts([*self.same, *(one.balance.amount for one in self.to_write)])
        theirs = credits_and_debts(self.theirs)
        return tuple(map(Side, ("credits", "debts"), theirs, ours))

    @property
    def counts(self) -> dict[str, Any]:
        amounts = [one.balance.amount for one in self.to_write]
        return {
            "created": sum(1 for one in self.created if one.balance.amount),
            "corrected": len(self.corrected),
            "same": len(self.same),
            "credits": sum(1 for amount in amounts if amount < 0),
            "debts": sum(1 for amount in amounts if amount > 0),
            "beside": [self.beside[0], str(self.beside[1])],
            "sides": sides_kept(self.sides),
        }


def balances_read(rows: Sequence[Row], day: date) -> BalancesRead:
    """`day` is today: no balance is of a later one."""
    found: list[Balance] = []
    problems: list[Problem] = []
    theirs: list[Decimal] = []
    seen: dict[str, int] = {}
    numbers: set[str] = set()
    for row in rows:
        reader = Reader(row, TITLES)
        balance = _read(reader, day, seen, numbers)
        amount = values.read_or_none(row.get("amount"), values.amount)
        if amount is not None:
            theirs.append(amount)
        problems += reader.problems
        if balance is not None and not reader.problems:
            found.append(balance)
    return BalancesRead(tuple(found), tuple(problems), tuple(theirs))


def _read(reader: Reader, day: date, seen: dict[str, int], numbers: set[str]) -> Balance | None:
    row = reader.row
    if row.extra:
        reader.say("extra_cells")
    family = reader.read("family", lambda text: values.short(text, 40))
    amount, on = reader.read("amount", values.amount), reader.read("on", values.day)
    number = reader.read("number", values.number, required=False) or ""
    if number and number in numbers:
        reader.say("number_known", value=number)
    numbers.add(number)
    label = reader.read("label", lambda text: values.short(text, LABEL_LENGTH), required=False) or ""
    if on is not None and on > day:
        reader.say("in_the_future", day=on)
    if family is not None:
        if family.casefold() in seen:
            reader.say("family_again", value=family, line=seen[family.casefold()])
        seen.setdefault(family.casefold(), row.line)
    if family is None or amount is None or on is None:
        return None
    return Balance(row.line, family, amount, on, number, label, row.get("account"), row.get("regie"))


def balances_planned(read: BalancesRead, *, authority_id: int, correction: bool, day: date) -> BalancePlan:
    """What would be written of it, in a fixed number of queries. `day` is today."""
    homes = homes_by_number([one.family for one in read.balances])
    plan = BalancePlan(tuple(homes.values()), read.theirs, problems=list(read.problems))
    held = held_of(authority_id, homes.values())
    ledgers = Ledgers(authority_id, day)
    closed = closed_exercises(authority_id)
    taken = invoices_by_number(authority_id, [one.number for one in read.balances if one.number])
    for one in read.balances:
        family_id = homes.get(one.family.casefold())
        if family_id is None:
            plan.problems.append(_problem(one, "family_unknown", value=one.family))
            continue
        had = held.get(family_id, Held())
        if had.amount == one.amount:
            plan.same.append(one.amount)
            continue
        wrong = list(_wrong(one, had, ledgers, closed, correction=correction))
        mine = {bill.number for bill in had.bills}
        if one.number in taken and one.number not in mine:
            wrong.append(_problem(one, "number_known", value=one.number))
        plan.problems += wrong
        if wrong:
            continue
        placed = Placed(one, family_id, ledgers.of(one)[0] if one.amount < 0 else Ledger())
        if had.bills or had.shares:
            plan.corrected.append(placed)
            plan.replaced.append(had)
        else:
            plan.created.append(placed)
    plan.problems.sort(key=lambda problem: int(problem.where))
    plan.beside = _beside(authority_id, [one.family_id for one in plan.to_write if one.balance.amount > 0])
    return plan


def _beside(authority_id: int, family_ids: Collection[int]) -> tuple[int, Decimal]:
    rows = in_batches(
        list(family_ids),
        lambda batch: (
            Invoice.objects.of_homes()
            .unpaid()
            .filter(authority_id=authority_id, family__in=batch, imported_in__isnull=False)
            .exclude(imported_in__kind=ImportRun.Kind.BALANCES)
        ),
    )
    bills = list(rows)
    return len({bill.family_id for bill in bills}), sum((bill.left for bill in bills), ZERO)


def _wrong(
    one: Balance, had: Held, ledgers: Ledgers, closed: Collection[int], *, correction: bool
) -> Iterator[Problem]:
    if had.touched:
        yield _problem(one, "balance_used", had=had.amount)
    elif (had.bills or had.shares) and not correction:
        yield _problem(one, "balance_differs", had=had.amount, amount=one.amount)
    if one.amount > 0 and (exercise := exercise_of(one.on.replace(day=1), one.on)) in closed:
        yield _problem(one, "exercise_closed", value=exercise)
    if one.amount < 0 and not ledgers.made_here:
        yield _problem(one, "credit_by_files")
    elif one.amount < 0 and len(ledgers.of(one)) != 1:
        code = "credit_where" if ledgers.of(one) else "credit_nowhere"
        yield _problem(one, code, value=" ".join(filter(None, (one.account, one.regie))))


class Ledgers:
    """Where the money of an authority goes, by its tariffs that hold on `day` or later: a credit is taken off
    what goes to the same place, or the Trésor would be told two."""

    def __init__(self, authority_id: int, day: date) -> None:
        terms = terms_held(authority_id)
        self.made_here = any(one.made_here for one in terms)
        self.by_regie = any(one.by_regie for one in terms)
        lasting = (one for one in book_of(authority_id).tariffs if one.until is None or one.until >= day)
        self.every = sorted({one.ledger for one in lasting}) or [Ledger()]

    def of(self, balance: Balance) -> list[Ledger]:
        """Those that the line may mean: one, where it says enough. What differs by its VAT alone, or by a
        régie of which there is no bill, is one."""
        found: dict[tuple[str, str, str], Ledger] = {}
        for one in self.every:
            is_named = balance.account in ("", one.account) and (
                not balance.regie or plain(balance.regie) == plain(one.regie)
            )
            if is_named:
                key = one.account, one.budget, one.regie if self.by_regie else ""
                found.setdefault(key, one)
        return list(found.values())


def held_of(authority_id: int, family_ids: Iterable[int]) -> Mapping[int, Held]:
    """By home, what was brought; in a fixed number of queries."""
    ids = list(family_ids)
    bills: dict[int, list[Invoice]] = defaultdict(list)
    rows = in_batches(
        ids,
        lambda batch: Invoice.objects.filter(
            authority_id=authority_id,
            family__in=batch,
            imported_in__kind=ImportRun.Kind.BALANCES,
        ).order_by("pk"),
    )
    for bill in rows:
        bills[bill.family_id].append(bill)
    shares: dict[int, list[Share]] = defaultdict(list)
    brought = in_batches(
        ids,
        lambda batch: (
            Share.objects.filter(
                assessment__run__authority_id=authority_id,
                assessment__run__brought_in__isnull=False,
                assessment__family__in=batch,
            )
            .select_related("assessment")
            .order_by("pk")
        ),
    )
    for share in brought:
        shares[share.assessment.family_id].append(share)
    every = [bill.pk for them in bills.values() for bill in them]
    told = set(
        in_batches(
            every,
            lambda batch: Invoice.objects.filter(pk__in=batch, reminded__isnull=False).values_list(
                "pk", flat=True
            ),
        )
    )
    return {
        pk: Held(
            tuple(bills.get(pk, ())),
            tuple(shares.get(pk, ())),
            any(_is_used(bill) or bill.pk in told for bill in bills.get(pk, ()))
            or any(one.state != Share.State.WAITING or one.goes_with_id for one in shares.get(pk, ())),
        )
        for pk in bills.keys() | shares.keys()
    }


def _is_used(bill: Invoice) -> bool:
    return bool(bill.paid or bill.credited or bill.cancelled_on or bill.pdf_id)


def _problem(one: Balance, code: str, **data: Any) -> Problem:
    return Problem(str(one.line), code, data)
