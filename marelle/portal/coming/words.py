"""What is coming, in French: day by day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.bookings.agenda import AgendaLine
from marelle.bookings.labels import STATES
from marelle.bookings.states import BookingState
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text
from marelle.portal.absences.words import span_url

TONES = {
    BookingState.BOOKED: "ok",
    BookingState.REQUESTED: "warn",
    BookingState.OFFERED: "warn",
    BookingState.WAITING: "warn",
    BookingState.CANCELLED: "error",
}


@dataclass(frozen=True, slots=True)
class Line:
    who: str
    what: str
    hours: str
    where: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Day:
    """`absences`: who may be told absent that day, and where."""

    title: str
    lines: tuple[Line, ...]
    absences: tuple[tuple[str, str], ...]


def days(lines: Iterable[AgendaLine], bookable: Collection[int]) -> list[Day]:
    """`bookable`: the children for whom the account may book."""
    by_day: dict[date, list[AgendaLine]] = {}
    for line in lines:
        by_day.setdefault(line.day, []).append(line)
    return [
        Day(_capitalised(day_long(day)), tuple(map(_line, found)), _absences(day, found, bookable))
        for day, found in sorted(by_day.items())
    ]


def _absences(
    day: date, lines: Iterable[AgendaLine], bookable: Collection[int]
) -> tuple[tuple[str, str], ...]:
    awaited = {
        line.child_id: line.child_first_name
        for line in lines
        if line.state in (BookingState.BOOKED, BookingState.REQUESTED) and not line.is_absent
    }
    return tuple((name, span_url(pk, day, day)) for pk, name in awaited.items() if pk in bookable)


def _line(line: AgendaLine) -> Line:
    state, tone = _state(line)
    return Line(
        who=line.child_first_name,
        what=" · ".join(part for part in (line.slot_name, line.title) if part),
        hours=hours_text(local(line.starts_at).time(), local(line.ends_at).time()),
        where=f"{line.activity_name} · {line.structure_name}",
        state=state,
        tone=tone,
    )


def _state(line: AgendaLine) -> tuple[str, str]:
    if line.state is BookingState.CANCELLED:
        said = _("annulé par la structure")
        return (f"{said} : {line.closing_reason}" if line.closing_reason else said), "error"
    if line.is_absent:
        return _("absence déclarée"), "plain"
    return str(STATES[line.state]), TONES[line.state]


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
