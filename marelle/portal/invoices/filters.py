"""Which invoices are shown: by state, month, structure and kind, from the address of the page alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.billing.models import Invoice
from marelle.billing.rules import InvoiceState
from marelle.core.french import month_text
from marelle.ui.components import Choice, Filter

ALL: Final = "toutes"
STATES: Final[Mapping[str, tuple[frozenset[InvoiceState], Promise]]] = {
    "a-payer": (frozenset({InvoiceState.TO_PAY, InvoiceState.PART_PAID}), gettext_lazy("À payer")),
    "payees": (frozenset({InvoiceState.PAID}), gettext_lazy("Payées")),
    "annulees": (frozenset({InvoiceState.CANCELLED, InvoiceState.CREDITED}), gettext_lazy("Annulées")),
    "avoirs": (frozenset({InvoiceState.CREDIT}), gettext_lazy("Avoirs")),
    ALL: (frozenset(InvoiceState), gettext_lazy("Toutes")),
}
KINDS: Final[Mapping[str, tuple[frozenset[str], Promise]]] = {
    "mensuelles": (frozenset({Invoice.Kind.MONTHLY}), gettext_lazy("Factures mensuelles")),
    "autres": (frozenset(Invoice.Kind) - {Invoice.Kind.MONTHLY}, gettext_lazy("Autres factures")),
    ALL: (frozenset(Invoice.Kind), gettext_lazy("Toutes")),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choices of the four selects; "toutes" chooses nothing."""

    state: str = "a-payer"
    kind: str = "mensuelles"
    month: str = ALL
    structure: str = ALL


DEFAULT: Final = Wanted()


def wanted(asked: Mapping[str, str], rows: Iterable[Invoice]) -> Wanted:
    """What the address asks for; a value that is no choice is the default one."""
    rows = list(rows)
    state, kind = asked.get("etat", ""), asked.get("nature", "")
    month, structure = asked.get("periode", ""), asked.get("structure", "")
    return Wanted(
        state if state in STATES else DEFAULT.state,
        kind if kind in KINDS else DEFAULT.kind,
        month if month in _months(rows) else ALL,
        structure if structure in _issuers(rows) else ALL,
    )


def is_wanted(row: Invoice, chosen: Wanted) -> bool:
    return (
        row.state in STATES[chosen.state][0]
        and row.kind in KINDS[chosen.kind][0]
        and chosen.month in {ALL, _month(row)}
        and chosen.structure in {ALL, _issuer(row)[0]}
    )


def selects(chosen: Wanted, rows: Iterable[Invoice]) -> tuple[Filter, ...]:
    """The selects to draw: one that would leave no choice is not there."""
    rows = list(rows)
    months = {ALL: _("Toutes"), **{key: month_text(day).capitalize() for key, day in _months(rows).items()}}
    structures = {ALL: _("Toutes"), **_issuers(rows)}
    found = [
        _select("etat", _("État"), chosen.state, {key: str(label) for key, (_s, label) in STATES.items()})
    ]
    if len(months) > 2:
        found.append(_select("periode", _("Période"), chosen.month, months))
    if len(structures) > 2:
        found.append(_select("structure", _("Structure"), chosen.structure, structures))
    if len({row.kind for row in rows}) > 1:
        labels = {key: str(label) for key, (_kinds, label) in KINDS.items()}
        found.append(_select("nature", _("Nature"), chosen.kind, labels))
    return tuple(found)


def _select(name: str, label: str, chosen: str, choices: Mapping[str, str]) -> Filter:
    return Filter(
        name=name,
        label=label,
        choices=tuple(Choice(value, text, selected=value == chosen) for value, text in choices.items()),
    )


def _months(rows: Iterable[Invoice]) -> dict[str, date]:
    return {_month(row): row.month for row in rows}


def _month(row: Invoice) -> str:
    return f"{row.month:%Y-%m}"


def _issuer(row: Invoice) -> tuple[str, str]:
    """The structure, or the authority that bills for all of its own, as a value of the address and a name."""
    if row.structure is not None:
        return str(row.structure.pk), row.structure.name
    return f"collectivite-{row.authority_id}", row.authority.name


def _issuers(rows: Iterable[Invoice]) -> dict[str, str]:
    found = dict(_issuer(row) for row in rows)
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
