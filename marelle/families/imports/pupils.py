"""What a line says of a child at school and at table, in the words that other software use. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from marelle.core.refusals import Refusal
from marelle.core.tabular import Column, plain
from marelle.families.fields import Diet
from marelle.families.rules import LEVELS
from marelle.families.services import NewChild
from marelle.families.values import TEACHER_LENGTH, WrongValue, clean_text
from marelle.places.rules import school_year_of

Cell = Callable[[str], str]
Report = Callable[[str, Refusal], None]
"""Tells that a column, by its code, has something wrong."""

COLUMNS: Final = (
    Column("school", "École", required=False),
    Column("level", "Classe", required=False),
    Column("teacher", "Enseignant", required=False),
    Column("school_year", "Année scolaire", required=False),
    Column("diet", "Repas", required=False),
)

LONGEST_LEVEL: Final = 40
"""Letters: no name of a class is longer, and what is longer is not looked at."""

CLASS_LETTERS: Final = ("a", "b", "c", "d")

LEVEL_NAMES: Final = {
    **{plain(level): level for level in LEVELS},
    "toutepetitesection": "TPS",
    "petitesection": "PS",
    "moyennesection": "MS",
    "grandesection": "GS",
    "courspreparatoire": "CP",
    "courselementaire1": "CE1",
    "courselementaire2": "CE2",
    "coursmoyen1": "CM1",
    "coursmoyen2": "CM2",
    **{f"{name}{end}": f"{name}e" for name in ("6", "5", "4", "3") for end in ("eme", "ieme")},
    "sixieme": "6e",
    "cinquieme": "5e",
    "quatrieme": "4e",
    "troisieme": "3e",
    "seconde": "2de",
    "2nde": "2de",
    "premiere": "1re",
    "1ere": "1re",
    "terminale": "Tle",
}
"""What files call a level, `plain`."""

DIETS: Final = {
    "habituel": Diet.STANDARD,
    "repashabituel": Diet.STANDARD,
    "standard": Diet.STANDARD,
    "normal": Diet.STANDARD,
    "classique": Diet.STANDARD,
    "ordinaire": Diet.STANDARD,
    "sansporc": Diet.NO_PORK,
    "vegetarien": Diet.VEGETARIAN,
    "vegetarienne": Diet.VEGETARIAN,
    "sansviande": Diet.VEGETARIAN,
    "sansgluten": Diet.GLUTEN_FREE,
}
"""What files call a diet, `plain`."""


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


def pupil_read(cell: Cell, schools: Mapping[str, int], wrong: Report, *, day: date) -> Pupil | None:
    """School and class of a line, of the year of `day` unless the line says another one next to it.

    `schools` are ids by their name, `plain`. What cannot be read is told to `wrong`.
    """
    name, said = cell("school"), cell("level")
    teacher, year = clean_text(cell("teacher")), _year(cell("school_year"), day)
    if not name and not said:
        return None  # a teacher alone, or a year, says nothing of where the child is
    school_id, level = schools.get(plain(name)), _level(said)
    if not name:
        wrong("school", WrongValue("required"))
    elif school_id is None:
        wrong("school", Refusal("unknown_school"))
    if not said:
        wrong("level", WrongValue("required"))
    elif level is None:
        wrong("level", Refusal("several_levels" if _of_several_levels(said) else "unknown_level"))
    if len(teacher) > TEACHER_LENGTH:
        wrong("teacher", WrongValue("too_long", limit=TEACHER_LENGTH))
    if year is None:
        wrong("school_year", Refusal("unknown_year"))
    if school_id is None or level is None or year is None:
        return None
    return Pupil(school_id, year, level, teacher)


def diet_read(cell: Cell, wrong: Report) -> str:
    """The code of a diet, "" for none said. An allergy is health: it is no diet, and is told as unknown,
    without its words."""
    said = cell("diet")
    if not said:
        return ""
    diet = DIETS.get(plain(said))
    if diet is None:
        wrong("diet", Refusal("unknown_diet"))
        return ""
    return str(diet.value)


def diet_kept(text: str) -> str:
    """What a report may keep of such a cell: a word that is no diet may be of health, and is left out."""
    return text if plain(text) in DIETS else ""


def _level(text: str) -> str | None:
    """The level of "CM1", "cm 1 B" (the letter of a class) or "Petite section"."""
    if len(text) > LONGEST_LEVEL:
        return None
    name = plain(text)
    return LEVEL_NAMES.get(name) or (LEVEL_NAMES.get(name[:-1]) if name[-1:] in CLASS_LETTERS else None)


def _of_several_levels(text: str) -> bool:
    """Whether it names a class shared by levels: "CP/CE1", "PS-MS-GS", "CM1 et CM2", "CE1/2"."""
    if len(text) > LONGEST_LEVEL:
        return False
    words = re.split(r"\bet\b|[-–/+,&\s]", text.casefold())
    parts = [word for word in words if word and word not in CLASS_LETTERS]
    levels = {_level(part) or _level(parts[0][:-1] + part) for part in parts}
    return len(levels) > 1 and None not in levels


def _year(text: str, day: date) -> int | None:
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
