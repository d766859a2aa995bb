"""The list of a school, as the national export of pupils or a secretary writes it: one line a pupil. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from marelle.core.refusals import Refusal
from marelle.core.tabular import Column, Line, Problem, plain
from marelle.families.file.newcomers import NAME_LENGTH
from marelle.families.file.values import TEACHER_LENGTH, WrongValue, check_name, clean_text
from marelle.families.imports.headings import CHILD, heading_read
from marelle.families.imports.pupils import birth_read, year_read
from marelle.families.imports.words import (
    LEFT_OUT,
    Kind,
    Unknown,
    Words,
    cells_of,
    of_several_levels,
    unknown_words,
)

T = TypeVar("T")

COLUMNS: Final = (
    Column("child_last", "Nom enfant"),
    Column("child_usage", "Nom d’usage enfant", required=False),
    Column("child_first", "Prénom enfant"),
    Column("child_birth", "Date de naissance enfant"),
    Column("level", "Niveau", required=False),
    Column("class", "Nom de la classe", required=False),
    Column("teacher", "Enseignant", required=False),
    Column("school", "École", required=False),
    Column("school_year", "Année scolaire", required=False),
)
"""What a list says of a pupil and that has a use here: an address, a number of the State, or who eats at the
canteen, is not read."""

OF_HEADINGS: Final = {
    ("last", 0): "child_last",
    ("last", 1): "child_usage",
    ("last", 2): "child_last",
    ("first", 0): "child_first",
    ("birth", 0): "child_birth",
    ("school", 0): "school",
    ("level", 0): "level",
    ("level", 1): "class",
    ("level", 2): "class",
    ("teacher", 0): "teacher",
    ("school_year", 0): "school_year",
}
"""By the code and rank of a `Heading`: the class apart from the level, the usual name apart from the name."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A pupil as the list tells it; `teacher` is that of its class, or how the class is called."""

    line: int
    first_name: str
    last_name: str
    usage_name: str
    birth_date: date
    school_id: int
    level: str
    teacher: str

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the child may be called here, first and last name."""
        first = plain(self.first_name)
        return tuple((first, plain(name)) for name in (self.last_name, self.usage_name) if name)


def places_guessed(headings: Sequence[str]) -> dict[str, int]:
    """The place of each column that a heading names, by the code of the column; the first of two."""
    found: dict[str, int] = {}
    ours = {plain(column.title): column.code for column in COLUMNS}
    for place, heading in enumerate(headings):
        read = heading_read(heading)
        code = ours.get(plain(heading), "")
        if not code and read is not None and read.who in ("", CHILD) and read.number < 2:
            code = OF_HEADINGS.get((read.code, read.rank), "")
        if code:
            found.setdefault(code, place)
    return found


def columns_missing(columns: Mapping[str, int]) -> tuple[str, ...]:
    """Titles of the columns without which no pupil is read: the class says the level where none does."""
    missing = [column.title for column in COLUMNS if column.required and column.code not in columns]
    if "level" not in columns and "class" not in columns:
        missing.append("Niveau")
    return tuple(missing)


def pupils_listed(
    lines: Iterable[Line],
    columns: Mapping[str, int],
    words: Words,
    *,
    school_id: int | None,
    school_year: int,
    in_charge: Collection[int],
    day: date,
) -> tuple[tuple[Listed, ...], tuple[Problem, ...]]:
    """The pupils of the lines, and what is wrong by line; of a school or level left out, neither.

    `school_id` is that of the lines that name none; a school which is not `in_charge` is told.
    """
    found: dict[tuple[object, ...], Listed] = {}
    problems: list[Problem] = []
    columns = _levels(columns)
    for line in lines:
        row, wrong = _read(line, columns, words, school_id, school_year, in_charge, day)
        problems += wrong
        if row is None:
            continue
        key = (row.keys[0], row.birth_date, row.school_id, row.level)
        first = found.setdefault(key, row)
        if first is not row:
            problems.append(Problem(str(row.line), "listed_twice", {"line": first.line}))
    return tuple(found.values()), tuple(problems)


def words_unknown(lines: Iterable[Line], columns: Mapping[str, int], words: Words) -> tuple[Unknown, ...]:
    """The words of the schools and the levels that an agent is asked about."""
    return tuple(one for one in unknown_words(lines, _levels(columns), words) if one.word)


def _levels(columns: Mapping[str, int]) -> dict[str, int]:
    """With the class for the level where no column says it."""
    return {"level": columns["class"], **columns} if "class" in columns else dict(columns)


def _read(
    line: Line,
    columns: Mapping[str, int],
    words: Words,
    school_id: int | None,
    school_year: int,
    in_charge: Collection[int],
    day: date,
) -> tuple[Listed | None, list[Problem]]:
    cell = cells_of(line, columns)
    problems: list[Problem] = []

    def wrong(code: str, refusal: Refusal) -> None:
        told = {"column": code, "value": cell(code)[:80], **refusal.data}
        problems.append(Problem(str(line.number), refusal.code, told))

    def attempt(code: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(cell(code))
        except WrongValue as refusal:
            wrong(code, refusal)
            return None

    said = cell("level")
    level = words.meaning(Kind.LEVEL, said) if said else None
    school = words.meaning(Kind.SCHOOL, cell("school")) if cell("school") else str(school_id or "")
    if LEFT_OUT in (level, school):
        return None, []
    first = attempt("child_first", lambda text: check_name(text, NAME_LENGTH))
    last = attempt("child_last", lambda text: check_name(text, NAME_LENGTH))
    born = attempt("child_birth", lambda text: birth_read(text, day))
    if level is None:
        unknown = Refusal("several_levels" if of_several_levels(said) else "unknown_level")
        wrong("level", unknown if said else WrongValue("required"))
    if not school:
        wrong("school", Refusal("unknown_school") if cell("school") else WrongValue("required"))
    elif int(school) not in in_charge:
        wrong("school", Refusal("other_school"))
    if cell("school_year") and year_read(cell("school_year"), day) != school_year:
        wrong("school_year", Refusal("other_year"))
    teacher = clean_text(cell("teacher")) or _class_alone(clean_text(cell("class")), level)
    if len(teacher) > TEACHER_LENGTH:
        wrong("teacher", WrongValue("too_long", limit=TEACHER_LENGTH))
    if problems or first is None or last is None or born is None or level is None or not school:
        return None, problems
    usage = clean_text(cell("child_usage"))[:NAME_LENGTH]
    return Listed(line.number, first, last, usage, born, int(school), level, teacher), []


def _class_alone(name: str, level: str | None) -> str:
    """How a class is called, where that says more than its level."""
    return "" if level is not None and plain(name) == plain(level) else name
