"""Telephone numbers: read as people write them, kept as E.164 ("+33639981001"), shown the French way."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from marelle.core.direction import TURNING
from marelle.core.refusals import Refusal

HOME_REGION: Final = "FR"
HOME_CODE: Final = 33
TYPED_LENGTH: Final = 30
"""Signs that a person may type: a foreign number with its spaces fits."""

ORDINARY: Final = re.compile(r"\+33([1-79])" + r"([0-9]{2})" * 4)
"""French numbers but the special ones, as the library shows them: it takes long, and a list has hundreds."""


class WrongPhone(Refusal):
    """What was typed is no telephone number. `code`: "letters", "too_long" or "not_a_number"."""


def phone_stored(typed: str) -> str:
    """The E.164 form of what was typed; "" for nothing. A number without a country is a French one.

    Raises WrongPhone.
    """
    # A telephone's own list of contacts puts such signs around what is copied from it.
    typed = TURNING.sub("", typed).strip()
    if not typed:
        return ""
    if len(typed) > TYPED_LENGTH:
        raise WrongPhone("too_long", limit=TYPED_LENGTH)
    # The library reads "0800 FLEURS" as digits: here letters are a mistake.
    if any(sign.isalpha() for sign in typed):
        raise WrongPhone("letters")
    number = _parsed(typed)
    if number is None:
        raise WrongPhone("not_a_number")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def phone_text(stored: str) -> str:
    """ "06 39 98 10 01", or "+32 470 12 34 56" for another country; what is no number is shown as it is."""
    if at_home := ORDINARY.fullmatch(stored):
        return "0" + " ".join(at_home.groups())
    number = _parsed(stored)
    if number is None:
        return stored
    shape = (
        PhoneNumberFormat.NATIONAL if number.country_code == HOME_CODE else PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, shape)


def _parsed(text: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
