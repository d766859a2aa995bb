"""Bills say, as they are issued, that they will be debited; when they leave, what has become of that."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Sum

from marelle.billing.mandates.selectors import creditor_of, lives_of
from marelle.billing.models import AnnouncedDebit, Invoice, InvoiceLine, Mandate
from marelle.billing.tresor.pieces import Announced
from marelle.core.sealed import CannotOpen, Sealed, opened


def debits_announce(bills: Collection[Invoice], authority_id: int) -> None:
    """Of bills just written, with their lines, by who holds their homes: of those that have a mandate in
    force. One that gives something back on one account is not debited: each line of a piece is."""
    owed = [
        one for one in bills if one.payer_id is None and one.total > 0 and one.kind != Invoice.Kind.CREDIT
    ]
    creditor = creditor_of(authority_id) if owed else None
    if creditor is None:
        return
    homes = {one.family_id for one in owed}
    rows = Mandate.objects.filter(
        authority=authority_id, family__in=homes, state=Mandate.State.ACTIVE, ics=creditor.ics
    )
    mandates = {one.family_id: one for one in rows}
    if not mandates:
        return
    lives = lives_of(mandates.values())
    giving = set(
        InvoiceLine.objects.filter(invoice__in=[one.pk for one in owed if one.family_id in mandates])
        .order_by()
        .values("invoice", "account", "vat")
        .annotate(sum=Sum("amount"))
        .filter(sum__lt=0)
        .values_list("invoice", flat=True)
    )
    AnnouncedDebit.objects.bulk_create(
        AnnouncedDebit(invoice=one, mandate=mandate)
        for one in owed
        if one.pk not in giving
        and (mandate := mandates.get(one.family_id)) is not None
        and one.due_on < lives[mandate.pk].lapses_on
    )


def announced_of(invoices: Collection[Invoice]) -> dict[int, Announced]:
    """By the id of the bill; one query, and one more where there are any."""
    rows = AnnouncedDebit.objects.filter(invoice__in=[one.pk for one in invoices]).select_related("mandate")
    found = {row.invoice_id: row.mandate for row in rows}
    lives = lives_of({one.pk: one for one in found.values()}.values()) if found else {}
    due = {one.pk: one.due_on for one in invoices}
    return {
        pk: Announced(
            mandate_id=mandate.pk,
            rum=mandate.rum,
            ics=mandate.ics,
            signed_on=mandate.signed_on,
            holder=mandate.holder,
            iban=_opened(mandate.iban),
            bic=_opened(mandate.bic),
            due_on=due[pk],
            holds=mandate.state == Mandate.State.ACTIVE,
            lapses_on=lives[mandate.pk].lapses_on,
            drawn_before=lives[mandate.pk].drawn_on is not None,
        )
        for pk, mandate in found.items()
    }


def _opened(value: Sealed) -> str:
    try:
        return opened(value)
    except CannotOpen:
        return ""
