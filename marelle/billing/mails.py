"""The mails that tell a home of its new invoice, and of what became of a contest: neither amount nor line,
and a link to read it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from marelle.accounts.notices import Notice
from marelle.billing.models import Contest
from marelle.core.french import days_text, month_text
from marelle.families.telling import tell_home, tell_homes
from marelle.places.models import Authority

CONTEST = "billing/contest_answered"


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


def tell_contest(row: Contest, *, now: datetime) -> None:
    """What became of a contest: an answer, which always comes. What the agent wrote is read in the portal."""
    bill = row.line.invoice
    context = {
        "authority": bill.authority.name,
        "authority_id": bill.authority_id,
        "phone": bill.authority.phone,
        "email": bill.authority.email,
        "number": bill.number,
        "month": month_text(bill.month),
        "bill_id": bill.pk,
        "days": days_text(row.dates),
        "answer": str(row.state),
        "has_words": bool(row.reason),
    }
    tell_home(kind=CONTEST, context=context, family_id=bill.family_id, now=now)
