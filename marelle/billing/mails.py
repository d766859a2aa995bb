"""The mails that tell a home of its new invoice, and of what became of a contest, and a payer of its own:
neither amount nor line, and a link to read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from marelle.accounts.notices import Notice
from marelle.billing.models import Contest, PayerAccess
from marelle.core.french import days_text, join_and, month_text
from marelle.families.telling import tell_home, tell_homes
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Authority

CONTEST = "billing/contest_answered"
PAYER_BILLS = "billing/payer_bills_there"


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


def tell_payers(
    *, authority: Authority, month: date, bills: Mapping[int, int], corrected: bool, now: datetime
) -> int:
    """One mail to each who reads for one of these payers, however many: `bills`, how many new ones by payer.

    Returns how many mails.
    """
    live = PayerAccess.objects.live().filter(payer__in=bills, account__is_active=True)
    rows = live.exclude(account__email="").select_related("account", "payer").order_by("account", "payer")
    mine: dict[str, list[PayerAccess]] = {}
    for row in rows:
        mine.setdefault(row.account.email, []).append(row)
    drafts = [
        Draft(
            email,
            {
                "authority": authority.name,
                "authority_id": authority.pk,
                "phone": authority.phone,
                "email": authority.email,
                "month": month_text(month),
                "payers": join_and([str(one.payer) for one in them]),
                "count": sum(bills[one.payer_id] for one in them),
                "corrected": corrected,
                "to_name": str(them[0].account),
            },
        )
        for email, them in mine.items()
    ]
    return len(queue_many(kind=PAYER_BILLS, drafts=drafts, now=now)) if drafts else 0


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
