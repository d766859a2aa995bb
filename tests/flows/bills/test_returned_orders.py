"""In whatever order files come back, however often: each amount counts once, no bill is overpaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marelle.billing.models import Invoice, Payment, StrayPayment
from marelle.billing.paid import Means, Told, paid_of, taken
from marelle.billing.payments import NewPayment, bills_unlike_their_payments
from marelle.billing.tresor.returning import returns_planned
from marelle.billing.tresor.returns import Collected, PieceSaid, Returned, Sender
from tests.flows.bills.test_returned import Returned as World

FIRST = date(2026, 12, 1)
OWED = Decimal("40.00")


@dataclass(frozen=True)
class Line:
    """An amount that the Trésor collected; no two of one day."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class File:
    """`lines`: the numbers of those that a return tells; `until`: how many a state holds, in all."""

    lines: tuple[int, ...] = ()
    until: int = 0


lines = st.lists(st.decimals("0.01", "15", places=2), min_size=1, max_size=5).map(
    lambda amounts: [Line(FIRST + timedelta(place), amount) for place, amount in enumerate(amounts)]
)
files = st.lists(
    st.builds(File, lines=st.lists(st.integers(0, 4)).map(tuple), until=st.integers(0, 5)), max_size=8
)


class Bill:
    """What the services do, in memory: rows of one bill, and what waits."""

    def __init__(self, owed: Decimal) -> None:
        self.owed = owed
        self.rows: list[Told] = []
        self.known: set[int] = set()
        self.waits = Decimal(0)

    @property
    def paid(self) -> Decimal:
        return paid_of(self.rows)[0]

    def returns(self, told: Sequence[Line], numbers: Sequence[int]) -> None:
        for number in numbers:
            if number >= len(told) or number in self.known:
                continue
            self.known.add(number)
            line = told[number]
            found = taken(line.amount, line.on, rows=self.rows, owed=self.owed)
            self.rows += [Told(on, Means.STATE, amount) for on, amount in found.told_before]
            self.rows.append(Told(line.on, Means.TRESOR, found.amount))
            self.waits += found.over

    def state(self, told: Sequence[Line], until: int) -> None:
        some = told[:until]
        more = min(sum((one.amount for one in some), Decimal(0)), self.owed) - self.paid
        if some and more > 0:
            self.rows.append(Told(some[-1].on, Means.STATE, more))


@given(lines, files)
def test_each_amount_counts_once_in_any_order_with_states_between(told, read):
    bill = Bill(OWED)
    for file in read:
        bill.returns(told, file.lines)
        bill.state(told, file.until)
        assert 0 <= bill.paid <= bill.owed
        assert bill.paid + bill.waits <= sum(one.amount for one in told)
    bill.returns(told, range(len(told)))
    total = sum(one.amount for one in told)
    assert bill.paid == min(total, OWED)
    assert bill.waits == total - bill.paid
    assert sum(row.amount for row in bill.rows if row.means == Means.STATE) == 0


@given(st.permutations(range(4)), lines)
def test_what_was_paid_in_a_year_is_the_same_in_any_order(order, told):
    """Without what waits: each day says what came on it."""
    bill, other = Bill(Decimal(1000)), Bill(Decimal(1000))
    for number in order:
        bill.returns(told, (number,))
        bill.state(told, number)
    bill.returns(told, range(len(told)))
    other.returns(told, range(len(told)))

    def days(of: Bill) -> dict[date, Decimal]:
        found: dict[date, Decimal] = {}
        for row in of.rows:
            found[row.on] = found.get(row.on, Decimal(0)) + row.amount
        return {day: amount for day, amount in found.items() if amount}

    assert days(bill) == days(other)


amounts = st.decimals("-6", "6", places=2).filter(bool)
pieces = st.lists(st.tuples(st.integers(0, 4), amounts, st.integers(0, 5)), max_size=4)


@pytest.mark.django_db
def test_of_the_tables_too_whatever_is_read_and_rejected():
    """Pieces of five numbers, two of them of nobody: read in files, some of which reject."""
    world = World()
    numbers = [one.piece for one in world.pieces]

    @settings(max_examples=40)
    @given(st.lists(st.tuples(pieces, st.booleans()), max_size=5))
    def reads(read) -> None:
        with transaction.atomic():
            told = [_file(world, numbers, some, is_rejection) for some, is_rejection in read]
            for file in (*told, *told):
                _reads(world, file)
            assert not bills_unlike_their_payments().exists()
            for bill in Invoice.objects.filter(pk__in=[one.invoice_id for one in world.pieces]):
                assert 0 <= bill.paid <= bill.total
            before = (Payment.objects.count(), StrayPayment.objects.count())
            for file in reversed(told):
                _reads(world, file)
            assert (Payment.objects.count(), StrayPayment.objects.count()) == before, (
                "read again it is nothing"
            )
            transaction.set_rollback(True)

    reads()


def _file(world: World, numbers: Sequence[int], some, is_rejection: bool) -> Returned:
    said = [
        PieceSaid(
            where="1", exercise=2026, number=1, piece=[*numbers, 998, 999][place], on=FIRST + timedelta(day),
            state="rejected" if is_rejection else "taken",
            collected=(Collected(FIRST + timedelta(day), amount, f"{day} {amount}"),),
        )
        for place, amount, day in some
    ]  # fmt: skip
    return Returned(Sender(budget="01"), said)


def _reads(world: World, file: Returned) -> None:
    from marelle.billing.models import ImportRun
    from marelle.billing.tresor.returns_writing import returns_write
    from tests.flows.bills.test_returned import LATER

    plan = returns_planned(file, authority_id=world.the_authority.pk)
    run = ImportRun.objects.create(
        authority=world.the_authority, kind="tresor", file_name="x", sha256="x", prepared_at=LATER,
        correction=True, done_at=LATER, done_by="Line",
    )  # fmt: skip
    returns_write(run, plan, LATER)


def test_an_amount_below_zero_that_a_state_holds_is_not_taken_twice():
    rows = [Told(FIRST, Means.STATE, Decimal(10)), Told(FIRST + timedelta(2), Means.STATE, Decimal(-4))]
    held = taken(Decimal(-4), FIRST + timedelta(1), rows=rows, owed=OWED)
    assert (held.amount, held.over) == (-4, 0)
    assert held.told_before == ((FIRST + timedelta(2), 4),)
    assert NewPayment(1, Decimal(1), FIRST, Means.TRESOR).reference == ""


def test_of_two_states_the_first_that_may_hold_an_amount_does():
    """The later one is left for what came later."""
    cent, second = Decimal("0.01"), FIRST + timedelta(1)
    rows = [Told(FIRST, Means.STATE, cent), Told(second, Means.STATE, cent)]
    first = taken(cent, FIRST, rows=rows, owed=OWED)
    assert first.told_before == ((FIRST, -cent),)
    rows += [Told(FIRST, Means.STATE, -cent), Told(FIRST, Means.TRESOR, cent)]
    assert taken(cent, second, rows=rows, owed=OWED).told_before == ((second, -cent),)
