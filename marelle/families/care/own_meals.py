"""On which days a child brings the meal of its PAI. Pure.

A sheet says what is so now. Prices stand on the days that are over too: what it says next changes none of
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from marelle.families.care.rules import SheetData, brings_meal

DAY: Final = timedelta(days=1)

MealDays = tuple[tuple[date, date], ...]
"""From a day to another, both included, in order: `date.min` of what has always been so, `date.max` of what
goes on."""


def always(sheet: SheetData) -> MealDays:
    """Of a sheet that does not say since when."""
    return ((date.min, sheet.pai_until or date.max),) if brings_meal(sheet) else ()


def said_on(kept: MealDays, sheet: SheetData, day: date) -> MealDays:
    """The same once the sheet says this on `day`."""
    over = [(first, min(last, day - DAY)) for first, last in kept if first < day]
    now = [(day, last) for _first, last in always(sheet) if last >= day]
    return together(over, now)


def together(*several: Iterable[tuple[date, date]]) -> MealDays:
    """The days of all of these."""
    found: list[tuple[date, date]] = []
    for first, last in sorted(one for periods in several for one in periods):
        if found and (found[-1][1] == date.max or first <= found[-1][1] + DAY):
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)
