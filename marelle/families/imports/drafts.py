"""From the lines of a file to homes: one line for each child, the home's adults repeated on it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from marelle.core.refusals import Refusal
from marelle.core.tabular import Column, Line, Problem, plain
from marelle.families.fields import BY_CODE
from marelle.families.file.newcomers import NAME_LENGTH, PARENTS
from marelle.families.file.values import Facts, Value, WrongValue, check_name, checked, clean_text
from marelle.families.imports import pupils
from marelle.families.imports.pupils import DraftChild, birth_read, diet_read, pupil_read
from marelle.families.imports.words import (
    ADULTS,
    OF_SOMEBODY,
    Kind,
    Words,
    adults_said,
    cells_of,
    child_said,
    civility_said,
    diet_kept,
    link_said,
)
from marelle.families.models.homes import Guardianship
from marelle.families.models.imports import REFERENCE_LENGTH
from marelle.families.services import NewAdult, NewGuardian
from marelle.families.telephones import own_phones

MOST_ADULTS: Final = 4
ADDRESS: Final = ("street", "postal_code", "city")

T = TypeVar("T")


def _adult_columns(number: int) -> tuple[Column, ...]:
    first = number == 1
    return (
        Column(f"civility{number}", f"Civilité responsable {number}", required=False),
        Column(f"first{number}", f"Prénom responsable {number}", required=first),
        Column(f"last{number}", f"Nom responsable {number}", required=first),
        Column(f"email{number}", f"Mail responsable {number}", required=False),
        Column(f"phone{number}", f"Téléphone responsable {number}", required=False),
        Column(f"link{number}", f"Lien responsable {number}", required=False),
    )


COLUMNS: Final = (
    Column("reference", "Référence du dossier", required=False),
    Column("home", "Nom du foyer", required=False),
    *_adult_columns(1),
    *_adult_columns(2),
    Column("child_first", "Prénom enfant", required=False),
    Column("child_last", "Nom enfant", required=False),
    Column("child_birth", "Date de naissance enfant", required=False),
    Column("street", "Rue", required=False),
    Column("postal_code", "Code postal", required=False),
    Column("city", "Ville", required=False),
    Column("quotient", "Quotient familial", required=False),
    Column("caf_number", "Numéro d’allocataire", required=False),
    *pupils.COLUMNS,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A home as the file tells it. `numbers` are those of its lines, `address` and `quotient` canonical."""

    numbers: tuple[int, ...]
    reference: str
    name: str
    adults: tuple[NewAdult, ...]
    children: tuple[DraftChild, ...]
    address: Value | None = None
    quotient: Decimal | None = None
    caf_number: str = ""


@dataclass(slots=True)
class _Row:
    """One line, checked: what could not be read is in `problems`."""

    number: int
    reference: str = ""
    name: str = ""
    adults: list[tuple[NewAdult, str]] = field(default_factory=list)
    child: DraftChild | None = None
    address: Value | None = None
    quotient: Decimal | None = None
    caf_number: str = ""
    problems: list[Problem] = field(default_factory=list)

    @property
    def home(self) -> tuple[str, ...]:
        """What makes two lines one home: the reference, else the first adult as it can be reached."""
        if self.reference or not self.adults:
            return ("reference", self.reference) if self.reference else ("line", str(self.number))
        first = self.adults[0][0]
        return ("adult", plain(first.first_name), plain(first.last_name), first.email.lower(), first.phone)


def drafted(
    lines: Iterable[Line],
    columns: Mapping[str, int],
    *,
    day: date,
    words: Words,
) -> tuple[tuple[Draft, ...], tuple[Problem, ...]]:
    """The homes of the lines after the headings, in their order, and what is wrong, by line.

    A home of which a line is wrong is
    not drafted: half a home would be there for good.
    """
    homes: dict[tuple[str, ...], list[_Row]] = {}
    for line in lines:
        row = _read(line, columns, day, words)
        homes.setdefault(row.home, []).append(row)
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for rows in homes.values():
        found = [problem for row in rows for problem in row.problems] or list(_between(rows))
        problems += found
        if not found:
            drafts.append(_draft(rows))
    kept = tuple(_alone(drafts, problems))
    return kept, tuple(sorted(problems, key=lambda problem: int(problem.where)))


def cells_kept(line: Line, columns: Mapping[str, int]) -> list[str]:
    """What of a wrong line is kept with what is wrong: of the columns that are read, nothing of health."""
    diet, matched = columns.get("diet"), set(columns.values())
    return [
        diet_kept(cell) if at == diet else cell if at in matched else "" for at, cell in enumerate(line.cells)
    ]


