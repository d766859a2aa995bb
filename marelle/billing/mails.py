"""The mail that tells a home of its new invoice: neither amount nor line, and a link to read it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from marelle.accounts.notices import Notice
from marelle.core.french import month_text
from marelle.families.telling import tell_homes
from marelle.places.models import Authority


def tell_invoices(
    *,
    authority: Authority,
    month: date | None,
    family_ids: Collection[int],
    corrected: bool = False,
    credit: bool = False,
    now: datetime,
) -> int:
    """One mail a home, however many invoices; no letter, since the invoice itself comes by post. `credit`: it
    is a credit note.

    Returns how many mails.
    """
    context = {
        "authority": authority.name,
        "authority_id": authority.pk,
        "phone": authority.phone,
        "email": authority.email,
        "month": month_text(month) if month else "",
        "corrected": corrected,
        "credit": credit,
    }
    messages = tell_homes(
        kind="billing/invoice_there",
        context=context,
        family_ids=family_ids,
        notice=Notice.INVOICE,
        now=now,
    )
    return len(messages)
