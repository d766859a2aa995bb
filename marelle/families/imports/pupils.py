"""What a line says of a child at school and at table, in the words that other software use. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from marelle.core.refusals import Refusal
from marelle.core.tabular import Column
from marelle.families.fields import BY_CODE
from marelle.families.file.values import TEACHER_LENGTH, Facts, WrongValue, checked, clean_text
from marelle.families.imports.words import LEFT_OUT, Cell, Kind, Words, of_several_levels
from marelle.families.services import NewChild
from marelle.places.rules import school_year_of

Report = Callable[[str, Refusal], None]
"""Tells that a column, by its code, has something wrong."""

COLUMNS: Final = (
    Column("school", "École", required=False),
    Column("level", "Classe", required=False),
    Column("teacher", "Enseignant", required=False),
    Column("school_year", "Année scolaire", required=False),
    Column("diet", "Repas", required=False),
)


@dataclass(frozen=True, slots=True)
class Pupil:
    """Where a child goes to school in the year of that September."""

    school_id: int
    school_year: int
    level: str
    teacher: str


@dataclass(frozen=True, slots=True)
class DraftChild(NewChild):
    """A child of a draft; `pupil` is None for one of whom the file names no school."""

    pupil: Pupil | None = None


def pupil_read(cell: Cell, words: Words, wrong: Report, *, day: date) -> Pupil | None:
    """School and class of a line, of the year of `day` unless the line says another one next to it.

    What cannot be read is told to `wrong`. Of a school or a class that an agent leaves out, neither is read.
    """
    name, said = cell("school"), cell("level")
    teacher, year = clean_text(cell("teacher")), year_read(cell("school_year"), day)
    if not name and not said:
        return None  # a teacher alone, or a year, says nothing of where the child is
    school, level = words.meaning(Kind.SCHOOL, name), words.meaning(Kind.LEVEL, said)
    if LEFT_OUT in (school, level):
        return None
    if school is None:
        wrong("school", Refusal("unknown_school") if name else WrongValue("required"))
    if level is None:
        unknown = Refusal("several_levels" if of_several_levels(said) else "unknown_level")
        wrong("level", unknown if said else WrongValue("required"))
    if len(teacher) > TEACHER_LENGTH:
        wrong("teacher", WrongValue("too_long", limit=TEACHER_LENGTH))
    if year is None:
        wrong("school_year", Refusal("unknown_year"))
    if school is None or level is None or year is None:
        return None
    return Pupil(int(school), year, level, teacher)


def diet_read(cell: Cell, words: Words, wrong: Report) -> str:
    """The code of a diet, "" for none said. An allergy is health: it is no diet, and is told as unknown,
    without its words."""
    said = cell("diet")
    if not said:
        return ""
    diet = words.meaning(Kind.DIET, said)
    if diet is None:
        wrong("diet", Refusal("unknown_diet"))
    return diet if diet is not None and diet != LEFT_OUT else ""


def birth_read(text: str, day: date) -> date:
    """The birth date of a child, of "04/03/2019 00:00:00" or "04/03/19" too: it was born in this century.

    Raises WrongValue.
    """
    alone = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", text)
    alone = re.sub(r"^(\d{1,2}[/. -]\d{1,2}[/. -])(\d{2})$", r"\g<1>20\2", alone)
    facts = Facts(day=day, is_child=True)
    return date.fromisoformat(checked(BY_CODE["child.birth_date"], {"value": alone}, facts)["value"])


def year_read(text: str, day: date) -> int | None:
    """The September of "2026-2027" or "2026": that of `day` or the one beside it; None for another."""
    held = school_year_of(day)
    if not text:
        return held
    found = re.fullmatch(r"([0-9]{4})(?:\s*[-/–]\s*([0-9]{4}|[0-9]{2}))?", text.strip())
    year = int(found[1]) if found else 0
    ends = found[2] if found else None
    if ends is not None and not str(year + 1).endswith(ends):
        return None
    return year if abs(year - held) <= 1 else None
