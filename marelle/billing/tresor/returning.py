"""What a file of the Trésor would do to what is here: pieces' states, payments, what waits for an agent.

Read in a fixed number of queries; nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from marelle.billing.imports.homes import in_batches
from marelle.billing.imports.planning import invoices_by_number
from marelle.billing.models import ExportedBill, Invoice, Payment, StrayPayment, TresorExport
from marelle.billing.paid import Means, Stray, Told, taken
from marelle.billing.payments import NewPayment
from marelle.billing.tresor.returns import Collected, PieceSaid, PieceState, Returned, Sender
from marelle.core.money import ZERO
from marelle.core.tabular import FileUnreadable, Problem
from marelle.places.models import Authority

LATER: Final = (
    "",
    PieceState.RECEIVED,
    PieceState.WAITING,
    PieceState.PARTLY,
    PieceState.TAKEN,
    PieceState.CANCELLED,
    PieceState.REJECTED,
)
"""Which of two states of one day holds: the later one, in whichever order they are read."""


@dataclass(frozen=True, slots=True)
class StrayDraft:
    reference: str
    of: PieceSaid
    on: date
    amount: Decimal
    why: Stray
    invoice_id: int | None


@dataclass
class ReturnPlan:
    """`pieces`, with what they become, are those whose state is another one; `again` are amounts that are
    known, `unknown` pieces of which only a state is said and that did not leave from here. `still_paid`: by
    bill, what is paid of those whose piece is rejected: nothing of it is taken back, an agent decides.
    `said`, `before`, `again`: see `models.ImportTrail`."""

    pieces: list[ExportedBill] = field(default_factory=list)
    payments: list[NewPayment] = field(default_factory=list)
    strays: list[StrayDraft] = field(default_factory=list)
    said: list[tuple[Any, ...]] = field(default_factory=list)
    before: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)
    unknown: int = 0
    still_paid: dict[int, Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    bill_ids: set[int] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, Any]:
        return {
            "pieces": len(self.pieces),
            "rejected": sum(one.state == PieceState.REJECTED for one in self.pieces),
            "paid": len({one.invoice_id for one in self.payments}),
            "total": str(sum((one.amount for one in self.payments), ZERO)),
            "still_paid": len(self.still_paid),
            "still_paid_total": str(sum(self.still_paid.values(), ZERO)),
            "strays": len(self.strays),
            "same": len(self.again),
            "unknown": self.unknown,
        }


def sender_check(sender: Sender, authority: Authority) -> None:
    """Raises FileUnreadable: "whose" for a file that does not say, "other_authority"."""
    siret = authority.siret.replace(" ", "")
    heads = TresorExport.objects.filter(authority=authority).order_by().values_list("head", flat=True)
    collections = {head["sender"]["collection"] for head in heads}
    if not sender.siret and not sender.collection:
        raise FileUnreadable("whose")
    if sender.siret and sender.siret != siret:
        raise FileUnreadable("other_authority", value=sender.siret[:14])
    if sender.collection and collections and sender.collection not in collections:
        raise FileUnreadable("other_authority", value=sender.collection[:14])


def returns_planned(returned: Returned, *, authority_id: int) -> ReturnPlan:
    plan = ReturnPlan(problems=list(returned.problems))
    found = list(_matched(returned, authority_id))
    bills = {bill.pk: bill for _said, _sent, bill, _why in found if bill is not None}
    plan.bill_ids = set(bills)
    plan.problems += _too_early(returned.sender, found)
    planning = _Planning(plan, authority_id, returned.sender, bills, found)
    for said, sent, bill, why in found:
        planning.take(said, sent, bill, why)
    planning.end()
    return plan


def _too_early(sender: Sender, found: Iterable[Match]) -> Iterator[Problem]:
    """An answer made before what it answers is of something else; once for each file that left."""
    seen: set[int] = set()
    for said, sent, _bill, _why in found:
        if sent is None or sender.made_on is None or sent.export_id in seen:
            continue
        seen.add(sent.export_id)
        if sender.made_on < sent.export.issued_on:
            told = {"day": sender.made_on, "number": sent.export.number}
            yield Problem(said.where, "before_its_file", told)


Match = tuple[PieceSaid, ExportedBill | None, Invoice | None, Stray | None]


def _matched(returned: Returned, authority_id: int) -> Iterator[Match]:
    """Each with the bill that it is of, or why it is of none."""
    sent = list(_sent(returned.pieces, authority_id))
    numbered = invoices_by_number(authority_id, [one.bill for one in returned.pieces if one.bill])
    known = _Known(sent, returned.sender)
    for said in returned.pieces:
        if said.whole:
            for row in sent:
                if _is_of(row, said, returned.sender):
                    yield said, row, row.invoice, None
        elif said.bill:
            bill = numbered.get(said.bill)
            yield said, known.by_bill.get(bill.pk) if bill else None, bill, None if bill else Stray.UNKNOWN
        else:
            found = known.of(said)
            if found is None:
                yield said, None, None, Stray.UNKNOWN
            elif said.debt and said.debt != found.debt:
                yield said, None, found.invoice, Stray.DEBT
            else:
                yield said, found, found.invoice, None


class _Known:
    """What left, by what a file may call it."""

    def __init__(self, sent: Iterable[ExportedBill], sender: Sender) -> None:
        self.sender = sender
        self.by_piece: dict[tuple[int, int], list[ExportedBill]] = defaultdict(list)
        self.by_debt: dict[str, ExportedBill] = {}
        self.by_bill: dict[int, ExportedBill] = {}
        for row in sent:
            self.by_piece[row.export.exercise, row.piece].append(row)
            if row.live or row.debt not in self.by_debt:
                self.by_debt[row.debt] = row
            if row.live or row.invoice_id not in self.by_bill:
                self.by_bill[row.invoice_id] = row

    def of(self, said: PieceSaid) -> ExportedBill | None:
        if not said.piece:
            return self.by_debt.get(said.debt)
        rows = self.by_piece[said.exercise, said.piece]
        return next((row for row in rows if _is_of(row, said, self.sender)), None)


def _is_of(row: ExportedBill, said: PieceSaid, sender: Sender) -> bool:
    """Whether it left in that bordereau."""
    export = row.export
    return (
        export.exercise == said.exercise
        and export.number == said.number
        and said.sort in (None, export.sort)
        and (not sender.budget or export.budget == sender.budget)
    )


def _sent(pieces: Sequence[PieceSaid], authority_id: int) -> Iterator[ExportedBill]:
    """Whatever left that may be meant, once each."""
    rows = ExportedBill.objects.filter(export__authority=authority_id).select_related("export", "invoice")
    exercises = {one.exercise for one in pieces}
    numbers = {one.piece for one in pieces if one.piece}
    debts = {one.debt for one in pieces if one.debt and not one.piece}
    bills = {one.bill for one in pieces if one.bill}
    wholes = {(one.exercise, one.number) for one in pieces if one.whole}
    found: dict[int, ExportedBill] = {}
    of_exercises = rows.filter(export__exercise__in=exercises)
    them = (
        *in_batches(numbers, lambda batch: of_exercises.filter(piece__in=batch)),
        *in_batches(debts, lambda batch: rows.filter(debt__in=batch)),
        *in_batches(bills, lambda batch: rows.filter(invoice__number__in=batch)),
    )
    found.update((row.pk, row) for row in them)
    for exercise, number in wholes:
        for row in rows.filter(export__exercise=exercise, export__number=number):
            found[row.pk] = row
    return iter(sorted(found.values(), key=lambda row: row.pk))


def _strays(authority_id: int, references: list[str]) -> Iterable[str]:
    rows = StrayPayment.objects.filter(authority=authority_id, reference__in=references)
    return rows.values_list("reference", flat=True)


class _Planning:
    """What is known of these bills, and becomes known as each piece is taken."""

    def __init__(
        self,
        plan: ReturnPlan,
        authority_id: int,
        sender: Sender,
        bills: dict[int, Invoice],
        found: Iterable[Match],
    ) -> None:
        self.plan, self.sender = plan, sender
        self.bills = bills
        self.rows: dict[int, list[Told]] = defaultdict(list)
        self.known: set[str] = set()
        for row in in_batches(list(bills), lambda batch: Payment.objects.filter(invoice__in=batch)):
            self._note(row.invoice_id, row.reference, Told(row.on, Means(row.means), row.amount))
        references = {
            self.reference(said, sent, bill, one)
            for said, sent, bill, _why in found
            for one in said.collected
        }
        self.known |= set(in_batches(references, partial(_strays, authority_id)))
        self.changed: dict[int, ExportedBill] = {}
        self.touched: dict[int, ExportedBill] = {}

    def _note(self, bill_id: int, reference: str, row: Told) -> None:
        self.rows[bill_id].append(row)
        if reference:
            self.known.add(reference)

    def key(self, said: PieceSaid, sent: ExportedBill | None, bill: Invoice | None) -> str:
        if sent is not None:
            return f"e{sent.pk} "
        if bill is not None and said.bill:
            return f"i{bill.pk} "
        numbers = (said.exercise, self.sender.budget, said.number, said.piece, said.debt, said.bill)
        return f"u{'.'.join(map(str, numbers))} "

    def reference(
        self, said: PieceSaid, sent: ExportedBill | None, bill: Invoice | None, one: Collected
    ) -> str:
        return (self.key(said, sent, bill) + one.reference)[:110]

    def take(
        self, said: PieceSaid, sent: ExportedBill | None, bill: Invoice | None, why: Stray | None
    ) -> None:
        if sent is not None:
            self._state(sent, said)
            self.touched[sent.pk] = sent
        for one in said.collected:
            reference = self.reference(said, sent, bill, one)
            if reference in self.known:
                self.plan.again.append(reference)
            elif why is not None or bill is None:
                self._stray(reference, said, one, one.amount, why or Stray.UNKNOWN, bill)
            else:
                self._collect(reference, said, one, bill)
        if why is not None and not said.collected:
            self.plan.unknown += 1

    def _collect(self, reference: str, said: PieceSaid, one: Collected, bill: Invoice) -> None:
        owed = ZERO if bill.cancelled_on else max(bill.total - bill.credited, ZERO)
        found = taken(one.amount, one.on, rows=self.rows[bill.pk], owed=owed)
        for on, amount in found.told_before:
            self._pay(bill.pk, amount, on, Means.STATE, f"{reference[:107]} <{on}")
        if found.amount:
            self._pay(bill.pk, found.amount, one.on, Means.TRESOR, reference)
        if found.over:
            part = f"{reference} +" if found.amount else reference
            self._stray(part, said, one, found.over, Stray.MORE if found.over > 0 else Stray.LESS, bill)

    def _pay(self, bill_id: int, amount: Decimal, on: date, means: Means, reference: str) -> None:
        self.plan.payments.append(NewPayment(bill_id, amount, on, means, reference))
        self._note(bill_id, reference, Told(on, means, amount))

    def _stray(
        self,
        reference: str,
        said: PieceSaid,
        one: Collected,
        amount: Decimal,
        why: Stray,
        bill: Invoice | None,
    ) -> None:
        self.known.add(reference)
        draft = StrayDraft(reference, said, one.on, amount, why, bill.pk if bill else None)
        self.plan.strays.append(draft)

    def _state(self, sent: ExportedBill, said: PieceSaid) -> None:
        if said.state is None or said.on is None:
            return
        before = (sent.state_on or date.min, LATER.index(sent.state))
        after = (said.on, LATER.index(said.state))
        told = (said.state, said.on, said.code, said.text, said.settled)
        self.plan.said.append((sent.pk, *told))
        if after < before or told == (sent.state, sent.state_on, sent.code, sent.said, sent.settled):
            return
        was = (sent.pk, sent.state, sent.state_on, sent.code, sent.said, sent.settled, sent.read_in_id)
        if sent.state:
            self.plan.before.setdefault(sent.pk, was)
        sent.state, sent.state_on, sent.code, sent.said, sent.settled = told
        self.changed[sent.pk] = sent

    def end(self) -> None:
        """What is paid of a piece that is rejected stays, whichever came first: both are told."""
        for sent in self.touched.values():
            paid = sum((row.amount for row in self.rows[sent.invoice_id]), ZERO)
            if sent.live and sent.state == PieceState.REJECTED and paid > 0:
                self.plan.still_paid[sent.invoice_id] = paid
        self.plan.pieces = list(self.changed.values())
