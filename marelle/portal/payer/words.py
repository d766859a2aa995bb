"""The bills of who pays and is no home, in French: what the papers themselves say, and nothing more of a
home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from marelle.billing.models import Invoice
from marelle.billing.reminders.selectors import Reminded
from marelle.billing.rules import InvoiceState
from marelle.billing.selectors import InvoicePage
from marelle.core.french import day_plain
from marelle.portal.invoices import words as of_bills
from marelle.portal.invoices.words import Card, Pairs


def card(row: Invoice, day: date, reminded: Sequence[Reminded], names: Mapping[int, str]) -> Card:
    """`row` with `deferred_until` and `held`; `names`: those of the payers, by key, where there are
    several."""
    found = of_bills.card(
        row,
        day,
        reminded=reminded,
        deferred_until=row.deferred_until,  # type: ignore[attr-defined]
        held=row.held,  # type: ignore[attr-defined]
    )
    whose = names.get(row.payer_id or 0, "")
    told = [row.number, whose, found.detail]
    return replace(found, detail=" · ".join(filter(None, told)))


def pairs(page: InvoicePage) -> Pairs:
    invoice = page.invoice
    by_hand = invoice.state is not InvoiceState.CREDIT and not of_bills.held_now(invoice, page.held)
    rows = [
        (_("Numéro"), invoice.number),
        (_("Collectivité"), invoice.authority.name),
        (_("Structure"), invoice.structure.name if invoice.structure else ""),
        (_("Dossier famille"), invoice.family.number),
        (_("Adressée à"), of_bills.addressed_text(invoice) or str(invoice.payer or "")),
        (_("Émise le"), day_plain(invoice.issued_on)),
        (_("À payer avant le"), day_plain(invoice.due_on) if by_hand else ""),
        (_("Corrige la facture"), invoice.corrects.number if invoice.corrects else ""),
    ]
    return [(term, value) for term, value in rows if value]
