"""How an authority bills a month, and what becomes of what a home owes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
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


def months_back(month: date, rows: Collection[Terms]) -> int:
    """How many months before it are looked at again with the month that begins on `month`: those that follow
    each other up to it and were billed here, as many as its terms say. What came by files is not corrected
    here."""
    back = 0
    before = _before(month)
    while back < terms_of(month, rows).months_back and terms_of(before, rows).made_here:
        back, before = back + 1, _before(before)
    return back


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def exercise_of(month: date, issued_on: date) -> int:
    """The year of the accounts that a bill of the month is in, sent on `issued_on`."""
    if issued_on <= date(month.year + 1, *LAST_OF_EXERCISE):
        return month.year
    return issued_on.year


def exercise_open(exercise: int, closed: Collection[int]) -> int:
    """That one, or the first after it that is not closed: no bill is issued in an exercise that is."""
    while exercise in closed:
        exercise += 1
    return exercise


class Sending(StrEnum):
    """What becomes of what a home owes."""

    BILL = "bill"
    WAIT = "wait"
    """Until it is worth a bill, or the year ends; what is owed to the home is taken off its next bill."""
    NIL = "nil"
    """Nothing is owed: no bill is sent."""


def sending_of(owed: Decimal, threshold: Decimal, *, flush: bool, may_credit: bool = False) -> Sending:
    """`owed`, with what has waited. `flush`: nothing waits any longer, but what is owed to the home, unless
    it has a credit note (`may_credit`)."""
    if not owed:
        return Sending.NIL
    if owed < 0:
        return Sending.BILL if may_credit else Sending.WAIT
    if owed < threshold and not flush:
        return Sending.WAIT
    return Sending.BILL
