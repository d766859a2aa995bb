"""What may be written in a field of the file. Pure: typed text in, a canonical value or a refusal out.

A value is a mapping of parts to text: dates as ISO, telephones as E.164, amounts as "734.00", choices by
their code. `shown` gives what a form displays for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from marelle.core.direction import TURNING
from marelle.core.phones import WrongPhone, phone_stored, phone_text
from marelle.core.refusals import Refusal
from marelle.families.fields import FileField, Kind
from marelle.families.rules import LEVELS

Value = dict[str, str]

DATED: Final = (Kind.ADDRESS, Kind.INCOME)
"""Kinds whose value holds from a date; none given, from the day it is sent."""

UNREADABLE: Final = "…"
"""In the place of an amount that no key opens: it is shown as not available, and never written over."""

FIRST_BIRTH: Final = date(1900, 1, 1)
CHILD_YEARS: Final = 26
TERM_AHEAD: Final = timedelta(days=300)
TERM_LATE: Final = timedelta(days=45)
SINCE_BEFORE: Final = timedelta(days=3 * 366)
SINCE_AHEAD: Final = timedelta(days=366)
STREET_LENGTH: Final = 120
CITY_LENGTH: Final = 80
TEACHER_LENGTH: Final = 80


class WrongValue(Refusal):
    """A value that cannot be written. `part` is the part at fault; the labels tell `code` and `data`."""

    def __init__(self, code: str, part: str = "value", **data: object) -> None:
        super().__init__(code, **data)
        self.part = part


@dataclass(frozen=True, slots=True)
class Facts:
    """What checks need to know. `elders` and `wards` are the birth dates of guardians and of children;
    `known_since` is when the dated value now held begins; `schools` are those that may be chosen, by id."""

    day: date
    is_child: bool = False
    elders: tuple[date, ...] = ()
    wards: tuple[date, ...] = ()
    known_since: date | None = None
    schools: Mapping[int, str] = field(default_factory=dict)


def empty(field: FileField) -> Value:
    return dict.fromkeys(field.parts, "")


def shown(field: FileField, value: Mapping[str, str]) -> Value:
    """What a form displays of a value. A dated value's own date stays out: a new one is asked for."""
    parts = {part: value.get(part, "") for part in field.parts}
    if field.kind in DATED:
        parts["since"] = ""
    if field.kind is Kind.PHONE:
        parts["value"] = phone_text(parts["value"])
    if field.kind is Kind.INCOME:
        parts["amount"] = parts["amount"].replace(".", ",")
    return parts


def untouched(field: FileField, typed: Mapping[str, str], seen: Mapping[str, str]) -> bool:
    """Whether the form came back as it was shown."""
    before = shown(field, seen)
    return all(typed.get(part, "").strip() == before[part].strip() for part in field.parts)


def checked(field: FileField, typed: Mapping[str, str], facts: Facts) -> Value:
    """The canonical value of what was typed; canonical input comes back as it is. Raises WrongValue."""
    parts = {part: clean_text(typed.get(part, "")) for part in field.parts}
    if field.kind is not Kind.PHONE:
        for part, text in parts.items():
            _straight(text, part)
    if not any(parts.values()):
        if field.required:
            raise WrongValue("required", field.parts[0])
        return parts
    match field.kind:
        case Kind.ADDRESS:
            return _address(parts, facts)
        case Kind.INCOME:
            return {"amount": _amount(parts["amount"]), "since": _since(parts["since"], facts)}
        case Kind.SCHOOL:
            return _school(parts, facts)
        case _:
            return {"value": _one(field, parts["value"], facts)}


def clean_text(text: str) -> str:
    """One line, its spaces single, without signs that control the display. HTML and emoji are only text."""
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in text
        if sign.isspace() or unicodedata.category(sign) != "Cc"
    )
    return " ".join(kept.split())


def date_typed(text: str, part: str = "value") -> date:
    """A date as browsers send it or as people write it: "2019-03-04", "04/03/2019". Raises WrongValue."""
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    french = re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})", text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if french:
            return date(int(french[3]), int(french[2]), int(french[1]))
    except ValueError as error:
        raise WrongValue("not_a_date", part) from error
    raise WrongValue("not_a_date", part)


def day_held(value: Value) -> date | None:
    """The day that a value of a date holds; None of an empty one."""
    text = value.get("value", "")
    return date.fromisoformat(text) if text else None


