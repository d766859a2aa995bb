"""The rows of an exercise for a workbook: its bills, their lines, what was paid, balances and totals.

Rows come one after the other, from cursors: ten thousand bills take no more memory than one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marelle.billing.accounting.exercises import bills_of
from marelle.billing.accounting.histories import histories
from marelle.billing.accounting.rules import Figures
from marelle.billing.accounting.totals import Totals, code_lines
from marelle.billing.labels import STATES
from marelle.billing.models import Invoice, InvoiceLine, InvoiceQuerySet, Payer, Payment
from marelle.billing.paid import Means
from marelle.core.french import month_text
from marelle.core.workbook import Cell
from marelle.families.models import Family

AT_ONCE: Final = 2_000
"""Rows that a cursor gives at a time."""

Rows = Iterator[Sequence[Cell]]
Sheet = tuple[str, Rows]


def sheets_of(
    authority_id: int, exercise: int, totals: Totals, *, but_homes: Collection[int] = ()
) -> Iterable[Sheet]:
    """Each with its headings first. What is of `but_homes` is in the totals alone."""
    bills = bills_of(authority_id, exercise).exclude(family__in=but_homes)
    return (
        (_("Factures"), bill_rows(bills)),
        (_("Lignes"), line_rows(bills)),
        (_("Paiements"), payment_rows(bills)),
        (_("Soldes"), balance_rows(bills)),
        (_("Totaux"), total_rows(totals)),
        (_("Codes"), code_rows(totals)),
    )


def bill_rows(bills: InvoiceQuerySet) -> Rows:
    """Bills and the credit notes that take from them, of which an amount is below zero."""
    yield (
        _("Numéro"), _("Nature"), _("Mois facturé"), _("Émise le"), _("À payer avant le"), _("Dossier"),
        _("Foyer"), _("Payeur"), _("Régie"), _("Corrige"), _("Total"), _("Avoirs"), _("Payé"),
        _("Reste à payer"), _("État"), _("Annulée le"),
    )  # fmt: skip
    ids = bills.order_by().values("pk")
    notes = Invoice.objects.filter(kind=Invoice.Kind.CREDIT, corrects__in=ids)
    for row in chain(_bills(bills), _bills(notes)):
        left = Decimal("0.00") if row.cancelled_on else row.left
        yield (
            row.number, str(Invoice.Kind(row.kind).label), row.month, row.issued_on, row.due_on,
            row.family.number, row.family.name, str(row.payer or ""), row.regie,
            row.corrects.number if row.corrects else "", row.total, row.credited, row.paid, left,
            str(STATES[row.state]), row.cancelled_on,
        )  # fmt: skip


def _bills(rows: QuerySet[Invoice]) -> Iterator[Invoice]:
    named = rows.select_related("family", "payer", "corrects").order_by("month", "number", "pk")
    return named.iterator(chunk_size=AT_ONCE)


def line_rows(bills: InvoiceQuerySet) -> Rows:
    yield (
        _("Facture"), _("Dossier"), _("Enfant"), _("Structure"), _("Activité"), _("Libellé"), _("Quantité"),
        _("Prix unitaire"), _("Montant"), _("dont repas"), _("Compte"), _("Budget"), _("Régie"),
        _("TVA, en %"),
    )  # fmt: skip
    rows: QuerySet[InvoiceLine, tuple[Any, ...]] = (
        code_lines(bills)
        .order_by("invoice__month", "invoice__number", "order")
        .values_list(
            "invoice__number", "invoice__family__number", "child__first_name", "child__last_name",
            "of_activity__structure__name", "invoice__structure__name", "activity", "label", "quantity",
            "unit_price", "amount", "food", "account", "budget", "invoice__regie", "vat",
        )
    )  # fmt: skip
    for number, family, first, last, of, otherwise, *rest in rows.iterator(chunk_size=AT_ONCE):
        yield (number, family, " ".join(filter(None, (first, last))), of or otherwise or "", *rest)


def payment_rows(bills: InvoiceQuerySet) -> Rows:
    yield (
        _("Payé le"), _("Facture"), _("Dossier"), _("Foyer"), _("Payeur"), _("Montant"), _("Origine"),
        _("Référence"), _("Noté par"),
    )  # fmt: skip
    paid = Payment.objects.filter(invoice__in=bills.order_by().values("pk")).order_by("on", "pk")
    rows = paid.select_related("invoice__family", "invoice__payer")
    for row in rows.iterator(chunk_size=AT_ONCE):
        bill = row.invoice
        yield (
            row.on, bill.number, bill.family.number, bill.family.name, str(bill.payer or ""), row.amount,
            str(Means(row.means).label), row.reference, row.recorded_by,
        )  # fmt: skip


def balance_rows(bills: InvoiceQuerySet) -> Rows:
    """By home, then by who pays and is none."""
    yield (
        _("Dossier"), _("Foyer ou payeur"), _("Factures"), _("Facturé"), _("Avoirs"), _("Annulé"), _("Payé"),
        _("Reste à payer"), _("Trop perçu"),
    )  # fmt: skip
    homes: dict[int, Figures] = {}
    payers: dict[int, Figures] = {}
    for bill in histories(bills):
        found = (
            homes.setdefault(bill.family_id, Figures())
            if bill.payer_id is None
            else payers.setdefault(bill.payer_id, Figures())
        )
        found.add(bill)
    named = Family.objects.filter(pk__in=homes).order_by("name", "pk").values_list("pk", "number", "name")
    for pk, number, name in named:
        yield (number, name, *_figures(homes[pk]))
    for payer in Payer.objects.filter(pk__in=payers):
        yield ("", str(payer), *_figures(payers[payer.pk]))


def _figures(one: Figures) -> tuple[Cell, ...]:
    return (one.count, one.billed, one.credited, one.cancelled, one.paid, one.left, one.over)


def total_rows(totals: Totals) -> Rows:
    """By the month billed, then in all."""
    yield (
        _("Mois facturé"), _("Factures"), _("Facturé"), _("Avoirs"), _("Annulé"), _("Payé"),
        _("Reste à payer"), _("Trop perçu"),
    )  # fmt: skip
    for month, figures in totals.months.items():
        yield (month_text(month), *_figures(figures))
    yield (_("Total"), *_figures(totals.whole))


def code_rows(totals: Totals) -> Rows:
    yield (
        _("Structure"), _("Activité"), _("Compte"), _("Budget"), _("Régie"), _("Facturé"), _("Avoirs"),
        _("Annulé"), _("Net"),
    )  # fmt: skip
    for one in totals.codes:
        code = one.code
        yield (
            one.structure, code.activity, code.account, code.budget, code.regie, one.billed, one.credited,
            one.cancelled, one.asked,
        )  # fmt: skip
    if totals.unlined:
        yield (
            _("Sans ligne"),
            "",
            "",
            "",
            "",
            totals.unlined,
            Decimal("0.00"),
            Decimal("0.00"),
            totals.unlined,
        )
