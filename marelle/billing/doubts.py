"""What somebody should look at before bills leave. Pure."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from typing import Final

from marelle.core.money import ZERO

WORTH_A_LOOK: Final = Decimal(30)
"""In euros: under it a month that is unlike the others is nobody's concern."""


class DoubtCode(StrEnum):
    NO_INCOME = "no_income"
    """Priced without the quotient or the resources that its tariff asks for: it pays the highest price."""
    UNREAD = "unread"
    """No key opens an income of the home: nothing is billed until it is read."""
    MERGED = "merged"
    """Months that were billed before another file was merged into the home's stay as they were billed."""
    NO_TARIFF = "no_tariff"
    """No tariff holds what a child has or had."""
    NOBODY = "nobody"
    """A child was seen without a booking, on a day that is of neither of its homes."""
    OPEN_CALL = "open_call"
    """Calls of a structure that nobody has closed."""
    UNANSWERED = "unanswered"
    """Bookings asked of a structure that nobody answered: they are billed as if they were granted."""
    NEGATIVE = "negative"
    MORE = "more"
    """More than twice what the home usually has."""
    LESS = "less"
    NO_ADDRESS = "no_address"


def unlike_before(total: Decimal, before: Collection[Decimal]) -> DoubtCode | None:
    """Beside the mean of what was billed in the months `before`, of those that had a bill: more than twice of
    it or less than half, and 30 euros apart."""
    if not before:
        return None
    usual = sum(before, ZERO) / len(before)
    if abs(total - usual) < WORTH_A_LOOK:
        return None
    if total > 2 * usual:
        return DoubtCode.MORE
    return DoubtCode.LESS if 2 * total < usual else None
