"""A spreadsheet of incomes: one line a home, with what is known of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from marelle.core.money import NotAnAmount, parse_amount
from marelle.core.refusals import Refusal
from marelle.core.tabular import Column, Line, Problem, plain
from marelle.families.file.values import WrongValue, clean_text, date_typed
from marelle.families.imports.words import cells_of
from marelle.families.incomes.rules import (
    COUNTS,
    SAYS_AN_AMOUNT,
    IncomeKind,
    IncomeStatus,
    NewIncome,
    Told,
    WrongIncome,
    income_check,
)

T = TypeVar("T")

KINDS: Final[Mapping[str, IncomeKind]] = {
    "quotient": IncomeKind.QUOTIENT,
    "resources": IncomeKind.RESOURCES,
    "dependants": IncomeKind.DEPENDANTS,
    "aeeh": IncomeKind.AEEH,
}

COLUMNS: Final = (
    Column("number", "Numéro de dossier", ("Dossier", "N° dossier", "N° de dossier", "Numéro")),
    Column("last", "Nom", ("Nom de famille", "Nom enfant", "Nom de l’enfant")),
    Column("first", "Prénom", ("Prénom enfant", "Prénom de l’enfant")),
    Column("birth", "Date de naissance", ("Né le", "Née le", "Né(e) le", "Naissance")),
    Column("quotient", "Quotient familial", ("Quotient", "QF", "QF CAF")),
    Column("resources", "Ressources mensuelles", ("Ressources", "Revenus mensuels")),
    Column("dependants", "Enfants à charge", ("Nombre d’enfants à charge", "Nb enfants à charge")),
    Column("aeeh", "Enfants AEEH", ("AEEH", "Enfants avec AEEH", "Nombre d’enfants AEEH")),
    Column("status", "Connu comme", ("Statut",)),
    Column("since", "À partir du", ("Depuis le", "Date", "Date d’effet", "Date du quotient")),
    Column("until", "Jusqu’au", ("Valable jusqu’au", "Fin", "Dernier jour")),
    Column("source", "Justifié par", ("Source", "Justificatif")),
)
"""What such a file says; a home is named by its number, or by the name and birth date of who lives there."""

TITLES: Final = {column.code: column.title for column in COLUMNS}
SAID: Final = {
    **{plain(str(status.label)): status for status in IncomeStatus},
    "refuse": IncomeStatus.REFUSED,
    "nonfourni": IncomeStatus.REFUSED,
    "aucun": IncomeStatus.NONE,
    "aucunrevenu": IncomeStatus.NONE,
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for the lines that do not say it."""

    status: IncomeStatus
    since: date
    source: str
    until: date | None = None
    authority_id: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a line names: a home by its number, or somebody who lives there."""

    number: str = ""
    first: str = ""
    last: str = ""
    birth: date | None = None


@dataclass(frozen=True, slots=True)
class IncomeLine:
    line: int
    named: Named
    incomes: tuple[NewIncome, ...]


def columns_missing(columns: Mapping[str, int]) -> tuple[str, ...]:
    """Titles without which no home is found, or nothing is said of it."""
    missing = []
    if "number" not in columns and not {"last", "first", "birth"} <= columns.keys():
        missing.append(TITLES["number"])
    if not columns.keys() & KINDS.keys():
        missing.append(TITLES["quotient"])
    return tuple(missing)


def line_read(
    line: Line, columns: Mapping[str, int], defaults: Defaults, day: date
) -> tuple[IncomeLine | None, list[Problem]]:
    """What a line says, whole or not at all: each cell that is wrong is a problem, by its column."""
    cell = cells_of(line, columns)
    problems: list[Problem] = []

    def wrong(column: str, refusal: Refusal) -> None:
        told = {**refusal.data, "column": column, "value": cell(column)[:80]}
        problems.append(Problem(str(line.number), refusal.code, told))

    def attempt(column: str, read: Callable[[str], T], otherwise: T) -> T:
        try:
            return read(cell(column)) if cell(column) else otherwise
        except Refusal as refusal:
            wrong(column, refusal)
            return otherwise

    named = Named(cell("number"), cell("first"), cell("last"), attempt("birth", date_typed, None))
    if not named.number and not (named.first and named.last and cell("birth")):
        wrong("number", WrongValue("home_missing"))
    status = attempt("status", _status, defaults.status)
    since, until = attempt("since", date_typed, defaults.since), attempt("until", date_typed, defaults.until)
    source = clean_text(cell("source"))[:80] or defaults.source
    incomes = []
    for code, amount in _amounts(columns, cell, status, wrong):
        told = Told(status if amount is None or status in SAYS_AN_AMOUNT else defaults.status, amount)
        income = NewIncome(KINDS[code], told, since, source, until, defaults.authority_id)
        try:
            income_check(income, day=day)
        except WrongIncome as refusal:
            wrong(refusal.part if refusal.part in columns else code, refusal)
        incomes.append(income)
    if not incomes and not problems:
        wrong("quotient", WrongValue("nothing_said"))
    return (None, problems) if problems else (IncomeLine(line.number, named, tuple(incomes)), [])


def _amounts(
    columns: Mapping[str, int],
    cell: Callable[[str], str],
    status: IncomeStatus,
    wrong: Callable[[str, Refusal], None],
) -> list[tuple[str, Decimal | None]]:
    """The kinds that the line speaks of. A status without an amount is said of the first kind in euros."""
    found: list[tuple[str, Decimal | None]] = []
    for code in KINDS:
        if code not in columns or not cell(code):
            continue
        try:
            found.append((code, parse_amount(cell(code))))
        except NotAnAmount:
            wrong(code, WrongValue("not_an_amount"))
    euros = [code for code in KINDS if code in columns and KINDS[code] not in COUNTS]
    if status not in SAYS_AN_AMOUNT:
        if any(code in euros for code, _amount in found):
            wrong("status", WrongValue("amount_for_nothing"))
        elif euros:
            found.append((euros[0], None))
    return found


def _status(text: str) -> IncomeStatus:
    status = SAID.get(plain(text))
    if status is None:
        raise WrongValue("unknown_status")
    return status
