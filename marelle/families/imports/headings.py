"""Which column of a file is which, by its heading as other software writes it. Pure.

A heading is read word by word ("Tél. portable resp. légal 1": a mobile telephone, of the first adult). One
with a word that means nothing here is left to the agent: the telephone of the doctor is not that of a parent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from marelle.core.tabular import Column, Line, plain
from marelle.families.imports.drafts import COLUMNS
from marelle.families.models.homes import Guardianship

AMONG: Final = 20
"""First lines among which the headings are looked for, and may be chosen."""

ADULT, CHILD, FATHER, MOTHER = "adult", "child", "father", "mother"


def _by_word(words_by_meaning: Mapping[Any, str]) -> dict[str, Any]:
    return {word: meaning for meaning, words in words_by_meaning.items() for word in words.split()}


SILENT: Final = frozenset(
    _by_word({"": "de du des d la le les l a au un une e s residence legal legale legaux"})
)
"""Words that change nothing: "Prénom de l’enfant" is "Prénom enfant", "Né(e)" is "Né"."""

NUMBERS: Final = _by_word(
    {
        1: "1 1er 1ere premier premiere principal principale",
        2: "2 2e 2eme 2nd 2nde second seconde deuxieme autre co conjoint conjointe coresponsable",
        **{number: str(number) for number in range(3, 10)},
    }
)

WHO: Final = _by_word(
    {
        ADULT: "responsable responsables resp respo rl representant representants parent parents adulte "
        "adultes tuteur payeur redevable conjoint conjointe coresponsable",
        CHILD: "enfant enfants enf eleve eleves",
        FATHER: "pere papa",
        MOTHER: "mere maman",
    }
)

SAME: Final = _by_word(
    {
        "prenom": "prenom prenoms",
        "nom": "nom noms",
        "usage": "usage usuel",
        "jeune": "jeune",
        "fille": "fille",
        "famille": "famille foyer fam",
        "dossier": "dossier",
        "num": "n no num numero matricule",
        "ref": "ref reference",
        "id": "id identifiant",
        "code": "code",
        "date": "date",
        "naissance": "naissance naiss",
        "ne": "ne nee ddn",
        "mail": "mail mails email emails courriel courriels mel electronique",
        "tel": "tel telephone phone",
        "portable": "portable mobile gsm port",
        "fixe": "fixe domicile maison",
        "lien": "lien parente filiation",
        "qualite": "qualite",
        "civilite": "civilite civ titre",
        "adresse": "adresse adr",
        "rue": "rue voie",
        "et": "et",
        "cp": "cp",
        "postal": "postal postale",
        "ville": "ville commune localite",
        "qf": "qf quotient",
        "familial": "familial",
        "alloc": "allocataire alloc",
        "caf": "caf msa",
        "ecole": "ecole etablissement",
        "scolaire": "scolaire scolarite",
        "frequente": "frequente frequentee",
        "niveau": "niveau",
        "classe": "classe",
        "libelle": "libelle",
        "enseignant": "enseignant enseignante maitre maitresse professeur",
        "annee": "annee rentree",
        "repas": "repas menu",
        "regime": "regime",
        "alimentaire": "alimentaire alim",
        "type": "type",
    }
)
"""Words by what they mean here."""

ASIDE: Final = frozenset((*SILENT, *NUMBERS, *WHO))
KNOWN: Final = frozenset((*NUMBERS, *WHO, *SAME, "legal", "legale"))

MEANINGS: Final = {
    frozenset(words.split()): (code, rank)
    for code, ranked in {
        "first": ("prenom",),
        "last": ("nom", "nom usage", "nom naissance", "nom jeune fille"),
        "email": ("mail|adresse mail",),
        "phone": ("portable|tel portable", "tel", "tel fixe|fixe"),
        "civility": ("civilite",),
        "link": ("lien", "qualite"),
        "birth": ("naissance|date naissance|ne|date ne",),
        "reference": (
            "ref dossier|num dossier|id dossier|code dossier|ref famille|num famille|id famille|code famille",
            "dossier|ref",
        ),
        "home": ("nom famille|famille|nom dossier",),
        "street": ("adresse|adresse postal|rue|num rue|num et rue|adresse rue", "nom rue"),
        "postal_code": ("cp|code postal",),
        "city": ("ville|nom ville",),
        "quotient": ("qf|qf familial|qf caf|qf familial caf",),
        "caf_number": ("num alloc|ref alloc|num alloc caf|alloc caf|num caf|ref alloc caf|code alloc",),
        "school": ("ecole|nom ecole|ecole scolaire|ecole frequente|nom ecole scolaire",),
        "level": ("niveau|niveau scolaire|niveau classe", "classe", "libelle classe|nom classe"),
        "teacher": ("enseignant|nom enseignant",),
        "school_year": ("annee|annee scolaire",),
        "diet": ("repas|regime alimentaire|regime repas|repas alimentaire|type repas", "regime"),
    }.items()
    for rank, alternatives in enumerate(ranked)
    for words in alternatives.split("|")
}
"""What the words of a heading mean together, and which of two that mean the same is preferred: the mobile
telephone, the name before that of birth."""

NAMES: Final = ("first", "last")
OF_ADULTS: Final = frozenset(("civility", "first", "last", "email", "phone", "link"))
OF_CHILDREN: Final = frozenset(
    ("first", "last", "birth", "school", "level", "teacher", "school_year", "diet")
)
OF_HOMES: Final = frozenset(("reference", "home", "street", "postal_code", "city", "quotient", "caf_number"))

OWN: Final = {plain(name): column.code for column in COLUMNS for name in (column.code, column.title)}
"""Our own titles, and codes."""

LONGEST: Final = 80
"""Letters: no title is longer, and what is longer is a sentence above the table."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says: `code` without the person, `who` and `number` when it names them."""

    code: str
    rank: int
    who: str = ""
    number: int = 0


