"""The PDF of a bill: tagged for screen readers (PDF/UA-1), in the words of its page.

It bears what the law wants on it (`mentions`). That of a bill made here is made once and kept (`making`);
that of a bill that came by a file without one is made each time that it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from marelle.billing.addressed import Addressed
from marelle.billing.labels import ChildLines, by_child, debit_told, line_cells
from marelle.billing.mentions import EXECUTORY
from marelle.billing.models import Invoice, InvoiceLine, Treasury
from marelle.billing.selectors import InvoicePage
from marelle.core.french import day_plain, days_compact, euros_text, month_text, of_name
from marelle.files.typeset import typeset
from marelle.mail.letterhead import PLAIN, Letterhead
from marelle.places.models import Authority

TEMPLATE: Final = Path(__file__).parent / "typst" / "invoice.typ"
PAYFIP: Final = "www.payfip.gouv.fr"
COURTS: Final = "www.telerecours.fr"


def invoice_pdf(
    page: InvoicePage, *, addressed: Addressed, treasury: Treasury | None, letterhead: Letterhead = PLAIN
) -> bytes:
    """The same page gives the same bytes. What no font draws (an emoji in a name) becomes "?"."""
    made_at = datetime.combine(page.invoice.issued_on, time(), tzinfo=UTC)
    said = {**_said(page, addressed), **_mentions(page.invoice, treasury), "colour": letterhead.ground}
    return typeset(TEMPLATE, said, logo=letterhead.logo, made_at=made_at)


def _said(page: InvoicePage, addressed: Addressed) -> dict[str, Any]:
    invoice, groups = page.invoice, by_child(page.lines)
    authority, dated = invoice.authority, any(line.days for line in page.lines)
    is_credit = invoice.kind == Invoice.Kind.CREDIT
    days = [_("Jours")] if dated else []
    return {
        "title": (_("Avoir %(number)s") if is_credit else _("Facture %(number)s"))
        % {"number": invoice.number},
        "heading": _heading(invoice),
        "notes": _notes(invoice),
        "page": _("page"),
        "authority": {
            "name": authority.name,
            "lines": [*sender_lines(authority), *_filled(_siret(authority.siret))],
        },
        "addressee": {"name": addressed.name, "lines": addressed.place},
        "facts": _facts(invoice, addressed),
        "due": _due(invoice),
        "columns": [_("Prestation"), *days, _("Quantité"), _("Prix unitaire"), _("Montant")],
        "children": [
            {
                "name": group.name,
                "rows": list(_rows(group, dated=dated)),
                "subtotal": [_("Sous-total"), euros_text(group.total)] if len(groups) > 1 else [],
            }
            for group in groups
        ],
        "total": [_total(invoice), euros_text(invoice.total)],
    }


def _due(invoice: Invoice) -> list[str]:
    if invoice.kind == Invoice.Kind.CREDIT:
        return [_("En votre faveur"), euros_text(-invoice.total)]
    if hasattr(invoice, "debit"):
        return [debit_told(invoice), euros_text(invoice.total)]
    return [_("À payer avant le %(day)s") % {"day": day_plain(invoice.due_on)}, euros_text(invoice.total)]


def _total(invoice: Invoice) -> str:
    if invoice.kind == Invoice.Kind.CREDIT:
        return _("Total de l’avoir")
    return _("Total prélevé") if hasattr(invoice, "debit") else _("Total à payer")


def sender_lines(authority: Authority) -> list[str]:
    """Where an authority is reached, as its papers say under its name."""
    return _filled(authority.address, authority.phone, authority.email)


def _heading(invoice: Invoice) -> str:
    told = {"of_month": of_name(month_text(invoice.month))}
    match invoice.kind:
        case Invoice.Kind.MONTHLY:
            return _("Facture %(of_month)s") % told
        case Invoice.Kind.FURTHER:
            return _("Facture complémentaire %(of_month)s") % told
        case Invoice.Kind.CREDIT:
            return _("Avoir %(of_month)s") % told
    return _("Facture")


def _notes(invoice: Invoice) -> list[str]:
    """Of a correction: why, for the home alone, and what becomes of the bill that it corrects."""
    notes = []
    if invoice.reason and invoice.payer_id is None:
        notes.append(_("Motif de la correction\u00a0: %(reason)s") % {"reason": invoice.reason})
    if invoice.kind == Invoice.Kind.CREDIT and invoice.corrects:
        told = {"number": invoice.corrects.number}
        notes.append(_("Ce montant est retiré de la facture %(number)s.") % told)
    return notes


def _facts(invoice: Invoice, addressed: Addressed) -> list[tuple[str, str]]:
    return [
        (_("Avoir n°") if invoice.kind == Invoice.Kind.CREDIT else _("Facture n°"), invoice.number),
        *([(_("Corrige la facture"), invoice.corrects.number)] if invoice.corrects else []),
        (_("Émise le"), day_plain(invoice.issued_on)),
        (_("Mois facturé"), month_text(invoice.month)),
        *([(_("Exercice"), str(invoice.run.exercise))] if invoice.run else []),
        *([(_("Votre référence"), addressed.reference)] if invoice.payer_id else []),
        (_("Dossier famille"), invoice.family.number if invoice.payer_id else addressed.reference),
        *([(_("Structure"), invoice.structure.name)] if invoice.structure else []),
        *([(_("Régie"), invoice.regie)] if invoice.regie else []),
    ]


def _rows(group: ChildLines, *, dated: bool) -> Iterator[dict[str, Any]]:
    """The lines of a child, those of an activity together: where there are several, under its name."""
    for activity, found in groupby(group.lines, key=lambda line: line.activity):
        lines = list(found)
        several = len(lines) > 1
        for place, line in enumerate(lines):
            what, *figures = line_cells(line)
            yield {
                "activity": activity if several and place == 0 else "",
                "under": several,
                "what": line.label if several else what,
                "cells": [*([_days(line)] if dated else []), *figures],
            }


def _days(line: InvoiceLine) -> str:
    return days_compact(date.fromisoformat(day) for day in line.days)


def _mentions(invoice: Invoice, treasury: Treasury | None) -> dict[str, Any]:
    """How to pay and to contest, who signs, what makes of a bill made here a title.

    A credit note asks for nothing.
    """
    if treasury is None:
        return {"parts": [], "signed": "", "executory": ""}
    signed = {"name": treasury.signatory, "capacity": treasury.signatory_capacity}
    contest = {
        "title": _("Comment contester"),
        "paragraphs": _paragraphs(treasury.how_to_contest),
        "places": [(_("À saisir"), treasury.court, COURTS)] if treasury.court else [],
    }
    if invoice.kind == Invoice.Kind.CREDIT:
        said = _("Émis par %(name)s, %(capacity)s.")
    elif invoice.run_id:
        said = _("Émise et rendue exécutoire par %(name)s, %(capacity)s.")
    else:
        said = _("Émise par %(name)s, %(capacity)s.")
    is_title = invoice.run_id and invoice.kind != Invoice.Kind.CREDIT
    return {
        "parts": [contest] if invoice.kind == Invoice.Kind.CREDIT else [_pay(invoice, treasury), contest],
        "signed": said % signed,
        "executory": (treasury.executory or EXECUTORY) if is_title else "",
    }


def _pay(invoice: Invoice, treasury: Treasury) -> dict[str, Any]:
    if hasattr(invoice, "debit"):
        return _debited(invoice, treasury)
    where = _filled(treasury.name, treasury.address, treasury.hours, treasury.phone, treasury.email)
    online = [
        (_("Identifiant de la collectivité"), treasury.payfip),
        (_("Référence de la dette"), invoice.debt_reference),
    ]
    return {
        "title": _("Comment payer"),
        "online": {"title": _("En ligne"), "site": PAYFIP, "facts": online}
        if treasury.payfip and invoice.debt_reference
        else {},
        "paragraphs": _paragraphs(treasury.how_to_pay),
        "places": [(_("Trésor public"), ", ".join(where), "")],
    }


def _debited(invoice: Invoice, treasury: Treasury) -> dict[str, Any]:
    mandate = invoice.debit.mandate
    told = {"debit": debit_told(invoice), "rum": mandate.rum, "name": mandate.creditor, "ics": mandate.ics}
    where = _filled(treasury.name, treasury.address, treasury.phone)
    return {
        "title": _("Comment elle est payée"),
        "online": {},
        "paragraphs": [
            _("%(debit)s. Vous n’avez rien à faire.") % told,
            _("Mandat %(rum)s, créancier %(name)s, ICS %(ics)s.") % told,
        ],
        "places": [(_("Trésor public"), ", ".join(where), "")],
    }


def _paragraphs(text: str) -> list[str]:
    return _filled(*(line.strip() for line in text.splitlines()))


def _filled(*lines: str) -> list[str]:
    return [line for line in lines if line]


def _siret(siret: str) -> str:
    """By groups, as it is read: "SIRET 200 012 345 00017"."""
    parts = "\u00a0".join(_filled(siret[:3], siret[3:6], siret[6:9], siret[9:]))
    return _("SIRET %(siret)s") % {"siret": parts} if siret else ""
