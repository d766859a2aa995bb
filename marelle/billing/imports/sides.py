"""What a file says in all, beside what Marelle holds of it: the sums of both sides, to the cent. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from marelle.core.money import ZERO


@dataclass(frozen=True, slots=True)
class Side:
    """One sum, in euros: `theirs` is the file's, of all the lines on which an amount can be read, `ours` what
    Marelle holds of them once they are imported. `code`: of what."""

    code: str
    theirs: Decimal
    ours: Decimal

    @property
    def gap(self) -> Decimal:
        """What Marelle holds more than the file says; below zero, less."""
        return self.ours - self.theirs


def credits_and_debts(amounts: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    """Of signed amounts, what is owed to homes and what homes owe: neither is below zero, and neither makes
    up for the other."""
    given, owed = ZERO, ZERO
    for amount in amounts:
        if amount < 0:
            given -= amount
        else:
            owed += amount
    return given, owed


def sides_kept(sides: Iterable[Side]) -> list[list[str]]:
    """As JSON, for the counts of a run."""
    return [[one.code, str(one.theirs), str(one.ours)] for one in sides]


def sides_read(kept: Iterable[Iterable[str]]) -> tuple[Side, ...]:
    return tuple(Side(code, Decimal(theirs), Decimal(ours)) for code, theirs, ours in kept)
