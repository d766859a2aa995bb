"""Whatever is read, refused, noted by hand and undone, in any order: what is paid is what came in, less what
was undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.undoing import UndoRefused, import_undo
from marelle.billing.models import ExportedBill, ImportRun, Invoice, StrayPayment
from marelle.billing.payments import bills_unlike_their_payments
from marelle.billing.tresor.strays import StrayRefused, piece_take_back, stray_give
from marelle.files.apart import alone
from tests.billing.files import csv_of
from tests.billing.tresor.returned import Came, Head, Of, acquit, pes_return
from tests.flows.bills.test_returned import LATER, Returned

AMOUNTS = ("0.30", "0.20", "0.11")
"""Of which a return tells some; small, so that no bill is ever paid whole."""
NOBODYS = 999
RANKS = ("", "received", "taken", "rejected")

TOLD = ("return", 2, (frozenset({0, 1}), frozenset(), True))

days = st.integers(2, 6)
told = st.frozensets(st.integers(0, len(AMOUNTS) - 1))
acts = st.one_of(
    st.tuples(st.just("ack"), days, st.sampled_from(["0", "1"])),
    st.tuples(st.just("early"), st.just(1), st.sampled_from(["0", "1"])),
    st.tuples(st.just("return"), days, st.tuples(told, told, st.booleans())),
    st.tuples(st.just("csv"), days, st.tuples(st.integers(0, 1), told.filter(bool))),
    st.tuples(st.just("state"), st.integers(0, 1), st.sampled_from(["0", "0.25", "0.50", "1.00"])),
    st.tuples(st.just("give"), st.integers(0, 1), st.none()),
    st.tuples(st.just("back"), st.integers(0, 1), st.none()),
    st.tuples(st.just("undo"), st.integers(0, 9), st.none()),
    st.tuples(st.just("again"), st.integers(0, 9), st.none()),
)


@dataclass
class Ledger:
    """What is paid of two bills, counted apart from the services. `stated`: what states of payments hold
    that no return has told; `counted`: each amount by its bill, with what of it a state held; `tellers`: who
    tells it."""

    stated: list[Decimal] = field(default_factory=lambda: [Decimal(0), Decimal(0)])
    hand: list[Decimal] = field(default_factory=lambda: [Decimal(0), Decimal(0)])
    counted: dict[Any, tuple[int, Decimal, Decimal]] = field(default_factory=dict)
    tellers: dict[Any, list[int]] = field(default_factory=dict)
    states: dict[int, tuple[int, Decimal]] = field(default_factory=dict)
    said: dict[int, tuple[int, str]] = field(default_factory=dict)

    def paid(self, bill: int) -> Decimal:
        came = sum((amount for of, amount, _held in self.counted.values() if of == bill), Decimal(0))
        return came + self.stated[bill] + self.hand[bill]

    def tells(self, run: int, key: Any, bill: int, amount: str) -> None:
        tellers = self.tellers.setdefault(key, [])
        if not tellers:
            held = min(Decimal(amount), max(self.stated[bill], Decimal(0))) if bill >= 0 else Decimal(0)
            if bill >= 0:
                self.stated[bill] -= held
            self.counted[key] = (bill, Decimal(amount), held)
        tellers.append(run)

    def undoes(self, run: int) -> None:
        for key, tellers in self.tellers.items():
            if run in tellers:
                tellers[:] = [one for one in tellers if one != run]
                if not tellers:
                    bill, _amount, held = self.counted.pop(key)
                    if bill >= 0:
                        self.stated[bill] += held
        if run in self.states:
            bill, amount = self.states.pop(run)
            self.stated[bill] -= amount
        self.said.pop(run, None)

    @property
    def state(self) -> str:
        """Of each piece: the one of the last day, of one day the graver."""
        return max(self.said.values(), key=lambda one: (one[0], RANKS.index(one[1])), default=(0, ""))[1]


class Acting:
    """Each act on the tables and in the ledger, which then say the same."""

    def __init__(self, world: Returned) -> None:
        self.world, self.ledger = world, Ledger()
        self.pieces = world.pieces[:2]
        self.runs: list[tuple[ImportRun, bytes | str, str, Any]] = []

    def act(self, what: str, first: int, second: Any) -> None:
        getattr(self, what)(first, second)
        self.same()

    def same(self) -> None:
        bills = [Invoice.objects.get(pk=one.invoice_id) for one in self.pieces]
        assert [bill.paid for bill in bills] == [self.ledger.paid(0), self.ledger.paid(1)]
        assert all(0 <= bill.paid <= bill.total for bill in bills)
        assert not bills_unlike_their_payments().exists()
        waits = sum((row.amount for row in StrayPayment.objects.filter(outcome="")), Decimal(0))
        assert waits == sum(amount for of, amount, _held in self.ledger.counted.values() if of < 0)
        rows = ExportedBill.objects.filter(pk__in=[one.pk for one in self.pieces])
        assert {row.state for row in rows} == {self.ledger.state}

    def reads(self, content: bytes | str, kind: str, tells: Any) -> None:
        is_state = kind == ImportRun.Kind.PAYMENTS
        try:
            with transaction.atomic():
                run = self.world.reads(content, kind, correction=is_state)
        except ImportRefused as refused:
            code = refused.code
        else:
            self.runs.append((run, content, kind, tells))
            tells(run.pk)
            return
        stands = [run for run, told, *_rest in self.runs if told == content and not self.undone(run)]
        assert (code, bool(stands)) == ("already", True)

    def undone(self, run: ImportRun) -> bool:
        return ImportRun.objects.get(pk=run.pk).undone_at is not None

    def ack(self, day: int, accepted: str) -> None:
        state = "received" if accepted == "1" else "rejected"
        content = acquit(accepted, head=Head(made_on=f"2026-12-{10 + day}"))
        self.reads(content, "tresor", lambda run: self.ledger.said.update({run: (day, state)}))

    def early(self, _day: int, accepted: str) -> None:
        with pytest.raises(ImportRefused, match="problems"), transaction.atomic():
            self.world.reads(acquit(accepted, head=Head(made_on="2026-11-30")))

    def __getattr__(self, name: str) -> Any:
        return {"return": self.returns}[name]

    def returns(self, day: int, told: Any) -> None:
        *of_pieces, waits = told
        pieces = [
            Of(one.piece, "02", [Came(f"2026-12-0{place + 2}", AMOUNTS[place]) for place in sorted(places)])
            for one, places in zip(self.pieces, of_pieces, strict=True)
        ]
        if waits:
            pieces.append(Of(NOBODYS, "02", [Came("2026-12-02", "0.40")]))

        def tells(run: int) -> None:
            self.ledger.said[run] = (day, "taken")
            for bill, places in enumerate(of_pieces):
                for place in sorted(places):
                    self.ledger.tells(run, (bill, place), bill, AMOUNTS[place])
            if waits:
                given = self.ledger.counted.get("nobody's", (-1,))[0]
                self.ledger.tells(run, "nobody's", given, "0.40")

        self.reads(pes_return(pieces, head=Head(made_on=f"2026-12-{10 + day}")), "tresor", tells)

    def csv(self, day: int, told: Any) -> None:
        bill, places = told
        number = self.pieces[bill].invoice.number
        rows = [f"0{place + 2}/12/2026;{number};{AMOUNTS[place]};C{bill}{place}" for place in sorted(places)]

        def tells(run: int) -> None:
            for place in sorted(places):
                self.ledger.tells(run, ("csv", bill, place), bill, AMOUNTS[place])

        content = csv_of(*rows, header="date;facture;montant;référence") + "\n" * (day - 1)
        self.reads(content, "tresor_csv", tells)

    def state(self, bill: int, paid: str) -> None:
        number = self.pieces[bill].invoice.number

        def tells(run: int) -> None:
            more = Decimal(paid) - self.ledger.paid(bill)
            self.ledger.states[run] = (bill, more)
            self.ledger.stated[bill] += more

        content = csv_of(f"{number};{paid};15/12/2026", header="facture;payé;date")
        self.reads(content, ImportRun.Kind.PAYMENTS, tells)

    def give(self, bill: int, _none: None) -> None:
        stray = StrayPayment.objects.filter(outcome="").first()
        if stray is not None:
            number = self.pieces[bill].invoice.number
            stray_give(actor=self.world.bursar, stray_id=stray.pk, number=number, now=LATER)
            _nobody, amount, held = self.ledger.counted["nobody's"]
            self.ledger.counted["nobody's"] = (bill, amount, held)

    def back(self, bill: int, _none: None) -> None:
        """An agent takes back what is paid of a piece that is rejected, and of no other."""
        paid = self.ledger.paid(bill)
        invoice_id = self.pieces[bill].invoice_id
        if self.ledger.state == "rejected" and paid > 0:
            piece_take_back(actor=self.world.bursar, invoice_id=invoice_id, now=LATER)
            self.ledger.hand[bill] -= paid
            return
        with pytest.raises(StrayRefused):
            piece_take_back(actor=self.world.bursar, invoice_id=invoice_id, now=LATER)

    def undo(self, place: int, _none: None) -> None:
        """One that another stands on says so, and nothing changes: `same` sees it."""
        if place >= len(self.runs):
            return
        run = self.runs[place][0]
        try:
            done = import_undo(actor=self.world.bursar, run_id=run.pk, now=LATER)
        except UndoRefused:
            assert not self.undone(run)
            return
        assert done.undone_at is not None
        self.ledger.undoes(run.pk)

    def again(self, place: int, _none: None) -> None:
        """Read again: what is undone counts again, anything else is nothing."""
        if place < len(self.runs):
            self.reads(*self.runs[place][1:])

    def unwinds(self) -> None:
        """The newest first, each may be undone: nothing is left."""
        for place in reversed(range(len(self.runs))):
            self.undo(place, None)
            assert self.undone(self.runs[place][0])
        self.same()
        assert [self.ledger.paid(0), self.ledger.paid(1)] == [0, 0]
        assert self.ledger.state == ""
        assert not StrayPayment.objects.exists()


@pytest.mark.django_db
def test_what_is_paid_is_what_came_in_less_what_was_undone():
    world = Returned()

    @settings(max_examples=40)
    @example([("state", 0, "0.50"), TOLD, ("undo", 0, None)])
    @example([TOLD, ("state", 0, "0.50"), ("undo", 0, None)])
    @example([TOLD, ("ack", 6, "0"), ("back", 0, None), ("undo", 0, None)])
    @example([TOLD, ("return", 5, (frozenset({0}), frozenset(), True)), ("give", 1, None), ("undo", 0, None)])
    @given(st.lists(acts, max_size=9))
    def holds(sequence) -> None:
        with transaction.atomic(), alone():
            acting = Acting(world)
            for what, first, second in sequence:
                acting.act(what, first, second)
            if not any(acting.ledger.hand):
                acting.unwinds()
            transaction.set_rollback(True)

    holds()
