"""The PDF of an invoice that came without one: tagged for screen readers (PDF/UA-1), in the same words.

It is made each time that it is asked for, in some 20 ms: a copy kept would have to follow the family's
address and what the office writes on how to pay.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from marelle.billing.labels import by_child, line_cells
from marelle.billing.models import Treasury
from marelle.billing.selectors import InvoicePage
from marelle.core.french import day_plain, euros_text, month_text
from marelle.families.models import Residence
from marelle.files.typeset import typeset

TEMPLATE: Final = Path(__file__).parent / "typst" / "invoice.typ"


def invoice_pdf(
    page: InvoicePage, *, address: Residence | None, treasury: Treasury | None, logo: bytes = b""
) -> bytes:
    """The same page gives the same bytes. What no font draws (an emoji in a name) becomes "?".

    `logo` is a PNG of the authority, b"" without one.
    """
    made_at = datetime.combine(page.invoice.issued_on, time(), tzinfo=UTC)
    return typeset(TEMPLATE, _said(page, address, treasury), logo=logo, made_at=made_at)


def _said(page: InvoicePage, address: Residence | None, treasury: Treasury | None) -> dict[str, Any]:
    invoice = page.invoice
    authority = invoice.authority
    return {
        "title": _("Facture %(number)s") % {"number": invoice.number},
        "page": _("page"),
        "authority": {
            "name": authority.name,
            "lines": _filled(authority.address, authority.phone, authority.email, _siret(authority.siret)),
        },
        "family": {
            "name": _("Famille %(name)s") % {"name": invoice.family.name},
            "lines": _filled(address.street, f"{address.postal_code} {address.city}") if address else [],
        },
        "facts": [
            [_("Mois facturé"), month_text(invoice.month)],
            [_("Dossier famille"), invoice.family.number],
            *([[_("Structure"), invoice.structure.name]] if invoice.structure else []),
            [_("Émise le"), day_plain(invoice.issued_on)],
            [_("À payer avant le"), day_plain(invoice.due_on)],
        ],
        "columns": [_("Prestation"), _("Quantité"), _("Prix unitaire"), _("Montant")],
        "children": [
            {
                "name": group.name,
                "lines": [line_cells(line) for line in group.lines],
                "subtotal": [_("Sous-total"), euros_text(group.total)],
            }
            for group in by_child(page.lines)
        ],
        "total": [_("Total à payer"), euros_text(invoice.total)],
        "signatory": f"{treasury.signatory}, {treasury.signatory_capacity}" if treasury else "",
        "parts": _parts(treasury),
    }


def _parts(treasury: Treasury | None) -> list[dict[str, Any]]:
    if treasury is None:
        return []
    where = _filled(treasury.name, treasury.address, treasury.hours, treasury.phone, treasury.email)
    pay = [", ".join(where), *_paragraphs(treasury.how_to_pay)]
    if treasury.payfip:
        pay.append(_("Identifiant de la collectivité sur PayFiP : %(id)s") % {"id": treasury.payfip})
    return [
        {"title": _("Comment payer"), "paragraphs": pay},
        {"title": _("Comment contester"), "paragraphs": _paragraphs(treasury.how_to_contest)},
    ]


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _filled(*lines: str) -> list[str]:
    return [line for line in lines if line]


def _siret(siret: str) -> str:
    return _("SIRET %(siret)s") % {"siret": siret} if siret else ""
