"""Euros as decimals, never as floats: reading what people type, and the one way of rounding."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")

WRITTEN: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
THOUSANDS: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))")
SURROUNDING: Final = " \t\u00a0\u202f€"


class NotAnAmount(ValueError):
    """What was read is no number: its message is the text read."""


def rounded(amount: Decimal) -> Decimal:
    """To the cent, a half going away from zero: 0.125 is 0.13, as accounts are kept."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def of_cents(cents: int) -> Decimal:
    """1234 is 12.34: an amount that was added up in whole cents."""
    return Decimal(cents).scaleb(-2)


def rounded_to(amount: Decimal, step: Decimal) -> Decimal:
    """To the nearest multiple of `step` (5 cents, 10 cents…), a half going away from zero."""
    return rounded((amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def parse_decimal(text: str) -> Decimal:
    """ "12,5", "12.50", "1 234,56", "12,50 €": a number with a comma or a point, thousands set apart or not.

    Never rounds. "1,234.56" and "1.234,56" are refused, since nobody knows which of the two was meant by
    "1,234". Raises NotAnAmount.
    """
    bare = THOUSANDS.sub("", text.strip(SURROUNDING).replace("−", "-")).replace(",", ".")
    if not WRITTEN.fullmatch(bare):
        raise NotAnAmount(text)
    return Decimal(bare)


def parse_amount(text: str) -> Decimal:
    """The same, in euros: an amount that has parts of a cent is refused, never rounded in silence."""
    amount = parse_decimal(text)
    if amount != rounded(amount):
        raise NotAnAmount(text)
    return rounded(amount)
