"""Accounts, banks and creditors as the SEPA knows them: IBAN, BIC, ICS. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stdnum import bic, iban
from stdnum.eu import at_02
from stdnum.exceptions import InvalidChecksum, ValidationError

SEPA: Final[Mapping[str, int]] = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "VA": 22,
}  # fmt: skip
"""Countries of the SEPA (EPC409-09), by the first two signs of an IBAN, and how many signs it has there
(ISO 13616)."""


class NotAnIban(ValueError):
    """`why`: "signs" (no IBAN at all), "country" (not of the SEPA), "length", "key" or "form" (not as its
    country makes them). What was typed is not in it: no log may have it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def iban_read(typed: str) -> str:
    """Its signs, however they are spaced, in capitals. Raises NotAnIban."""
    number = "".join(typed.split()).replace("-", "").upper()
    if len(number) < 5 or not (number.isascii() and number.isalnum() and number[:2].isalpha()):
        raise NotAnIban("signs")
    if number[:2] not in SEPA:
        raise NotAnIban("country")
    if len(number) != SEPA[number[:2]]:
        raise NotAnIban("length")
    try:
        return str(iban.validate(number, check_country=False))
    except InvalidChecksum as error:
        raise NotAnIban("key") from error
    except ValidationError as error:
        raise NotAnIban("form") from error


def bic_read(typed: str) -> str:
    """Eight signs or eleven. Raises ValueError."""
    try:
        return str(bic.validate(typed))
    except ValidationError as error:
        raise ValueError("bic") from error


def ics_read(typed: str) -> str:
    """The identifier of a creditor, whose key is right. Raises ValueError."""
    number = "".join(typed.split()).upper()
    if not (number.isascii() and number.isalnum() and 8 <= len(number) <= 35 and number[:2] in SEPA):
        raise ValueError("ics")
    try:
        return str(at_02.validate(number))
    except ValidationError as error:
        raise ValueError("ics") from error


def iban_spaced(number: str) -> str:
    """By groups of four, as a bank prints it."""
    return "\u00a0".join(number[at : at + 4] for at in range(0, len(number), 4))
