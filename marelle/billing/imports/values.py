"""Reading a month, a day, an amount, a text from a cell. Pure: each answers a value or raises `Bad`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from marelle.billing.imports.problems import NUMBER
from marelle.core.french import MONTHS
from marelle.core.money import NotAnAmount, parse_amount, parse_decimal, rounded
from marelle.core.tabular import plain

T = TypeVar("T")

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST = Decimal(10_000_000)
"""Above it no column of the tables has room."""

MONTH_NAMES = {plain(name): number for number, name in enumerate(MONTHS, start=1)}


class Bad(ValueError):
    """The cell cannot be read: `code` and `data` of the problem."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


def cell(text: str, how: Callable[[str], T], *, column: str) -> T | None:
    """The value of a cell, None when it is empty; what is wrong says its `column`."""
    if not text:
        return None
    try:
        return how(text)
    except Bad as bad:
        raise Bad(bad.code, column=column, **bad.data) from bad


def read_or_none(text: str, how: Callable[[str], T]) -> T | None:
    """The value of a cell that some other line of code tells what is wrong with; None when it is not read."""
    try:
        return how(text) if text else None
    except Bad:
        return None


def number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise Bad("number", value=text[:60])
    return text


def day(text: str) -> date:
    """ "25/11/2026", "25-11-2026", "2026-11-25"; an hour after it is left out."""
    bare = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", "", text)
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", bare):
        year, month, number_of_day = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", bare):
        number_of_day, month, year = map(int, found.groups())
    else:
        raise Bad("day", value=text[:60])
    return _date(year, month, number_of_day, "day", text)


def month(text: str) -> date:
    """ "2026-11", "11/2026", "novembre 2026", or a day of it: the first day of the month."""
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})", text):
        return _date(int(found[1]), int(found[2]), 1, "month", text)
    if found := re.fullmatch(r"(\d{1,2})[-/](\d{4})", text):
        return _date(int(found[2]), int(found[1]), 1, "month", text)
    if (found := re.fullmatch(r"(\D+?)\s+(\d{4})", text)) and plain(found[1]) in MONTH_NAMES:
        return _date(int(found[2]), MONTH_NAMES[plain(found[1])], 1, "month", text)
    try:
        return day(text).replace(day=1)
    except Bad as error:
        raise Bad("month", value=text[:60]) from error


def amount(text: str) -> Decimal:
    """Euros, to the cent."""
    try:
        return _bounded(parse_amount(text), text)
    except NotAnAmount as error:
        raise Bad("amount", value=text[:60]) from error


def quantity(text: str) -> Decimal:
    """With two decimals at most."""
    try:
        found = _bounded(parse_decimal(text), text)
    except NotAnAmount as error:
        raise Bad("quantity", value=text[:60]) from error
    if found != rounded(found) or abs(found) >= 1_000_000:
        raise Bad("quantity", value=text[:60])
    return rounded(found)


def unit_price(text: str) -> Decimal:
    """Euros, with four decimals at most: hours of a crèche are priced finer than the cent."""
    try:
        found = _bounded(parse_decimal(text), text)
    except NotAnAmount as error:
        raise Bad("amount", value=text[:60]) from error
    if found != round(found, 4) or abs(found) >= 1_000_000:
        raise Bad("amount", value=text[:60])
    return round(found, 4)


def short(text: str, limit: int) -> str:
    if len(text) > limit:
        raise Bad("too_long", limit=limit)
    return text


def _bounded(found: Decimal, text: str) -> Decimal:
    if abs(found) >= MOST:
        raise Bad("amount", value=text[:60])
    return found


def _date(year: int, month_number: int, day_number: int, code: str, text: str) -> date:
    try:
        found = date(year, month_number, day_number)
    except ValueError as error:
        raise Bad(code, value=text[:60]) from error
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Bad("year", value=text[:60])
    return found
