"""Which income of a home counts on a day. Both ways are published in règlements: it is a setting of an
authority."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from marelle.pricing.facts import Known


class Counts(StrEnum):
    """From when a change counts."""

    NEXT_MONTH = "next_month"
    """From the first of a month that comes on its date or after it, never backwards."""
    ITS_DATE = "its_date"
    """From its date: what was billed meanwhile is regularised."""


@dataclass(frozen=True, slots=True)
class DatedIncome:
    """Holds from `since` to `until`, both included, or until another begins."""

    since: date
    known: Known
    until: date | None = None


def counts_from(since: date, counts: Counts) -> date:
    """The first day on which a change of `since` counts."""
    if counts is Counts.ITS_DATE or since.day == 1:
        return since
    return (since.replace(day=1) + timedelta(days=31)).replace(day=1)


def counted_on(rows: Iterable[DatedIncome], day: date, counts: Counts) -> Known | None:
    """The last change that counts by `day`; None before the first, and once what it says has ended."""
    begun = [row for row in rows if counts_from(row.since, counts) <= day]
    last = max(begun, key=lambda row: row.since, default=None)
    return last.known if last and (last.until is None or last.until >= day) else None
