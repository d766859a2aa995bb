"""What waits to leave for the Trésor, and what a file of it would hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Sum

from marelle.billing.models import ExportedBill, Invoice, TresorExport, TresorTerms
from marelle.billing.rules import debt_reference
from marelle.billing.tresor import checks
from marelle.billing.tresor.checks import Point, Problem
from marelle.billing.tresor.debiting import drawn_on, of_debit, sequence_in
from marelle.billing.tresor.making import budgets_of, piece_of
from marelle.billing.tresor.pieces import Bill, Numbers, Sender, Sort, Terms
from marelle.billing.tresor.reading import bills_read
from marelle.billing.tresor.texts import cut, latin
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.places.models import Authority
from marelle.places.scope import in_office


@dataclass(frozen=True, slots=True)
class Batch:
    """Bills that leave together: of a month and an exercise of an authority, or the credit notes of it."""

    authority_id: int
    exercise: int
    month: date
    is_credit: bool = False

    def sort(self, terms: Terms) -> Sort:
        return Sort.REDUCTIONS if self.is_credit else terms.sort


@dataclass(frozen=True, slots=True)
class Waiting:
    """`total`: what they come to, in euros, below zero for credit notes. `run_id`: the last run of it."""

    batch: Batch
    authority: str
    count: int
    total: Decimal
    run_id: int


def waiting_bills() -> QuerySet[Invoice]:
    """Made here, and in no file that holds: what came by a file has left already."""
    sent = ExportedBill.objects.filter(invoice=OuterRef("pk"), live=True)
    return Invoice.objects.filter(~Exists(sent), run__isnull=False, cancelled_on=None)


def waiting_of(actor: Actor) -> list[Waiting]:
    """The newest month first; one query."""
    rows = (
        waiting_bills()
        .filter(in_office(actor, "authority__"))
        .exclude(total=0)
        .values("authority_id", "authority__name", "run__exercise", "month", "kind")
        .annotate(count=Count("pk"), sum=Sum("total"), last=Max("run_id"))
        .order_by("-month", "authority__name", "-run__exercise")
    )
    found: dict[Batch, Waiting] = {}
    for row in rows:
        is_credit = row["kind"] == Invoice.Kind.CREDIT
        batch = Batch(row["authority_id"], row["run__exercise"], row["month"], is_credit)
        before = found.get(batch) or Waiting(batch, row["authority__name"], 0, ZERO, 0)
        found[batch] = Waiting(
            batch,
            before.authority,
            before.count + row["count"],
            before.total + row["sum"],
            max(before.run_id, row["last"]),
        )
    return list(found.values())


def exports_of(actor: Actor) -> QuerySet[TresorExport]:
    """The newest first."""
    return TresorExport.objects.filter(in_office(actor, "authority__")).select_related("authority")


class PieceDraft(NamedTuple):
    """A bill that would leave, and the civility that is said of whom it is addressed to."""

    bill_id: int
    debt: str
    civility: str


@dataclass(slots=True)
class FileDraft:
    """Of a budget: its bills, and their sums. `problems`: why there
    would be no file. `drawn`: of those that are debited, the day and the sequence."""

    budget: str
    sender: Sender
    problems: Sequence[Problem] = ()
    bills: list[PieceDraft] = field(default_factory=list)
    net: Decimal = ZERO
    tax: Decimal = ZERO
    drawn: dict[int, tuple[date, str]] = field(default_factory=dict)
    accounts: dict[str, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class LeftOut:
    bill: Bill
    family_id: int
    payer_id: int | None
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Report:
    """Before a file is given. `seen` is a digest of what it says: who asks for the file has read that."""

    batch: Batch
    authority: Authority
    terms: Terms
    layout: str
    sort: Sort
    files: Sequence[FileDraft]
    left_out: Sequence[LeftOut]
    undebited: Sequence[LeftOut] = ()
    """In a file, without the debit that they announced."""

    @property
    def seen(self) -> str:
        told = [
            [asdict(one.sender), str(one.net), str(one.tax), one.bills, sorted(one.drawn.items())]
            for one in self.files
        ]
        left = [[one.bill.id, [problem.point for problem in one.problems]] for one in self.left_out]
        left += [[one.bill.id, [problem.point for problem in one.problems]] for one in self.undebited]
        return hashlib.sha256(repr([asdict(self.terms), told, left]).encode()).hexdigest()

    @property
    def may_leave(self) -> bool:
        return bool(self.files) and not any(one.problems for one in self.files)


def report_of(actor: Actor, batch: Batch, *, day: date) -> Report | None:
    """None for an authority whose office the actor is not, or that has nothing of it to send."""
    authority = Authority.objects.filter(in_office(actor), pk=batch.authority_id).first()
    if authority is None:
        return None
    ids = list(_of(batch).values_list("pk", flat=True))
    if not ids:
        return None
    held = TresorTerms.objects.filter(authority=authority).first()
    terms = held.pure if held else Terms()
    sort = batch.sort(terms)
    files: dict[str, FileDraft] = {}
    left_out, undebited, drawn = [], [], set[int]()
    for invoice, bill in bills_read(ids):
        problems = checks.of_bill(bill, terms)
        if problems:
            left_out.append(LeftOut(bill, invoice.family_id, invoice.payer_id, problems))
            continue
        [budget] = budgets_of(bill, terms)
        if budget not in files:
            files[budget] = FileDraft(budget, sender_of(authority, terms, budget))
        _add(files[budget], bill, sort, batch.exercise, terms)
        if lost := of_debit(bill, terms, day):
            undebited.append(LeftOut(bill, invoice.family_id, invoice.payer_id, lost))
        elif bill.announced is not None:
            sequence = sequence_in(bill.announced, drawn)
            files[budget].drawn[bill.id] = (drawn_on(bill.announced, day), sequence.value)
    if not files:
        # Even so what the settings lack is told.
        files[""] = FileDraft("", sender_of(authority, terms, terms.budget_of("")))
    for one in files.values():
        said = checks.of_sender(one.sender, terms, exercise=batch.exercise, month=batch.month, day=day)
        one.problems = [*said, *({Problem(Point.DEBIT_SEALED)} if _is_sealed(undebited) else ())]
    layout = held.layout if held else TresorTerms.Layout.PES
    return Report(batch, authority, terms, layout, sort, _ordered(files), left_out, undebited)


def _is_sealed(undebited: Iterable[LeftOut]) -> bool:
    return any(Problem(Point.DEBIT_SEALED) in one.problems for one in undebited)


def _ordered(files: dict[str, FileDraft]) -> list[FileDraft]:
    return [one for _budget, one in sorted(files.items()) if one.bills or one.problems]


def _of(batch: Batch) -> QuerySet[Invoice]:
    rows = waiting_bills().filter(
        authority_id=batch.authority_id, run__exercise=batch.exercise, month=batch.month
    )
    credit = {"kind": Invoice.Kind.CREDIT}
    return (rows.filter(**credit) if batch.is_credit else rows.exclude(**credit)).order_by("number", "pk")


def _add(draft: FileDraft, bill: Bill, sort: Sort, exercise: int, terms: Terms) -> None:
    debt = debt_reference(bill.number)
    piece = piece_of(bill, Numbers(1, debt), sort=sort, exercise=exercise, sender=draft.sender, terms=terms)
    draft.bills.append(PieceDraft(bill.id, debt, bill.addressed.civility))
    draft.net += piece.net
    draft.tax += piece.tax
    for line in bill.lines:
        draft.accounts[line.account] = draft.accounts.get(line.account, ZERO) + line.amount


def sender_of(authority: Authority, terms: Terms, budget: str) -> Sender:
    address, _rest = cut(latin(authority.address), checks.ADDRESS)
    return Sender(
        acronym=latin(terms.acronym),
        address=address,
        post=terms.post,
        siret=authority.siret.replace(" ", ""),
        collection=terms.collection,
        budget=budget,
    )


def head_of(draft: FileDraft, terms: Terms) -> dict[str, Any]:
    """To be kept with the file, as JSON."""
    return {"sender": asdict(draft.sender), "terms": asdict(terms)}


def head_read(head: dict[str, Any]) -> tuple[Sender, Terms]:
    terms = head["terms"]
    return Sender(**head["sender"]), Terms(**{**terms, "sort": Sort(terms["sort"])})
