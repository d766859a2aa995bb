"""What happened to bills: every figure of the accounts is a sum of these events. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from marelle.core.money import ZERO


class Happened(StrEnum):
    """In the order in which those of one day are told."""

    BILLED = "billed"
    CREDITED = "credited"
    CANCELLED = "cancelled"
    PAID = "paid"


ORDER: Final = {what: rank for rank, what in enumerate(Happened)}


class Event(NamedTuple):
    """`amount`, in euros, as its name says it: of a credit note, what it takes off; of a payment, what came,
    below zero for what was taken back. `label`: the number of the bill, or of the credit note."""

    on: date
    what: Happened
    amount: Decimal
    bill_id: int
    label: str

    @property
    def owed(self) -> Decimal:
        """What it adds to what is owed."""
        return self.amount if self.what is Happened.BILLED else -self.amount


class Bill(NamedTuple):
    """A bill, never a credit note, with all that happened to it; `month`: the one billed."""

    id: int
    number: str
    month: date
    family_id: int
    payer_id: int | None
    events: tuple[Event, ...]


def events_of(
    *,
    bill_id: int,
    number: str,
    total: Decimal,
    issued_on: date,
    cancelled_on: date | None,
    notes: Iterable[tuple[date, Decimal, str]],
    payments: Iterable[tuple[date, Decimal]],
) -> tuple[Event, ...]:
    """Of one bill; `notes`: the day, what is taken off and the number of each credit note. What is cancelled
    is what was still asked, so that nothing is."""
    found, asked = [Event(issued_on, Happened.BILLED, total, bill_id, number)], total
    for on, amount, label in notes:
        found.append(Event(on, Happened.CREDITED, amount, bill_id, label))
        asked -= amount
    if cancelled_on is not None:
        found.append(Event(cancelled_on, Happened.CANCELLED, asked, bill_id, number))
    found += (Event(on, Happened.PAID, amount, bill_id, number) for on, amount in payments)
    return tuple(found)


def balance_of(events: Iterable[Event], day: date | None = None) -> Decimal:
    """What is owed of them, on the evening of `day`, or in all; below zero, what was paid beyond."""
    return sum((one.owed for one in events if day is None or one.on <= day), ZERO)


@dataclass(slots=True)
class Figures:
    """What some bills come to, in euros. `left` is what is to be paid of those of which something is, `over`
    what was paid beyond what the others ask: both are sums of bills, and never made up for by each other."""

    count: int = 0
    billed: Decimal = ZERO
    credited: Decimal = ZERO
    cancelled: Decimal = ZERO
    paid: Decimal = ZERO
    left: Decimal = ZERO
    over: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """Always `left` less `over`."""
        return self.billed - self.credited - self.cancelled - self.paid

    def add(self, bill: Bill, day: date | None = None) -> None:
        """As it stands on the evening of `day`."""
        held = [one for one in bill.events if day is None or one.on <= day]
        for one in held:
            self.happened(one)
        balance = balance_of(held)
        self.count += 1
        self.left += max(balance, ZERO)
        self.over += max(-balance, ZERO)

    def happened(self, one: Event) -> None:
        setattr(self, one.what.value, getattr(self, one.what.value) + one.amount)


class Code(NamedTuple):
    """Where money goes. `activity`: what the line says, of one that names no activity of here; `activity_id`
    and `structure_id` are None for what is of none."""

    structure_id: int | None = None
    activity_id: int | None = None
    activity: str = ""
    account: str = ""
    budget: str = ""
    regie: str = ""


@dataclass(frozen=True, slots=True)
class CodeSum:
    """Of the lines of a code, in euros; `cancelled`: of those of bills that were, less their credit notes."""

    code: Code
    structure: str
    billed: Decimal
    credited: Decimal
    cancelled: Decimal

    @property
    def asked(self) -> Decimal:
        return self.billed - self.credited - self.cancelled


def figures_of(bills: Iterable[Bill], day: date | None = None) -> Figures:
    found = Figures()
    for bill in bills:
        found.add(bill, day)
    return found


def by_month_billed(bills: Iterable[Bill], day: date | None = None) -> dict[date, Figures]:
    """In the order of the months, as they stand on the evening of `day`."""
    found: dict[date, Figures] = defaultdict(Figures)
    for bill in bills:
        found[bill.month].add(bill, day)
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Flow:
    """What happened in a month of the calendar; `balance`: what was owed at its end."""

    first: date
    figures: Figures
    balance: Decimal


def flows_of(bills: Iterable[Bill]) -> tuple[Flow, ...]:
    """Month after month, those in which nothing happened left out."""
    events = sorted((one for bill in bills for one in bill.events), key=lambda one: one.on)
    return tuple(_flows(events))


def _flows(events: Sequence[Event]) -> Iterator[Flow]:
    balance = ZERO
    for first, them in groupby(events, key=lambda one: one.on.replace(day=1)):
        figures = Figures()
        for one in them:
            figures.happened(one)
            figures.count += one.what is Happened.BILLED
        balance += figures.balance
        yield Flow(first, figures, balance)


@dataclass(frozen=True, slots=True)
class Entry:
    """`balance`: what is owed once it has happened."""

    event: Event
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """What is owed of some bills, on the morning of `since` (`opening`) and the evening of `until`."""

    since: date
    until: date
    opening: Decimal
    entries: tuple[Entry, ...]
    closing: Decimal


def account_of(bills: Iterable[Bill], *, since: date, until: date) -> Account:
    """Both days included."""
    events = sorted(
        (one for bill in bills for one in bill.events if one.on <= until),
        key=lambda one: (one.on, ORDER[one.what], one.bill_id, one.label),
    )
    opening = balance_of(one for one in events if one.on < since)
    balance, entries = opening, []
    for one in events:
        if one.on >= since:
            balance += one.owed
            entries.append(Entry(one, balance))
    return Account(since, until, opening, tuple(entries), balance)
