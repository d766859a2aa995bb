"""The closing of an exercise as a PDF, which an office prints for its comptable: of what was frozen alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.bills.accounting_words import Row, Sums, Table, hidden_text
from marelle.agents.bills.closing_words import closing_figures, open_told
from marelle.billing.accounting.closing_rules import Draft, Left
from marelle.billing.accounting.frozen import PAPER, draft_frozen, open_frozen
from marelle.billing.accounting.totals import OfBefore, Totals
from marelle.billing.models import ExerciseClosing
from marelle.core.french import day_plain, euros_text
from marelle.core.money import ZERO
from marelle.files.typeset import typeset

LISTED: Final = 1_000
"""Bills that the paper names: what is left of more is in the workbook."""


def closing_pdf(row: ExerciseClosing, *, but_homes: Collection[int] = (), listed: int = LISTED) -> bytes:
    """The same rows give the same bytes. Bills of `but_homes` are in the sums, and are not named; of others
    `listed` are."""
    draft, head = draft_frozen(row), row.head
    heading = _("Clôture de l’exercice %(year)d") % {"year": row.exercise}
    said = {
        "title": heading,
        "page": _("page"),
        "colour": head.get("colour", "#000000"),
        "authority": {"name": head.get("name", row.authority.name), "lines": head.get("lines", [])},
        "treasury": _for_whom(head.get("treasury", "")),
        "facts": closing_figures(row),
        "warning": "" if draft.sha256 == row.sha256 else _changed(),
        "tables": _tables(draft) if row.sums else [],
        "missing": "" if row.sums else _not_kept(),
        "open": _open(row),
        "left": _left(draft, but_homes, row, listed),
        "digest": {
            "title": _("Empreinte (SHA-256)"),
            "sha256": row.sha256,
            "text": _(
                "Elle est celle des totaux et des restes à recouvrer de ce document, tels que la clôture les "
                "a figés\u00a0: la même empreinte dit les mêmes chiffres."
            ),
        },
    }
    return typeset(PAPER, said, logo=bytes(row.logo), made_at=row.closed_at)


def _for_whom(treasury: str) -> str:
    return _("À l’attention du comptable public, %(name)s") % {"name": treasury} if treasury else ""


def _changed() -> str:
    return _(
        "Ce qui est gardé de cette clôture ne correspond plus à son empreinte\u00a0: "
        "ne signez pas ce document."
    )


def _not_kept() -> str:
    return _(
        "Cet exercice a été clos avant que les totaux par mois, structure et code soient figés\u00a0: "
        "ils sont dans le classeur de l’exercice."
    )


def _tables(draft: Draft) -> list[dict[str, Any]]:
    totals = Totals(
        whole=draft.figures,
        months=dict(draft.months),
        flows=(),
        codes=draft.codes,
        unlined=draft.unlined,
        of_before=OfBefore(ZERO, ZERO),
        waiting=(0, ZERO),
    )
    sums = Sums(totals, "")
    return [
        _table(_("Par mois facturé"), sums.months),
        _table(_("Par structure"), sums.structures),
        _table(_("Par activité et code"), sums.codes),
    ]


def _table(title: str, table: Table) -> dict[str, Any]:
    return {
        "title": title,
        "columns": [table.head, *table.headings],
        "rows": [_row(one) for one in table.rows],
    }


def _row(one: Row) -> dict[str, Any]:
    return {"cells": [one.label, *(cell.text for cell in one.cells)], "strong": one.is_total}


def _open(row: ExerciseClosing) -> dict[str, Any]:
    found = [open_told(one) for one in open_frozen(row)]
    return {
        "title": _("Ce qui était encore ouvert"),
        "rows": [f"{title}\u00a0: {counted}." for title, counted in found],
        "none": _("Rien.") if row.sums else "",
    }


def _left(draft: Draft, but_homes: Collection[int], row: ExerciseClosing, listed: int) -> dict[str, Any]:
    seen = [one for one in draft.rows if one.family_id not in but_homes]
    months = dict(row.rows.values_list("invoice_id", "invoice__month"))
    told = {"year": row.exercise, "day": day_plain(row.closed_on)}
    return {
        "title": _("Restes à recouvrer"),
        "columns": [
            _("Facture"),
            _("Mois facturé"),
            _("Au 31 décembre %(year)d") % told,
            _("À la clôture, le %(day)s") % told,
        ],
        "rows": [_left_row(one, f"{months[one.invoice_id]:%m/%Y}") for one in seen[:listed]],
        "total": [_("Total"), "", euros_text(draft.left_at_end), euros_text(draft.figures.left)],
        "notes": [
            one for one in (_more(len(seen) - listed), hidden_text(len(draft.rows) - len(seen))) if one
        ],
        "none": _("Rien ne restait à recouvrer."),
    }


def _left_row(one: Left, month: str) -> list[str]:
    return [one.number, month, euros_text(one.at_end), euros_text(one.at_closing)]


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext(
        "%(n)d autre facture est dans le classeur des restes à recouvrer.",
        "%(n)d autres factures sont dans le classeur des restes à recouvrer.",
        count,
    ) % {"n": count}