def guessed(headings: Sequence[str]) -> dict[str, int]:
    """The place of each column that a heading names, by the code of the column."""
    read = ((place, heading_read(text)) for place, text in enumerate(headings))
    said = [(place, one) for place, one in read if one is not None]
    adults = _adults(one for _place, one in said)
    numbered = {
        code: {one.number for _place, one in said if one.code == code and not one.who} for code in NAMES
    }
    found: dict[str, tuple[int, int]] = {}

    def offer(code: str, rank: int, place: int) -> None:
        if code not in found or rank < found[code][0]:
            found[code] = (rank, place)

    for place, text in enumerate(headings):
        if (code := OWN.get(plain(text))) is not None:
            offer(code, -1, place)
    for place, one in said:
        # « Prénom 2 » with no « Nom 2 » is the second one of a child.
        alone = one.code in NAMES and not one.who and not all(one.number in of for of in numbered.values())
        if not alone and (code := _code(one, adults)) is not None:
            offer(code, one.rank, place)
    # « Nom » and « Prénom » are those of whom no other column names.
    for name in NAMES:
        bare = [(one.rank, place) for place, one in said if one == Heading(name, one.rank)]
        free = [code for code in (f"child_{name}", f"{name}1") if code not in found]
        if bare and len(free) == 1:
            offer(free[0], *min(bare))
    # The second telephone of one adult is not that of an adult whom nothing names.
    named = any(f"{name}2" in found for name in NAMES)
    return {code: place for code, (_rank, place) in found.items() if named or not code.endswith("2")}


def links_said(headings: Sequence[str], columns: Mapping[str, int]) -> dict[int, str]:
    """Who an adult is to the children by the title of its column: « Prénom de la mère »; by its number."""
    links = {FATHER: Guardianship.Link.FATHER.value, MOTHER: Guardianship.Link.MOTHER.value}
    found: dict[int, str] = {}
    for number in (1, 2):
        place = columns.get(f"first{number}")
        read = heading_read(headings[place]) if place is not None else None
        if read is not None and read.who in links:
            found[number] = links[read.who]
    return found


def titles_found(lines: Sequence[Line], columns: Sequence[Column]) -> tuple[int, dict[str, int]]:
    """Of columns that are known by their titles alone: the place of the line that names the most of them, and
    that of each by its code. Of two columns that may be written alike, its own title comes first."""
    known = {plain(other): one.code for one in reversed(columns) for other in one.others}
    known |= {plain(one.title): one.code for one in columns}
    found: list[dict[str, int]] = []
    for line in lines[:AMONG]:
        places: dict[str, int] = {}
        for place, cell in enumerate(line.cells):
            code = known.get(plain(cell))
            if code is not None:
                places.setdefault(code, place)
        found.append(places)
    at = max(range(len(found)), key=lambda place: len(found[place]))
    return at, found[at]


