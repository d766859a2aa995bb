"""Which incomes of a home count on a day, as the facts of `pricing`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from marelle.families.incomes.rules import IncomeKind, IncomeRow
from marelle.pricing.facts import NOTHING_KNOWN, UNKNOWN_INCOME, Income, IncomeStatus, Known
from marelle.pricing.incomes import Counts, DatedIncome, counted_on


def income_on(rows: Iterable[IncomeRow], day: date, *, authority_id: int, counts: Counts) -> Income:
    """What is held of a home on `day` at an authority: of each kind the row that counts, by `counts`, among
    those that it alone was told, else among those of all."""
    rows = tuple(rows)

    def counted(kind: IncomeKind) -> Known:
        for whose in (authority_id, None):
            dated = [_dated(row) for row in rows if row.kind == kind and row.authority_id == whose]
            known = counted_on(dated, day, counts)
            if known is not None:
                return known
        return NOTHING_KNOWN

    return Income(
        counted(IncomeKind.QUOTIENT),
        counted(IncomeKind.RESOURCES),
        _number(counted(IncomeKind.DEPENDANTS), UNKNOWN_INCOME.dependants),
        _number(counted(IncomeKind.AEEH), UNKNOWN_INCOME.aeeh),
    )


def is_unread_on(rows: Iterable[IncomeRow], day: date, *, authority_id: int, counts: Counts) -> bool:
    """Whether what counts on `day`, of one kind at least, is what no key opens."""
    rows = tuple(rows)
    for kind in IncomeKind:
        for whose in (authority_id, None):
            own = [row for row in rows if row.kind == kind and row.authority_id == whose]
            dated = [DatedIncome(row.since, _UNREAD if row.lost else NOTHING_KNOWN, row.until) for row in own]
            known = counted_on(dated, day, counts)
            if known is not None:
                if known is _UNREAD:
                    return True
                break
    return False


_UNREAD: Final = Known(NOTHING_KNOWN.status, None)
"""Told from others by being this one."""


def _dated(row: IncomeRow) -> DatedIncome:
    """What no key opens is unknown: nobody is charged less for it."""
    told = row.told
    known = NOTHING_KNOWN if told is None else Known(IncomeStatus(told.status.value), told.amount)
    return DatedIncome(row.since, known, row.until)


def _number(known: Known, unknown: int) -> int:
    if known.status is IncomeStatus.NONE:
        return 0
    return unknown if known.amount is None else int(known.amount)
