"""Reading a home's income is written down, as reading of a child's health is: who read whose, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.families.incomes.rules import IncomeRow
from marelle.families.models import Family
from marelle.journal.services import record

READ: Final = "income.read"


def incomes_noted(actor: Actor, family: Family, rows: Iterable[IncomeRow], now: datetime) -> None:
    """Write it down where one of these rows, about to be shown, says something."""
    if any(row.told is not None for row in rows):
        income_noted(actor, family, now)


def income_noted(actor: Actor, family: Family, now: datetime) -> None:
    """Of no home's own journal: it is what agents did."""
    record(actor=actor, verb=READ, subject=Subject("family", family.pk, str(family)), now=now)