def headings_at(lines: Sequence[Line], at: int) -> tuple[str, ...]:
    """The titles of the columns when the line at that place holds them.

    Titles over several columns (« Responsable 1 » over « Nom » and « Prénom ») are joined to those under
    them, where that names more columns.
    """
    under = lines[at].cells
    if at == 0:
        return under
    over = _spread(lines[at - 1].cells, len(under))
    joined = tuple(f"{above} {cell}".strip() if cell else "" for above, cell in zip(over, under, strict=True))
    return joined if len(guessed(joined)) > len(guessed(under)) else under


def headings_found(lines: Sequence[Line]) -> int:
    """The place of the line of the headings: that which names the most columns, else the first wide one."""
    first = lines[:AMONG]
    known = [len(guessed(headings_at(lines, at))) for at in range(len(first))]
    if max(known) > 1:  # a class may be « CP », as a postal code is
        return known.index(max(known))
    filled = [sum(map(bool, line.cells)) for line in first]
    return next(at for at, count in enumerate(filled) if 2 * count >= max(filled))


def heading_read(text: str) -> Heading | None:
    """What a heading says, None for one that is not understood whole."""
    if len(text) > LONGEST:
        return None
    words = [part for word in _words(text) for part in _parted(word)]
    numbers = {NUMBERS[word] for word in words if word in NUMBERS}
    who = {WHO[word] for word in words if word in WHO}
    if len(who) > 1:
        who.discard(ADULT)  # « Responsable 1 (père) »
    meaning = _meaning({SAME.get(word, "?") for word in words if word not in ASIDE})
    if meaning is None or len(numbers) > 1 or len(who) > 1:
        return None
    code, rank = meaning
    return Heading(code, rank, who.pop() if who else "", numbers.pop() if numbers else 0)


def _meaning(words: set[str]) -> tuple[str, int] | None:
    """With the words that may be said of anything left out, when it is not known with them."""
    for silent in (set(), {"num"}, {"famille"}, {"dossier"}, {"fixe"}, {"num", "famille"}):
        found = MEANINGS.get(frozenset(words - silent))
        if found is not None:
            code, rank = found
            return code, rank + len(silent & words)
    return None


def _code(one: Heading, adults: Mapping[str, int]) -> str | None:
    """The code of the column, by whom the heading names; None for what is read of nobody."""
    number = one.number or adults.get(one.who, 1)
    if one.who == CHILD:
        return _of_child(one.code) if one.number < 2 else None
    if one.code in NAMES and not one.who and not one.number:
        return None
    if one.code in OF_ADULTS:
        return f"{one.code}{number}" if number < 3 else None
    if number > 1:
        return None
    return _of_child(one.code) if not one.who or one.code in OF_HOMES else None


def _of_child(code: str) -> str | None:
    if code in ("first", "last", "birth"):
        return f"child_{code}"
    return code if code in OF_CHILDREN or code in OF_HOMES else None


def _adults(said: Iterable[Heading]) -> dict[str, int]:
    """Which adult the father and the mother are: the first one that the file names, then the other."""
    found: dict[str, int] = {}
    for one in said:
        if one.who in (FATHER, MOTHER) and one.code in OF_ADULTS:
            found.setdefault(one.who, len(found) + 1)
    return found


def _spread(cells: Sequence[str], width: int) -> Iterator[str]:
    """Each title as far as the next one."""
    held = ""
    for place in range(width):
        held = (cells[place] if place < len(cells) else "") or held
        yield held


def _words(text: str) -> list[str]:
    """In small letters without accents; figures stand apart from letters, save in « 1er »."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe"))
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    bare = re.sub(r"\bnom de famille\b", "nom", bare)
    bare = re.sub(r"\b(c\.p|q\.f)\b", lambda found: found[1].replace(".", ""), bare)
    return re.findall(r"\d+(?:ere|er|eme|nde|nd|e)\b|\d+|[a-z]+", bare)


def _parted(word: str) -> list[str]:
    """The words that stand in one: "datenaissance", "nomenfant". One that is no such chain stays whole."""
    if word in KNOWN or word in SILENT:
        return [word]
    for end in range(len(word) - 2, 1, -1):
        if word[:end] in KNOWN:
            rest = _parted(word[end:])
            if all(part in KNOWN for part in rest):
                return [word[:end], *rest]
    return [word]
