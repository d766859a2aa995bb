"""What the service knows of a home's incomes, where it comes from, until when, and how to give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.families.fields import Kind
from marelle.families.file.reading import Sheet
from marelle.families.incomes.labels import days_text, kind_text, told_text
from marelle.families.incomes.rules import IncomeKind, IncomeRow, is_holding


@dataclass(frozen=True, slots=True)
class IncomeCard:
    """`kinds` are what holds or is to come, by kind, a line each; `how` says where to give a quotient."""

    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    how: str


def income_card(
    rows: tuple[IncomeRow, ...], sheet: Sheet, day: date, names: Mapping[int, str]
) -> IncomeCard | None:
    """None where the authority shows homes no income."""
    line = next((line for line in sheet.lines if line.field.kind is Kind.INCOME), None)
    if line is None:
        return None
    how = _("Pour donner ou changer ces informations, écrivez au service, avec votre attestation.")
    if line in sheet.writable():
        how = _(
            "Pour donner ou changer votre quotient familial, remplissez-le sur cette page, avec votre "
            "attestation. Pour vos ressources ou vos enfants à charge, écrivez au service."
        )
    return IncomeCard(tuple(_kinds(rows, day, names)), how)


def _kinds(
    rows: tuple[IncomeRow, ...], day: date, names: Mapping[int, str]
) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for kind in IncomeKind:
        mine = [row for row in rows if row.kind == kind]
        shown = [row for row in mine if row.since > day or is_holding(row, rows, day)]
        told = [_text(row, names) for row in sorted(shown, key=lambda row: row.since)]
        if told or kind is IncomeKind.QUOTIENT:
            found.append((kind_text(kind), tuple(told) or (_("Non renseigné"),)))
    return found


def _text(row: IncomeRow, names: Mapping[int, str]) -> str:
    whose = names.get(row.authority_id or 0, "")
    parts = [f"{told_text(row)}, {days_text(row)}", row.source, whose]
    return " · ".join(part for part in parts if part)
