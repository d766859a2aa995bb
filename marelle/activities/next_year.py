"""Where the dates and the name of an activity go in the next school year. Pure.

A day keeps its weekday, and its place by the nearest school holiday, which moves to the one of the same name;
near the beginning of the year, or where holidays are not known, it moves by 52 weeks. The bounds of the
school year and of the civil year keep their date, which is why they were chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from marelle.core.clock import instant_at, local
from marelle.places.rules import DAY, CalendarFacts, Span, SpanKind, school_year_days, school_year_of

WEEK: Final = timedelta(weeks=1)
YEAR_OF_WEEKS: Final = 52 * WEEK
BOUNDS: Final = frozenset({(1, 1), (8, 31), (9, 1), (12, 31)})
"""Months and days that are the same every year."""

YEAR_TOLD: Final = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class RuleSpan:
    """The dates of a booking rule, and what it is for: a slot, None for the whole activity, and weekdays, all
    where none is said."""

    id: int
    slot_id: int | None
    since: date
    until: date | None
    weekdays: frozenset[int] = frozenset()

    @property
    def of(self) -> tuple[int | None, frozenset[int]]:
        """What it is for: of two for the same, the later replaces the other."""
        return self.slot_id, self.weekdays


def next_name(name: str, school_year: int) -> str:
    """ "Mercredis 2026-2027" becomes "Mercredis 2027-2028"; without a year, a name takes `school_year`."""
    renewed = YEAR_TOLD.sub(lambda year: str(int(year[0]) + 1), name)
    return renewed if renewed != name else f"{name} {school_year}-{school_year + 1}"


def moved_day(day: date, calendar: CalendarFacts) -> date:
    """The day of the next school year that stands for `day`; `calendar` knows the holidays of both."""
    if (day.month, day.day) in BOUNDS:
        return day.replace(year=day.year + 1)
    first, _last = school_year_days(school_year_of(day))
    near, weeks = day - first, YEAR_OF_WEEKS
    for holiday, renewed in _holidays(school_year_of(day), calendar):
        away = max(holiday.first_day - day, day - holiday.last_day, timedelta())
        if away < near:
            near, weeks = away, _weeks_between(holiday.first_day, renewed.first_day)
    moved = day + weeks
    return moved if school_year_of(moved) > school_year_of(day) else moved + WEEK


def moved_instant(instant: datetime, calendar: CalendarFacts) -> datetime:
    """The same hour in Paris on the day that stands for its own."""
    here = local(instant)
    return instant_at(moved_day(here.date(), calendar), here.time())


def rules_kept(rules: Iterable[RuleSpan], *, first_day: date, last_day: date) -> tuple[RuleSpan, ...]:
    """The rules that begin the next year, in the order of their beginning.

    Periods (rules with an end) are kept. Of those without an end the last begun by `last_day` counts: one
    that another has replaced during the year is not taken up again.
    """
    found = sorted(rules, key=lambda rule: (rule.since, rule.id))
    held = [
        rule for rule in found if rule.since <= last_day and (rule.until is None or rule.until >= first_day)
    ]
    lasting = {rule.of: rule.id for rule in held if rule.until is None}
    return tuple(rule for rule in held if rule.until is not None or lasting[rule.of] == rule.id)


def moved_rules(
    rules: Iterable[RuleSpan],
    calendar: CalendarFacts,
    *,
    first_day: date,
    last_day: date,
    new_first_day: date,
) -> dict[int, tuple[date, date | None]]:
    """From when and until when each kept rule holds in the next year, by id.

    What begins before the activity, or replaced its first rule, begins with it; a period ends on the eve of
    the one that followed it.
    """
    kept = rules_kept(rules, first_day=first_day, last_day=last_day)
    periods = {rule.of for rule in kept if rule.until is not None}
    begins = {
        rule.id: new_first_day
        if rule.since <= first_day or (rule.until is None and rule.of not in periods)
        else moved_day(rule.since, calendar)
        for rule in kept
    }
    followed = {(rule.of, rule.since - DAY): rule.id for rule in kept}
    moved: dict[int, tuple[date, date | None]] = {}
    for rule in kept:
        until = None if rule.until is None else moved_day(rule.until, calendar)
        after = None if rule.until is None else followed.get((rule.of, rule.until))
        if after is not None:
            until = begins[after] - DAY
        moved[rule.id] = (begins[rule.id], None if until is None else max(until, begins[rule.id]))
    return moved


def _holidays(school_year: int, calendar: CalendarFacts) -> list[tuple[Span, Span]]:
    """The holidays of a school year, each with the only one of its name in the next."""
    by_year: dict[int, dict[str, list[Span]]] = {}
    for span in calendar.spans:
        if span.kind is SpanKind.SCHOOL_HOLIDAY:
            names = by_year.setdefault(school_year_of(span.first_day), {})
            names.setdefault(span.name, []).append(span)
    after = by_year.get(school_year + 1, {})
    return [
        (spans[0], after[name][0])
        for name, spans in by_year.get(school_year, {}).items()
        if len(spans) == 1 and len(after.get(name, ())) == 1
    ]


def _weeks_between(before: date, after: date) -> timedelta:
    """Whole weeks, to the nearest: the weekday stays."""
    return round((after - before) / WEEK) * WEEK
