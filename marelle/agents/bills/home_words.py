"""The months of one home in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from marelle.agents.bills.reminder_words import reminded_text
from marelle.agents.bills.returned_words import piece_state
from marelle.billing.labels import STATE_TONES, STATES, payment_term, payment_text
from marelle.billing.models import ExportedBill, Invoice
from marelle.billing.paid import Told
from marelle.billing.reminders.selectors import Reminded
from marelle.core.french import day_plain, euros_text, month_text
from marelle.core.money import ZERO
from marelle.flows.bills.months import HomeMonthBilled


@dataclass(frozen=True, slots=True)
class BillRow:
    """`correct`: where it is corrected, "" for what is not. `payments`: each, with its day and its means.
    `sent`: what the Trésor says of it, and where that is looked at. `reminded`: when, and by which title."""

    title: str
    detail: str
    reason: str
    state: str
    tone: str
    correct: str
    payments: tuple[str, ...]
    sent: str = ""
    sent_url: str = ""
    reminded: str = ""


@dataclass(frozen=True, slots=True)
class MonthCard:
    title: str
    sums: list[tuple[str, str]]
    bills: tuple[BillRow, ...]


def month_card(
    one: HomeMonthBilled,
    payments: Mapping[int, Sequence[Told]],
    pieces: Mapping[int, ExportedBill],
    reminded: Mapping[int, Sequence[Reminded]],
    *,
    several: bool,
) -> MonthCard:
    """`payments`, `pieces`, `reminded`: by the bill's id. `several`: authorities, of which each is named."""
    month = str(capfirst(month_text(one.first)))
    sums = [(_("Facturé pour ce mois"), euros_text(one.billed))]
    if one.due is None:
        sums = [(_("Facturé, par fichier"), euros_text(sum((bill.total for bill in one.bills), ZERO)))]
    else:
        sums.insert(0, (_("Dû pour ce mois, d’après ce que l’on sait"), euros_text(one.due)))
        if one.left:
            sums.append((_("Reste à facturer ou à rendre"), euros_text(one.left)))
    sums.append((_("Payé sur ses factures"), euros_text(one.paid)))
    return MonthCard(
        f"{month} · {one.authority.short_name}" if several else month,
        sums,
        tuple(
            bill_row(bill, payments.get(bill.pk, ()), pieces.get(bill.pk), reminded.get(bill.pk, ()))
            for bill in one.bills
        ),
    )


def bill_row(
    bill: Invoice,
    payments: Sequence[Told] = (),
    piece: ExportedBill | None = None,
    reminded: Sequence[Reminded] = (),
    *,
    of_payer: bool = False,
) -> BillRow:
    """`piece`: what it is at the Trésor. `of_payer`: among those of who pays it, where the home is named."""
    told = {
        "total": euros_text(bill.total),
        "issued": day_plain(bill.issued_on),
        "left": euros_text(bill.left),
    }
    detail = _("%(total)s, du %(issued)s") % told
    if bill.left:
        detail = _("%(total)s, du %(issued)s, reste %(left)s") % told
    correctable = bill.run_id and bill.kind != Invoice.Kind.CREDIT and bill.cancelled_on is None
    payer = _("payée par %(name)s") % {"name": bill.payer} if bill.payer else ""
    if of_payer:
        payer = _("pour la famille %(name)s") % {"name": bill.family.name}
    corrected = _("corrige %(number)s") % {"number": bill.corrects.number} if bill.corrects else ""
    kind = str(capfirst(Invoice.Kind(bill.kind).label))
    return BillRow(
        f"{kind} {bill.number}",
        " · ".join(filter(None, (detail, payer, corrected))),
        bill.reason,
        str(STATES[bill.state]),
        STATE_TONES[bill.state],
        reverse("agents_bills:correct", args=[bill.pk]) if correctable else "",
        tuple(f"{payment_term(one)}\u00a0: {payment_text(one)}" for one in payments),
        _("Au Trésor\u00a0: %(state)s") % {"state": piece_state(piece)} if piece and piece.state else "",
        reverse("agents_bills:tresor_bill", args=[bill.pk]) if piece and piece.state else "",
        reminded_text(reminded),
    )
