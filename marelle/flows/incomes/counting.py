"""Which incomes of a home count on a day, as the facts of `pricing`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from marelle.families.incomes.rules import IncomeKind, IncomeRow
from marelle.pricing.facts import UNKNOWN_INCOME, Income, IncomeStatus
from marelle.pricing.incomes import Counts, DatedIncome, counted_on

AMOUNTS = (IncomeKind.QUOTIENT, IncomeKind.RESOURCES)


def income_on(rows: Iterable[IncomeRow], day: date, *, authority_id: int, counts: Counts) -> Income:
    """What is held of a home on `day` at an authority: of each kind the row that counts, by `counts`, among
    those that it alone was told, else among those of all.

    `pricing` has one status for the quotient and the resources. Where both are known by different ones, the
    facts keep each price what it would be alone: no income is an amount of 0, which pays the lowest, and what
    is unknown or refused has none, which pays the highest.
    """
    rows = tuple(rows)
    found = {kind: _counted(rows, kind, day, authority_id, counts) for kind in IncomeKind}
    quotient, resources = (found[kind] for kind in AMOUNTS)
    said = [one for one in (quotient, resources) if one is not None]
    children, aeeh = (found[kind] for kind in (IncomeKind.DEPENDANTS, IncomeKind.AEEH))
    dependants = {
        "dependants": UNKNOWN_INCOME.dependants if _none(children) else int(_amount(children) or 0),
        "aeeh": 0 if _none(aeeh) else int(_amount(aeeh) or 0),
    }
    statuses = {one.status for one in said}
    if len(statuses) > 1:
        valued = [one.status for one in said if one.status not in HIGHEST]
        status = min(valued, key=SUREST.index) if valued else IncomeStatus.REFUSED
        if status is IncomeStatus.NONE:
            status = IncomeStatus.DECLARED
        return Income(status, _worth(quotient), _worth(resources), **dependants)
    status = next(iter(statuses), IncomeStatus.UNKNOWN)
    return Income(status, _amount(quotient), _amount(resources), **dependants)


HIGHEST = frozenset({IncomeStatus.REFUSED, IncomeStatus.UNKNOWN})
SUREST = (IncomeStatus.DECLARED, IncomeStatus.NONE, IncomeStatus.PROVED)
"""Of two known ones, the less sure is said of both."""


def _counted(
    rows: tuple[IncomeRow, ...], kind: IncomeKind, day: date, authority_id: int, counts: Counts
) -> Income | None:
    """The row that counts, with its amount as a quotient whatever its kind; None where none does."""
    for whose in (authority_id, None):
        dated = [_dated(row) for row in rows if row.kind == kind and row.authority_id == whose]
        counted = counted_on(dated, day, counts)
        if counted is not UNKNOWN_INCOME:
            return counted
    return None


def _dated(row: IncomeRow) -> DatedIncome:
    """What no key opens is unknown: nobody is charged less for it."""
    if row.told is None:
        return DatedIncome(row.since, Income(IncomeStatus.UNKNOWN), row.until)
    return DatedIncome(row.since, Income(IncomeStatus(row.told.status.value), row.told.amount), row.until)


def _none(one: Income | None) -> bool:
    return one is None or one.status in HIGHEST


def _amount(one: Income | None) -> Decimal | None:
    return None if one is None else one.quotient


def _worth(one: Income | None) -> Decimal | None:
    if one is None or one.status in HIGHEST:
        return None
    return Decimal(0) if one.status is IncomeStatus.NONE else one.quotient
