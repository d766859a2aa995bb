"""How an authority bills a month, and what becomes of what a home owes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from marelle.core.money import ZERO

LAST_OF_EXERCISE = (1, 31)
"""The accounts of a year take in bills until the 31 January that follows it (« journée complémentaire »)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """See `models.BillingTerms`. An authority that has said nothing imports its bills."""

    since: date
    made_here: bool = False
    threshold: Decimal = ZERO
    months_back: int = 0
    days_to_pay: int = 30
    by_regie: bool = False


IMPORTED = Terms(date.min)


def terms_of(month: date, rows: Iterable[Terms]) -> Terms:
    """Those that hold for the month that begins on `month`."""
    begun = [row for row in rows if row.since <= month]
    return max(begun, key=lambda row: row.since, default=IMPORTED)


def exercise_of(month: date, issued_on: date) -> int:
    """The year of the accounts that a bill of the month is in, sent on `issued_on`."""
    if issued_on <= date(month.year + 1, *LAST_OF_EXERCISE):
        return month.year
    return issued_on.year


class Sending(StrEnum):
    """What becomes of what a home owes."""

    BILL = "bill"
    WAIT = "wait"
    """Until it is worth a bill, or the year ends; what is owed to the home is taken off its next bill."""
    NIL = "nil"
    """Nothing is owed: no bill is sent."""


def sending_of(owed: Decimal, threshold: Decimal, *, flush: bool) -> Sending:
    """`owed`, with what has waited. `flush`: nothing waits any longer, but what is owed to the home."""
    if not owed:
        return Sending.NIL
    if owed < 0 or (owed < threshold and not flush):
        return Sending.WAIT
    return Sending.BILL
