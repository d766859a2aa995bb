"""The school year around a day, and how to find in it the days that the demo needs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from marelle.core.clock import instant_at
from marelle.places.calendars import library_spans
from marelle.places.rules import (
    FOUR_DAY_WEEK,
    CalendarFacts,
    Span,
    SpanKind,
    school_year_days,
    school_year_of,
)

TUESDAY = 1
SHORTEST_FUTURE = timedelta(days=14)
"""From the end of August on, the world is that of the coming year, so that there are days to book."""


@dataclass(frozen=True)
class SchoolYear:
    """The school year shown when the demo is built for `today`."""

    today: date

    @property
    def year(self) -> int:
        return school_year_of(self.today + SHORTEST_FUTURE)

    @property
    def first_day(self) -> date:
        return school_year_days(self.year)[0]

    @property
    def last_day(self) -> date:
        return school_year_days(self.year)[1]

    @property
    def morning(self) -> datetime:
        """The first instant of today: all that has been done was done before."""
        return instant_at(self.today, time(0))

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        return library_spans("A", self.year)

    @cached_property
    def calendar(self) -> CalendarFacts:
        return CalendarFacts(FOUR_DAY_WEEK, self.spans)

    @property
    def holidays(self) -> tuple[Span, ...]:
        """The school holidays of a week or more, in order."""
        found = [span for span in self.spans if span.kind is SpanKind.SCHOOL_HOLIDAY and span.days > 7]
        return tuple(sorted(found, key=lambda span: span.first_day))

    def holiday(self, word: str) -> Span:
        """The holidays whose name holds `word`, accents and case apart."""
        return next(span for span in self.holidays if _plain(word) in _plain(span.name))

    def term_day(self, weekday: int, *, weeks_ahead: int) -> date:
        """The day of term on `weekday` that comes `weeks_ahead` such days after today, or before it.

        1 is the next one, -1 the last one. Where the year has no such day, its last or its first.
        """
        step = timedelta(days=1 if weeks_ahead > 0 else -1)
        day, left, found = self.today, abs(weeks_ahead), self.today
        while left:
            day += step
            if not self.first_day <= day <= self.last_day:
                return self._nearest_term_day(found if found != self.today else day, weekday)
            if day.weekday() == weekday and self.is_term_day(day):
                found, left = day, left - 1
        return found

    def is_term_day(self, day: date) -> bool:
        return self.calendar.is_term(day) and self.calendar.public_holiday(day) is None

    def _nearest_term_day(self, day: date, weekday: int) -> date:
        span = (self.last_day - self.first_day).days
        days = (self.first_day + timedelta(days=offset) for offset in range(span + 1))
        return min(
            (d for d in days if d.weekday() == weekday and self.is_term_day(d)), key=lambda d: abs(d - day)
        )


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
