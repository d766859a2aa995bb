"""When children of a home came, as the door noted it: of calls that are closed alone, and of its own days."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from marelle.attendance.models import Call
from marelle.bookings.models import Attendance
from marelle.core.actor import Actor
from marelle.flows.prices.homes import situations_of
from marelle.flows.prices.reading import NO_SLOTS, slots_held
from marelle.flows.prices.spans import month_of
from marelle.places.rules import school_year_days, school_year_of
from marelle.places.scope import in_office

YEARS_BACK: Final = 2
"""How many school years before this one a statement may be about."""
MONTHS: Final = 12


class Period(NamedTuple):
    """What a statement is about, today at the latest. `code`: "2026-2027" of a school year, "2026" of a year,
    "2026-11" of a month."""

    code: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Presence:
    """A child on an opening. `seconds`: how long, of a slot that is booked by the hour, where its arrival and
    its departure were both noted."""

    child_id: int
    authority_id: int
    activity_id: int
    activity: str
    structure: str
    day: date
    slot: str
    seconds: int | None


def period_read(code: str, today: date) -> Period | None:
    """None for what is no period, is yet to come, or goes too far back."""
    found = re.fullmatch(r"(20\d\d)(?:-(20\d\d|0[1-9]|1[0-2]))?", code, re.ASCII)
    if found is None:
        return None
    year, more = int(found[1]), found[2] or ""
    if not more:
        first, last = date(year, 1, 1), date(year, 12, 31)
    elif len(more) == 2:
        first, last = month_of(date(year, int(more), 1))
    elif int(more) == year + 1:
        first, last = school_year_days(year)
    else:
        return None
    if first > today or last < _earliest(today):
        return None
    return Period(code, max(first, _earliest(today)), min(last, today))


def periods_of(days: Collection[date], today: date) -> tuple[tuple[Period, ...], ...]:
    """Those in which one of `days` is: school years, years, the last months; each the newest first."""
    school_years = {school_year_of(day) for day in days}
    codes = (
        [f"{year}-{year + 1}" for year in sorted(school_years, reverse=True)],
        [str(year) for year in sorted({day.year for day in days}, reverse=True)],
        sorted({f"{day:%Y-%m}" for day in days}, reverse=True)[:MONTHS],
    )
    read = (tuple(period_read(code, today) for code in them) for them in codes)
    return tuple(tuple(one for one in them if one is not None) for them in read)


def presences_of(
    actor: Actor, child_ids: Collection[int], today: date, period: Period | None = None
) -> list[Presence]:
    """By day, of children of the home that is open: never a day of another home of theirs. An agent in its
    name reads those of the authorities whose office it is."""
    if actor.family_id is None or not child_ids:
        return []
    first, last = (period.first, period.last) if period else (_earliest(today), today)
    situations = situations_of([actor.family_id])
    held = slots_held(situations, (first, last), NO_SLOTS)[actor.family_id]
    own = {(one.child_id, one.opening_id) for one in held}
    rows = Attendance.objects.filter(
        child_id__in=child_ids,
        present=True,
        day__gte=first,
        day__lte=last,
        opening__call__state=Call.State.CLOSED,
    )
    if actor.on_behalf_of:
        rows = rows.filter(in_office(actor, "opening__activity__structure__authority__"))
    rows = rows.select_related("opening__slot", "opening__activity__structure")
    return [
        _presence(row)
        for row in rows.order_by("day", "opening__starts_at", "pk")
        if (row.child_id, row.opening_id) in own
    ]


def by_activity(rows: Iterable[Presence]) -> dict[int, list[Presence]]:
    """In the order of their names."""
    found: dict[int, list[Presence]] = {}
    for row in sorted(rows, key=lambda one: (one.structure, one.activity, one.activity_id, one.day)):
        found.setdefault(row.activity_id, []).append(row)
    return found


def _presence(row: Attendance) -> Presence:
    opening = row.opening
    timed = opening.slot.by_hour and row.arrived_at is not None and row.left_at is not None
    seconds = None
    if timed and row.arrived_at is not None and row.left_at is not None:
        seconds = max(0, (row.left_at - row.arrived_at) // timedelta(seconds=1))
    return Presence(
        row.child_id,
        opening.activity.structure.authority_id,
        opening.activity_id,
        opening.activity.name,
        opening.activity.structure.name,
        row.day,
        opening.slot.name,
        seconds,
    )


def _earliest(today: date) -> date:
    return school_year_days(school_year_of(today) - YEARS_BACK)[0]