def check_birth(birth: date, facts: Facts, part: str = "value") -> None:
    """Nobody is born tomorrow, nor before who answers for it. Raises WrongValue."""
    if birth > facts.day:
        raise WrongValue("born_in_the_future", part)
    oldest = date(facts.day.year - CHILD_YEARS, 1, 1) if facts.is_child else FIRST_BIRTH
    if birth < oldest:
        raise WrongValue("too_old", part)
    if any(birth <= elder for elder in facts.elders):
        raise WrongValue("older_than_parent", part)
    if any(birth >= ward for ward in facts.wards):
        raise WrongValue("younger_than_child", part)


def check_term(term: date, facts: Facts, part: str = "value") -> None:
    """A birth to come is within ten months, or a little late. Raises WrongValue."""
    if not facts.day - TERM_LATE <= term <= facts.day + TERM_AHEAD:
        raise WrongValue("not_a_term", part)


def check_name(name: str, length: int, part: str = "value") -> str:
    """A name has a letter. Raises WrongValue."""
    name = clean_text(name)
    if not name:
        raise WrongValue("required", part)
    if not any(sign.isalpha() for sign in name):
        raise WrongValue("no_letter", part)
    _straight(name, part)
    return _fitting(name, length, part)


def _straight(text: str, part: str) -> None:
    if TURNING.search(text):
        raise WrongValue("turning", part)


def _one(field: FileField, text: str, facts: Facts) -> str:
    match field.kind:
        case Kind.NAME:
            return check_name(text, field.length)
        case Kind.DIGITS:
            digits = text.replace(" ", "")
            if not re.fullmatch(r"[0-9]{5,15}", digits):
                raise WrongValue("not_digits")
            return digits
        case Kind.EMAIL:
            return _email(_fitting(text, field.length))
        case Kind.PHONE:
            try:
                return phone_stored(text)
            except WrongPhone as refusal:
                raise WrongValue(f"phone_{refusal.code}", **refusal.data) from refusal
        case Kind.CHOICE:
            if field.choices is None or text not in field.choices.values:
                raise WrongValue("not_a_choice")
            return text
        case Kind.BIRTH:
            check_birth(born := date_typed(text), facts)
            return born.isoformat()
        case Kind.TERM:
            check_term(term := date_typed(text), facts)
            return term.isoformat()
        case _:
            return _fitting(text, field.length)


def _address(parts: Value, facts: Facts) -> Value:
    if not parts["street"]:
        raise WrongValue("required", "street")
    code = parts["postal_code"].upper()
    if not re.fullmatch(r"(?=.*[0-9])[0-9A-Z][0-9A-Z -]{2,9}", code):
        raise WrongValue("not_a_postal_code", "postal_code")
    return {
        "street": _fitting(parts["street"], STREET_LENGTH, "street"),
        "postal_code": code,
        "city": check_name(parts["city"], CITY_LENGTH, "city"),
        "since": _since(parts["since"], facts),
    }


def _school(parts: Value, facts: Facts) -> Value:
    if not parts["school"].isascii() or not parts["school"].isdigit():
        raise WrongValue("not_a_choice", "school")
    if int(parts["school"]) not in facts.schools:
        raise WrongValue("not_a_choice", "school")
    if parts["level"] not in LEVELS:
        raise WrongValue("not_a_choice", "level")
    return {**parts, "teacher": _fitting(parts["teacher"], TEACHER_LENGTH, "teacher")}


def _amount(text: str) -> str:
    digits = re.sub(r"[\s€]", "", text)
    if not re.fullmatch(r"[0-9]{1,5}([.,][0-9]{1,2})?", digits):
        raise WrongValue("not_an_amount", "amount")
    return str(Decimal(digits.replace(",", ".")).quantize(Decimal("0.01")))


def _since(text: str, facts: Facts) -> str:
    since = date_typed(text, "since") if text else facts.day
    if not facts.day - SINCE_BEFORE <= since <= facts.day + SINCE_AHEAD:
        raise WrongValue("since_far_away", "since")
    if facts.known_since is not None and since < facts.known_since:
        raise WrongValue("since_before_known", "since", known=facts.known_since)
    return since.isoformat()


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise WrongValue("not_an_email") from error
    return text


def _fitting(text: str, length: int, part: str = "value") -> str:
    if len(text) > length:
        raise WrongValue("too_long", part, limit=length)
    return text
