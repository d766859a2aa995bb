"""The address of a planning: child, date, view and filter, always all four. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

ALL_CHILDREN: Final = "tous"
ALL_ACTIVITIES: Final = "toutes"
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
"""Days that a planning may show: beyond, a date is taken for a slip of the keyboard."""

_ID = re.compile(r"[1-9][0-9]{0,17}")
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


class View(StrEnum):
    DAY = "jour"
    WEEK = "semaine"
    MONTH = "mois"


@dataclass(frozen=True, slots=True)
class Address:
    """`child` and `activity` None: all of them."""

    child: int | None
    day: date
    view: View = View.WEEK
    activity: int | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        return (
            ("enfant", ALL_CHILDREN if self.child is None else str(self.child)),
            ("date", self.day.isoformat()),
            ("vue", self.view.value),
            ("activite", ALL_ACTIVITIES if self.activity is None else str(self.activity)),
        )

    @property
    def query(self) -> str:
        return "?" + urlencode(self.pairs)

    @property
    def undated(self) -> str:
        """The query of the same page on the first day on which something can still be done."""
        return "?" + urlencode([pair for pair in self.pairs if pair[0] != "date"])

    @property
    def dated(self) -> str:
        """The query of a page whose own address says the child and the activity."""
        return "?" + urlencode(self.pairs[1:3])

    @property
    def span(self) -> tuple[date, date]:
        """First and last day shown, both included; a week is whole, its weekend may stay hidden."""
        if self.view is View.DAY:
            return self.day, self.day
        if self.view is View.WEEK:
            monday = monday_of(self.day)
            return monday, monday + 6 * _DAY
        return self.day.replace(day=1), self.day.replace(day=monthrange(self.day.year, self.day.month)[1])

    @property
    def previous(self) -> Address:
        first, _last = self.span
        before = {View.DAY: first - _DAY, View.WEEK: first - _WEEK, View.MONTH: (first - _DAY).replace(day=1)}
        return self.at(before[self.view])

    @property
    def next(self) -> Address:
        first, last = self.span
        return self.at(last + _DAY if self.view is not View.WEEK else first + _WEEK)

    def at(self, day: date) -> Address:
        """The same page on another day, held between the earliest and the latest."""
        return replace(self, day=min(max(day, EARLIEST), LATEST))


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address says. `canonical`: all four are there and well formed. `child_told`: a child, or all,
    was asked for; without it the page picks one, as it picks the day without a `day_told`. `bad_date`: a date
    that cannot be read."""

    address: Address
    canonical: bool
    child_told: bool
    day_told: bool = True
    bad_date: bool = False


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def read_address(given: Mapping[str, str], *, today: date) -> Asked:
    """Total: what is missing or malformed gets its usual value, and the address is then not canonical."""
    child_text, day_text = given.get("enfant", ""), given.get("date", "")
    view_text, activity_text = given.get("vue", ""), given.get("activite", "")
    child, activity = read_id(child_text), read_id(activity_text)
    day = read_day(day_text)
    view = View(view_text) if view_text in set(View) else None
    child_told = child is not None or child_text == ALL_CHILDREN
    activity_told = activity is not None or activity_text == ALL_ACTIVITIES
    return Asked(
        Address(child, day or today, view or View.WEEK, activity),
        canonical=child_told and activity_told and day is not None and view is not None,
        child_told=child_told,
        day_told=bool(day_text),
        bad_date=bool(day_text) and day is None,
    )


def read_id(text: str) -> int | None:
    """A positive id that a database can hold, or None."""
    return int(text) if _ID.fullmatch(text) else None


def read_day(text: str) -> date | None:
    """A day written 2026-11-30, or None for anything else."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None
