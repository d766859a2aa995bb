"""From the cells of a line to what it says, whole or not at all: each wrong cell is a problem. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Final, TypeVar

from marelle.core.refusals import Refusal
from marelle.core.tabular import Line, Problem, plain
from marelle.families.file.values import WrongValue, clean_text, date_typed
from marelle.families.imports.words import Cell, cells_of
from marelle.flows.moving.subjects import SUBJECTS, Kind

T = TypeVar("T")

MOST_ENTRIES: Final = 999
NOTE_LENGTH: Final = 200


class State(StrEnum):
    """What a line of bookings says of its day."""

    BOOKED = "booked"
    PRESENT = "present"
    UNBOOKED = "unbooked"
    ABSENT = "absent"
    TOLD = "told"
    EXCUSED = "excused"
    CANCELLED = "cancelled"


STATES: Final[Mapping[str, State]] = {
    **dict.fromkeys(
        ("", "reserve", "reservee", "reservation", "inscrit", "prevu", "valide", "confirme"), State.BOOKED
    ),
    **dict.fromkeys(("present", "presente", "presence", "pointe", "p", "realise"), State.PRESENT),
    **dict.fromkeys(
        ("sansreservation", "presentsansreservation", "nonreserve", "imprevu", "presentnonprevu"),
        State.UNBOOKED,
    ),
    **dict.fromkeys(
        ("absent", "absente", "absence", "a", "absentnonprevenu", "absentnonexcuse", "absentinjustifie"),
        State.ABSENT,
    ),
    **dict.fromkeys(("absentprevenu", "absenteprevenue", "absenceannoncee", "prevenu"), State.TOLD),
    **dict.fromkeys(
        ("absentexcuse", "absenteexcusee", "absentjustifie", "absencejustifiee", "excuse", "justifie"),
        State.EXCUSED,
    ),
    **dict.fromkeys(("annule", "annulee", "annulation", "refuse", "refusee"), State.CANCELLED),
}
"""What other software writes, `plain`."""

SEEN: Final = frozenset({State.PRESENT, State.UNBOOKED, State.ABSENT})
"""States that say who came: of a day that has begun."""

YES: Final = frozenset({"oui", "o", "vrai", "x", "1", "tous", "foyer"})
NO: Final = frozenset({"", "non", "n", "faux", "0", "enfant"})


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a line names: a home by its number, a child by its names and birth, or both."""

    number: str = ""
    first: str = ""
    last: str = ""
    birth: date | None = None

    @property
    def label(self) -> str:
        return f"{self.first} {self.last}".strip() or self.number


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says. `activity` names that of the line, or a product; what a kind of file has not stays
    empty."""

    line: int
    who: Who
    activity: str
    structure: str = ""
    group: str = ""
    slot: str = ""
    day: date | None = None
    state: State = State.BOOKED
    starts: time | None = None
    ends: time | None = None
    arrived: time | None = None
    left: time | None = None
    told_on: date | None = None
    since: date | None = None
    until: date | None = None
    entries: int = 0
    whole: bool = False
    note: str = ""

    @property
    def month(self) -> date | None:
        return None if self.day is None else self.day.replace(day=1)


@dataclass(slots=True)
class _Reader:
    """Reads cells one by one; what is wrong is told by its column."""

    number: int
    cell: Cell
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, column: str, refusal: Refusal) -> None:
        told = {**refusal.data, "column": column, "value": self.cell(column)[:80]}
        self.problems.append(Problem(str(self.number), refusal.code, told))

    def read(self, column: str, how: Callable[[str], T], otherwise: T) -> T:
        text = self.cell(column)
        try:
            return how(text) if text else otherwise
        except Refusal as refusal:
            self.wrong(column, refusal)
            return otherwise

    def text(self, column: str, length: int = 120) -> str:
        return clean_text(self.cell(column))[:length]


def columns_missing(kind: Kind, columns: Mapping[str, int]) -> tuple[str, ...]:
    """Titles without which no line is read."""
    missing = [one.title for one in SUBJECTS[kind].columns if one.required and one.code not in columns]
    if kind is Kind.SUBSCRIPTIONS and "number" not in columns and "last" not in columns:
        missing.insert(0, SUBJECTS[kind].titles["number"])
    return tuple(missing)


def line_read(line: Line, columns: Mapping[str, int], kind: Kind) -> tuple[Said | None, list[Problem]]:
    """What a line says, or what is wrong with it."""
    reader = _Reader(line.number, cells_of(line, columns))
    said = _SAID[kind](reader)
    return (None, reader.problems) if reader.problems else (said, [])


def _who(reader: _Reader, *, child: bool = True) -> Who:
    birth = reader.read("birth", date_typed, None)
    who = Who(reader.text("number", 60), reader.text("first"), reader.text("last"), birth)
    named = [code for code in ("last", "first", "birth") if reader.cell(code)]
    if child or named:
        for code in ("last", "first", "birth"):
            if not reader.cell(code):
                reader.wrong(code, WrongValue("required"))
    elif not who.number:
        reader.wrong("number", WrongValue("required"))
    return who


def _named(reader: _Reader, column: str) -> str:
    text = reader.text(column)
    if not text:
        reader.wrong(column, WrongValue("required"))
    return text


def _days(reader: _Reader, *required: str) -> tuple[date | None, date | None]:
    for column in required:
        if not reader.cell(column):
            reader.wrong(column, WrongValue("required"))
    since, until = reader.read("since", date_typed, None), reader.read("until", date_typed, None)
    if since is not None and until is not None and until < since:
        reader.wrong("until", WrongValue("not_in_order"))
    return since, until


def _enrolment(reader: _Reader) -> Said:
    since, until = _days(reader)
    return Said(
        reader.number,
        _who(reader),
        _named(reader, "activity"),
        reader.text("structure"),
        group=reader.text("group"),
        since=since,
        until=until,
    )


def _booking(reader: _Reader) -> Said:
    state = reader.read("state", _state, State.BOOKED)
    starts, ends = reader.read("starts", hour_read, None), reader.read("ends", hour_read, None)
    if (starts is None) is not (ends is None):
        reader.wrong("ends" if ends is None else "starts", WrongValue("required"))
    told_on = reader.read("told_on", date_typed, None)
    if state is State.TOLD and not reader.cell("told_on"):
        reader.wrong("told_on", WrongValue("required"))
    if not reader.cell("day"):
        reader.wrong("day", WrongValue("required"))
    arrived, left = reader.read("arrived", hour_read, None), reader.read("left", hour_read, None)
    return Said(
        reader.number,
        _who(reader),
        _named(reader, "activity"),
        reader.text("structure"),
        slot=_named(reader, "slot"),
        day=reader.read("day", date_typed, None),
        state=state,
        starts=starts,
        ends=ends,
        arrived=arrived,
        left=left,
        told_on=told_on,
    )


def _card(reader: _Reader) -> Said:
    since, until = _days(reader, "since", "until")
    if not reader.cell("left"):
        reader.wrong("left", WrongValue("required"))
    return Said(
        reader.number,
        _who(reader),
        _named(reader, "activity"),
        reader.text("structure"),
        since=since,
        until=until,
        entries=reader.read("left", _entries, 0),
        whole=reader.read("whole", _yes, False),
        note=reader.text("note", NOTE_LENGTH),
    )


def _subscription(reader: _Reader) -> Said:
    since, until = _days(reader, "since")
    who = _who(reader, child=False)
    return Said(reader.number, who, _named(reader, "product"), since=since, until=until)


_SAID: Final[Mapping[Kind, Callable[[_Reader], Said]]] = {
    Kind.ENROLMENTS: _enrolment,
    Kind.BOOKINGS: _booking,
    Kind.CARDS: _card,
    Kind.SUBSCRIPTIONS: _subscription,
}


def hour_read(text: str) -> time:
    """ "08:30", "8h30", "8 h", "08:30:00". Raises WrongValue."""
    found = re.fullmatch(r"([0-9]{1,2})\s*(?:[:hH]\s*([0-9]{2})?)(?::[0-9]{2})?", text)
    try:
        if found:
            return time(int(found[1]), int(found[2] or 0))
    except ValueError as error:
        raise WrongValue("not_an_hour") from error
    raise WrongValue("not_an_hour")


def _state(text: str) -> State:
    state = STATES.get(plain(text))
    if state is None:
        raise WrongValue("unknown_state")
    return state


def _entries(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) > MOST_ENTRIES:
        raise WrongValue("not_entries", limit=MOST_ENTRIES)
    return int(text)


def _yes(text: str) -> bool:
    said = plain(text)
    if said not in YES | NO:
        raise WrongValue("not_yes_or_no")
    return said in YES
