"""Calendars as the State publishes them, read from two libraries, and how a stored calendar follows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from holidays import country_holidays
from vacances_scolaires_france import SchoolHolidayDates

from marelle.places.rules import DAY, Span, SpanKind, school_year_days

Zone = Literal["A", "B", "C"]

LIBRARY_KINDS = frozenset({SpanKind.SCHOOL_HOLIDAY, SpanKind.PUBLIC_HOLIDAY})


class UnknownSchoolYearError(LookupError):
    """The installed library does not know this school year: its dates are not published, or it is too old."""

    def __init__(self, school_year: int) -> None:
        super().__init__(f"No school holidays are known for {school_year}-{school_year + 1}.")
        self.school_year = school_year


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A stored row. `by_hand`: an agent typed it, changed it or took it away (then not `active`).

    `typed`: it never came from a library, so that its name says nothing of what the State publishes.
    """

    id: int
    span: Span
    by_hand: bool
    active: bool = True
    typed: bool = False


@dataclass(frozen=True, slots=True)
class CalendarDifference:
    add: tuple[Span, ...]
    remove: tuple[StoredSpan, ...]


@cache
def zone_of(text: str) -> Zone:
    """The zone that a calendar names."""
    return "A" if text == "A" else "B" if text == "B" else "C"


def library_spans(zone: Zone, school_year: int) -> tuple[Span, ...]:
    """School holidays of a zone and public holidays of metropolitan France that begin in a school year.

    School holidays are days without school, both ends included: they start the day after the last lessons
    and end the day before they begin again, weekends included. Raises UnknownSchoolYearError.
    """
    holidays = tuple(span for span in _school_holidays(zone) if _begins_in(span, school_year))
    if not any(span.days > 1 for span in holidays):
        raise UnknownSchoolYearError(school_year)
    return holidays + tuple(span for span in _public_holidays(school_year) if _begins_in(span, school_year))


def calendar_difference(
    existing: Iterable[StoredSpan], wanted: Sequence[Span], *, school_year: int
) -> CalendarDifference:
    """What to add and remove so that the rows of one school year follow `wanted`.

    Rows by hand stay as they are, and stand for the wanted span of their kind that they cover by half or
    more, or from which they came, by its name: it is not added beside them. Closures and other years are left
    alone. Applying it and asking again gives nothing to do.
    """
    rows = [row for row in existing if row.span.kind in LIBRARY_KINDS and _begins_in(row.span, school_year)]
    by_hand = [row for row in rows if row.by_hand or not row.active]
    followed = [span for span in dict.fromkeys(wanted) if not any(_stands_for(row, span) for row in by_hand)]
    kept: set[Span] = set()
    remove: list[StoredSpan] = []
    for row in rows:
        if row.by_hand or not row.active:
            continue
        if row.span in followed and row.span not in kept:
            kept.add(row.span)
        else:
            remove.append(row)
    return CalendarDifference(add=tuple(span for span in followed if span not in kept), remove=tuple(remove))


def _stands_for(row: StoredSpan, wanted: Span) -> bool:
    hand = row.span
    if hand.kind is not wanted.kind:
        return False
    came_from_it = not row.typed and hand.name == wanted.name
    return came_from_it or 2 * hand.overlap(wanted) >= wanted.days


def _begins_in(span: Span, school_year: int) -> bool:
    first, last = school_year_days(school_year)
    return first <= span.first_day <= last


@cache
def _library() -> SchoolHolidayDates:
    return SchoolHolidayDates()


@cache
def _school_holidays(zone: Zone) -> tuple[Span, ...]:
    """Every school holiday that the library knows: it tells days one by one, with the name of each."""
    column = f"vacances_zone_{zone.lower()}"
    named = [(day, _screen_name(row["nom_vacances"])) for day, row in _library().data.items() if row[column]]
    return tuple(
        Span(SpanKind.SCHOOL_HOLIDAY, name, first, last) for name, first, last in _runs(sorted(named))
    )


def _runs(named_days: Sequence[tuple[date, str]]) -> Iterator[tuple[str, date, date]]:
    """Runs of days that follow each other under one name, as (name, first day, last day)."""
    start = 0
    for index, (day, name) in enumerate(named_days):
        is_last = index + 1 == len(named_days)
        if is_last or named_days[index + 1] != (day + DAY, name):
            yield name, named_days[start][0], day
            start = index + 1


def _public_holidays(school_year: int) -> Iterator[Span]:
    found = country_holidays("FR", years=[school_year, school_year + 1], language="fr")
    for day, name in sorted(found.items()):
        yield Span(SpanKind.PUBLIC_HOLIDAY, _screen_name(name), day, day)


def _screen_name(name: str) -> str:
    return name.replace("'", "’")
