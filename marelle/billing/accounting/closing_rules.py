"""When an exercise may be closed, and what is still open in it. Pure.

An exercise takes in bills until the 31 January that follows it (`terms.LAST_OF_EXERCISE`): what can still be
done in it keeps it open, what cannot any more is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from marelle.billing.accounting.rules import (
    Bill,
    CodeSum,
    Figures,
    balance_of,
    by_month_billed,
    figures_of,
)
from marelle.billing.terms import LAST_OF_EXERCISE
from marelle.core.money import ZERO


class Point(StrEnum):
    """What is still open, in the order in which it is told."""

    RUN = "run"
    """Bills of it are being made."""
    MONTHS = "months"
    """Places of a month were booked, and the month is not billed."""
    UNSENT = "unsent"
    """Bills that wait to leave for the Trésor."""
    WAITING = "waiting"
    """What waits to be worth a bill goes on one of the next exercise."""
    REJECTED = "rejected"
    STRAYS = "strays"
    CONTESTS = "contests"


IN_TIME: Final = frozenset({Point.MONTHS, Point.UNSENT})
"""What can be done in the exercise as long as it takes in bills."""


@dataclass(frozen=True, slots=True)
class Open:
    """`count`: how many there are; `amount`, in euros, where it has one; `months`, for `Point.MONTHS`."""

    point: Point
    count: int
    amount: Decimal | None = None
    months: tuple[date, ...] = ()


def is_over(exercise: int, day: date) -> bool:
    return day > date(exercise, 12, 31)


def blocks(point: Point, exercise: int, day: date) -> bool:
    """Whether an exercise is not closed, on `day`, because of it."""
    in_time = day <= date(exercise + 1, *LAST_OF_EXERCISE)
    return point is Point.RUN or (point in IN_TIME and in_time)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a bill, on the evening of 31 December and of the day of the closing."""

    invoice_id: int
    number: str
    family_id: int
    at_end: Decimal
    at_closing: Decimal


@dataclass(frozen=True, slots=True)
class Draft:
    """What a closing freezes, on `day`. `months` and `codes` are empty of one of before they were frozen."""

    exercise: int
    day: date
    figures: Figures
    left_at_end: Decimal
    rows: tuple[Left, ...]
    months: tuple[tuple[date, Figures], ...] = ()
    codes: tuple[CodeSum, ...] = ()

    @property
    def unlined(self) -> Decimal:
        """What bills ask beyond their lines, in euros."""
        one = self.figures
        return one.billed - one.credited - one.cancelled - sum((row.asked for row in self.codes), ZERO)

    @property
    def text(self) -> str:
        """A line for all of it, one for each bill of which something is left, in the order of their numbers,
        then one for each month and each code."""
        one = self.figures
        head = (
            self.exercise, self.day.isoformat(), one.count, one.billed, one.credited, one.cancelled, one.paid,
            one.over, self.left_at_end, one.left,
        )  # fmt: skip
        lines: list[tuple[object, ...]] = [
            head,
            *((row.number, row.at_end, row.at_closing) for row in self.rows),
            *((f"{month:%Y-%m}", *_sums(one)) for month, one in self.months),
            *((row.structure, *row.code[2:], row.billed, row.credited, row.cancelled) for row in self.codes),
        ]
        return "".join(f"{';'.join(map(str, line))}\n" for line in lines)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def _sums(one: Figures) -> tuple[object, ...]:
    return one.count, one.billed, one.credited, one.cancelled, one.paid, one.left, one.over


def draft_of(bills: Iterable[Bill], exercise: int, day: date, codes: Iterable[CodeSum] = ()) -> Draft:
    """`codes`: of the same bills."""
    held, end = list(bills), date(exercise, 12, 31)
    rows = (
        Left(
            bill.id,
            bill.number,
            bill.family_id,
            max(balance_of(bill.events, end), ZERO),
            max(balance_of(bill.events, day), ZERO),
        )
        for bill in held
    )
    left = sorted(
        (row for row in rows if row.at_end or row.at_closing), key=lambda row: (row.number, row.invoice_id)
    )
    return Draft(
        exercise,
        day,
        figures_of(held, day),
        sum((row.at_end for row in left), ZERO),
        tuple(left),
        tuple(by_month_billed(held, day).items()),
        tuple(codes),
    )
