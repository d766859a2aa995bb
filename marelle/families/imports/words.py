"""What the words of a file's cells mean: a school, a class, a meal, who an adult is to a child. Pure.

Those that other software use are known; of the others, an agent says it once for all the lines that have one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from marelle.core.tabular import Line, plain
from marelle.families.fields import Civility, Diet
from marelle.families.models.homes import Guardianship
from marelle.families.rules import LEVELS

Cell = Callable[[str], str]
"""The text of a line under a column, by the code of the column."""

WORD_LENGTH: Final = 80
"""Letters: of what is longer, nothing is asked nor kept."""

LEFT_OUT: Final = "-"
"""Said of a word of which nothing is taken up, for one file alone."""

ADULTS: Final = (1, 2)
"""Adults that one line names; a home whose lines name others has them all."""

OF_SOMEBODY: Final = ("first", "last", "email", "phone")
"""What a line says of an adult who is there, by the code of the column without its number."""

LINKS: Final = {
    "mere": Guardianship.Link.MOTHER,
    "maman": Guardianship.Link.MOTHER,
    "mme": Guardianship.Link.MOTHER,
    "madame": Guardianship.Link.MOTHER,
    "mmelle": Guardianship.Link.MOTHER,
    "mlle": Guardianship.Link.MOTHER,
    "pere": Guardianship.Link.FATHER,
    "papa": Guardianship.Link.FATHER,
    "m": Guardianship.Link.FATHER,
    "mr": Guardianship.Link.FATHER,
    "monsieur": Guardianship.Link.FATHER,
    "tuteur": Guardianship.Link.GUARDIAN,
    "tutrice": Guardianship.Link.GUARDIAN,
    "tuteurlegal": Guardianship.Link.GUARDIAN,
    "responsablelegal": Guardianship.Link.GUARDIAN,
    "representantlegal": Guardianship.Link.GUARDIAN,
    "beaupere": Guardianship.Link.STEP_PARENT,
    "bellemere": Guardianship.Link.STEP_PARENT,
    "beauparent": Guardianship.Link.STEP_PARENT,
    "familledaccueil": Guardianship.Link.FOSTER,
}
"""What files say of who an adult is to a child, `plain`."""


CIVILITIES: Final = {
    **dict.fromkeys(("m", "mr", "monsieur"), Civility.MR),
    **dict.fromkeys(("mme", "madame", "mmelle", "mlle", "mademoiselle"), Civility.MRS),
}
"""The same, of a civility: the Trésor public takes these two alone."""

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
    "menustandard": Diet.STANDARD,
    "menunormal": Diet.STANDARD,
    "aucunregime": Diet.STANDARD,
    "sansrestriction": Diet.STANDARD,
    "sansporc": Diet.NO_PORK,
    "pasdeporc": Diet.NO_PORK,
    "sansviandedeporc": Diet.NO_PORK,
    "vegetarien": Diet.VEGETARIAN,
    "vegetarienne": Diet.VEGETARIAN,
    "sansviande": Diet.VEGETARIAN,
    "sansgluten": Diet.GLUTEN_FREE,
}
"""What files call a diet, `plain`."""


class Kind(StrEnum):
    """What a word may be."""

    SCHOOL = "school"
    LEVEL = "level"
    DIET = "diet"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Words:
    """`schools` are ids by name, `plain`; `said` what an agent said of the other words, by kind then word;
    `links` who each adult, by its number, is to the children where no cell says it."""

    schools: Mapping[str, int] = field(default_factory=dict)
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    links: Mapping[int, str] = field(default_factory=dict)

    def known(self, kind: Kind, text: str) -> str | None:
        """What a cell means without an agent: the id of a school, a level, the code of a diet or a link."""
        match kind:
            case Kind.SCHOOL:
                school = self.schools.get(plain(text)) if text else None
                return None if school is None else str(school)
            case Kind.LEVEL:
                return level_named(text)
            case Kind.DIET:
                return DIETS.get(plain(text))
            case Kind.LINK:
                return LINKS.get(plain(text))

    def meaning(self, kind: Kind, text: str) -> str | None:
        """As `known`, else as an agent said: `LEFT_OUT` too. None for what nobody understands."""
        known = self.known(kind, text)
        return known if known is not None else self.said.get(kind, {}).get(word_of(text))


@dataclass(slots=True)
class Unknown:
    """A word that no cell alone explains: `shown` as the file first has it, on so many `lines`. "" is that of
    the children of whom the file says the class and not the school, or the contrary."""

    kind: Kind
    word: str
    shown: str
    lines: int = 0

    @property
    def of_several(self) -> bool:
        """Whether it is a class of several levels: no one level is that of all its children."""
        return self.kind is Kind.LEVEL and of_several_levels(self.shown)


def unknown_words(lines: Iterable[Line], columns: Mapping[str, int], words: Words) -> tuple[Unknown, ...]:
    """The words that are not known without an agent, whatever it said: those of the most lines first."""
    found: dict[tuple[Kind, str], Unknown] = {}
    for line in lines:
        for kind, text in _said(cells_of(line, columns)):
            if words.known(kind, text) is None and len(word := word_of(text)) <= WORD_LENGTH:
                found.setdefault((kind, word), Unknown(kind, word, text)).lines += 1
    order = list(Kind)
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.kind), -one.lines)))


def cells_of(line: Line, columns: Mapping[str, int]) -> Cell:
    """The cells of a line by the code of their column; one without letter nor figure ("-") says nothing."""

    def cell(code: str) -> str:
        place = columns.get(code)
        text = line.cells[place] if place is not None and place < len(line.cells) else ""
        return text if any(map(str.isalnum, text)) else ""

    return cell


def adults_said(cell: Cell) -> list[int]:
    """The numbers of the adults of whom a line says something."""
    return [number for number in ADULTS if any(cell(f"{code}{number}") for code in OF_SOMEBODY)]


def link_said(cell: Cell, number: int) -> str:
    """Who an adult is to the children, where the line tells it; a civility does for want of anything else."""
    return cell(f"link{number}") or cell(f"civility{number}")


def civility_said(cell: Cell, number: int) -> str:
    """Its code; "" where it is none of both: who bills is told then."""
    said = (cell(f"civility{number}"), cell(f"link{number}"))
    return next((CIVILITIES[plain(one)] for one in said if plain(one) in CIVILITIES), "")


def child_said(cell: Cell) -> bool:
    return any(cell(code) for code in ("child_first", "child_last", "child_birth"))


def word_of(text: str) -> str:
    """What two spellings of one word have in common; "" for nothing alone."""
    return plain(text) or text.casefold()


def diet_kept(text: str) -> str:
    """What a report may keep of such a cell: a word that is no diet may be of health, and is left out."""
    return text if plain(text) in DIETS else ""


def level_named(text: str) -> str | None:
    """The level of "CM1", "cm 1 B" (the letter of a class) or "Petite section"."""
    if len(text) > LONGEST_LEVEL:
        return None
    name = plain(text)
    return LEVEL_NAMES.get(name) or (LEVEL_NAMES.get(name[:-1]) if name[-1:] in CLASS_LETTERS else None)


def of_several_levels(text: str) -> bool:
    """Whether it names a class shared by levels: "CP/CE1", "PS-MS-GS", "CM1 et CM2", "CE1/2"."""
    if len(text) > LONGEST_LEVEL:
        return False
    words = re.split(r"\bet\b|[-–/+,&\s]", text.casefold())
    parts = [word for word in words if word and word not in CLASS_LETTERS]
    levels = {level_named(part) or level_named(parts[0][:-1] + part) for part in parts}
    return len(levels) > 1 and None not in levels


def _said(cell: Cell) -> Iterator[tuple[Kind, str]]:
    """The words of a line that must mean something."""
    for number in adults_said(cell):
        if link := link_said(cell, number):
            yield Kind.LINK, link
    if child_said(cell):
        school, level = cell("school"), cell("level")
        if school or level:
            yield Kind.SCHOOL, school
            yield Kind.LEVEL, level
        if diet := cell("diet"):
            yield Kind.DIET, diet