def headings_unread(headings: Sequence[str], columns: Mapping[str, int]) -> tuple[str, ...]:
    """Titles of the file whose column nothing is read from."""
    matched = set(columns.values())
    return tuple(heading for at, heading in enumerate(headings) if heading and at not in matched)


def columns_missing(columns: Mapping[str, int]) -> tuple[str, ...]:
    """Titles of the columns without which no home can be read."""
    return tuple(column.title for column in COLUMNS if column.required and column.code not in columns)


def _read(line: Line, columns: Mapping[str, int], day: date, words: Words) -> _Row:
    row, cell = _Row(line.number), cells_of(line, columns)

    def attempt(code: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except WrongValue as refusal:
            row.problems.append(_problem(line.number, code, refusal, cell(code)))
            return otherwise

    def wrong(code: str, refusal: Refusal) -> None:
        row.problems.append(_problem(line.number, code, refusal, cell(code)))

    row.reference = clean_text(cell("reference"))
    if len(row.reference) > REFERENCE_LENGTH:
        wrong("reference", WrongValue("too_long", limit=REFERENCE_LENGTH))
    row.name = attempt("home", lambda: check_name(cell("home"), 120) if cell("home") else "", "")
    # Under « Père » and « Mère », either may be alone. A civility with nobody beside it is of nobody.
    for number in adults_said(cell) or ADULTS[:1]:
        row.adults.append(_adult(row, line.number, number, cell, attempt, day, words))
    if child_said(cell):
        pupil, diet = pupil_read(cell, words, wrong, day=day), diet_read(cell, words, wrong)
        row.child = replace(_child(cell, attempt, day), pupil=pupil, diet=diet)
    if any(cell(code) for code in ADDRESS):
        try:
            row.address = _address(cell, day)
        except WrongValue as refusal:
            # Each part of an address is a column of its own.
            wrong(refusal.part if refusal.part in ADDRESS else "street", refusal)
    if cell("quotient"):
        row.quotient = attempt("quotient", lambda: _quotient(cell("quotient"), day), None)
    if cell("caf_number"):
        row.caf_number = attempt("caf_number", lambda: _caf_number(cell("caf_number"), day), "")
    return row


def _adult(
    row: _Row,
    line: int,
    number: int,
    cell: Callable[[str], str],
    attempt: Callable[..., str],
    day: date,
    words: Words,
) -> tuple[NewAdult, str]:
    facts = Facts(day=day)
    codes = {code: f"{code}{number}" for code in (*OF_SOMEBODY, "link")}

    def value(code: str, field_code: str) -> Callable[[], str]:
        return lambda: checked(BY_CODE[field_code], {"value": cell(codes[code])}, facts)["value"]

    adult = NewAdult(
        key=codes["first"],
        first_name=attempt(codes["first"], lambda: check_name(cell(codes["first"]), NAME_LENGTH), ""),
        last_name=attempt(codes["last"], lambda: check_name(cell(codes["last"]), NAME_LENGTH), ""),
        email=attempt(codes["email"], value("email", "adult.email"), "") if cell(codes["email"]) else "",
        phone=attempt(codes["phone"], value("phone", "adult.phone"), "") if cell(codes["phone"]) else "",
        civility=civility_said(cell, number),
    )
    said = link_said(cell, number)
    link = words.meaning(Kind.LINK, said) if said else words.links.get(number, Guardianship.Link.GUARDIAN)
    if link is None:
        column = codes["link"] if cell(codes["link"]) else f"civility{number}"
        row.problems.append(_problem(line, column, Refusal("unknown_link"), said))
    return adult, str(link or "")


def _child(cell: Callable[[str], str], attempt: Callable[..., Any], day: date) -> DraftChild:
    born = attempt("child_birth", lambda: birth_read(cell("child_birth"), day), None)
    # A file that gives no name of the child means that of the first adult.
    last_name = cell("child_last") or cell("last1") or cell("last2")
    return DraftChild(
        first_name=attempt("child_first", lambda: check_name(cell("child_first"), NAME_LENGTH), ""),
        last_name=attempt("child_last", lambda: check_name(last_name, NAME_LENGTH), ""),
        birth_date=born,
    )


def _address(cell: Callable[[str], str], day: date) -> Value:
    code = cell("postal_code")
    # A spreadsheet that took it for a number has lost the zero of Ain to Ariège.
    code = code.zfill(5) if code.isdigit() else code
    typed = {"street": cell("street"), "postal_code": code, "city": cell("city"), "since": ""}
    return checked(BY_CODE["home.address"], typed, Facts(day=day))


def _quotient(text: str, day: date) -> Decimal:
    typed = {"amount": text, "since": ""}
    return Decimal(checked(BY_CODE["home.quotient"], typed, Facts(day=day))["amount"])


def _caf_number(text: str, day: date) -> str:
    """Its digits: the letter that may end it on a paper of the CAF is a check of them."""
    digits = re.sub(r"(?<=[0-9])\s?[A-Za-z]$", "", re.sub(r"[.-]", "", text))
    return checked(BY_CODE["home.caf_number"], {"value": digits}, Facts(day=day))["value"]


def _problem(number: int, column: str, refusal: Refusal, value: str) -> Problem:
    if column == "diet":
        value = diet_kept(value)
    return Problem(str(number), refusal.code, {"column": column, "value": value[:80], **refusal.data})


def _between(rows: Sequence[_Row]) -> Iterable[Problem]:
    """What is wrong between the lines of one home."""
    first, children = rows[0], set()
    for row in rows:
        if row.child is not None:
            key = (plain(row.child.first_name), row.child.birth_date)
            if key in children:
                yield Problem(str(row.number), "child_twice", {"value": row.child.first_name})
            children.add(key)
        for code, held, said in (
            ("street", first.address, row.address),
            ("quotient", first.quotient, row.quotient),
            ("caf_number", first.caf_number or None, row.caf_number or None),
        ):
            if held is not None and said is not None and held != said:
                yield Problem(str(row.number), "differs", {"column": code, "line": first.number})
    if len(_adults(rows)) > MOST_ADULTS:
        yield Problem(str(rows[-1].number), "too_many_adults", {"limit": MOST_ADULTS})


def _alone(drafts: Sequence[Draft], problems: list[Problem]) -> Iterator[Draft]:
    """Without the homes that share somebody with one before: the same child is never written twice.

    Of parents apart, one home enters by the file, and the other is made from it by an agent.
    """
    seen: dict[tuple[object, ...], int] = {}
    for draft in drafts:
        people: dict[tuple[object, ...], str] = {
            (plain(child.first_name), plain(child.last_name), child.birth_date): child.first_name
            for child in draft.children
        }
        for adult in draft.adults:
            for way in filter(None, (adult.email.lower(), *own_phones(adult))):
                people[plain(adult.first_name), plain(adult.last_name), way] = adult.first_name
        twice = next((key for key in people if key in seen), None)
        if twice is None:
            seen |= dict.fromkeys(people, draft.numbers[0])
            yield draft
        else:
            told = {"value": people[twice], "line": seen[twice]}
            problems.append(Problem(str(draft.numbers[0]), "in_another_home", told))


def _adults(rows: Sequence[_Row]) -> dict[tuple[str, str], tuple[NewAdult, str]]:
    """The adults of the lines by name, with what each line adds of how to reach them."""
    found: dict[tuple[str, str], tuple[NewAdult, str]] = {}
    for row in rows:
        for adult, link in row.adults:
            name = (plain(adult.first_name), plain(adult.last_name))
            held, known = found.get(name, (replace(adult, key=f"adult{len(found)}"), link))
            found[name] = (
                replace(
                    held,
                    email=held.email or adult.email,
                    phone=held.phone or adult.phone,
                    civility=held.civility or adult.civility,
                ),
                known if known != Guardianship.Link.GUARDIAN else link,
            )
    return found


def _draft(rows: Sequence[_Row]) -> Draft:
    adults = list(_adults(rows).values())
    guardians = tuple(
        NewGuardian(adult=adult.key, link=link, has_authority=link in PARENTS) for adult, link in adults
    )
    children = [replace(row.child, guardians=guardians) for row in rows if row.child is not None]
    return Draft(
        numbers=tuple(row.number for row in rows),
        reference=rows[0].reference,
        name=next((row.name for row in rows if row.name), adults[0][0].last_name),
        adults=tuple(adult for adult, _link in adults),
        children=tuple(children),
        address=next((row.address for row in rows if row.address is not None), None),
        quotient=next((row.quotient for row in rows if row.quotient is not None), None),
        caf_number=next((row.caf_number for row in rows if row.caf_number), ""),
    )
