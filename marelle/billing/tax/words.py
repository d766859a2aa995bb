"""What a year paid, in the words of its page and of its PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from marelle.billing.tax.rules import Part
from marelle.billing.tax.statements import ChildPaid, Statement
from marelle.core.french import day_plain, euros_text

COLUMNS: Final[Mapping[Part, Any]] = {
    Part.CARE: lambda: _("Garde"),
    Part.FOOD: lambda: _("Repas"),
    Part.MIXED: lambda: _("Garde et repas, non séparés"),
    Part.OTHER: lambda: _("Autre"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """`pairs`: each column that is not the child's, with its amount."""

    name: str
    note: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """`total`: what its children who count have of care; empty where none does."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: tuple[str, str] | tuple[()]
    notes: tuple[str, ...]
    authority_id: int
    year: int
    is_over: bool


def told(statement: Statement) -> Told:
    shown = [part for part in Part if any(one.of(part) for one in statement.children)]
    year = {"year": statement.year}
    return Told(
        title=_("%(year)d, %(authority)s") % {**year, "authority": statement.authority.name},
        columns=(_("Enfant"), *(COLUMNS[part]() for part in shown)),
        rows=tuple(
            Row(
                _name(one),
                _note(one, statement.year),
                tuple((COLUMNS[part](), euros_text(one.of(part))) for part in shown),
            )
            for one in statement.children
        ),
        total=(_("Frais de garde payés en %(year)d") % year, euros_text(statement.care))
        if any(one.counts for one in statement.children)
        else (),
        notes=tuple(_notes(statement)),
        authority_id=statement.authority.pk,
        year=statement.year,
        is_over=statement.is_over,
    )


def file_name(year: int) -> str:
    return _("attestation-frais-de-garde-%(year)d.pdf") % {"year": year}


def _name(one: ChildPaid) -> str:
    return _("Pour le foyer") if one.person is None else str(one.person)


def _note(one: ChildPaid, year: int) -> str:
    if one.person is None:
        return ""
    if one.person.birth_date is None:
        return _("Date de naissance inconnue")
    born = _("Date de naissance\u00a0: %(day)s") % {"day": day_plain(one.person.birth_date)}
    if not one.counts:
        return _("%(born)s (six ans ou plus au 1er janvier %(year)d)") % {"born": born, "year": year}
    return _("%(born)s, vit aussi dans un autre foyer") % {"born": born} if one.by_turns else born


def _notes(statement: Statement) -> list[str]:
    children, notes = statement.children, []
    if any(one.counts for one in children):
        notes.append(
            _(
                "Comptent les sommes payées dans l’année pour la garde d’un enfant de moins de six ans au "
                "1er janvier, sans les repas (article 200 quater B du code général des impôts)\u00a0; "
                "retirez-en les aides reçues pour cette garde."
            )
        )
    else:
        notes.append(_("Aucun enfant n’avait moins de six ans au 1er janvier\u00a0: rien n’est à déclarer."))
    if any(one.counts and one.by_turns for one in children):
        notes.append(
            _(
                "Pour un enfant en résidence alternée, chaque parent déclare ce qu’il a payé\u00a0: "
                "le plafond est la moitié de celui d’un enfant à charge."
            )
        )
    if any(one.of(Part.MIXED) for one in children):
        notes.append(
            _(
                "«\u00a0Non séparés\u00a0»\u00a0: la part du repas n’est pas connue. Ce montant n’est pas "
                "compté dans les frais de garde."
            )
        )
    return notes
